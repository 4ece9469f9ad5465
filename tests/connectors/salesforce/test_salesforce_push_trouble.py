"""Pushing against resistance: duplicate rules, locks, other people's keys, refusals, outages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from connectors.kit.base import Change, Outcome, Status
from connectors.kit.errors import (
    Conflict,
    RateLimited,
    Unavailable,
)
from connectors.kit.simulator import Fault, Refusal, json_response
from connectors.salesforce import Connector
from connectors.salesforce.simulator import Simulator, Stage

Connecting = Callable[..., Connector]


def new(key: str = "ld_1", **values: Any) -> Change:
    return Change("Lead", key, {"LastName": "佐藤", "Company": "株式会社見本", **values})


def update(row: str, key: str = "ld_1", stream: str = "Lead", **values: Any) -> Change:
    return Change(stream, key, values, external_id=row)


def push(connector: Connector, *changes: Change) -> dict[str, Outcome]:
    outcomes = connector.push(changes)
    assert sorted(o.key for o in outcomes) == sorted(c.key for c in changes)
    return {outcome.key: outcome for outcome in outcomes}


def row(org: Simulator, row_id: str | None) -> dict[str, Any]:
    held = org.org.find(row_id)
    assert held is not None
    return held


def writes(org: Simulator) -> int:
    return sum(1 for seen in org.seen if "/composite/" in seen.path)


def codes(outcome: Outcome) -> dict[str, str]:
    return {name: error.code for name, error in outcome.refused.items()}


@pytest.mark.parametrize("spelling", ["duplicateResut", "duplicateResult"])
def test_a_duplicate_rule_names_the_record_in_the_way(
    org: Simulator, connected: Connecting, spelling: str
) -> None:
    org.org.duplicate_key = spelling
    contact = org.add_contact(Email="sato@a.example")
    org.set_duplicate_rule("block")
    conflict = push(connected(), new(Email="sato@a.example"))["ld_1"].error
    assert isinstance(conflict, Conflict)
    assert (conflict.existing_id, conflict.code) == (contact, "SALESFORCE_DUPLICATES_DETECTED")
    lead = org.add_lead(Email="suzuki@a.example")
    org.add_contact(Email="suzuki@a.example")
    conflict = push(connected(), new("ld_2", Email="suzuki@a.example"))["ld_2"].error
    assert isinstance(conflict, Conflict)
    assert conflict.existing_id == lead, "a lead in the way of a lead comes first"


def test_an_alert_is_passed_where_the_operator_allows_it(
    org: Simulator, connected: Connecting
) -> None:
    org.add_contact(Email="sato@a.example")
    org.set_duplicate_rule("alert")
    change = new(Email="sato@a.example")
    assert push(connected(), change)["ld_1"].status is Status.FAILED
    assert push(connected(allow_duplicates=True), change)["ld_1"].status is Status.CREATED
    org.set_duplicate_rule("block")
    again = new("ld_2", Email="sato@a.example")
    assert push(connected(allow_duplicates=True), again)["ld_2"].status is Status.FAILED


def test_a_locked_row_gets_a_second_chance_and_no_third(
    org: Simulator, connected: Connecting
) -> None:
    once, twice = org.add_lead(), org.add_lead()
    org.lock_row(once, 1)
    org.lock_row(twice, 2)
    done = push(connected(), update(once, "ld_1", Title="x"), update(twice, "ld_2", Title="x"))
    assert done["ld_1"].status is Status.UPDATED
    assert isinstance(done["ld_2"].error, Unavailable)
    assert done["ld_2"].error.code == "SALESFORCE_UNABLE_TO_LOCK_ROW"
    assert not done["ld_2"].error.maybe_applied


def test_a_key_that_another_record_holds_spoils_only_the_key(
    org: Simulator, connected: Connecting
) -> None:
    org.add_lead(Renkei_Id__c="ld_1")
    twin = org.add_lead()
    done = push(connected(), update(twin, Title="部長"))["ld_1"]
    assert (done.status, done.external_id) == (Status.UPDATED, twin)
    assert codes(done) == {"Renkei_Id__c": "SALESFORCE_DUPLICATE_VALUE"}
    assert row(org, twin)["Title"] == "部長"


def test_one_row_named_twice_goes_in_two_calls(org: Simulator, connected: Connecting) -> None:
    lead = org.add_lead()
    done = push(
        connected(), update(lead, "ld_1", Title="部長"), update(lead, "ld_2", Phone="03-1234-5678")
    )
    assert {outcome.status for outcome in done.values()} == {Status.UPDATED}
    assert (row(org, lead)["Title"], row(org, lead)["Phone"]) == ("部長", "03-1234-5678")
    assert writes(org) == 2


def test_a_field_that_only_the_text_names_is_found_in_any_language(
    org: Simulator, connected: Connecting
) -> None:
    connector = connected()
    push(connector, new("ld_0"))
    said = {"statusCode": "INVALID_FIELD", "message": "項目「Title」は存在しません", "fields": []}
    body = [{"success": False, "errors": [said], "created": False}]
    org.faults.append(Fault("/composite/", response=json_response(body)))
    done = push(connector, new(Title="部長", Phone="03"))["ld_1"]
    assert codes(done) == {"Title": "SALESFORCE_INVALID_FIELD"}
    assert row(org, done.external_id)["Phone"] == "03"


def test_a_request_refused_as_a_whole_is_bisected(
    org: Simulator, connected: Connecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = connected()
    push(connector, new("ld_x"))
    refusal = json_response([{"message": "無効", "errorCode": "JSON_PARSER_ERROR"}], 400)
    admit = org.admit

    def stricter(request: Any) -> None:
        admit(request)
        if "/composite/" in request.path and b'"ld_5"' in request.get_data():
            raise Refusal(refusal)

    monkeypatch.setattr(org, "admit", stricter)
    done = push(connector, *[new(f"ld_{n}") for n in range(8)])
    assert {key for key, o in done.items() if o.status is Status.FAILED} == {"ld_5"}
    assert done["ld_5"].error is not None
    assert done["ld_5"].error.code == "SALESFORCE_JSON_PARSER_ERROR"


def test_an_org_without_the_key_field_is_told_how_to_make_it(
    connected: Connecting, org: Simulator
) -> None:
    org.schema.hide_field("Lead", "Renkei_Id__c")
    known = org.add_lead()
    done = push(connected(), new("ld_1"), update(known, "ld_2", Title="部長"))
    assert done["ld_2"].status is Status.UPDATED
    assert done["ld_1"].error is not None
    assert done["ld_1"].error.code == "SALESFORCE_NO_EXTERNAL_ID_FIELD"
    assert "External ID and Unique" in str(done["ld_1"].error)
    assert writes(org) == 1


def test_a_field_that_is_no_external_id_is_told_as_such(
    connected: Connecting, org: Simulator
) -> None:
    done = push(connected(external_id_field="Title"), new("ld_1"), new("ld_2"))
    assert {o.error.code for o in done.values() if o.error} == {"SALESFORCE_NO_EXTERNAL_ID_FIELD"}


def test_a_used_up_day_stops_a_push_that_has_written_nothing(
    org: Simulator, connected: Connecting
) -> None:
    connector = connected()
    push(connector, new())
    org.use_up_calls()
    with pytest.raises(RateLimited):
        connector.push([new("ld_2")])


def test_a_day_used_up_half_way_keeps_what_was_written(
    org: Simulator, connected: Connecting
) -> None:
    connector = connected()
    push(connector, new("ld_x"))
    org.use_up_calls(left=1)
    done = push(connector, *[new(f"ld_{n}") for n in range(250)])
    written = [o for o in done.values() if o.status is Status.CREATED]
    failed = [o for o in done.values() if o.status is Status.FAILED]
    assert (len(written), len(failed)) == (200, 50)
    assert all(isinstance(outcome.error, RateLimited) for outcome in failed)


def test_an_outage_before_anything_is_written_is_raised(
    org: Simulator, connected: Connecting
) -> None:
    connector = connected()
    push(connector, new())
    body = [{"message": "down", "errorCode": "SERVER_UNAVAILABLE"}]
    org.faults.append(Fault("/composite/", response=json_response(body, 503), times=9))
    with pytest.raises(Unavailable) as caught:
        connector.push([new("ld_2")])
    assert not caught.value.maybe_applied, "the same upsert may simply be sent again"


@pytest.mark.parametrize(
    ("auto_assign", "sent"),
    [(True, None), (False, "FALSE"), ("01Q000000000001", "01Q000000000001")],
)
def test_assignment_rules_run_as_the_operator_says(
    requests: list[Any],
    connected: Connecting,
    auto_assign: bool | str,
    sent: str | None,
) -> None:
    push(connected(auto_assign=auto_assign), new())
    assert requests[-1].headers.get("Sforce-Auto-Assign") == sent
    assert requests[-1].headers.get("Sforce-Call-Options") == "client=renkei"


def test_a_status_that_converts_is_learned_from_the_org(
    org: Simulator, connected: Connecting
) -> None:
    org.schema.set_stages(
        "LeadStatus", Stage("新規", default=True), Stage("商談化", converted=True)
    )
    lead = org.add_lead()
    done = push(connected(), update(lead, Status="商談化", Title="x"))["ld_1"]
    assert codes(done) == {"Status": "SALESFORCE_CONVERTED_STATUS"}
    assert push(connected(), update(lead, Status="新規"))["ld_1"].refused == {}


def test_no_message_of_a_push_holds_a_value(
    org: Simulator, connected: Connecting, api: httpx.Client
) -> None:
    done = push(connected(), new(Email="tanaka(at)a.example", FirstName="田" * 60))["ld_1"]
    told = " ".join(str(error) for error in done.refused.values())
    assert "tanaka" not in told
    assert "田" not in told


def test_a_day_used_up_between_two_attempts_keeps_what_was_written(
    org: Simulator, connected: Connecting
) -> None:
    lead = org.add_lead()
    org.convert_lead(lead)
    connector = connected()
    push(connector, new("ld_x"))
    org.use_up_calls(left=2)  # a create and an update; the look-up of the contact is one too many
    done = push(connector, new("ld_1"), update(lead, "ld_2", Title="部長"))
    assert done["ld_1"].status is Status.CREATED
    assert isinstance(done["ld_2"].error, RateLimited)
