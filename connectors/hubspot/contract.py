"""HubSpot on the bench of the contract suite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.hubspot.simulator import Limits, Simulator
from connectors.kit.base import Change, Hook
from connectors.kit.rehearsal import Rehearsal

SECRET = "hubspot-rehearsal-client-secret"  # noqa: S105 - of the rehearsal, opens nothing
ADDRESS = "https://renkei.example/hooks/hubspot"
STREAM = "contacts"
FAMILIES = ("佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村")
GIVEN = ("花子", "太郎", "美咲", "健一", "陽子", "大輔", "直美", "翔")
COMPANIES = ("株式会社みなと製作所", "青葉商事株式会社", "合同会社ひかり", "有限会社さくら工業")
UNLIMITED = Limits(burst=10_000_000, searches=10_000_000, daily=10_000_000)


@dataclass
class Bench:
    """Stirs one simulated portal."""

    simulator: Simulator
    made: int = 0

    def person(self) -> dict[str, str]:
        """The next invented contact, as properties."""
        self.made += 1
        return {
            "email": f"lead{self.made}@hubspot.example.jp",
            "lastname": FAMILIES[self.made % len(FAMILIES)],
            "firstname": GIVEN[self.made // len(FAMILIES) % len(GIVEN)],
            "company": COMPANIES[self.made % len(COMPANIES)],
            "lifecyclestage": "lead",
        }

    def seed(self, count: int) -> None:
        """Plant contacts; every tenth has a deal."""
        for number in range(count):
            own = self.simulator.add_contact(**self.person())
            if number % 10 == 0:
                self.simulator.add_deal(contact_ids=[own], dealname="基幹システム刷新")

    def change_one(self) -> tuple[str, str]:
        """Edit the oldest contact at the screen."""
        own = self._oldest()
        self.simulator.set_property(STREAM, own, "jobtitle", f"部長{self.made}")
        return STREAM, own

    def delete_one(self) -> tuple[str, str]:
        """Archive the oldest contact at the screen."""
        own = self._oldest()
        self.simulator.archive(STREAM, own)
        return STREAM, own

    def changes(self, count: int) -> Sequence[Change]:
        """New leads to push."""
        people = [self.person() for _ in range(count)]
        return [Change(STREAM, f"ld_{self.made}_{n}", one) for n, one in enumerate(people)]

    def unknown_field(self) -> Change:
        """A new lead with a property that the portal does not have."""
        return Change(STREAM, f"ld_{self.made}_x", {**self.person(), "no_such_property": "値"})

    def hook(self) -> Hook:
        """What the app posts when the oldest contact is edited."""
        self.simulator.subscribe_url(ADDRESS, SECRET)
        if not self.simulator.portal.ids[STREAM]:
            self.seed(1)
        self.change_one()
        sent = self.simulator.deliveries[-1]
        headers = {name.lower(): value for name, value in sent.headers.items()}
        return Hook(sent.method, sent.url, headers, sent.body, self.simulator.now())

    def forged(self) -> Hook:
        """The same, signed with another secret."""
        good = self.hook()
        body = good.body.replace(b"contact.", b"company.")
        return Hook(good.method, good.url, good.headers, body, good.received_at)

    def _oldest(self) -> str:
        rows = self.simulator.portal.rows(STREAM)
        alive = (own for own in self.simulator.portal.ids[STREAM] if not rows[str(own)]["archived"])
        return str(next(alive))


def rehearsal(tmp_path: Path) -> Rehearsal:  # noqa: ARG001 - its state is in memory
    """A portal without limits and lag (the suite uses the wall clock), and all that stirs it."""
    simulator = Simulator(index_lag=0, limits=UNLIMITED)
    bench = Bench(simulator)
    return Rehearsal(
        options={
            "base_url": "http://127.0.0.1:8080",
            "token": simulator.token,
            "webhook_secret": SECRET,
            "page_size": 10,
            "deletes_every": 0,
            "searches_per_second": 1_000_000,
            "calls_per_10_seconds": 10_000_000,
        },
        streams=["contacts", "companies", "deals", "form_submissions", "calls"],
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
