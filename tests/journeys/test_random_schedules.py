"""Random days of HubSpot, Salesforce and kintone: whatever happens, they end equal and quiet.

Each day is drawn from a seed of its own, which a failure names; with ``RENKEI_SOAK`` there are a
twentieth as many, since a day of real vendors takes a second or two.
"""

from __future__ import annotations

import os
import random
from contextlib import suppress
from typing import Any

import pytest

from connectors.hubspot.simulator_rules import Problem
from sync.engine import edits
from sync.engine.owed import target_link
from sync.store import links
from tests.journeys.conftest import LEADS, World, written

DAYS = int(os.environ.get("RENKEI_SOAK", "160")) // 20
PEOPLE = (
    ("sato@aozora.example", "佐藤", "花子", "株式会社青空製作所"),
    ("ito@chidori.example", "伊藤", "健", "千鳥商会"),
)
TITLES = ("課長", "部長", "", "代表取締役社長")
PHONES = ("03-1234-5678", "+81 3 9999 0000", "０３（１２３４）５６７８")
SFA_STATUSES = ("Open - Not Contacted", "Working - Contacted")
CRM_STAGES = ("リード", "MQL", "TQL", "商談")


class Unreliable:
    """A vendor that does not answer, or does what it is told and then does not answer."""

    def __init__(self, app: Any, chance: random.Random) -> None:
        self.app, self.chance = app, chance
        self.share = 0.0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        if self.chance.random() >= self.share:
            return self.app(environ, start_response)
        if self.chance.random() < 0.5:
            list(self.app(environ, lambda *_: None))
        start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
        return [b"down for a moment"]


class Day:
    """What happens on one day, and what must hold at its end."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.chance = random.Random(seed)
        self.lines = {name: Unreliable(app, self.chance) for name, app in world.simulators.items()}
        world.wrap = lambda name, _app: self.lines[name]
        world.hub = world.open()

    def run(self) -> None:
        typing = [self.types_in_kintone, self.types_in_hubspot, self.types_in_salesforce]
        rare = [self.opts_out, self.deletes, self.converts, self.merges, self.doubles]
        happens = [self.answers, self.sync, self.sync, *typing, self.edits, *rare]
        for _ in range(self.chance.randint(6, 16)):
            self.world.tick(minutes=1)
            self.chance.choice(happens)()

    def person(self) -> tuple[str, str, str, str]:
        return self.chance.choice(PEOPLE)

    def answers(self) -> None:
        email, last, first, company = self.person()
        title = self.chance.choice(TITLES)
        self.world.submit(email, last, first, company=company, title=title)

    def doubles(self) -> None:
        """Somebody types a person into HubSpot who may be there."""
        email, last, first, company = self.person()
        with suppress(Problem):  # there is one with this address
            self.world.ma.add_contact(email=email, lastname=last, firstname=first, company=company)

    def sync(self) -> None:
        names = self.chance.sample(sorted(self.lines), self.chance.randint(1, 4))
        share = self.chance.choice([0.0, 0.0, 0.2, 0.6])
        for line in self.lines.values():
            line.share = share
        self.world.sync(*names)
        for line in self.lines.values():
            line.share = 0.0

    def types_in_kintone(self) -> None:
        rows = self.world.crm.table(f"records:{LEADS}")
        if rows:
            field, values = self.chance.choice(
                [("役職", TITLES), ("電話番号", PHONES), ("ステージ", CRM_STAGES)]
            )
            own = self.chance.choice(sorted(rows))
            self.world.crm.edit_record(LEADS, own, {field: self.chance.choice(values)})

    def types_in_hubspot(self) -> None:
        found = self.world.contacts()
        if found:
            own = self.chance.choice(found)["hs_object_id"]
            field, values = self.chance.choice([("jobtitle", TITLES), ("phone", PHONES)])
            self.world.ma.set_property("contacts", own, field, self.chance.choice(values))

    def types_in_salesforce(self) -> None:
        row = self._lead_in_salesforce()
        if row is not None:
            field, values = self.chance.choice(
                [("Title", TITLES), ("Phone", PHONES), ("Status", SFA_STATUSES)]
            )
            self.world.sfa.edit("Lead", row["Id"], **{field: self.chance.choice(values)})

    def edits(self) -> None:
        found = self.world.leads()
        if found:
            lead = self.chance.choice(found)
            title = self.chance.choice(TITLES) or None
            edits.edit_lead(self.world.hub, lead.id, {"title": title}, user="mori")

    def opts_out(self) -> None:
        row = self._lead_in_salesforce()
        if row is not None:
            self.world.sfa.edit("Lead", row["Id"], HasOptedOutOfEmail=True)

    def deletes(self) -> None:
        row = self._lead_in_salesforce()
        if row is not None and self.chance.random() < 0.5:
            self.world.sfa.delete("Lead", row["Id"])

    def converts(self) -> None:
        row = self._lead_in_salesforce()
        if row is not None and self.chance.random() < 0.5:
            self.world.sfa.convert_lead(row["Id"])

    def merges(self) -> None:
        """HubSpot's users take two contacts for one person."""
        found = sorted(row["hs_object_id"] for row in self.world.contacts())
        if len(found) > 1 and self.chance.random() < 0.3:
            self.world.ma.merge("contacts", found[0], found[1])

    def _lead_in_salesforce(self) -> Any | None:
        found = [row for row in self.world.sfa_rows() if not row.get("IsConverted")]
        return self.chance.choice(found) if found else None

    # what must hold

    def ends_equal_and_quiet(self) -> None:
        for _ in range(4):
            self.world.tick(hours=3)
            self.world.sync()
        self.world.settle()
        assert written(self.world.sync(rounds=2)) == {}
        opted_out = {
            row["Email"]
            for kind in ("Lead", "Contact")
            for row in self.world.sfa_rows(kind)
            if row.get("HasOptedOutOfEmail")
        }
        for lead in self.world.leads():
            self._is_everywhere(lead)
            if lead.email in opted_out:
                assert lead.fields["consent.email.marketing"] == "denied"
        people = [row["email"] for row in self.world.contacts()]
        assert len(people) == len(set(people))
        made = [row["renkei_id"] for row in self.world.crm_rows() if row.get("renkei_id")]
        assert len(made) == len(set(made))

    def _is_everywhere(self, lead: Any) -> None:
        """Each system holds what the lead says, but for what is listed for a person."""
        hub = self.world.hub
        with self.world.database.read() as tx:
            held = links.of_leads(tx, [lead.id])
        for name in ("ma", "sfa", "crm"):
            flow = hub.flows[name]
            link = target_link(flow, held)
            if link is None:
                continue
            field_map = flow.map_for(link.stream)
            (record,) = flow.connector.fetch(link.stream, [link.external_id])
            draft = field_map.read(flow.flatten(link.stream, record.payload))
            listed = {
                one.field for one in self.world.asides() if one.external_id == link.external_id
            }
            of_the_lead = field_map.writable & draft.values.keys() - listed
            for one in {one for one in of_the_lead if not one.startswith("renkei_")}:
                ours, theirs = lead.fields.get(one), draft.values.get(one)
                assert field_map.settles(one, ours, theirs), (name, one, ours, theirs)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("seed", range(DAYS))
def test_a_random_day_ends_equal_and_quiet(world: World, clock: Any, seed: int) -> None:
    day = Day(world, seed)
    day.run()
    day.ends_equal_and_quiet()
