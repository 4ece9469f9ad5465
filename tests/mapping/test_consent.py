"""Consent: an opt-out wins from any system, and is lifted only by what may lift it."""

import pytest

from mapping.merge import Statement, Trust, explain_losers, golden
from mapping.model import Value

FIELD = "consent.email.marketing"
TRUST = Trust(default=("crm", "form"))
FORM_MAY = Trust(default=("crm",), resubscribe=frozenset({"form"}))


def at(day: int) -> str:
    return f"2026-10-{day:02d}T09:00:00+00:00"


def states(connection: str, state: str, day: int, consent_at: int | None = None) -> Statement:
    values: dict[str, Value] = {FIELD: state}
    if consent_at is not None:
        values["consent_at"] = at(consent_at)
    return Statement(f"{connection}:1", connection, values, dict.fromkeys(values, at(day)))


@pytest.mark.parametrize(
    ("one", "other", "trust", "holds", "won_by"),
    [
        pytest.param(
            states("crm", "granted", 9),
            states("ma", "denied", 1),
            TRUST,
            "denied",
            "strictest",
            id="an old opt-out from who is trusted least",
        ),
        pytest.param(
            states("crm", "unknown", 9),
            states("ma", "granted", 1),
            TRUST,
            "granted",
            "strictest",
            id="granted over unknown",
        ),
        pytest.param(
            states("crm", "denied", 1),
            states("form", "granted", 9, 9),
            TRUST,
            "denied",
            "strictest",
            id="nobody may re-subscribe by default",
        ),
        pytest.param(
            states("crm", "denied", 1),
            states("form", "granted", 9, 9),
            FORM_MAY,
            "granted",
            "newest",
            id="a later dated consent from who may",
        ),
        pytest.param(
            states("crm", "denied", 1),
            states("form", "granted", 9),
            FORM_MAY,
            "denied",
            "strictest",
            id="not without a date",
        ),
        pytest.param(
            states("crm", "denied", 5),
            states("form", "granted", 9, 3),
            FORM_MAY,
            "denied",
            "strictest",
            id="not with an older date",
        ),
        pytest.param(
            states("crm", "denied", 9),
            states("form", "granted", 5, 5),
            FORM_MAY,
            "denied",
            "strictest",
            id="not before the opt-out",
        ),
        pytest.param(
            states("crm", "denied", 5),
            states("form", "granted", 3, 9),
            FORM_MAY,
            "denied",
            "strictest",
            id="a date does not make an earlier word a later one",
        ),
        pytest.param(
            states("form", "denied", 9),
            states("crm", "granted", 1, 1),
            FORM_MAY,
            "denied",
            "strictest",
            id="who may grant may also deny",
        ),
    ],
)
def test_the_strictest_consent_holds(
    one: Statement, other: Statement, trust: Trust, holds: str, won_by: str
) -> None:
    record = golden([one, other], trust)

    assert (record.values[FIELD], record.provenance[FIELD].rule) == (holds, won_by)


@pytest.mark.parametrize(
    ("state", "edited", "day", "holds"),
    [
        ("granted", "denied", 1, "denied"),
        ("denied", "granted", 9, "granted"),
        ("denied", "granted", 1, "denied"),
        ("unknown", "granted", 1, "granted"),
    ],
)
def test_a_hand_edit_lifts_an_opt_out_only_when_later(
    state: str, edited: str, day: int, holds: str
) -> None:
    record = golden([states("crm", state, 5)], TRUST, {FIELD: (edited, at(day))})

    assert record.values[FIELD] == holds


def test_a_hand_edit_alone_is_a_consent() -> None:
    record = golden([], TRUST, {FIELD: ("denied", at(1))})

    assert record.values == {FIELD: "denied"}


def test_the_date_of_a_consent_that_was_overruled_is_not_shown() -> None:
    denied, granted = states("ma", "denied", 1), states("crm", "granted", 9, 9)

    assert "consent_at" not in golden([denied, granted], TRUST).values
    dated = states("ma", "denied", 1, 1)
    assert explain_losers("consent_at", [dated, granted], TRUST) == [(granted, at(9), "strictest")]
    assert golden([granted], TRUST).values["consent_at"] == at(9)
