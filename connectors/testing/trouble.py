"""Contract: what goes wrong is told by the right error, and no message holds a secret."""

# ruff: noqa: S101 - a test suite asserts
from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from connectors.kit.base import Pulls
from connectors.kit.errors import (
    AuthFailed,
    ConnectorError,
    ContractBroken,
    RateLimited,
    Unavailable,
)
from connectors.kit.simulator import Response, json_response
from connectors.testing.bench import EMAIL, PLANTED, Bench, records_of, troubles

__all__ = [
    "test_a_page_of_html_is_a_broken_contract",
    "test_a_short_outage_is_waited_out_when_reading",
    "test_an_outage_is_told_as_one",
    "test_no_secret_and_no_address_is_told",
    "test_revoked_credentials_are_told_as_such",
    "test_slow_down_until_a_date_is_understood",
    "test_slow_down_with_seconds_is_understood",
]

SECONDS = 37
UNTIL = 120


def use(bench: Bench) -> None:
    """Talk to the vendor in the simplest way the connector has."""
    connector = bench.connector()
    if isinstance(connector, Pulls):
        for stream in bench.rehearsal.streams:
            for _ in connector.pull(stream, None):
                pass
        return
    for error in troubles(bench.pushes().push(bench.changes(1))):
        raise error


def test_revoked_credentials_are_told_as_such(bench: Bench) -> None:
    revoke = bench.need(bench.rehearsal.revoke, "revoke", "the rehearsal's revoke()")
    bench.rehearsal.seed(1)
    use(bench)
    revoke()
    with pytest.raises(AuthFailed):
        use(bench)


def test_slow_down_with_seconds_is_understood(bench: Bench) -> None:
    bench.simulator("rate_limit")
    use(bench)
    headers = {"retry-after": str(SECONDS)}
    bench.plant(json_response({"message": "slow down"}, 429, headers), "rate_limit")
    with pytest.raises(RateLimited) as caught:
        use(bench)
    assert SECONDS <= caught.value.retry_after <= SECONDS + 10


def test_slow_down_until_a_date_is_understood(bench: Bench) -> None:
    simulator = bench.simulator("rate_limit")
    use(bench)
    until = simulator.now() + timedelta(seconds=UNTIL)
    headers = {"retry-after": until.strftime("%a, %d %b %Y %H:%M:%S GMT")}
    bench.plant(json_response({"message": "slow down"}, 429, headers), "rate_limit")
    with pytest.raises(RateLimited) as caught:
        use(bench)
    assert UNTIL - 10 <= caught.value.retry_after <= UNTIL + 10


def test_a_short_outage_is_waited_out_when_reading(bench: Bench) -> None:
    bench.simulator("unavailable")
    bench.pulls()
    bench.rehearsal.seed(PLANTED)
    whole = bench.alive()
    bench.plant(Response("busy", 503), "unavailable", times=1)
    assert bench.alive() == whole
    assert sum(bench.sleeps) <= 60, "a reader waits for minutes inside a call"


def test_an_outage_is_told_as_one(bench: Bench) -> None:
    bench.simulator("unavailable")
    use(bench)
    bench.plant(Response("<h1>Bad gateway</h1>", 502, content_type="text/html"), "unavailable")
    with pytest.raises(Unavailable):
        use(bench)


def test_a_page_of_html_is_a_broken_contract(bench: Bench) -> None:
    bench.simulator("html")
    bench.pulls()
    bench.rehearsal.seed(2)
    use(bench)
    page = Response("<html><body>Maintenance</body></html>", 200, content_type="text/html")
    bench.plant(page, "html")
    with pytest.raises(ContractBroken):
        use(bench)


def test_no_secret_and_no_address_is_told(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    options = bench.options()
    told = [repr(options), str(options), repr(bench.connector()), str(bench.connector())]
    caplog.set_level(logging.DEBUG)
    bench.rehearsal.seed(3)
    people = _people(bench)
    if bench.rehearsal.unknown_field is not None:
        told += [str(e) for e in troubles(bench.pushes().push([bench.rehearsal.unknown_field()]))]
    if bench.rehearsal.revoke is not None:
        bench.rehearsal.revoke()
        told.append(_trouble(bench))
    if bench.rehearsal.simulator is not None:
        for answer in (Response("<html>", 500), json_response({"error": "bad"}, 400)):
            bench.plant(answer, "simulator", times=50)
            told.append(_trouble(bench))
            bench.rehearsal.simulator.faults.clear()
    everything = "\n".join([*told, caplog.text])
    for secret in bench.secrets():
        if secret in everything:
            bench.fail("a secret of the options is in a repr, a message or a log line")
    found = sorted(people & set(EMAIL.findall(everything)))
    assert not found, f"{len(found)} addresses of people are in a message or a log line"


def _trouble(bench: Bench) -> str:
    try:
        use(bench)
    except ConnectorError as error:
        return f"{error} {error!r}"
    return ""


def _people(bench: Bench) -> set[str]:
    """The addresses of everybody at the vendor, read once, so that the log has seen them pass."""
    connector = bench.connector()
    if not isinstance(connector, Pulls):
        return {found for change in bench.changes(3) for found in EMAIL.findall(str(change))}
    return {
        found
        for pages in bench.all_pages().values()
        for record in records_of(pages)
        for found in EMAIL.findall(str(record.payload))
    }
