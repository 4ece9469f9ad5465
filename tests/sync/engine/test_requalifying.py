"""Today's rules asked of everybody who stands where one leads away from."""

from __future__ import annotations

from typing import Any

import pytest

from mapping.errors import MappingError
from sync.engine.requalifying import TooMany, requalify
from sync.engine.resolve import resolve_due
from sync.store import leads
from tests.sync.engine.conftest import Shelves
from tests.sync.engine.histories import hear, rows
from tests.sync.engine.test_qualifying import person, rule

ALWAYS: dict[str, Any] = {
    "id": "always",
    "from": "inquiry",
    "to": "mql",
    "when": {"field": "title", "contains": "部長"},
}


@pytest.fixture
def crowd(shelves: Shelves) -> Shelves:
    """Three leads that a rule would move, and one that it would not."""
    for n, title in enumerate(["部長", "本部長", "部長", "課長"], start=1):
        who = {"email": f"p{n}@a{n}.example", "family": f"名{n}", "company": f"社{n}"}
        hear(shelves, "crm", str(n), **{**person(), **who, "title": title, "phone": ""})
    rule(shelves, ALWAYS)
    return shelves


def standing(shelves: Shelves) -> list[str]:
    return [lead.stage for lead in shelves.leads()]


def test_a_preview_changes_nothing(crowd: Shelves) -> None:
    found = requalify(crowd.hub)
    assert (found.looked, len(found.moves), found.rules) == (4, 3, {"always": 3})
    assert found.owed == {"crm": 3, "sfa": 3, "ma": 3}
    assert standing(crowd) == ["inquiry"] * 4


def test_it_moves_them_as_of_now_and_only_once(crowd: Shelves) -> None:
    done = requalify(crowd.hub, dry_run=False)
    assert [one[2:] for one in done.moves] == [("inquiry", "mql", ("always",))] * 3
    assert standing(crowd) == ["mql", "mql", "mql", "inquiry"]
    assert {lead.stage_at for lead in crowd.leads()[:3]} == {crowd.hub.stamp()}
    assert requalify(crowd.hub, dry_run=False).moves == []
    owed = rows(crowd.database, "SELECT lead_id FROM outbox WHERE connection = 'crm'")
    assert sorted(owed) == sorted((one[0],) for one in done.moves)  # it was in step before


def test_too_many_are_refused_and_nothing_is_changed(crowd: Shelves) -> None:
    with pytest.raises(TooMany) as caught:
        requalify(crowd.hub, dry_run=False, most=2)
    assert caught.value.count == 3
    assert standing(crowd) == ["inquiry"] * 4
    assert len(requalify(crowd.hub, dry_run=False, most=None).moves) == 3


def test_a_rule_that_there_is_not_is_refused(crowd: Shelves) -> None:
    with pytest.raises(MappingError) as caught:
        requalify(crowd.hub, ["alway"])
    assert '"always"' in caught.value.hint


def test_a_lead_whose_company_is_asked_for(crowd: Shelves) -> None:
    (lead,) = [one for one in crowd.leads() if one.email == "p4@a4.example"]
    assert lead.account_id is not None
    with crowd.database.write() as tx:
        tx.write(
            "UPDATE account SET fields = ? WHERE id = ?", '{"employees": 300}', lead.account_id
        )
    rule(crowd, {**ALWAYS, "when": {"field": "account.employees", "at_least": 100}})
    (moved,) = requalify(crowd.hub, dry_run=False).moves
    assert moved[0] == lead.id
    resolve_due(crowd.hub)
    with crowd.database.read() as tx:
        assert leads.by_ids(tx, [lead.id])[lead.id].stage == "mql"
