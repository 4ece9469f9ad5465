"""Collects every error code from the source, where it is raised and with which words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
ROOMS = ("connectors", "mapping", "sync")
SKIPPED = re.compile(r"simulator|/testing/|/template/|/cli/|contract\.py|/config/|scaffold")
POSITION = {"MappingError": 0, "Unreadable": 0, "_aside": 2, "_rejected": 0, "refused": 0, "_refusal": 2}
"""Calls that take the code by position, and where."""

EFFECTS: dict[str, str] = {
    "AuthFailed": "the connection waits until its credentials are renewed and `renkei resume` is typed",
    "RateLimited": "tried again when the vendor allows; no failure",
    "HeldBack": "goes on by itself when there are calls again; no failure",
    "Unavailable": "tried again by itself, later each time",
    "RecordRejected": "this record is set aside, the rest goes on",
    "RecordGone": "the link to the record is closed",
    "Conflict": "read again, merged, and written once more",
    "ContractBroken": "the stream stops until somebody looks",
    "BadSignature": "the webhook is answered 401 and not taken",
    "AlertRefused": "the alert is sent again by itself once an hour, until it is corrected",
    "MappingError": "the record, or the configuration, is refused",
    "Unreadable": "this field is set aside, the rest of the record is taken",
    "Problem": "this field is set aside, the rest of the record is taken",
    "Aside": "set aside for a person",
    "_aside": "set aside for a person",
    "_rejected": "this record is set aside, the rest goes on",
    "_refusal": "this field is set aside, the rest of the record is written",
    "refused": "this record is set aside, the rest goes on",
    "StageDecision": "the move is set aside, the lead stays where it is",
}
"""What the hub does, by the kind of the error."""


Texts = list[tuple[str, int, str]]
"""Names that were given a text, the line, and the text."""


@dataclass(frozen=True, slots=True)
class Found:
    """A code in the source."""

    code: str
    kind: str
    message: str
    where: str


def collect() -> list[Found]:
    """Every code that is raised or set aside, once for each package and kind."""
    found: dict[tuple[str, str], Found] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if SKIPPED.search(name):
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for one in _codes(tree, _where(path.relative_to(ROOT))):
                if name == "connectors/file/faults.py":
                    one = replace(one, message=_row_message(one.code))
                held = found.get((one.code, one.where))
                if held is None or (one.message and not held.message):
                    found[one.code, one.where] = one
    return sorted(found.values(), key=lambda one: (one.where, one.code))


def _row_message(code: str) -> str:
    from connectors.file.faults import ROW_MESSAGES

    return f"the row {ROW_MESSAGES[code]}" if code in ROW_MESSAGES else ""


def _where(path: Path) -> str:
    room, below = path.parts[0], path.parts[1]
    if room == "connectors":
        return "every connector" if below in ("kit", "registry.py") else below
    return "field maps and stages" if room == "mapping" else "the hub"


def _codes(tree: ast.Module, where: str) -> Iterator[Found]:
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }
    for name, value in constants.items():
        if name == value and CODE.fullmatch(value) and value.startswith(("FILE_", "ROW_")):
            yield Found(value, "RecordRejected", "", where)
    texts = [
        (target.id, node.lineno, _text(node.value))
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _text(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from _of_class(node, where)
        elif isinstance(node, ast.Call):
            name = _called(node)
            for value in _given(node, name):
                for code in _texts(value, constants):
                    if CODE.fullmatch(code) and len(code) > 2:
                        yield Found(code, name, _message(node, name, texts), where)


def _of_class(node: ast.ClassDef, where: str) -> Iterator[Found]:
    for line in node.body:
        if (
            isinstance(line, ast.Assign)
            and getattr(line.targets[0], "id", "") == "code"
            and isinstance(line.value, ast.Constant)
        ):
            about = (ast.get_docstring(node) or "").split("\n\n")[0].split(". ")[0]
            bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
            kind = node.name if node.name in EFFECTS else (bases or [""])[0]
            yield Found(str(line.value.value), kind, " ".join(about.split()), where)


def _called(node: ast.Call) -> str:
    function = node.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _given(node: ast.Call, name: str) -> Iterator[ast.expr]:
    for keyword in node.keywords:
        if keyword.arg in ("code", "refused"):
            yield keyword.value
    place = POSITION.get(name)
    if place is not None and len(node.args) > place:
        yield node.args[place]


def _texts(value: ast.expr, constants: dict[str, str]) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.Name):
        yield constants.get(value.id, value.id if value.id.startswith("FILE_") else "")
    elif isinstance(value, ast.IfExp):
        yield from _texts(value.body, constants)
        yield from _texts(value.orelse, constants)


def _message(node: ast.Call, name: str, texts: Texts) -> str:
    given = [keyword.value for keyword in node.keywords if keyword.arg == "message"]
    place = POSITION.get(name)
    after = 0 if place is None else place + 1
    if name == "_refusal":
        after = 1
    given += node.args[after : after + 1]
    if not given:
        return ""
    if isinstance(given[0], ast.Name):
        before = [text for held, line, text in texts if held == given[0].id and line < node.lineno]
        return before[-1] if before else ""
    return _text(given[0])


def _text(value: ast.expr) -> str:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    if isinstance(value, ast.JoinedStr):
        parts = [
            str(part.value) if isinstance(part, ast.Constant) else "…" for part in value.values
        ]
        return re.sub(r"…+", "…", "".join(parts))
    return ""


def error_page() -> Iterator[str]:
    """The page of codes."""
    from generate import table
    from sync.cli.error_words import ERRORS
    from sync.cli.failures import EXIT_CODES
    from sync.config.findings import TEXTS
    from sync.config.messages import MESSAGES

    yield "# Error codes"
    yield ""
    yield (
        "Every error has a code that stays the same. `renkei errors --code CODE` lists what was set "
        "aside with it, `renkei retry --code CODE` tries all of it again. Where a message differs, "
        "… stands for what differs."
    )
    yield ""
    yield "## Exit codes"
    yield ""
    yield from table(
        ("code", "means", "意味"), [(f"`{code}`", en, ja) for code, (en, ja) in EXIT_CODES.items()]
    )
    yield "## Kinds of errors"
    yield ""
    yield "What the hub does depends on the kind, which connectors choose and the hub knows."
    yield ""
    kinds = [name for name in EFFECTS if name[0].isupper()]
    yield from table(("kind", "the hub"), [(f"`{name}`", EFFECTS[name]) for name in kinds])
    found = collect()
    for where in dict.fromkeys(one.where for one in found):
        yield f"## From {where}"
        yield ""
        yield from table(
            ("code", "what happened", "what the hub does"),
            [
                (f"`{one.code}`", one.message, EFFECTS.get(one.kind, "told to whoever asked"))
                for one in found
                if one.where == where
            ],
        )
    yield "## From the configuration"
    yield ""
    yield from table(
        ("code", "message", "メッセージ", "what to do"),
        [(f"`{code}`", row[0], row[1], row[2]) for code, row in sorted(MESSAGES.items())],
    )
    yield "## From `renkei check --connect`"
    yield ""
    yield from table(
        ("code", "message", "メッセージ", "what to do"),
        [(f"`{code}`", row[0], row[1], row[2]) for code, row in sorted(TEXTS.items())],
    )
    yield "## From the command line"
    yield ""
    yield from table(
        ("code", "message", "メッセージ"),
        [(f"`{code}`", en, ja) for code, (ja, en) in sorted(ERRORS.items())],
    )
