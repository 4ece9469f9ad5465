"""Agreement on consent: counted between each two systems, with the reason where they differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.kit.errors import RecordRejected, Unavailable
from sync.engine.agreement import agreement
from sync.engine.edits import edit_lead
from tests.sync.engine.conftest import Shelves
from tests.sync.engine.consents.conftest import ITO, MAIL, SATO


def test_agreement_counts_each_pair_and_says_why_not(known: Shelves) -> None:
    known.at["crm"].put("2", **ITO, mail="no")
    known.settle()
    assert {
        key: (pair.people, pair.denied, pair.differing)
        for key, pair in agreement(known.hub).pairs.items()
    } == {
        ("crm", "ma", MAIL): (2, 1, 0),
        ("crm", "sfa", MAIL): (2, 1, 0),
        ("ma", "sfa", MAIL): (2, 1, 0),
    }
    lead = next(one for one in known.leads() if one.email == SATO["email"])
    edit_lead(known.hub, lead.id, {MAIL: "denied"}, user="mori")
    known.at["sfa"].refuse_fields = lambda change: (
        {"mail": RecordRejected("read-only")} if "mail" in change.values else {}
    )
    known.run("sfa")
    found = agreement(known.hub, ("crm", "sfa"))

    (pair,) = found.pairs.values()
    assert (pair.people, pair.differing, dict(pair.reasons)) == (2, 1, {"refused": 1})
    (listed,) = found.listed
    assert (listed.lead_id, listed.at, listed.reason) == (lead.id, "sfa", "refused")
    assert listed.states == {"crm": "denied", "sfa": "granted"}


@pytest.mark.parametrize(
    ("push", "lines", "reason"),
    [
        pytest.param({}, {}, "owed", id="on its way"),
        pytest.param({"update": False}, {}, "read_only", id="never changed there"),
        pytest.param(
            {},
            {MAIL: {"from": "mail", "values": {"yes": "granted"}, "direction": "pull"}},
            "unmapped",
            id="written to no field",
        ),
    ],
)
def test_agreement_knows_why_a_system_differs(
    remade: Callable[..., Shelves], push: dict[str, Any], lines: dict[str, Any], reason: str
) -> None:
    shelves = remade(lines, **push)
    shelves.at["sfa"].put("own", **SATO, mail="yes")
    shelves.at["crm"].put("1", **SATO, mail="yes")
    shelves.settle()
    shelves.at["crm"].put("1", mail="no")
    shelves.at["sfa"].before = _down
    shelves.run()

    pair = agreement(shelves.hub, ("crm", "sfa")).pairs["crm", "sfa", MAIL]
    assert dict(pair.reasons) == {reason: 1}


def _down(_changes: Any) -> None:
    raise Unavailable("down for a moment")
