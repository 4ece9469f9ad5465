"""What a pull of attendance and of calls brings, window by window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit.base import Page, Record, Ref
from connectors.zoom import Connector
from connectors.zoom.api import in_path, windows
from connectors.zoom.simulator import HOST, Simulator

Wire = Callable[..., Connector]
WEBINARS = "webinar_registrants"
CAME = "webinar_participants"


def records(pages: Any) -> list[Record]:
    return [record for page in pages for record in page.records]


def pull(connector: Connector, stream: str, cursor: str | None = None) -> list[Page]:
    return list(connector.pull(stream, cursor))


@pytest.fixture
def webinar(simulator: Simulator, clock: Any) -> str:
    return simulator.schedule("webinar", "SaaSセミナー", clock() + timedelta(days=3))


# -- who came -----------------------------------------------------------------------------------


def test_the_times_of_one_person_are_summed(
    wire: Wire, simulator: Simulator, webinar: str, clock: Any
) -> None:
    uuid = simulator.hold(webinar, clock() - timedelta(hours=2))
    simulator.attend(uuid, registrant_id="r1", email="ITO@sakura.example", seconds=600)
    simulator.attend(uuid, email="ito@sakura.example", after=900, seconds=60)
    simulator.attend(uuid, registrant_id="r1", after=1200, seconds=300)
    (record,) = records(pull(wire(), CAME))
    assert record.external_id == f"{uuid}:r1"
    assert record.refs == (Ref(WEBINARS, f"{webinar}:r1"),)
    payload = record.payload
    assert (payload["seconds"], payload["sessions"]) == (960, 3)
    assert payload["user_email"] == "ito@sakura.example"
    assert (payload["join_time"], payload["leave_time"]) == (
        "2026-03-31T22:00:00Z",
        "2026-03-31T22:25:00Z",
    )


def test_somebody_known_by_address_only_has_no_address_in_the_id(
    wire: Wire, simulator: Simulator, webinar: str, clock: Any
) -> None:
    uuid = simulator.hold(webinar, clock() - timedelta(hours=2))
    simulator.attend(uuid, email="ito@sakura.example")
    (record,) = records(pull(wire(), CAME))
    assert (record.refs, "ito" in record.external_id) == ((), False)
    assert record.payload["user_email"] == "ito@sakura.example"


def test_our_own_people_and_unknown_guests_are_no_activities(
    wire: Wire, simulator: Simulator, webinar: str, clock: Any
) -> None:
    uuid = simulator.hold(webinar, clock() - timedelta(hours=2))
    simulator.attend(uuid, name="ゲスト")
    simulator.attend(uuid, email="Eigyo@Mihon.example")
    simulator.attend(uuid, email="ito@sakura.example")
    assert len(records(pull(wire(), CAME))) == 2, "the host is left out in any case"
    (record,) = records(pull(wire(internal_domains=["MIHON.example"]), CAME))
    assert record.payload["user_email"] == "ito@sakura.example"


def test_webinars_and_meetings_are_told_apart_by_type(
    wire: Wire, simulator: Simulator, webinar: str, clock: Any
) -> None:
    meeting = simulator.schedule("meeting", "商談", clock() + timedelta(days=1))
    for event in (webinar, meeting):
        uuid = simulator.hold(event, clock() - timedelta(hours=2))
        simulator.attend(uuid, email="ito@sakura.example")
    (came,) = records(pull(wire(), CAME))
    (met,) = records(pull(wire(), "meeting_participants"))
    assert (came.payload["event"]["id"], met.payload["event"]["id"]) == (webinar, meeting)
    assert (came.payload["event"]["kind"], met.payload["event"]["kind"]) == ("webinar", "meeting")


@pytest.mark.parametrize("uuid", ["/begins==", "two//slashes==", "one/slash+plus=="])
def test_a_uuid_with_slashes_is_found(
    wire: Wire, simulator: Simulator, webinar: str, clock: Any, uuid: str
) -> None:
    simulator.hold(webinar, clock() - timedelta(hours=2), uuid=uuid)
    simulator.attend(uuid, email="ito@sakura.example")
    (record,) = records(pull(wire(), CAME))
    assert record.external_id.startswith(f"{uuid}:")


@pytest.mark.parametrize(
    ("uuid", "path"),
    [
        pytest.param("abc==", "abc%3D%3D", id="plain"),
        pytest.param("a/b+c", "a%2Fb%2Bc", id="a slash inside"),
        pytest.param("/ab", "%252Fab", id="a slash first"),
        pytest.param("a//b", "a%252F%252Fb", id="two slashes"),
    ],
)
def test_a_uuid_is_encoded_twice_only_where_it_must_be(uuid: str, path: str) -> None:
    assert in_path(uuid) == path


def test_a_report_that_is_late_or_grows_comes_with_a_later_round(
    wire: Wire, simulator: Simulator, webinar: str, clock: Any
) -> None:
    simulator.report_delay = 3600
    uuid = simulator.hold(webinar, clock() - timedelta(minutes=70))
    simulator.attend(uuid, registrant_id="r1", seconds=600)
    connector = wire()
    first = pull(connector, CAME)
    assert records(first) == []
    clock.forward(hours=1)
    second = pull(connector, CAME, first[-1].cursor)
    assert [record.payload["seconds"] for record in records(second)] == [600]
    simulator.attend(uuid, registrant_id="r1", after=1200, seconds=300)
    clock.forward(hours=1)
    third = pull(connector, CAME, second[-1].cursor)
    assert [record.payload["seconds"] for record in records(third)] == [900]
    clock.forward(hours=25)
    fourth = pull(connector, CAME, third[-1].cursor)
    assert len(records(fourth)) == 1, "nobody had looked for a day"
    assert records(pull(connector, CAME, fourth[-1].cursor)) == []


def test_history_is_read_by_windows_below_a_month(
    wire: Wire, simulator: Simulator, webinar: str, clock: Any
) -> None:
    for days in (2, 50, 100, 170):
        uuid = simulator.hold(webinar, clock() - timedelta(days=days))
        simulator.attend(uuid, email="ito@sakura.example")
    assert len(records(pull(wire(history_days=180), CAME))) == 4
    assert len(records(pull(wire(), CAME))) == 1


def test_every_instance_is_in_one_window_whatever_its_day(
    wire: Wire, simulator: Simulator, webinar: str, clock: Any
) -> None:
    for days in range(20, 40):
        uuid = simulator.hold(webinar, clock() - timedelta(days=days))
        simulator.attend(uuid, email="ito@sakura.example")
    found = [record.external_id for record in records(pull(wire(history_days=60), CAME))]
    assert len(found) == len(set(found)) == 20


@given(st.integers(0, 400), st.integers(1, 31))
def test_windows_cover_the_time_without_a_gap(days: int, size: int) -> None:
    first = datetime(2026, 1, 31, 13, tzinfo=UTC)
    last = first + timedelta(days=days)
    pieces = list(windows(first, last, timedelta(days=size)))
    ends = [end for _, end in pieces]
    assert [begin for begin, _ in pieces] == [first, *ends][: len(pieces)]
    assert (ends[-1] if ends else first) == last
    assert all(end - begin <= timedelta(days=size) for begin, end in pieces)


# -- calls --------------------------------------------------------------------------------------


def test_calls_of_two_months_come_by_windows(wire: Wire, simulator: Simulator, clock: Any) -> None:
    made = {simulator.call("+81398765432", at=clock() - timedelta(days=d)) for d in (1, 40, 60)}
    calls = records(pull(wire(read=["calls"], history_days=90), "calls"))
    assert {record.external_id for record in calls} == made


def test_a_call_is_seen_from_its_outer_side(wire: Wire, simulator: Simulator, clock: Any) -> None:
    simulator.call("+81398765432", at=clock() - timedelta(minutes=9), email="ito@sakura.example")
    simulator.call(
        "+819011112222",
        at=clock() - timedelta(minutes=8),
        direction="inbound",
        talked=None,
        result="no_answer",
    )
    connector = wire(read=["calls"])
    inbound, outbound = (
        connector.flatten("calls", one.payload) for one in records(pull(connector, "calls"))
    )
    assert (outbound["person.number"], outbound["person.email"]) == (
        "+81398765432",
        "ito@sakura.example",
    )
    assert (outbound["agent.email"], outbound["talk_seconds"], outbound["missed"]) == (
        HOST,
        180,
        False,
    )
    assert (inbound["person.number"], inbound["talk_seconds"], inbound["missed"]) == (
        "+819011112222",
        0,
        True,
    )


def test_calls_between_colleagues_are_passed_over(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    simulator.call("101", at=clock() - timedelta(minutes=9), internal=True)
    assert records(pull(wire(read=["calls"]), "calls")) == []


@pytest.mark.parametrize("name", ["call_logs", "call_history"])
def test_either_name_of_the_list_gives_the_same_id(
    wire: Wire, simulator: Simulator, clock: Any, name: str
) -> None:
    simulator.call_list = name
    own = simulator.call("+81398765432", at=clock() - timedelta(minutes=9))
    connector = wire(read=["calls"])
    (record,) = records(pull(connector, "calls"))
    (fetched,) = connector.fetch("calls", [own])
    assert record.external_id == own
    assert fetched.payload == record.payload


def test_a_call_that_is_seen_late_comes_with_the_next_round(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    simulator.call_lag = 1800
    own = simulator.call("+81398765432", at=clock() - timedelta(minutes=9))
    connector = wire(read=["calls"])
    first = pull(connector, "calls")
    clock.forward(minutes=40)
    second = records(pull(connector, "calls", first[-1].cursor))
    assert (records(first), [record.external_id for record in second]) == ([], [own])


def test_a_deleted_call_is_gone_when_asked_for(wire: Wire, simulator: Simulator) -> None:
    own = simulator.call("+81398765432")
    simulator.delete_call(own)
    (record,) = wire(read=["calls"]).fetch("calls", [own])
    assert record.deleted
