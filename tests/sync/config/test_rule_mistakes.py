"""One mistake in a qualification rule: its code, exact place, and the way out.

``‸`` marks where the mistake must be found.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sync.config.errors import ConfigErrors
from sync.config.load import ConfigErrors as Refused
from sync.config.load import load, load_stages
from sync.config.rule_messages import RULE_MESSAGES
from tests.sync.config.conftest import ENV

WHEN = "    when: {field: title, filled: true}\n"


def rule(line: str, when: str = WHEN) -> str:
    head = "".join(f"    {one}\n" for one in ("from: inquiry", "to: mql") if one[:3] not in line)
    return f"qualification:\n  - id: one\n{head}{line}{when}"


def when(text: str, more: str = "") -> str:
    return rule("", f"    when: {text}\n") + more


CASES = {
    "a stage that is none": (rule("    from: ‸inqury\n    to: mql\n"), "UNKNOWN_STAGE", "inquiry"),
    "one stage of several": (
        rule("    from: [inquiry, ‸recycle]\n    to: mql\n"),
        "UNKNOWN_STAGE",
        "recycled",
    ),
    "a target that is none": (rule("    from: inquiry\n    to: ‸mqls\n"), "UNKNOWN_STAGE", "mql"),
    "a move that is not allowed": (
        rule("    from: ‸won\n    to: mql\n"),
        "RULE_MOVE",
        "opportunity",
    ),
    "a move to where it stands": (rule("    from: ‸mql\n    to: mql\n"), "RULE_MOVE", "tal"),
    "a move without its reason": (
        rule("    from: mql\n    to: ‸recycled\n"),
        "RULE_REASON",
        "no_budget",
    ),
    "an id twice": (
        f"{rule('')}  - id: ‸one\n    from: mql\n    to: sal\n{WHEN}",
        "TWICE",
        "Remove one",
    ),
    "an id that the hub uses itself": (
        f"qualification:\n  - id: ‸dormant\n    from: mql\n    to: sal\n{WHEN}",
        "RULE_ID",
        "another id",
    ),
    "an id of other letters": (
        f"qualification:\n  - id: ‸デモ\n    from: mql\n    to: sal\n{WHEN}",
        "WRONG_TYPE",
        "a-z",
    ),
    "an unknown key": (rule("    ‸form: inquiry\n"), "UNKNOWN_KEY", '"from"'),
    "a key of a condition": (
        when("{field: title, ‸contain: 部長}"),
        "UNKNOWN_KEY",
        '"contains"',
    ),
    "a key deep down": (
        when("{all: [{any: [{field: title, ‸contain: 部長}]}]}"),
        "UNKNOWN_KEY",
        '"contains"',
    ),
    "a field that is none": (when("{field: ‸titel, filled: true}"), "UNKNOWN_FIELD", '"title"'),
    "a field of the company": (
        when("{field: ‸employees, at_least: 100}"),
        "UNKNOWN_FIELD",
        '"account.employees"',
    ),
    "a company's field that is none": (
        when("{field: ‸account.employes, at_least: 100}"),
        "UNKNOWN_FIELD",
        '"account.employees"',
    ),
    "a field that only the hub states": (
        when("{field: ‸renkei_stage, filled: true}"),
        "UNKNOWN_FIELD",
        "",
    ),
    "a value that is none": (
        when("{field: channel, is: [form, ‸semina]}"),
        "UNKNOWN_CHOICE",
        '"seminar"',
    ),
    "a number of a text": (when("{field: title, ‸at_least: 3}"), "NOT_A_NUMBER", "contains"),
    "nothing asked": (when("{field: ‸title}"), "NO_TEST", "filled"),
    "a test of another kind": (
        when("{activity: call, ‸contains: x}"),
        "TEST_KIND",
        "within_days",
    ),
    "two conditions in one": (
        rule("", "    ‸when: {field: title, activity: call}\n"),
        "CONDITION_KIND",
        "all:",
    ),
    "no condition": (rule("", "    ‸when: {count: 2}\n"), "CONDITION_KIND", "all:"),
    "an activity that is none": (when("{activity: ‸calls}"), "UNKNOWN_ACTIVITY", '"call"'),
    "one of several activities": (
        when("{activity: [call, ‸meetings]}"),
        "UNKNOWN_ACTIVITY",
        '"meeting"',
    ),
    "less than once": (when("{activity: call, count: ‸0}"), "WRONG_TYPE", "at least 1"),
    "an empty list": (when("{all: ‸[]}"), "WRONG_TYPE", "at least 1"),
    "a score that is none": (
        when("{score: ‸fti, at_least: 3}", "scores: {fit: []}\n"),
        "UNKNOWN_SCORE",
        '"fit"',
    ),
    "a score that is not asked": (
        when("{score: ‸fit}", "scores: {fit: []}\n"),
        "NO_TEST",
        "at_least",
    ),
    "a score made of scores": (
        "scores:\n  fit:\n    - {points: 1, when: {‸score: fit, at_least: 3}}\n",
        "SCORE_IN_SCORE",
        "Write",
    ),
    "a field of a score": (
        "scores:\n  fit:\n    - {points: 1, when: {field: ‸titel, filled: true}}\n",
        "UNKNOWN_FIELD",
        '"title"',
    ),
}


@pytest.mark.parametrize(("text", "code", "hint"), CASES.values(), ids=CASES)
def test_one_mistake_is_told_with_its_place_and_the_way_out(
    text: str,
    code: str,
    hint: str,
    plant: Callable[[dict[str, str]], Path],
    errors_of: Callable[[Path], ConfigErrors],
) -> None:
    before, _, after = text.partition("‸")
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    found = errors_of(plant({"stages.yaml": before + after}))
    told = [(e.code, e.file, e.line, e.column) for e in found.errors]
    assert told == [(code, "stages.yaml", line, column)]
    assert hint in found.errors[0].hint


def test_every_message_has_its_case() -> None:
    assert {code for _, code, _ in CASES.values()} >= RULE_MESSAGES.keys()


def test_a_rule_may_make_a_move_that_the_company_allows(
    plant: Callable[[dict[str, str]], Path],
) -> None:
    text = "transitions: {won: [recycled]}\n" + rule(
        "    from: won\n    to: recycled\n    reason: timing_later\n"
    )
    (made,) = load(plant({"stages.yaml": text}), env=ENV).stages.qualification_rules().rules
    assert (made.stages, made.to, made.en, made.ja) == (("won",), "recycled", "one", "one")


def test_a_file_to_try_is_checked_as_the_directorys_is(
    plant: Callable[[dict[str, str]], Path], tmp_path: Path
) -> None:
    root = plant({})
    trial = tmp_path / "trial.yaml"
    trial.write_text(when("{activity: calls}"), encoding="utf-8")
    with pytest.raises(Refused) as caught:
        load_stages(root, trial, env=ENV)
    (error,) = caught.value.errors
    assert (error.code, error.line) == ("UNKNOWN_ACTIVITY", 5)
    assert error.file.endswith("trial.yaml")
