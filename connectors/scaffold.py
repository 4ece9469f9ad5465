"""Writes the beginning of a connector: a package that is listed, imports, and says what is missing.

What comes out fails the contract suite in the places that are still to be written, and each failure
says what to write and where. A vendor without oddities needs no Python: see the tutorial's one-page
YAML first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from connectors.kit.manifest import SLUG

__all__ = ["KINDS", "scaffold", "slug_of"]

TEMPLATE = Path(__file__).parent / "template"
KINDS = ("form", "ma", "sfa", "crm", "communication")
STREAMS = {"form": "answers", "communication": "calls"}
FILES = {
    "connector.yaml.in": "connector.yaml",
    "__init__.py.in": "__init__.py",
    "fields.yaml.in": "fields.yaml",
    "simulator.py.in": "simulator.py",
    "contract.py.in": "contract.py",
    "test_connector.py.in": "tests/test_{slug}.py",
}


def scaffold(name: str, kind: str, directory: Path) -> list[Path]:
    """The files of a new connector, written to ``directory/slug``; ValueError says what is wrong.

    ``kind`` is the role it plays: form, ma, sfa, crm or communication. Nothing is overwritten.
    """
    if kind not in KINDS:
        raise ValueError(f'kind "{kind}" is none of {", ".join(KINDS)}')
    if '"' in name or "\\" in name or not name.isprintable():
        raise ValueError("the name has quotes or characters that cannot be seen")
    slug = slug_of(name)
    home = directory / slug
    if home.exists():
        raise ValueError(f"{home} is there already; choose another name or directory")
    parts = _parts(kind)
    values = {
        "slug": slug,
        "name": name.strip(),
        "kind": kind,
        "stream": STREAMS.get(kind, "leads"),
    }
    written = []
    for template, target in FILES.items():
        lines = (TEMPLATE / template).read_text(encoding="utf-8").splitlines()
        text = "\n".join(_chosen(lines, parts)) + "\n"
        file = home / target.format(slug=slug)
        file.parent.mkdir(parents=True, exist_ok=True)
        filled = re.sub(r"@(slug|name|kind|stream)@", lambda found: values[found[1]], text)
        file.write_text(filled, encoding="utf-8")
        written.append(file)
    return written


def slug_of(name: str) -> str:
    """``Hato CRM`` as ``hato_crm``; ValueError where the name has nothing to make it of."""
    slug = "_".join(re.findall(r"[a-z0-9]+", name.lower()))
    if not re.fullmatch(SLUG, slug) or len(slug) > 40:
        raise ValueError(
            f'"{name}" gives no short name: use ASCII letters, beginning with one (meibo); the '
            "Japanese name goes into name_ja of connector.yaml"
        )
    return slug


def _parts(kind: str) -> frozenset[str]:
    """Which marked parts of the templates a kind of connector keeps."""
    family = kind if kind in STREAMS else "crm"
    return frozenset({family, "push" if family == "crm" else "nopush"})


def _chosen(lines: Iterable[str], parts: frozenset[str]) -> Iterator[str]:
    """The lines outside of marked parts (``#+push`` to ``#-push``), and inside of the chosen."""
    inside: str | None = None
    for line in lines:
        if line.startswith("#+"):
            inside = line[2:]
        elif line.startswith("#-"):
            inside = None
        elif inside is None or inside in parts:
            yield line
