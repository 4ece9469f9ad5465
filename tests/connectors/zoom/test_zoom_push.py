"""Registering leads: once each, never changed, and each refusal by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connectors.kit.base import Change, Status
from connectors.kit.errors import (
    ContractBroken,
    RateLimited,
    RecordGone,
    RecordRejected,
    Unavailable,
)
from connectors.kit.simulator import Fault, json_response
from connectors.zoom import Connector
from connectors.zoom.simulator import HOST, Simulator

Wire = Callable[..., Connector]
PERSON: Any = {"email": "ito@sakura.example", "first_name": "恵", "last_name": "伊藤"}


@pytest.fixture
def webinar(simulator: Simulator, clock: Any) -> str:
    return simulator.schedule(
        "webinar", "SaaSセミナー", clock() + timedelta(days=3), questions=[{"title": "導入時期"}]
    )


def change(event: str, key: str = "ld_1", external_id: str | None = None, **more: Any) -> Change:
    values = {**PERSON, **more}
    return Change(f"webinar_registrants:{event}", key, values, external_id=external_id)


def writes(simulator: Simulator) -> int:
    return sum(seen.method == "POST" and "registrants" in seen.path for seen in simulator.seen)


def test_a_lead_is_registered_into_the_stream_that_is_read(
    wire: Wire, simulator: Simulator, webinar: str
) -> None:
    connector = wire()
    answers = {"org": "桜商事", "question.導入時期": "3ヶ月以内"}
    (outcome,) = connector.push([change(webinar, **answers)])
    assert (outcome.status, outcome.stream, dict(outcome.refused)) == (
        Status.CREATED,
        "webinar_registrants",
        {},
    )
    (page, *_) = connector.pull("webinar_registrants", None)
    (record,) = page.records
    assert record.external_id == outcome.external_id
    assert record.payload["custom_questions"] == [{"title": "導入時期", "value": "3ヶ月以内"}]
    assert record.payload["org"] == "桜商事"


def test_leads_can_be_registered_for_a_meeting(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    event = simulator.schedule("meeting", "相談会", clock() + timedelta(days=1))
    (outcome,) = wire().push([Change(f"meeting_registrants:{event}", "ld_1", PERSON)])
    assert (outcome.status, outcome.stream) == (Status.CREATED, "meeting_registrants")


def test_who_is_registered_already_is_not_registered_again(
    wire: Wire, simulator: Simulator, webinar: str
) -> None:
    own = simulator.register(webinar, "ITO@sakura.example", "恵", "伊藤")
    (outcome,) = wire().push([change(webinar)])
    assert (outcome.status, outcome.external_id) == (Status.UNCHANGED, f"{webinar}:{own}")
    assert dict(outcome.refused) == {}
    assert writes(simulator) == 0


def test_one_address_twice_in_a_push_is_registered_once(
    wire: Wire, simulator: Simulator, webinar: str
) -> None:
    first, second = wire().push([change(webinar), change(webinar, "ld_2", org="別")])
    assert (first.status, second.status) == (Status.CREATED, Status.UNCHANGED)
    assert first.external_id == second.external_id
    assert writes(simulator) == 1


def test_the_lists_are_read_once_for_a_push(wire: Wire, simulator: Simulator, webinar: str) -> None:
    changes = [change(webinar, f"ld_{n}", email=f"p{n}@a.example") for n in range(20)]
    wire().push(changes)
    reads = sum(s.method == "GET" and s.path.endswith("/registrants") for s in simulator.seen)
    assert (reads, writes(simulator)) == (3, 20)


def test_what_cannot_be_changed_is_refused_by_field(
    wire: Wire, simulator: Simulator, webinar: str
) -> None:
    own = simulator.register(webinar, "ito@sakura.example", "恵", "伊藤", org="桜商事")
    connector = wire()
    same = change(webinar, external_id=f"{webinar}:{own}", org="桜商事")
    (outcome,) = connector.push([same])
    assert (outcome.status, dict(outcome.refused)) == (Status.UNCHANGED, {})
    moved = Change("webinar_registrants", "ld_1", {"org": "梅商会"}, f"{webinar}:{own}")
    (outcome,) = connector.push([moved])
    assert outcome.status is Status.UNCHANGED
    assert {name: error.code for name, error in outcome.refused.items()} == {
        "org": "ZOOM_NO_UPDATE"
    }
    assert simulator.registrants[f"{webinar}:{own}"]["org"] == "桜商事"


def test_a_registration_that_was_cancelled_is_gone(
    wire: Wire, simulator: Simulator, webinar: str
) -> None:
    own = simulator.register(webinar, **PERSON)
    simulator.decide(webinar, own, "cancel")
    (outcome,) = wire().push([change(webinar, external_id=f"{webinar}:{own}")])
    assert isinstance(outcome.error, RecordGone)


@pytest.mark.parametrize("name", ["department", "question.予算", "status"])
def test_a_field_that_the_event_lacks_is_refused_and_the_rest_registered(
    wire: Wire, simulator: Simulator, webinar: str, name: str
) -> None:
    (outcome,) = wire().push([change(webinar, **{name: "値"})])
    assert outcome.status is Status.CREATED
    assert {field: error.code for field, error in outcome.refused.items()} == {
        name: "ZOOM_NO_FIELD"
    }


@pytest.mark.parametrize(
    ("values", "code", "fields"),
    [
        pytest.param({"email": None}, "ZOOM_VALIDATION", ("email",), id="no address"),
        pytest.param({"first_name": ""}, "ZOOM_VALIDATION", ("first_name",), id="no name"),
        pytest.param(
            {"no_of_employees": "12"}, "ZOOM_VALIDATION", ("no_of_employees",), id="not listed"
        ),
        pytest.param({"email": HOST}, "ZOOM_REFUSED", (), id="the host"),
    ],
)
def test_a_lead_that_is_refused_stops_only_itself(
    wire: Wire, simulator: Simulator, webinar: str, values: Any, code: str, fields: Any
) -> None:
    bad = change(webinar, "ld_bad", **values)
    good = change(webinar, "ld_good", email="kato@sakura.example")
    refused, made = wire().push([bad, good])
    assert isinstance(refused.error, RecordRejected)
    assert (refused.error.code, refused.error.fields) == (code, fields)
    assert made.status is Status.CREATED


def test_an_event_that_is_over_or_gone_takes_nobody(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    over = simulator.schedule("webinar", "先週", clock() - timedelta(days=7))
    (late,) = wire().push([change(over)])
    (lost,) = wire().push([change("999")])
    assert late.error is not None
    assert "it is over" in str(late.error)
    assert isinstance(lost.error, RecordGone)


@pytest.mark.parametrize("stream", ["webinar_registrants", "webinar_registrants:soon", "calls"])
def test_a_stream_without_an_event_cannot_be_written(wire: Wire, stream: str) -> None:
    with pytest.raises(ContractBroken):
        wire().push([Change(stream, "ld_1", PERSON)])


def test_a_limit_at_the_first_change_is_raised(
    wire: Wire, simulator: Simulator, webinar: str
) -> None:
    body = {"code": 429, "message": "daily"}
    simulator.faults.append(
        Fault("/registrants", "POST", json_response(body, 429, {"Retry-After": "60"}))
    )
    with pytest.raises(RateLimited):
        wire().push([change(webinar)])


def test_a_limit_half_way_keeps_what_was_written(
    wire: Wire, simulator: Simulator, webinar: str
) -> None:
    changes = [change(webinar, f"ld_{n}", email=f"p{n}@a.example") for n in range(4)]
    original = simulator.put_registrant

    def put(*given: Any, **more: Any) -> Any:
        row = original(*given, **more)
        if len(simulator.registrants) == 2:
            body = {"code": 429, "message": "daily"}
            limited = json_response(body, 429, {"Retry-After": "60"})
            simulator.faults.append(Fault("/registrants", "POST", limited))
        return row

    simulator.put_registrant = put  # type: ignore[method-assign]  # stirs the vendor, not us
    outcomes = wire().push(changes)
    assert [outcome.status for outcome in outcomes] == [
        Status.CREATED,
        Status.CREATED,
        Status.FAILED,
        Status.FAILED,
    ]
    assert [outcome.key for outcome in outcomes] == ["ld_0", "ld_1", "ld_2", "ld_3"]
    assert {type(outcome.error) for outcome in outcomes[2:]} == {RateLimited}


def test_an_answer_that_was_lost_is_said_and_found_the_next_time(
    wire: Wire, simulator: Simulator, webinar: str
) -> None:
    simulator.faults.append(Fault("/registrants", "POST", after=True))
    with pytest.raises(Unavailable) as caught:
        wire().push([change(webinar)])
    assert caught.value.maybe_applied
    (outcome,) = wire().push([change(webinar)])
    assert outcome.status is Status.UNCHANGED
    assert len(simulator.registrants) == 1


def test_no_address_is_in_a_message_of_a_refusal(
    wire: Wire, simulator: Simulator, webinar: str
) -> None:
    quoting = {"code": 3000, "message": "Users in ito@sakura.example have been blocked."}
    simulator.faults.append(Fault("/registrants", "POST", json_response(quoting, 400)))
    (outcome,) = wire().push([change(webinar)])
    assert outcome.error is not None
    assert "sakura" not in str(outcome.error)
