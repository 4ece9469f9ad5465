"""Contract: a pull misses nothing, wherever it is stopped and whatever changes meanwhile."""

# ruff: noqa: S101 - a test suite asserts
from __future__ import annotations

import copy
from collections.abc import Mapping

from connectors.kit.base import Fetches, Flattens, Identifies, ListsIds
from connectors.testing.bench import PLANTED, Bench, ids_of, last_cursor, records_of

__all__ = [
    "test_a_changed_record_arrives_with_the_next_pull",
    "test_a_deleted_record_is_noticed",
    "test_a_pull_can_go_on_from_any_page",
    "test_a_pull_from_the_beginning_gets_every_record",
    "test_a_pull_of_an_empty_account_ends",
    "test_a_record_that_is_not_there_is_fetched_as_deleted",
    "test_a_second_pull_adds_nothing_and_misses_nothing",
    "test_flatten_is_pure_and_flat",
    "test_identify_says_who_we_are",
    "test_the_same_version_has_the_same_payload",
]

PAGES_TRIED = 6


def test_a_pull_from_the_beginning_gets_every_record(bench: Bench) -> None:
    bench.pulls()
    before = len(bench.alive())
    bench.rehearsal.seed(PLANTED)
    pulled = len(bench.alive()) - before
    assert pulled >= PLANTED, f"{PLANTED} records were planted, {pulled} arrived"


def test_a_pull_of_an_empty_account_ends(bench: Bench) -> None:
    bench.pulls()
    for stream, pages in bench.all_pages().items():
        cursor = last_cursor(pages)
        again = ids_of(bench.pages(stream, cursor)) - ids_of(pages)
        assert not again, f'"{stream}": records came from nowhere'


def test_the_same_version_has_the_same_payload(bench: Bench) -> None:
    bench.pulls()
    bench.rehearsal.seed(PLANTED)
    held: dict[tuple[str, str, str], object] = {}
    for again in (False, True):
        if again and bench.rehearsal.change_one is not None:
            bench.rehearsal.change_one()
        for stream, pages in bench.all_pages().items():
            for record in records_of(pages):
                assert record.stream == stream, f"{record.external_id} came in another's stream"
                assert record.external_id, "a record has an empty id"
                if record.version is None:
                    continue
                state = (record.payload, record.deleted)
                first = held.setdefault((stream, record.external_id, record.version), state)
                assert first == state, f"{record.external_id}: one version, two payloads"


def test_a_second_pull_adds_nothing_and_misses_nothing(bench: Bench) -> None:
    bench.pulls()
    bench.rehearsal.seed(PLANTED)
    first = bench.all_pages()
    for stream, pages in first.items():
        again = bench.pages(stream, last_cursor(pages))
        assert ids_of(again) <= ids_of(pages), f'"{stream}": the second pull found new records'
    known = bench.alive()
    bench.rehearsal.seed(3)
    new = bench.alive() - known
    assert len(new) >= 3
    for stream, pages in first.items():
        wanted = {external_id for name, external_id in new if name == stream}
        later = ids_of(bench.pages(stream, last_cursor(pages)))
        assert wanted <= later, f'"{stream}": {len(wanted - later)} new records were missed'


def test_a_pull_can_go_on_from_any_page(bench: Bench) -> None:
    bench.pulls()
    bench.rehearsal.seed(PLANTED)
    for stream, pages in bench.all_pages().items():
        whole = ids_of(pages)
        for place in range(min(len(pages), PAGES_TRIED)):
            half = []
            pull = iter(bench.pulls().pull(stream, None))
            for _ in range(place + 1):
                half.append(next(pull))
            del pull
            rest = bench.pages(stream, half[-1].cursor)
            missed = whole - ids_of(half) - ids_of(rest)
            assert not missed, (
                f'"{stream}": stopped after page {place + 1} and gone on from its cursor, '
                f"{len(missed)} records were missed"
            )


def test_a_changed_record_arrives_with_the_next_pull(bench: Bench) -> None:
    bench.pulls()
    change_one = bench.need(bench.rehearsal.change_one, "changes", "the rehearsal's change_one()")
    bench.rehearsal.seed(PLANTED)
    before = bench.all_pages()
    stream, external_id = change_one()
    held = [item for item in records_of(before[stream]) if item.external_id == external_id]
    later = [
        item
        for item in records_of(bench.pages(stream, last_cursor(before[stream])))
        if item.external_id == external_id
    ]
    assert later, f"{external_id} of {stream} changed and did not come again"
    assert held, f"{external_id} of {stream} was not there before it changed"
    assert later[-1].payload != held[-1].payload, f"{external_id} came again as it was"
    if held[-1].version is not None:
        assert later[-1].version != held[-1].version, f"{external_id} changed, its version did not"


def test_a_deleted_record_is_noticed(bench: Bench) -> None:
    bench.pulls()
    delete_one = bench.need(bench.rehearsal.delete_one, "deletes", "the rehearsal's delete_one()")
    bench.rehearsal.seed(PLANTED)
    before = bench.all_pages()
    stream, external_id = delete_one()
    later = records_of(bench.pages(stream, last_cursor(before[stream])))
    if any(record.deleted and record.external_id == external_id for record in later):
        return
    connector = bench.connector()
    if isinstance(connector, ListsIds) and external_id not in set(connector.ids(stream)):
        return
    bench.exempt("deletes")
    bench.fail(f"{external_id} of {stream} was deleted; neither a pull nor ids() shows it")


def test_a_record_that_is_not_there_is_fetched_as_deleted(bench: Bench) -> None:
    connector = bench.able(Fetches, "fetch")
    bench.rehearsal.seed(2)
    if bench.rehearsal.delete_one is not None:
        stream, unknown = bench.rehearsal.delete_one()
    else:
        stream = bench.rehearsal.streams[0]
        known = ids_of(bench.pages(stream, None))
        unknown = _absent(sorted(known)[-1] if known else "1", known)
    (record,) = connector.fetch(stream, [unknown])
    assert record.deleted
    assert unknown in {record.external_id, *(ref.external_id for ref in record.previous_ids)}


def test_flatten_is_pure_and_flat(bench: Bench) -> None:
    connector = bench.pulls()
    bench.rehearsal.seed(5)
    for stream, pages in bench.all_pages().items():
        for record in records_of(pages)[:20]:
            payload = copy.deepcopy(record.payload)
            flat = record.payload
            if isinstance(connector, Flattens):
                flat = connector.flatten(stream, record.payload)
                assert flat == connector.flatten(stream, payload), "two answers for one payload"
            assert record.payload == payload, f'flatten changed a payload of "{stream}"'
            deep = [name for name, value in flat.items() if isinstance(value, Mapping)]
            if record.deleted:
                continue
            assert not deep, f'"{stream}": {", ".join(deep)} are not flat; write flatten()'


def test_identify_says_who_we_are(bench: Bench) -> None:
    identity = bench.able(Identifies, "identify").identify()
    assert identity.account.strip(), "the account has no name"
    assert identity.scopes_missing == (), "the rehearsal's credentials lack a scope"


def _absent(like: str, known: set[str]) -> str:
    """An id of the same form that the vendor does not have."""
    turned = like
    for step in range(1, 10):
        turned = "".join(
            str((int(char) + step) % 10) if char.isascii() and char.isdigit() else char
            for char in like
        )
        if turned not in known and turned.lstrip("0"):
            return turned
    return f"{turned}x"
