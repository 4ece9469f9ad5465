"""What a new connection of each connector looks like, for ``renkei init``.

A connector brings ``starter.yaml`` beside its manifest: what stands below ``connector:``, and on a
line of its own ``names: [ma, crm]``, what a connection of it is best called. A comment
``#: 日本語 | English`` keeps the half of the language that is asked for. A connector without the
file gets a starter of what its options and streams say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connectors.registry import Installed

_NAMES = re.compile(r"^names: *\[([^\]\n]*)\] *\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Starter:
    """The lines below ``connector:``, and what the connection is best called."""

    text: str
    names: tuple[str, ...] = ()


def starter_of(installed: Installed) -> Starter:
    """The connector's own starter, or the generic one."""
    file = installed.starter
    if file is None:
        return generic(installed)
    text = file.read_text(encoding="utf-8")
    found = _NAMES.search(text)
    names = found[1].split(",") if found else []
    return Starter(
        _NAMES.sub("", text, count=1), tuple(one.strip() for one in names if one.strip())
    )


def generic(installed: Installed) -> Starter:
    """A starter from the options' model: what must be given, secrets as references."""
    schema: dict[str, Any] = installed.options.model_json_schema()
    lines: list[str] = []
    for name in schema.get("required", ()):
        part = schema["properties"].get(name, {})
        told = str(part.get("description", "")).strip().splitlines()
        lines += [f"  # {told[0]}"] if told else []
        lines.append(f"  {name}: ${{env:{installed.slug.upper()}_{name.upper()}}}")
    options = ["options:", *lines] if lines else ["options: {}"]
    streams = installed.manifest.streams
    push = [name for name, spec in streams.items() if spec.push and spec.kind == "lead"]
    pulls = any(spec.pull for spec in streams.values())
    after = ['pull:\n  schedule: {cron: "*/15 * * * *"}'] if pulls else ["pull: null"]
    if push:
        after.append(f"push:\n  stream: {push[0]}")
    return Starter("\n".join([*options, *after]) + "\n")
