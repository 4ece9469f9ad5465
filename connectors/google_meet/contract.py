"""Google Meet and Calendar on the bench of the contract suite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path

import orjson

from connectors.google_meet.booking import STREAM as INVITATIONS
from connectors.google_meet.events import STREAM as EVENTS
from connectors.google_meet.events import external_id
from connectors.google_meet.hooks import ENDED
from connectors.google_meet.meetings import STREAM as PARTICIPANTS
from connectors.google_meet.simulator import (
    DEFAULT_USER,
    DEFAULT_USER_ID,
    PUSH_ACCOUNT,
    Simulator,
)
from connectors.kit.base import Change, Hook
from connectors.kit.rehearsal import Rehearsal

HOOK_URL = "https://hub.example/hooks/google-meet"
AGO = timedelta(minutes=40)
"""When planted meetings began: they are over."""
_FAMILY = ("鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林")
_GIVEN = ("太郎", "花子", "健一", "美咲", "翔太", "陽子", "大輔", "恵")


def rehearsal(tmp_path: Path) -> Rehearsal:
    """A simulated Workspace with one person who meets leads; every fifth meeting took place."""
    simulator = Simulator(path=tmp_path / "google.db", per_minute=None)
    simulator.push_to(HOOK_URL)
    planted: list[tuple[str, str]] = []
    numbers = count()

    def plant() -> tuple[str, str]:
        number = len(planted) + 1
        email = f"guest{number}@kaisha{number % 5}.example"
        name = _name(number)
        event = simulator.book({email: name}, start=simulator.now() - AGO)
        if number % 5 == 0:
            came = [
                {"signedinUser": {"user": f"users/{DEFAULT_USER_ID}", "displayName": "佐藤 恵"}},
                {"anonymousUser": {"displayName": name.replace(" ", "")}},
            ]
            simulator.hold(event, came, start=simulator.now() - AGO)
        planted.append((event, email))
        return event, email

    def seed(wanted: int) -> None:
        for _ in range(wanted):
            plant()
        simulator.save()

    def change_one() -> tuple[str, str]:
        event, email = planted[0] if planted else plant()
        simulator.answer(event, email, "accepted")
        simulator.save()
        return EVENTS, external_id(event, email)

    def delete_one() -> tuple[str, str]:
        event, email = planted.pop() if planted else plant()
        simulator.cancel(event)
        simulator.save()
        return EVENTS, external_id(event, email)

    def changes(wanted: int) -> Sequence[Change]:
        return [_invitation(next(numbers)) for _ in range(wanted)]

    def unknown_field() -> Change:
        change = _invitation(next(numbers))
        return replace(change, values={**change.values, "room": "会議室A"})

    return Rehearsal(
        options={
            "auth": {
                "scheme": "service_account",
                "key": orjson.dumps(simulator.service_account_key()).decode(),
            },
            "users": {"sato": {"email": DEFAULT_USER, "id": DEFAULT_USER_ID}},
            "push_account": PUSH_ACCOUNT,
            "channel_tokens": ["rehearsal-channel-token"],
            "page_size": 10,
            "requests_per_second": 50,
        },
        streams=[EVENTS, PARTICIPANTS],
        seed=seed,
        simulator=simulator,
        change_one=change_one,
        delete_one=delete_one,
        changes=changes,
        unknown_field=unknown_field,
        hook=partial(_hook, simulator),
        forged=partial(_forged, simulator),
        revoke=simulator.revoke,
    )


def _hook(simulator: Simulator) -> Hook:
    """A push that says that a meeting ended."""
    simulator.add_subscription(DEFAULT_USER, ENDED)
    simulator.hold(None, [])
    sent = simulator.deliveries[-1]
    return Hook(sent.method, sent.url, sent.headers, sent.body, simulator.now())


def _forged(simulator: Simulator) -> Hook:
    """The same, signed by somebody else under the name of Google's key."""
    true = _hook(simulator)
    token = simulator.push_token(key="somebody else")
    return replace(true, headers={**true.headers, "authorization": f"Bearer {token}"})


def _invitation(number: int) -> Change:
    return Change(
        INVITATIONS,
        f"ld_{number}",
        {
            "email": f"lead{number}@minato.example",
            "name": _name(number),
            "start": "2027-02-03T01:00:00Z",
            "summary": "初回商談",
            "organizer": DEFAULT_USER,
        },
    )


def _name(number: int) -> str:
    return f"{_FAMILY[number % 8]} {_GIVEN[number // 8 % 8]}"
