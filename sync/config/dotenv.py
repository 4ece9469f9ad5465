"""A ``.env`` file beside renkei.yaml: variables where no service manager sets them."""

from __future__ import annotations

import re
from pathlib import Path

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$")


def dotenv(root: Path) -> dict[str, str]:
    """The variables of ``root/.env``; empty where there is none.

    A line is ``NAME=value``, with or without ``export`` and quotes. Lines that are blank, comments
    or anything else are passed over; nothing in a value is replaced.
    """
    path = root / ".env"
    if not path.is_file():
        return {}
    found = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        match = _LINE.match(line)
        if match is None or line.lstrip().startswith("#"):
            continue
        name, value = match.groups()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        elif " #" in value:
            value = value.split(" #", 1)[0].rstrip()
        found[name] = value
    return found
