"""Marketo on the bench of the contract suite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from connectors.kit.base import Change, Hook
from connectors.kit.rehearsal import Rehearsal
from connectors.marketo.simulator import CLIENT_ID, CLIENT_SECRET, Simulator

SECRET = "marketo-rehearsal-webhook-secret"  # noqa: S105 - of the rehearsal, opens nothing
ADDRESS = "https://renkei.example/hooks/marketo"
STREAM = "leads"
FAMILIES = ("佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村")
GIVEN = ("花子", "太郎", "美咲", "健一", "陽子", "大輔", "直美", "翔")
TITLES = ("課長", "部長", "主任", "取締役")
UNLIMITED = 10_000_000


@dataclass
class Bench:
    """Stirs one simulated instance."""

    simulator: Simulator
    made: int = 0

    def person(self) -> dict[str, str]:
        """The next invented lead, as fields."""
        self.made += 1
        return {
            "email": f"lead{self.made}@marketo.example.jp",
            "lastName": FAMILIES[self.made % len(FAMILIES)],
            "firstName": GIVEN[self.made // len(FAMILIES) % len(GIVEN)],
            "title": TITLES[self.made % len(TITLES)],
            "leadStatus": "Inquiry",
        }

    def seed(self, count: int) -> None:
        """Plant leads; every third filled out a form, every fifth opened a mail."""
        for number in range(count):
            own = self.simulator.add_lead(**self.person())
            if number % 3 == 0:
                self.simulator.act(own, 2, "資料請求フォーム", Webpage_ID=7)
            if number % 5 == 0:
                self.simulator.act(own, 10, "4月号ニュースレター", Device="desktop")

    def change_one(self) -> tuple[str, str]:
        """Edit the oldest lead at the screen."""
        own = self._oldest()
        self.simulator.edit_lead(own, department=f"第{self.made}営業部")
        return STREAM, own

    def delete_one(self) -> tuple[str, str]:
        """Delete the oldest lead at the screen."""
        own = self._oldest()
        self.simulator.delete_lead(own)
        return STREAM, own

    def changes(self, count: int) -> Sequence[Change]:
        """New leads to push."""
        people = [self.person() for _ in range(count)]
        return [Change(STREAM, f"ld_{self.made}_{n}", one) for n, one in enumerate(people)]

    def unknown_field(self) -> Change:
        """A new lead with a field that the instance does not have."""
        return Change(STREAM, f"ld_{self.made}_x", {**self.person(), "noSuchField": "値"})

    def hook(self) -> Hook:
        """What a campaign posts for the oldest lead."""
        if not self.simulator.ids():
            self.seed(1)
        self.simulator.call_webhook(self._oldest(), ADDRESS, SECRET)
        sent = self.simulator.deliveries[-1]
        headers = {name.lower(): value for name, value in sent.headers.items()}
        return Hook(sent.method, sent.url, headers, sent.body, self.simulator.now())

    def forged(self) -> Hook:
        """The same with another secret."""
        good = self.hook()
        return replace(good, headers={**good.headers, "x-renkei-secret": "guessed"})

    def _oldest(self) -> str:
        return self.simulator.ids()[0]


def rehearsal(tmp_path: Path) -> Rehearsal:  # noqa: ARG001 - its state is in memory
    """An instance without limits (the suite uses the wall clock), and all that stirs it."""
    simulator = Simulator(rate=UNLIMITED, daily=UNLIMITED, stretch=12)
    bench = Bench(simulator)
    return Rehearsal(
        options={
            "base_url": "http://127.0.0.1:8080",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "webhook_secret": SECRET,
            "page_size": 10,
            "deletes_every": 0,
            "calls_per_20_seconds": UNLIMITED,
        },
        streams=["leads", "activities"],
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
