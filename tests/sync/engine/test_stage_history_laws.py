"""Whatever a company's stages are and whatever is heard, no forbidden move is ever stored."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapping.document import merge_documents
from mapping.fieldmap import compile_map
from mapping.own_stages import Own, rules_of
from mapping.stage_rules import StageRules
from sync.config.model import StagesConfig
from sync.config.positions import read_document
from sync.engine import edits, merging
from sync.store.database import Database
from sync.store.upgrade import upgrade
from tests.mapping.lifecycles import is_start, owns
from tests.sync.engine.conftest import PLUGINS, Shelves
from tests.sync.engine.histories import hear, hear_deal, rows

START = datetime(2026, 3, 1, tzinfo=UTC)
STATUSES = ("new", "mql", "talking", "deal", "won", "lost", "out")
PEOPLE = ("a", "b", "c")
DEFAULT_MAP = read_document(PLUGINS / "shelf" / "fields.yaml").data["people"]

Event = tuple[Any, ...]


class Watched:
    """A hub whose stage history is looked at after everything that happens."""

    def __init__(self, home: str, own: Own) -> None:
        self.now = START
        self.database = Database(
            f"sqlite:///{Path(home) / 'renkei.sqlite3'}", clock=lambda: self.now
        )
        upgrade(self.database)
        self.shelves = Shelves(self.database, self._tick, ["crm", "sfa"], settings_of(own))
        self.rules = self.shelves.hub.stage_rules
        codes = {code: code for code in self.rules.after}
        document = merge_documents(DEFAULT_MAP, {"stage": {"read": codes, "write": codes}})
        for flow in self.shelves.hub.flows.values():
            made = compile_map(document, kind="lead", rules=self.rules)
            flow.maps = {**flow.maps, "people": made}
        self.merged: set[str] = set()

    def _tick(self, **more: float) -> None:
        self.now += timedelta(**more)

    def happen(self, event: Event) -> None:
        """Let something happen, and look at the stays that it added."""
        stood, last = self._stand(), self._last()
        self._do(*event)
        added: dict[str, list[Any]] = {}
        for lead, *stay in self._stays(last):
            added.setdefault(lead, []).append(stay)
        for lead, theirs in added.items():
            check(self.rules, stood.get(lead), theirs)

    def _do(self, kind: str, *what: Any) -> None:
        if kind == "record":
            connection, person, status = what
            hear(self.shelves, connection, person, **row(person), status=status)
        elif kind == "deal":
            person, number, outcome = what
            hear_deal(self.shelves, "crm", f"{person}{number}", person, name="x", outcome=outcome)
        elif kind == "set":
            number, stage = what
            leads = self.shelves.leads()
            if leads:
                lead = leads[number % len(leads)].id
                edits.set_stage(self.shelves.hub, lead, stage, reason="確認済み", user="mori")
        elif kind == "merge":
            leads = self.shelves.leads()
            if len(leads) > 1:
                merging.merge(self.shelves.hub, leads[0].id, leads[1].id, user="mori")
                self.merged |= {leads[0].id, leads[1].id}

    def _stand(self) -> dict[str, str]:
        return dict(rows(self.database, "SELECT id, stage FROM lead"))

    def _last(self) -> int:
        ((last,),) = rows(self.database, "SELECT COALESCE(MAX(id), 0) FROM stage_history")
        return int(last)

    def _stays(self, after: int = 0) -> Iterator[Any]:
        yield from rows(
            self.database,
            "SELECT lead_id, stage, override_by, entered_at, cycle FROM stage_history"
            " WHERE id > ? ORDER BY id",
            after,
        )

    def check_whole(self) -> None:
        """Each life from its beginning, of leads that are still one person's."""
        lives: dict[str, list[Any]] = {}
        for lead, *stay in self._stays():
            lives.setdefault(lead, []).append(stay)
        for lead, theirs in lives.items():
            if lead not in self.merged:
                check(self.rules, None, theirs)
                for before, after in pairwise(theirs):
                    assert before[2] <= after[2]
                    assert before[3] <= after[3]


def check(rules: StageRules, before: str | None, stays: list[Any]) -> None:
    """Every stay is a start, an allowed move from the one before, or an override."""
    for stage, by, *_ in stays:
        if by is None and before is None:
            assert is_start(rules, stage), stage
        elif by is None:
            assert stage in rules.transitions[str(before)], (before, stage)
        before = stage


def row(person: str) -> dict[str, str]:
    """A person like no other."""
    return {
        "email": f"{person}@{person * 5}.example",
        "family": {"a": "佐藤", "b": "鈴木", "c": "高橋"}[person],
        "given": {"a": "花子", "b": "一郎", "c": "美咲"}[person],
        "company": {"a": "青空製作所", "b": "みなと商事", "c": "北斗電機"}[person],
    }


def settings_of(own: Own) -> StagesConfig:
    """stages.yaml that says this."""
    return StagesConfig.model_validate(
        {
            "stages": {
                one.code: {"ja": f"独自{one.code}", "en": one.code, "after": one.after}
                for one in own.stages
            },
            "transitions": {stage: sorted(to) for stage, to in own.transitions.items()},
            "optional": sorted(own.optional),
        }
    )


@st.composite
def happenings(draw: st.DrawFn) -> tuple[Own, list[Event]]:
    own = draw(owns())
    known = rules_of(own)
    person, told = st.sampled_from(PEOPLE), st.sampled_from([*STATUSES, *known.after])
    event: st.SearchStrategy[Event] = st.one_of(
        st.tuples(st.just("record"), st.sampled_from(["crm", "sfa"]), person, told),
        st.tuples(st.just("record"), st.just("crm"), person, told),
        st.tuples(
            st.just("deal"), person, st.integers(1, 2), st.sampled_from(["open", "won", "lost"])
        ),
        st.tuples(st.just("set"), st.integers(0, 2), st.sampled_from(sorted(known.stages))),
        st.tuples(st.just("merge")),
    )
    return own, draw(st.lists(event, min_size=3, max_size=14))


@settings(
    max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(happenings())
def test_no_history_that_is_stored_holds_a_forbidden_move(told: tuple[Own, list[Event]]) -> None:
    own, events = told
    with tempfile.TemporaryDirectory() as home:
        watched = Watched(home, own)
        for event in events:
            watched.happen(event)
        watched.check_whole()
        watched.database.close()
