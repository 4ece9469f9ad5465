"""What the simulated Slack refuses in a message or a modal, by the sheet's sizes.

Unverified, here only: the sizes of labels and titles, and the words in ``messages`` of a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MOST_BLOCKS = 50
LONGEST = {"section": 3_000, "context": 3_000, "value": 2_000, "action_id": 255, "block_id": 255}
LONGEST_LABEL, LONGEST_TITLE, LONGEST_METADATA = 75, 24, 3_000
KINDS = frozenset({"section", "actions", "context", "input", "divider", "header"})


def faults(blocks: object) -> list[str]:
    """What is wrong with the blocks of a message; empty where nothing is."""
    if not isinstance(blocks, list):
        return ["[ERROR] must be an array [json-pointer:/blocks]"]
    found = ["[ERROR] no more than 50 items allowed [json-pointer:/blocks]"][
        : len(blocks) > MOST_BLOCKS
    ]
    for place, block in enumerate(blocks):
        where = f"[json-pointer:/blocks/{place}]"
        if not isinstance(block, Mapping) or block.get("type") not in KINDS:
            found.append(f"[ERROR] unsupported type {where}")
            continue
        found.extend(f"[ERROR] {fault} {where}" for fault in _of(block))
    ids = [block.get("block_id") for block in blocks if isinstance(block, Mapping)]
    given = [one for one in ids if one]
    if len(set(given)) != len(given):
        found.append("[ERROR] block_id must be unique [json-pointer:/blocks]")
    return found


def mrkdwn(part: object) -> Iterator[str]:
    """The texts of blocks in which Slack looks for markup; plain text is shown as it is."""
    if isinstance(part, Mapping):
        if part.get("type") == "mrkdwn":
            yield str(part.get("text"))
        for inner in part.values():
            yield from mrkdwn(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from mrkdwn(inner)


def view_faults(view: object) -> list[str]:
    """What is wrong with a modal."""
    if not isinstance(view, Mapping) or view.get("type") != "modal":
        return ["[ERROR] unsupported type [json-pointer:/view/type]"]
    found = []
    for name in ("title", "submit", "close"):
        text = view.get(name)
        if not isinstance(text, Mapping) or not 0 < len(str(text.get("text"))) <= LONGEST_TITLE:
            found.append(f"[ERROR] must be 1 to 24 characters [json-pointer:/view/{name}]")
    if len(str(view.get("private_metadata") or "")) > LONGEST_METADATA:
        found.append("[ERROR] must be less than 3001 characters [json-pointer:/private_metadata]")
    return [*found, *faults(view.get("blocks"))]


def _of(block: Mapping[str, Any]) -> Iterator[str]:
    if len(str(block.get("block_id") or "")) > LONGEST["block_id"]:
        yield "block_id is too long"
    match block["type"]:
        case "section":
            yield from _text(block.get("text"), LONGEST["section"])
        case "context":
            for element in block.get("elements") or [None]:
                yield from _text(element, LONGEST["context"])
        case "actions":
            yield from _actions(block.get("elements") or [])
        case "input" if not isinstance(block.get("element"), Mapping):
            yield "element is missing"


def _text(text: object, most: int) -> Iterator[str]:
    if not isinstance(text, Mapping) or text.get("type") not in ("mrkdwn", "plain_text"):
        yield "text must be mrkdwn or plain_text"
    elif not 0 < len(str(text.get("text") or "")) <= most:
        yield f"text must be 1 to {most} characters"


def _actions(elements: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not elements:
        yield "elements must not be empty"
    ids = [str(one.get("action_id") or "") for one in elements]
    if len(set(ids)) != len(ids):
        yield "action_id must be unique in a block"
    for one in elements:
        label = one.get("text")
        if one.get("type") != "button" or not isinstance(label, Mapping):
            yield "only buttons are simulated"
            continue
        if label.get("type") != "plain_text":
            yield "a button's text must be plain_text"
        if not 0 < len(str(label.get("text") or "")) <= LONGEST_LABEL:
            yield f"a button's text must be 1 to {LONGEST_LABEL} characters"
        for name in ("value", "action_id"):
            if len(str(one.get(name) or "")) > LONGEST[name]:
                yield f"{name} is too long"
