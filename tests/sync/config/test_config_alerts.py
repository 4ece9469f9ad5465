"""Mistakes in alerts.yaml, each with its place, and what may be left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.registry import Registry
from sync.config.errors import ConfigErrors
from sync.config.load import load

MARK = "‸"
CHAT = "connector: slack\noptions: {bot_token: '${env:KINTONE_TOKEN}'}\n"
ENV = {
    "KINTONE_TOKEN": "kintone-token-in-tests",
    "TYPEFORM_TOKEN": "tfp_in_tests",
    "HUBSPOT_TOKEN": "pat-in-tests",
    "KINTONE_URL": "https://example.cybozu.com",
}
ROOM = "to:\n  - {name: room, chat: {connection: chat, room: C1}}\n"
MAIL = "to:\n  - name: ops\n    mail:\n      host: smtp.example.jp\n      from: a@b.jp\n"
TO = "      to: [ops@b.jp]\n"
SIGNED = MAIL + TO + "      user: renkei\n      password: %s\n"
CASES = {
    "a connection that is none": (
        ROOM.replace("chat, room", "‸chatt, room"),
        "NO_CONNECTION",
        "ch",
    ),
    "a connection that cannot speak": (ROOM.replace("chat, room", "‸crm, room"), "NOT_A_CHAT", "S"),
    "the same name twice": (
        ROOM + "  - {name: ‸room, chat: {connection: chat, room: C2}}\n",
        "TWICE",
        "",
    ),
    "neither mail nor chat": ("to:\n  - ‸{name: room}\n", "BAD_OPTIONS", "`mail`"),
    "a kind that is none": (
        ROOM.replace("}}", "}, incidents: [‸disk_ful]}"),
        "WRONG_TYPE",
        "disk_full",
    ),
    "no address": (MAIL + "      to: [ops@b.jp, ‸ops]\n", "NOT_AN_ADDRESS", "ops@example.jp"),
    "a second line in the sender": (
        MAIL.replace("a@b.jp", '‸"a@b.jp\\nBcc: x@y.jp"') + TO,
        "NOT_AN_ADDRESS",
        "ops@example.jp",
    ),
    "a password in clear": (SIGNED % "‸secret", "SECRET_LITERAL", "${env:"),
    "a user without a password": (
        (MAIL + TO + "      user: renkei\n").replace("mail:", "‸mail:"),
        "BAD_OPTIONS",
        "`password`",
    ),
    "a password without encryption": (
        (SIGNED % "${env:KINTONE_TOKEN}" + "      security: none\n").replace("mail:", "‸mail:"),
        "BAD_OPTIONS",
        "security",
    ),
    "a threshold of nothing": (ROOM + "when: {failed_runs: ‸0}\n", "WRONG_TYPE", "1"),
    "an unknown key": (ROOM + "when: {‸failed_run: 3}\n", "UNKNOWN_KEY", "failed_runs"),
    "a language that is none": (ROOM + "language: ‸fr\n", "WRONG_TYPE", ""),
}


@pytest.mark.parametrize(("text", "code", "hint"), CASES.values(), ids=CASES)
def test_one_mistake_is_told_with_its_place_and_the_way_out(
    text: str,
    code: str,
    hint: str,
    plant: Callable[[dict[str, str]], Path],
    errors_of: Callable[[Path], ConfigErrors],
) -> None:
    before, marked, after = text.partition(MARK)
    assert marked
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    files = {"alerts.yaml": before + after, "connections/chat.yaml": CHAT}
    found = errors_of(plant(files))
    told = [(e.code, e.file, e.line, e.column) for e in found.errors]
    assert told == [(code, "alerts.yaml", line, column)]
    assert hint in found.errors[0].hint
    assert "secret" not in found.errors[0].source


def test_what_is_left_out_has_its_usual_meaning(
    plant: Callable[[dict[str, str]], Path], registry: Registry
) -> None:
    text = SIGNED % "${env:KINTONE_TOKEN}"
    root = plant({"alerts.yaml": text, "connections/chat.yaml": CHAT})
    alerts = load(root, env=ENV, registry=registry).alerts
    (one,) = alerts.to
    assert one.mail is not None
    assert (one.mail.port, one.mail.security) == (587, "starttls")
    assert one.mail.password is not None
    assert one.mail.password.get_secret_value() == "kintone-token-in-tests"
    assert one.wants("drift")
    assert (alerts.language, alerts.when.failed_runs) == (None, 3)


def test_without_the_file_nobody_is_told(
    plant: Callable[[dict[str, str]], Path], registry: Registry
) -> None:
    assert load(plant({}), env=ENV, registry=registry).alerts.to == []
