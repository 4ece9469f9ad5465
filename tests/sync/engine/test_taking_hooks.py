"""Stored webhooks become inbox rows once, whatever happens on the way."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from connectors.kit.base import Hook, News, Record, Ref
from connectors.kit.errors import AuthFailed, ContractBroken, RateLimited, Unavailable
from sync.engine.hooks import ATTEMPTS, LEASE, take_hooks
from sync.engine.hub import Hub
from sync.store import asides, hooks, runs
from sync.store.database import Database, iso
from sync.store.hooks import Arrived
from sync.workers import jobs


def put(database: Database, connection: str, key: str, body: bytes = b"{}") -> None:
    arrived = Arrived(connection, key, "POST", "https://h.example", "{}", body, iso(database.now()))
    with database.write() as tx:
        hooks.put(tx, [arrived])


def put_hook(database: Database, connection: str, hook: Hook, key: str = "k") -> None:
    headers = orjson.dumps(dict(hook.headers)).decode()
    arrived = Arrived(
        connection, key, hook.method, hook.url, headers, hook.body, iso(database.now())
    )
    with database.write() as tx:
        hooks.put(tx, [arrived])


def inbox_rows(database: Database) -> list[Any]:
    with database.read() as tx:
        return tx.rows("SELECT link_id, source, deleted, state FROM inbox ORDER BY id")


class Hinting:
    """A connector whose hooks say what a test wants, and that counts what is asked of it."""

    def __init__(self, says: dict[bytes, News], error: Exception | None = None) -> None:
        self.says = says
        self.error = error
        self.fetched: list[tuple[str, ...]] = []

    def verify(self, hook: Hook) -> None:
        return None

    def read_hook(self, hook: Hook) -> News:
        if hook.body == b"poison":
            raise ContractBroken("not what the vendor documents")
        if hook.body == b"bug":
            raise KeyError("surprise")
        return self.says[hook.body]

    def fetch(self, stream: str, external_ids: list[str]) -> list[Record]:
        self.fetched.append(tuple(external_ids))
        if self.error is not None:
            raise self.error
        return [Record(stream, external_id, {"id": external_id}) for external_id in external_ids]


class NotFetching:
    """The same without a way to read single records."""

    def __init__(self, says: dict[bytes, News]) -> None:
        self.says = says

    def verify(self, hook: Hook) -> None:
        return None

    def read_hook(self, hook: Hook) -> News:
        return self.says[hook.body]


def hinting(hub: Hub, connector: Any) -> Any:
    hub.flows["crm"]._connector = connector
    return connector


LEAD = "records:leads"
CHANGED = {b"a": News(("1",), changed=(Ref(LEAD, "7"),)), b"b": News(("2",), (), (Ref(LEAD, "7"),))}


def test_a_whole_record_goes_into_the_inbox_and_its_hook_is_done(relay: Any) -> None:
    put_hook(relay.database, "form", relay.form_hook())
    taken = take_hooks(relay.open())
    assert (taken.rows, taken.taken) == (1, 1)
    ((link, source, _deleted, state),) = inbox_rows(relay.database)
    assert link.startswith("form/responses:")
    assert (source, state) == ("webhook", "new")
    assert relay.stored() == {"form": {"done": 1}}


def test_hints_of_one_record_are_read_again_once(relay: Any) -> None:
    hub = relay.open()
    crm = hinting(hub, Hinting(CHANGED))
    put(relay.database, "crm", "1", b"a")
    put(relay.database, "crm", "2", b"b")
    take_hooks(hub)
    assert crm.fetched == [("7",)]
    assert [row[0] for row in inbox_rows(relay.database)] == [f"crm/{LEAD}/7"]


def test_a_hint_that_cannot_be_read_again_asks_for_a_pull(relay: Any) -> None:
    hub = relay.open()
    hinting(hub, NotFetching(CHANGED))
    put(relay.database, "crm", "1", b"a")
    assert take_hooks(hub).pull == {"crm"}
    assert relay.stored() == {"crm": {"done": 1}}


def test_a_deletion_is_a_record_that_says_so(relay: Any) -> None:
    hub = relay.open()
    hinting(hub, Hinting({b"x": News(("1",), deleted=(Ref(LEAD, "9"),))}))
    put(relay.database, "crm", "1", b"x")
    take_hooks(hub)
    ((link, _source, deleted, _state),) = inbox_rows(relay.database)
    assert (link, bool(deleted)) == (f"crm/{LEAD}/9", True)


def test_of_a_record_that_changed_and_went_the_vendor_is_asked(relay: Any) -> None:
    hub = relay.open()
    says = {**CHANGED, b"x": News(("3",), deleted=(Ref(LEAD, "7"),))}
    crm = hinting(hub, Hinting(says))
    put(relay.database, "crm", "3", b"x")
    put(relay.database, "crm", "1", b"a")
    take_hooks(hub)
    assert crm.fetched == [("7",)]
    assert [bool(row[2]) for row in inbox_rows(relay.database)] == [False]


def test_an_outage_puts_hooks_off_and_each_wait_is_longer(relay: Any, clock: Any) -> None:
    hub = relay.open()
    crm = hinting(hub, Hinting(CHANGED, Unavailable("down")))
    put(relay.database, "crm", "1", b"a")
    assert take_hooks(hub).counts["put_off"] == 1
    assert take_hooks(hub).rows == 0
    clock.pass_time(minutes=1)
    crm.error = None
    assert take_hooks(hub).taken == 1


def test_after_eight_attempts_a_hook_is_set_aside_and_can_be_put_back(
    relay: Any, clock: Any
) -> None:
    hub = relay.open()
    crm = hinting(hub, Hinting(CHANGED, Unavailable("down")))
    put(relay.database, "crm", "1", b"a")
    for _ in range(ATTEMPTS):
        assert take_hooks(hub).rows == 1
        clock.pass_time(hours=2)
    assert relay.stored() == {"crm": {"aside": 1}}
    with relay.database.read() as tx:
        (item,) = asides.listed(tx)
    assert (item.kind, item.code, item.connection) == ("hook", "UNAVAILABLE", "crm")
    assert item.fix
    crm.error = None
    with relay.database.write() as tx:
        assert hooks.put_back(tx, None, [int(item.external_id or 0)], hub.stamp()) == 1
    assert take_hooks(hub).taken == 1
    with relay.database.read() as tx:
        assert asides.listed(tx) == []


def test_a_rate_limit_is_no_failure_and_is_waited_out(relay: Any, clock: Any) -> None:
    hub = relay.open()
    crm = hinting(hub, Hinting(CHANGED, RateLimited("slow down", retry_after=90)))
    put(relay.database, "crm", "1", b"a")
    for _ in range(ATTEMPTS + 2):
        assert take_hooks(hub).counts["put_off"] == 1
        clock.pass_time(seconds=89)
        assert take_hooks(hub).rows == 0
        clock.pass_time(seconds=1)
    crm.error = None
    assert take_hooks(hub).taken == 1


def test_a_refused_sign_in_stops_the_connection_and_its_hooks_wait(relay: Any) -> None:
    hub = relay.open()
    crm = hinting(hub, Hinting(CHANGED, AuthFailed("sign in again")))
    put(relay.database, "crm", "1", b"a")
    put_hook(relay.database, "form", relay.form_hook())
    take_hooks(hub)
    with relay.database.read() as tx:
        assert runs.connection_states(tx)["crm"].state == "needs_auth"
    assert relay.stored() == {"crm": {"new": 1}, "form": {"done": 1}}
    assert take_hooks(hub).rows == 0
    crm.error = None
    with relay.database.write() as tx:
        runs.set_connection(tx, "crm", "active", None, hub.stamp())
    assert take_hooks(hub).taken == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"poison", "CONTRACT_BROKEN", id="said by the connector"),
        pytest.param(b"bug", "BUG", id="a fault of the connector"),
    ],
)
def test_a_poisoned_hook_does_not_hold_the_others(
    relay: Any, clock: Any, body: bytes, code: str
) -> None:
    hub = relay.open()
    hinting(hub, Hinting(CHANGED))
    put(relay.database, "crm", "0", body)
    put(relay.database, "crm", "1", b"a")
    assert take_hooks(hub).taken == 1
    assert relay.stored() == {"crm": {"new": 1, "done": 1}}
    for _ in range(ATTEMPTS):
        clock.pass_time(hours=2)
        take_hooks(hub)
    with relay.database.read() as tx:
        assert [item.code for item in asides.listed(tx)] == [code]


def test_hooks_of_a_connection_that_was_removed_are_set_aside(relay: Any) -> None:
    put_hook(relay.database, "form", relay.form_hook())
    put(relay.database, "crm", "1", b"a")
    taken = take_hooks(relay.open("form"))
    assert (taken.taken, taken.counts["set_aside"]) == (1, 1)
    with relay.database.read() as tx:
        assert [(item.connection, item.code) for item in asides.listed(tx)] == [
            ("crm", "NO_CONNECTION")
        ]


def test_a_hook_that_kills_its_process_each_time_is_set_aside(relay: Any, clock: Any) -> None:
    hub = relay.open()
    hinting(hub, Hinting(CHANGED))
    put(relay.database, "crm", "1", b"a")
    for _ in range(ATTEMPTS):
        with relay.database.write() as tx:
            now = clock.moment
            assert hooks.claim(tx, [], iso(now), iso(now + LEASE), 10)
        clock.pass_time(seconds=LEASE.total_seconds())
    take_hooks(hub)
    with relay.database.read() as tx:
        assert [item.code for item in asides.listed(tx)] == ["HOOK_CRASHES"]


def test_a_lease_that_was_lost_changes_nothing(relay: Any, clock: Any) -> None:
    put(relay.database, "crm", "1", b"a")
    with relay.database.write() as tx:
        late, _ = hooks.claim(tx, [], iso(clock.moment), iso(clock.moment + LEASE), 10)
    clock.pass_time(seconds=LEASE.total_seconds())
    with relay.database.write() as tx:
        assert hooks.claim(tx, [], iso(clock.moment), iso(clock.moment + LEASE), 10)[0]
        hooks.done(tx, late)
    assert relay.stored() == {"crm": {"new": 1}}


def test_taking_the_same_answer_twice_is_one_inbox_row(relay: Any) -> None:
    hub = relay.open()
    hook = relay.form_hook()
    put_hook(relay.database, "form", hook, "first")
    put_hook(relay.database, "form", hook, "again")
    assert take_hooks(hub).taken == 1
    assert len(inbox_rows(relay.database)) == 1


def test_a_run_takes_what_waits_in_store_and_one_of_some_connections_does_not(relay: Any) -> None:
    put_hook(relay.database, "form", relay.form_hook())
    hub = relay.open()
    jobs.run_once(hub, ["crm"])
    assert inbox_rows(relay.database) == []
    jobs.run_once(hub)
    said = [(source, state) for _link, source, _deleted, state in inbox_rows(relay.database)]
    assert said.count(("webhook", "done")) == 1
    with relay.database.read() as tx:
        assert tx.rows("SELECT state FROM hook") == [("done",)]


def test_kills_in_a_row_blame_few_webhooks_and_set_none_aside(relay: Any, clock: Any) -> None:
    for number in range(30):
        put(relay.database, "crm", f"k{number}", b"a")
    for _ in range(ATTEMPTS + 1):  # each time the process dies with what it had leased
        with relay.database.write() as tx:
            now = relay.database.now()
            _, more = hooks.claim(tx, [], iso(now), iso(now + LEASE), 200)
        clock.pass_time(seconds=LEASE.total_seconds() + 1)
    assert more
    hub = relay.open()
    hinting(hub, Hinting(CHANGED))
    while take_hooks(hub).more:
        continue
    with relay.database.read() as tx:
        assert tx.rows("SELECT state, count(*) FROM hook GROUP BY state") == [("done", 30)]
