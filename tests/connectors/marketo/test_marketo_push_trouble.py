"""Pushing when something is wrong: with a field, with the request, with the instance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from connectors.kit.base import Change, Outcome, Status
from connectors.kit.errors import (
    AuthFailed,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordRejected,
    Unavailable,
)
from connectors.kit.simulator import Fault, Response, json_response
from connectors.marketo import Connector
from connectors.marketo.simulator import Simulator

MakeInstance = Callable[..., Simulator]
MakeHub = Callable[..., Connector]
SYNC = "/rest/v1/leads.json"


def new(key: str, email: str, **values: Any) -> Change:
    return Change("leads", key, {"email": email, **values})


def edit(key: str, own: str, **values: Any) -> Change:
    return Change("leads", key, values, external_id=own)


def by_key(outcomes: Sequence[Outcome]) -> dict[str, Outcome]:
    assert len({one.key for one in outcomes}) == len(outcomes)
    return {one.key: one for one in outcomes}


def fails(instance: Simulator, code: str, message: str = "", times: int = 1) -> None:
    """Plant a refusal of the next writes as a whole."""
    body = {"requestId": "1#1", "success": False, "errors": [{"code": code, "message": message}]}
    instance.faults.append(Fault(SYNC, "POST", json_response(body), times=times))


def code_of(error: ConnectorError | None) -> str:
    assert error is not None
    return error.code


# Fields


def test_a_field_that_is_not_there_stops_only_itself(instance: Simulator, hub: Connector) -> None:
    said = by_key(
        hub.push(
            [
                new("ld_1", "a@example.jp", city="港区"),
                new("ld_2", "b@example.jp", city="港区", seiKana="サトウ", meiKana="ハナコ"),
            ]
        )
    )

    assert said["ld_1"].refused == {}
    assert said["ld_2"].status is Status.CREATED
    assert {name: code_of(one) for name, one in said["ld_2"].refused.items()} == {
        "seiKana": "UNKNOWN_FIELD",
        "meiKana": "UNKNOWN_FIELD",
    }
    assert instance.held(str(said["ld_2"].external_id))["city"] == "港区"


def test_an_unknown_field_that_refuses_the_whole_request_stops_only_itself(
    instance: Simulator, hub: Connector
) -> None:
    fails(instance, "1006", "Field 'seiKana' not found")

    said = by_key(
        hub.push([new("ld_1", "a@example.jp"), new("ld_2", "b@example.jp", seiKana="サトウ")])
    )

    assert [said[key].status for key in ("ld_1", "ld_2")] == [Status.CREATED, Status.CREATED]
    assert list(said["ld_2"].refused) == ["seiKana"]


def test_company_and_system_fields_are_refused_and_the_rest_is_written(
    instance: Simulator, hub: Connector
) -> None:
    own = instance.add_lead(email="a@example.jp")
    values = {"company": "青葉商事", "industry": "製造", "createdAt": "2020-01-01", "city": "港区"}

    (said,) = hub.push([edit("ld_1", own, **values)])

    assert said.status is Status.UPDATED
    assert {name: code_of(one) for name, one in said.refused.items()} == dict.fromkeys(
        ("company", "industry", "createdAt"), "READ_ONLY_FIELD"
    )
    assert instance.held(own) == {"email": "a@example.jp", "city": "港区"}


def test_a_field_that_the_crm_manages_is_refused(
    make_instance: MakeInstance, make_hub: MakeHub
) -> None:
    instance = make_instance(crm=True)
    own = instance.add_lead(email="a@example.jp")
    (said,) = make_hub(instance).push([edit("ld_1", own, company="青葉商事", city="港区")])
    assert code_of(said.refused["company"]) == "READ_ONLY_FIELD"
    assert instance.held(own)["city"] == "港区"


def test_an_update_of_which_nothing_is_left_is_no_write(
    instance: Simulator, hub: Connector
) -> None:
    own = instance.add_lead(email="a@example.jp")
    (said,) = hub.push([edit("ld_1", own, createdAt="2020-01-01")])
    assert said.status is Status.UNCHANGED
    assert list(said.refused) == ["createdAt"]
    assert not [one for one in instance.seen if one.path == SYNC]


def test_an_address_that_is_not_ascii_fails_a_new_lead_and_not_the_rest_of_an_old_one(
    instance: Simulator, hub: Connector
) -> None:
    own = instance.add_lead(email="a@example.jp")

    said = by_key(
        hub.push([new("ld_1", "佐藤@example.jp"), edit("ld_2", own, email="あ@a.jp", city="港区")])
    )

    assert code_of(said["ld_1"].error) == "VALUE_REFUSED"
    assert said["ld_2"].status is Status.UPDATED
    assert list(said["ld_2"].refused) == ["email"]
    assert instance.held(own) == {"email": "a@example.jp", "city": "港区"}


def test_a_value_of_the_wrong_type_sets_its_record_aside_without_being_told(
    instance: Simulator, hub: Connector
) -> None:
    said = by_key(
        hub.push([new("ld_1", "a@example.jp", leadScore="たくさん"), new("ld_2", "b@example.jp")])
    )

    error = said["ld_1"].error
    assert isinstance(error, RecordRejected)
    assert "1001" in str(error)
    assert "たくさん" not in str(error)
    assert said["ld_2"].status is Status.CREATED


def test_a_request_refused_for_one_record_is_halved_until_it_is_alone(
    instance: Simulator, hub: Connector
) -> None:
    answer = instance._answer

    def picky(request: Any) -> Response:
        if request.path == SYNC and "bad@" in request.get_data(as_text=True):
            error = {"code": "1003", "message": "Invalid data"}
            return json_response({"requestId": "1#1", "success": False, "errors": [error]})
        return answer(request)

    instance._answer = picky  # type: ignore[method-assign]  # a vendor that refuses all for one
    changes = [new(f"ld_{n}", f"p{n}@example.jp") for n in range(5)]

    said = by_key(hub.push([*changes, new("bad", "bad@example.jp")]))

    assert code_of(said["bad"].error) == "MARKETO_REJECTED"
    assert all(said[one.key].status is Status.CREATED for one in changes)


# The instance


@pytest.mark.parametrize(
    ("code", "kind", "wait"),
    [
        pytest.param("606", RateLimited, 20.0, id="rate"),
        pytest.param("615", RateLimited, 5.0, id="ten at once"),
        # 00:00 UTC on 1 April is 19:00 in Chicago: five hours, and a minute more
        pytest.param("607", RateLimited, 5 * 3600 + 60.0, id="daily quota"),
        pytest.param("608", Unavailable, None, id="unavailable"),
        pytest.param("611", Unavailable, None, id="system error"),
        pytest.param("713", Unavailable, None, id="transient"),
        pytest.param("603", AuthFailed, None, id="no permission"),
        pytest.param("609", ContractBroken, None, id="our JSON"),
        pytest.param("610", ContractBroken, None, id="our path"),
    ],
)
def test_what_refuses_everything_is_raised_and_nothing_is_written(
    instance: Simulator, hub: Connector, code: str, kind: type[ConnectorError], wait: float | None
) -> None:
    fails(instance, code)

    with pytest.raises(kind) as caught:
        hub.push([new("ld_1", "a@example.jp")])

    assert instance.ids() == []
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after == wait


@pytest.mark.parametrize(
    ("code", "unsure"),
    [
        pytest.param("604", True, id="time-out"),
        pytest.param("611", True, id="system error"),
        pytest.param("608", False, id="unavailable"),
    ],
)
def test_a_failure_says_whether_the_write_may_have_happened(
    instance: Simulator, hub: Connector, code: str, unsure: bool
) -> None:
    fails(instance, code)
    with pytest.raises(Unavailable) as caught:
        hub.push([new("ld_1", "a@example.jp")])
    assert caught.value.maybe_applied is unsure


def test_a_lost_answer_to_a_create_is_said_and_not_repeated_in_the_call(
    instance: Simulator, hub: Connector
) -> None:
    instance.faults.append(Fault(SYNC, "POST", after=True))

    with pytest.raises(Unavailable) as caught:
        hub.push([new("ld_1", "a@example.jp")])
    (again,) = hub.push([new("ld_1", "a@example.jp")])

    assert caught.value.maybe_applied
    assert again.status is Status.UPDATED
    assert len(instance.ids()) == 1


def test_a_lost_answer_to_an_update_is_repeated_in_the_call(
    instance: Simulator, hub: Connector
) -> None:
    own = instance.add_lead(email="a@example.jp")
    instance.faults.append(Fault(SYNC, "POST", after=True))
    (said,) = hub.push([edit("ld_1", own, city="港区")])
    assert said.status is Status.UPDATED


def test_trouble_half_way_is_the_outcome_of_those_who_are_left(
    instance: Simulator, hub: Connector
) -> None:
    own = instance.add_lead(email="a@example.jp")
    answer = instance._answer
    count = iter(range(10))

    def second_time_refused(request: Any) -> Response:
        if request.path == SYNC and next(count) == 1:
            error = {"code": "606", "message": "Max rate limit"}
            return json_response({"requestId": "1#1", "success": False, "errors": [error]})
        return answer(request)

    instance._answer = second_time_refused  # type: ignore[method-assign]  # between two writes
    said = by_key(hub.push([edit("ld_1", own, city="港区"), new("ld_2", "b@example.jp")]))

    assert said["ld_1"].status is Status.UPDATED
    assert isinstance(said["ld_2"].error, RateLimited)


def test_a_token_that_ends_in_the_middle_is_renewed_within_the_call(
    instance: Simulator, hub: Connector
) -> None:
    hub.push([new("ld_1", "a@example.jp")])
    instance.expire_tokens()
    (said,) = hub.push([new("ld_2", "b@example.jp")])
    instance.forget_tokens()
    (later,) = hub.push([new("ld_3", "c@example.jp")])
    assert (said.status, later.status) == (Status.CREATED, Status.CREATED)


def test_fewer_results_than_records_break_the_contract(instance: Simulator, hub: Connector) -> None:
    body = {"requestId": "1#1", "success": True, "result": [{"id": 1, "status": "created"}]}
    instance.faults.append(Fault(SYNC, "POST", json_response(body)))
    with pytest.raises(ContractBroken):
        hub.push([new("ld_1", "a@example.jp"), new("ld_2", "b@example.jp")])
