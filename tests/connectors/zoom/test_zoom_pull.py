"""What a pull of registrants brings, round by round, and what stops it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connectors.kit.base import Page, Record
from connectors.kit.errors import AuthFailed, ContractBroken, RateLimited, Unavailable
from connectors.kit.simulator import Fault, json_response
from connectors.zoom import Connector
from connectors.zoom.simulator import HOST, Simulator

Wire = Callable[..., Connector]
WEBINARS = "webinar_registrants"
CAME = "webinar_participants"
PERSON: Any = {"first_name": "恵", "last_name": "伊藤"}
EXPIRED = {"code": 300, "message": "The next page token is invalid or expired."}


def records(pages: Any) -> list[Record]:
    return [record for page in pages for record in page.records]


def pull(connector: Connector, stream: str, cursor: str | None = None) -> list[Page]:
    return list(connector.pull(stream, cursor))


@pytest.fixture
def webinar(simulator: Simulator, clock: Any) -> str:
    return simulator.schedule("webinar", "SaaSセミナー", clock() + timedelta(days=3))


# -- registrants --------------------------------------------------------------------------------


def test_a_registrant_comes_with_what_it_is_for(
    wire: Wire, simulator: Simulator, webinar: str
) -> None:
    simulator.events[webinar]["questions"] = [{"title": "課題", "type": "short", "required": False}]
    own = simulator.register(
        webinar, "ito@sakura.example", "恵", "伊藤", answers={"課題": "工数削減"}, org="桜商事"
    )
    (record,) = records(pull(wire(), WEBINARS))
    assert (record.external_id, record.deleted) == (f"{webinar}:{own}", False)
    assert record.changed_at == simulator.now()
    flat = wire().flatten(WEBINARS, record.payload)
    assert (flat["email"], flat["org"]) == ("ito@sakura.example", "桜商事")
    assert (flat["question.課題"], flat["event.topic"]) == ("工数削減", "SaaSセミナー")
    assert (flat["event.start_time"], flat["event.timezone"]) == (
        "2026-04-04T00:00:00Z",
        "Asia/Tokyo",
    )
    assert "join_url" not in flat


def test_registrants_of_every_status_come(wire: Wire, simulator: Simulator, clock: Any) -> None:
    event = simulator.schedule("meeting", "相談会", clock() + timedelta(days=1), approval_type=1)
    for action in ("", "approve", "deny"):
        own = simulator.register(event, f"{action or 'wait'}@a.example", **PERSON)
        if action:
            simulator.decide(event, own, action)
    found = records(pull(wire(), "meeting_registrants"))
    assert {record.payload["status"] for record in found} == {"pending", "approved", "denied"}


def test_one_person_at_two_events_is_two_records(
    wire: Wire, simulator: Simulator, webinar: str, clock: Any
) -> None:
    second = simulator.schedule("webinar", "続き", clock() + timedelta(days=5))
    for event in (webinar, second):
        simulator.register(event, "ito@sakura.example", **PERSON)
    found = {record.external_id.partition(":")[0] for record in records(pull(wire(), WEBINARS))}
    assert found == {webinar, second}


def test_events_without_registration_and_deleted_ones_are_passed_over(
    wire: Wire, simulator: Simulator, webinar: str, clock: Any
) -> None:
    for kind in ("webinar", "meeting"):
        simulator.schedule(kind, "社内", clock() + timedelta(days=1), approval_type=2)
    simulator.register(webinar, "ito@sakura.example", **PERSON)
    assert len(records(pull(wire(), WEBINARS))) == 1
    assert records(pull(wire(), "meeting_registrants")) == []
    gone = simulator.schedule("webinar", "中止", clock() + timedelta(days=1))
    pages = wire().pull(WEBINARS, None)
    first = next(pages)
    simulator.unschedule(gone)
    assert len(records([first, *pages])) == 1


def test_what_is_over_for_a_day_is_not_read_again(
    wire: Wire, simulator: Simulator, webinar: str, clock: Any
) -> None:
    connector = wire()
    simulator.register(webinar, "ito@sakura.example", **PERSON)
    cursor = pull(connector, WEBINARS)[-1].cursor
    clock.forward(days=4)
    pages = pull(connector, WEBINARS, cursor)
    assert len(records(pages)) == 1, "it ended since the last round"
    clock.forward(hours=25)
    later = pull(connector, WEBINARS, pages[-1].cursor)
    assert len(records(later)) == 1, "the last round was within a day of its end"
    clock.forward(hours=1)
    before = len(simulator.seen)
    assert records(pull(connector, WEBINARS, later[-1].cursor)) == []
    assert not [seen for seen in simulator.seen[before:] if "/registrants" in seen.path]


def test_an_event_at_no_fixed_time_is_always_open(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    event = simulator.schedule("meeting", "定例", None)
    connector = wire()
    cursor = pull(connector, "meeting_registrants")[-1].cursor
    clock.forward(days=90)
    simulator.register(event, "ito@sakura.example", **PERSON)
    assert len(records(pull(connector, "meeting_registrants", cursor))) == 1


def test_a_registration_that_was_not_visible_comes_with_the_next_round(
    wire: Wire, simulator: Simulator, webinar: str, clock: Any
) -> None:
    simulator.lag = 600
    own = simulator.register(webinar, "ito@sakura.example", **PERSON)
    connector = wire()
    first = pull(connector, WEBINARS)
    clock.forward(minutes=10)
    second = records(pull(connector, WEBINARS, first[-1].cursor))
    assert (records(first), [record.external_id for record in second]) == ([], [f"{webinar}:{own}"])


def test_a_round_goes_on_from_the_event_it_was_in(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    events = [
        simulator.schedule("webinar", f"第{n}回", clock() + timedelta(days=n)) for n in range(1, 4)
    ]
    for event in events:
        simulator.register(event, "ito@sakura.example", **PERSON)
    pages = wire().pull(WEBINARS, None)
    next(pages)
    half = next(pages)
    before = len(simulator.seen)
    rest = records(pull(wire(), WEBINARS, half.cursor))
    assert [record.external_id.partition(":")[0] for record in rest] == events[1:]
    assert not [seen for seen in simulator.seen[before:] if events[0] in seen.path]


def test_a_page_token_that_expired_begins_the_list_again(
    wire: Wire, simulator: Simulator, webinar: str, clock: Any
) -> None:
    for number in range(25):
        simulator.register(webinar, f"p{number}@a.example", **PERSON)
    pages = wire(page_size=10).pull(WEBINARS, None)
    first = next(pages)
    clock.forward(minutes=16)
    found = {record.external_id for record in records([first, *pages])}
    assert len(found) == 25


def test_page_tokens_that_always_expire_are_tried_again_later(
    wire: Wire, simulator: Simulator, webinar: str
) -> None:
    for number in range(25):
        simulator.register(webinar, f"p{number}@a.example", **PERSON)
    simulator.faults.append(Fault("/registrants", response=json_response(EXPIRED, 400), times=9))
    with pytest.raises(Unavailable) as caught:
        pull(wire(page_size=10), WEBINARS)
    assert caught.value.code == "ZOOM_PAGE_EXPIRED"


def test_all_pages_of_webinars_are_read_by_number(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    for number in range(5):
        event = simulator.schedule("webinar", "回", clock() + timedelta(days=1 + number))
        simulator.register(event, "ito@sakura.example", **PERSON)
    assert len(records(pull(wire(page_size=2), WEBINARS))) == 5


def test_events_of_two_hosts_come_once_each(
    wire: Wire, simulator: Simulator, webinar: str, clock: Any
) -> None:
    user = simulator.add_user("second@mihon.example")
    other = simulator.schedule(
        "webinar", "大阪", clock() + timedelta(days=2), host="second@mihon.example"
    )
    for event in (webinar, other):
        simulator.register(event, "ito@sakura.example", **PERSON)
    both = wire(hosts=[HOST, "second@mihon.example", user])
    assert len(records(pull(both, WEBINARS))) == 2


def test_a_cancelled_registration_is_gone_when_asked_for(
    wire: Wire, simulator: Simulator, webinar: str
) -> None:
    stays = simulator.register(webinar, "ito@sakura.example", **PERSON)
    goes = simulator.register(webinar, "kato@sakura.example", **PERSON)
    simulator.decide(webinar, goes, "cancel")
    wanted = [f"{webinar}:{stays}", f"{webinar}:{goes}", "999:x", "nonsense"]
    found = wire().fetch(WEBINARS, wanted)
    assert [(one.external_id, one.deleted) for one in found] == [
        (wanted[0], False),
        *((own, True) for own in wanted[1:]),
    ]
    (pulled,) = records(pull(wire(), WEBINARS))
    assert found[0].payload == pulled.payload


def test_a_whole_name_in_the_given_one_is_a_full_name(wire: Wire) -> None:
    flat = wire().flatten(WEBINARS, {"first_name": "伊藤 恵", "last_name": ""})
    assert flat["full_name"] == "伊藤 恵"
    assert "first_name" not in flat


# -- what goes wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cursor", ["x", "[1]", '{"since":"yesterday"}', '{"since":3}', '{"unknown":"x"}', '"x"']
)
def test_a_cursor_of_somebody_else_is_refused(wire: Wire, cursor: str) -> None:
    with pytest.raises(ContractBroken) as caught:
        pull(wire(), WEBINARS, cursor)
    assert caught.value.code == "ZOOM_CURSOR"


def test_a_stream_that_is_none_is_refused(wire: Wire) -> None:
    for stream in ("people", f"{WEBINARS}:123"):
        with pytest.raises(ContractBroken):
            pull(wire(), stream)


def test_a_plan_that_is_missing_stops_with_what_to_do(wire: Wire, simulator: Simulator) -> None:
    simulator.webinar_plan = False
    with pytest.raises(AuthFailed, match="read") as caught:
        pull(wire(), WEBINARS)
    assert caught.value.code == "ZOOM_NOT_ALLOWED"


def test_the_day_that_is_used_up_is_waited_for_until_utc_midnight(wire: Wire, clock: Any) -> None:
    for headers in (True, False):
        account = Simulator(now=clock, limits=None, day_limits={"HEAVY": 0}, rate_headers=headers)
        with pytest.raises(RateLimited) as caught:
            pull(wire(account), CAME)
        assert caught.value.code == "ZOOM_DAILY_LIMIT"
        assert caught.value.retry_after == pytest.approx(86_400, abs=1)
        account.close()


def test_the_second_that_is_used_up_is_waited_out(wire: Wire, clock: Any) -> None:
    account = Simulator(now=clock, limits={"MEDIUM": 1})
    event = account.schedule("webinar", "混雑", clock() + timedelta(days=1))
    account.register(event, "ito@sakura.example", **PERSON)
    assert len(records(pull(wire(account), WEBINARS))) == 1
    assert 429 in {seen.status for seen in account.seen}
    account.close()
