"""The session: what is retried, what is waited for, what is told, and what is never told."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
import respx
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.kit.auth import Bearer
from connectors.kit.errors import (
    AuthFailed,
    Conflict,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordGone,
    RecordRejected,
    Unavailable,
)
from connectors.kit.limits import hubspot_daily, rate_limit_headers, sforce_limit_info
from connectors.kit.reply import LONGEST_RETRY_AFTER
from connectors.kit.session import Quota, Reply, Session, Throttle, retry_after, shown_path

BASE = "https://api.vendor.example/v1"


def make(sleeps: list[float] | None = None, **options: object) -> Session:
    waits = [] if sleeps is None else sleeps
    return Session(connection="crm-jp", base_url=BASE, sleep=waits.append, **options)  # type: ignore[arg-type]


@pytest.fixture
def vendor() -> respx.MockRouter:
    return respx.mock(base_url=BASE, assert_all_called=False)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, RecordRejected),
        (401, AuthFailed),
        (403, AuthFailed),
        (404, RecordGone),
        (409, Conflict),
        (410, RecordGone),
        (412, Conflict),
        (422, RecordRejected),
        (423, Unavailable),
        (429, RateLimited),
        (302, ContractBroken),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_a_status_becomes_the_error_the_engine_knows(
    vendor: respx.MockRouter, status: int, error: type[ConnectorError]
) -> None:
    with vendor:
        vendor.post("/leads").respond(status, headers={"retry-after": "60"})
        with pytest.raises(error) as caught:
            make().post("/leads", json={"email": "taro@midori.example"})
    assert type(caught.value) is error
    assert "crm-jp" in str(caught.value)
    assert "taro" not in str(caught.value)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_read_is_tried_again_for_a_moment(vendor: respx.MockRouter, status: int) -> None:
    sleeps: list[float] = []
    with vendor:
        route = vendor.get("/leads")
        route.side_effect = [httpx.Response(status), httpx.Response(status), httpx.Response(200)]
        assert make(sleeps).get("/leads").status == 200
    assert route.call_count == 3
    assert len(sleeps) == 2
    assert max(sleeps) <= 2.0


def test_a_write_is_sent_once_and_its_fate_is_unknown(vendor: respx.MockRouter) -> None:
    with vendor:
        route = vendor.post("/leads").respond(503)
        with pytest.raises(Unavailable) as caught:
            make().post("/leads", json={})
    assert route.call_count == 1
    assert caught.value.maybe_applied


def test_a_post_that_only_reads_is_tried_again(vendor: respx.MockRouter) -> None:
    with vendor:
        route = vendor.post("/search")
        route.side_effect = [httpx.ReadTimeout("slow"), httpx.Response(200)]
        assert make().post("/search", json={}, safe=True).status == 200


@pytest.mark.parametrize("failure", [httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError])
def test_a_lost_answer_to_a_write_is_said(
    vendor: respx.MockRouter, failure: type[httpx.TransportError]
) -> None:
    with vendor:
        route = vendor.post("/leads").mock(side_effect=failure("gone"))
        with pytest.raises(Unavailable) as caught:
            make().post("/leads", json={})
    assert route.call_count == 1
    assert caught.value.maybe_applied
    assert caught.value.code == "NO_ANSWER"


@pytest.mark.parametrize("failure", [httpx.ConnectError, httpx.ConnectTimeout])
def test_a_write_that_never_left_is_tried_again(
    vendor: respx.MockRouter, failure: type[httpx.TransportError]
) -> None:
    with vendor:
        route = vendor.post("/leads").mock(side_effect=failure("no route"))
        with pytest.raises(Unavailable, match=r"could not reach api\.vendor\.example") as caught:
            make().post("/leads", json={})
    assert route.call_count == 3
    assert not caught.value.maybe_applied


def test_a_request_that_cannot_be_made_is_no_outage(vendor: respx.MockRouter) -> None:
    session = Session(connection="crm-jp", base_url="ftp://files.example")
    with pytest.raises(ContractBroken, match="base URL"):
        session.post("/leads", json={})
    with pytest.raises(ContractBroken, match="base URL"):
        make().get("https://vendor.example:port/leads")


def test_a_short_wait_is_waited_inside_the_call(vendor: respx.MockRouter) -> None:
    sleeps: list[float] = []
    with vendor:
        route = vendor.post("/leads")
        slow = httpx.Response(429, headers={"retry-after": "1.5"})
        route.side_effect = [slow, httpx.Response(201)]
        assert make(sleeps).post("/leads", json={}).status == 201
    assert sleeps == [1.5]


def test_a_long_wait_is_the_engines(vendor: respx.MockRouter) -> None:
    sleeps: list[float] = []
    with vendor:
        route = vendor.get("/leads").respond(429, headers={"retry-after": "90"})
        with pytest.raises(RateLimited) as caught:
            make(sleeps).get("/leads")
    assert caught.value.retry_after == 90
    assert route.call_count == 1
    assert sleeps == []


@pytest.mark.parametrize(
    "headers",
    [
        {"x-wait": "45"},
        {"retry-after": "45"},
        {"x-wait": "45", "retry-after": "3"},
    ],
)
def test_a_vendors_own_wait_header_goes_before_the_standard_one(
    vendor: respx.MockRouter, headers: dict[str, str]
) -> None:
    with vendor:
        vendor.get("/leads").respond(429, headers=headers)
        with pytest.raises(RateLimited) as caught:
            make(retry_after_header="x-wait").get("/leads")
    assert caught.value.retry_after == 45


NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0.5 ", 0.5),
        ("-3", 0.0),
        ("inf", LONGEST_RETRY_AFTER),
        ("nan", None),
        ("", None),
        ("soon", None),
        ("Sun, 22 Nov 2026 06:02:00 GMT", 120.0),
        ("Sun, 22 Nov 2026 05:00:00 GMT", 0.0),
        ("2026-11-22T06:02:00Z", 120.0),
        ("2026-11-22T15:02:00+09:00", 120.0),
        ("Sun, 22 Nov 2096 06:02:00 GMT", LONGEST_RETRY_AFTER),
    ],
)
def test_retry_after_is_read_in_every_form(value: str, seconds: float | None) -> None:
    headers = {"retry-after": value, "date": format_datetime(NOW, usegmt=True)}
    assert retry_after(headers) == seconds


def test_without_a_date_header_our_own_clock_counts() -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    found = retry_after({"retry-after": until})
    assert found is not None
    assert 90 <= found <= 100


@given(value=st.text(max_size=60), date=st.text(max_size=40))
@example(value="Mon, 99 Abc 99999999999999999999 99:99:99 +9999", date="")
@example(value="Sun, 01 Jan 0001 00:00:00 +2359", date="Fri, 31 Dec 9999 23:59:59 -2359")
@example(value="٣", date="x")
def test_no_retry_after_can_break_the_session(value: str, date: str) -> None:
    found = retry_after({"retry-after": value, "date": date})
    assert found is None or 0 <= found <= LONGEST_RETRY_AFTER


def test_the_vendors_translation_goes_first(vendor: respx.MockRouter) -> None:
    def translate(reply: Reply) -> ConnectorError | None:
        word = reply.json()["code"]
        return RateLimited("daily", retry_after=3600, code="DAILY") if word == "DAY" else None

    with vendor:
        vendor.get("/a").respond(403, json={"code": "DAY"})
        vendor.get("/b").respond(403, json={"code": "OTHER"})
        vendor.get("/c").respond(502, html="<h1>Bad gateway</h1>")
        with pytest.raises(RateLimited):
            make(translate=translate).get("/a")
        with pytest.raises(AuthFailed):
            make(translate=translate).get("/b")
        with pytest.raises(Unavailable):
            make(translate=translate).get("/c")


def test_statuses_that_the_caller_reads_are_not_raised(vendor: respx.MockRouter) -> None:
    with vendor:
        vendor.get("/leads").respond(304)
        assert make().get("/leads", accept=(304,)).status == 304


def test_a_body_that_is_no_json_breaks_the_contract(vendor: respx.MockRouter) -> None:
    with vendor:
        vendor.get("/leads").respond(200, html="<p>taro@midori.example</p>")
        with pytest.raises(ContractBroken, match=r"text/html.*, 26 bytes") as caught:
            make().get("/leads").json()
    assert "taro" not in str(caught.value)


def test_what_is_left_of_the_quota_is_read_from_every_answer(vendor: respx.MockRouter) -> None:
    session = make(read_quota=sforce_limit_info)
    with vendor:
        vendor.get("/a").respond(200, headers={"Sforce-Limit-Info": "api-usage=24/15000"})
        vendor.get("/b").respond(200)
        session.get("/a")
        session.get("/b")
    assert session.quota == Quota(14976, 15000)


@pytest.mark.parametrize(
    ("read", "headers", "quota"),
    [
        (sforce_limit_info, {"sforce-limit-info": "api-usage=16/15"}, Quota(0, 15)),
        (sforce_limit_info, {"sforce-limit-info": "per-app=1/2"}, None),
        (
            hubspot_daily,
            {"x-hubspot-ratelimit-daily-remaining": "9", "x-hubspot-ratelimit-daily": "10"},
            Quota(9, 10),
        ),
        (rate_limit_headers("Left", None), {"left": "10, 100;w=60"}, Quota(10, None)),
        (rate_limit_headers(), {"x-ratelimit-remaining": "many"}, None),
    ],
)
def test_quota_headers_are_read(
    read: Callable[[dict[str, str]], Quota | None], headers: dict[str, str], quota: Quota | None
) -> None:
    assert read(headers) == quota


def test_no_log_line_holds_a_secret_a_query_or_an_address(
    vendor: respx.MockRouter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    session = make(auth=Bearer("token-himitsu"))
    with vendor:
        vendor.get("/people/taro@midori.example").respond(200)
        vendor.get("/people/hanako%40midori.example").respond(404)
        session.get("/people/taro@midori.example", params={"key": "key-himitsu"})
        with pytest.raises(RecordGone) as caught:
            session.get("/people/hanako%40midori.example")
    told = caplog.text + str(caught.value) + repr(session) + repr(caught.value)
    assert "crm-jp" in caplog.text
    assert not [word for word in ("himitsu", "taro", "hanako") if word in told]


def test_an_answer_does_not_show_its_body_when_printed() -> None:
    reply = Reply(200, {"set-cookie": "himitsu"}, b"taro", "https://v.example/?key=himitsu", "GET")
    assert "himitsu" not in repr(reply)
    assert "taro" not in repr(reply)


def test_a_shown_path_has_neither_query_nor_address() -> None:
    assert shown_path("https://v.example/c/taro%40x.example/notes?key=1") == "/c/…/notes"


@pytest.mark.parametrize(("rate", "per"), [(2, 1.0), (5, 1.0), (100, 1.0), (190, 10.0)])
def test_a_throttle_never_lets_more_than_the_rate_go_in_any_window(rate: int, per: float) -> None:
    moment = 100.0

    def sleep(seconds: float) -> None:
        nonlocal moment
        moment += seconds

    throttle = Throttle(rate, per, clock=lambda: moment, sleep=sleep)
    times = []
    for _ in range(3 * rate):
        throttle.wait()
        times.append(moment)
    for start in times:
        assert sum(start <= time < start + per - 1e-6 for time in times) <= rate
    assert times[-1] - times[0] <= 3.4 * per


def test_a_throttle_lets_a_small_burst_go_at_once() -> None:
    sleeps: list[float] = []
    throttle = Throttle(190, 10.0, clock=lambda: 100.0, sleep=sleeps.append)
    for _ in range(10):
        throttle.wait()
    assert sleeps == []


def test_a_throttle_that_is_told_to_pause_holds_everybody() -> None:
    sleeps: list[float] = []
    throttle = Throttle(100, 1.0, clock=lambda: 100.0, sleep=sleeps.append)
    throttle.pause(2.0)
    throttle.wait()
    throttle.wait()
    assert sleeps == pytest.approx([2.0, 2.0 + 1 / 90])


def test_the_vendors_clock_is_compared_with_ours(vendor: respx.MockRouter) -> None:
    session = make()
    ahead = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    with vendor:
        vendor.get("/a").respond(200, headers={"date": ahead})
        session.get("/a")
    assert session.clock_offset == pytest.approx(600, abs=5)


@given(junk=st.text(max_size=80))
def test_no_quota_header_can_break_the_session(junk: str) -> None:
    for read in (sforce_limit_info, hubspot_daily, rate_limit_headers("a", "b")):
        quota = read(
            {
                "sforce-limit-info": junk,
                "x-hubspot-ratelimit-daily-remaining": junk,
                "a": junk,
                "b": junk,
            }
        )
        assert quota is None or (quota.left is not None and quota.left >= 0)
