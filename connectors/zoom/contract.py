"""Zoom on the bench of the contract suite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from connectors.kit.base import Change, Hook
from connectors.kit.rehearsal import Rehearsal
from connectors.zoom.simulator import ACCOUNT_ID, CLIENT_ID, CLIENT_SECRET, HOST, Simulator

SECRET = "zoom-rehearsal-secret-token"  # noqa: S105 - of the rehearsal, opens nothing
HOOK_URL = "https://hub.example/hooks/zoom"
STREAM = "webinar_registrants"
_FAMILY = ("佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村")
_GIVEN = ("太郎", "花子", "健一", "美咲", "翔太", "陽子", "大輔", "恵")
_COMPANIES = ("青空製作所", "みどり物流", "北斗システム", "さくら商事", "港工業")


@dataclass
class Bench:
    """Stirs one account with an open webinar, an open meeting, and a webinar that was held."""

    simulator: Simulator
    made: int = 0
    planted: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        now = self.simulator.now()
        ahead = now + timedelta(days=7)
        self.webinar = self.simulator.schedule("webinar", "はじめてのSFAセミナー", ahead)
        self.meeting = self.simulator.schedule("meeting", "個別相談会", ahead, approval_type=1)
        self.past = self.simulator.schedule("webinar", "MA入門", now - timedelta(hours=5))
        self.held = self.simulator.hold(self.past, now - timedelta(hours=5))
        self.simulator.save()

    def person(self) -> dict[str, str]:
        """The next invented person, as fields of a registration."""
        self.made += 1
        company = self.made % len(_COMPANIES)
        return {
            "email": f"lead{self.made}@kaisha{company}.example",
            "last_name": _FAMILY[self.made % len(_FAMILY)],
            "first_name": _GIVEN[self.made // len(_FAMILY) % len(_GIVEN)],
            "org": f"株式会社{_COMPANIES[company]}",
            "phone": f"+8131234{self.made % 10_000:04d}",
        }

    def _register(self, event_id: str, person: dict[str, str]) -> str:
        return self.simulator.register(
            event_id,
            person["email"],
            person["first_name"],
            person["last_name"],
            org=person["org"],
            phone=person["phone"],
        )

    def seed(self, count: int) -> None:
        """Plant registrants of the webinar; every fifth came to the last one and was called."""
        for number in range(count):
            person = self.person()
            self.planted.append(self._register(self.webinar, person))
            if number % 5 == 0:
                self._register(self.meeting, self.person())
                came = self._register(self.past, person)
                self.simulator.attend(
                    self.held, registrant_id=came, email=person["email"], name=person["last_name"]
                )
                at = self.simulator.now() - timedelta(minutes=10)
                self.simulator.call(person["phone"], at=at)
        self.simulator.save()

    def one(self) -> str:
        """A registrant of the webinar that nobody has stirred yet."""
        if not self.planted:
            self.seed(1)
        return self.planted.pop()

    def change_one(self) -> tuple[str, str]:
        """The host denies somebody."""
        return STREAM, self._decide("deny")

    def delete_one(self) -> tuple[str, str]:
        """The host cancels a registration."""
        return STREAM, self._decide("cancel")

    def _decide(self, action: str) -> str:
        own = self.one()
        self.simulator.decide(self.webinar, own, action)
        self.simulator.save()
        return f"{self.webinar}:{own}"

    def changes(self, count: int) -> Sequence[Change]:
        """New leads to register."""
        target = f"{STREAM}:{self.webinar}"
        people = [self.person() for _ in range(count)]
        return [Change(target, f"ld_{self.made}_{n}", one) for n, one in enumerate(people)]

    def unknown_field(self) -> Change:
        """A new lead with a field that no registration page has."""
        (change,) = self.changes(1)
        return replace(change, values={**change.values, "question.存在しない質問": "値"})

    def hook(self) -> Hook:
        """What Zoom posts when somebody registers."""
        self.simulator.subscribe_url(HOOK_URL, SECRET)
        self.planted.append(self._register(self.webinar, self.person()))
        sent = self.simulator.deliveries[-1]
        return Hook(sent.method, sent.url, sent.headers, sent.body, self.simulator.now())

    def forged(self) -> Hook:
        """The same with somebody else in it."""
        true = self.hook()
        return replace(true, body=true.body.replace(b"kaisha", b"akuyaku"))


def rehearsal(tmp_path: Path) -> Rehearsal:
    """An account without rate limits: the suite uses the wall clock and has no time."""
    simulator = Simulator(path=tmp_path / "zoom.db", limits=None, day_limits=None)
    bench = Bench(simulator)
    return Rehearsal(
        options={
            "server": {
                "account_id": ACCOUNT_ID,
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
            },
            "hosts": [HOST],
            "read": ["webinars", "meetings", "calls"],
            "webhook_secrets": [SECRET],
            "page_size": 10,
            "requests_per_second": 80,
            "base_url": "https://api.zoom.us",
            "login_url": "https://zoom.us",
        },
        streams=[
            STREAM,
            "meeting_registrants",
            "webinar_participants",
            "meeting_participants",
            "calls",
        ],
        seed=bench.seed,
        simulator=simulator,
        change_one=bench.change_one,
        delete_one=bench.delete_one,
        changes=bench.changes,
        unknown_field=bench.unknown_field,
        hook=bench.hook,
        forged=bench.forged,
        revoke=simulator.revoke,
    )
