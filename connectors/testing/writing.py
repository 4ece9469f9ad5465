"""Contract: every change has one outcome, and nothing is written twice."""

# ruff: noqa: S101 - a test suite asserts
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from connectors.kit.base import Change, Outcome, Status
from connectors.kit.errors import ConnectorError, Unavailable
from connectors.registry import Installed
from connectors.testing.bench import Bench, troubles

__all__ = [
    "test_a_lost_answer_is_said_and_makes_no_duplicate",
    "test_a_repeated_push_makes_no_duplicate",
    "test_a_value_for_an_unknown_field_stops_only_itself",
    "test_every_change_has_one_outcome",
]

MOST_CHANGES = 450
MOST_LOSSES = 8


def test_every_change_has_one_outcome(bench: Bench) -> None:
    connector = bench.pushes()
    changes = bench.changes(min(connector.batch_size + 3, MOST_CHANGES))
    outcomes = connector.push(changes)
    _written(bench, changes, outcomes)
    pulled = _pulled(bench, changes)
    if pulled is not None:
        missing = {outcome.external_id for outcome in outcomes} - {item for _, item in pulled}
        assert not missing, f"{len(missing)} records that were written are not there"


def test_a_repeated_push_makes_no_duplicate(bench: Bench) -> None:
    connector = bench.pushes("repeat")
    changes = bench.changes(3)
    outcomes = {outcome.key: outcome for outcome in connector.push(changes)}
    count = _pulled(bench, changes)
    again = [replace(change, external_id=outcomes[change.key].external_id) for change in changes]
    repeated = bench.pushes().push(again)
    _written(bench, again, repeated)
    for outcome in repeated:
        assert outcome.status is not Status.CREATED, f"{outcome.key} was created twice"
        assert outcome.external_id == outcomes[outcome.key].external_id
    assert _pulled(bench, changes) == count, "the second push made records"


def test_a_value_for_an_unknown_field_stops_only_itself(bench: Bench) -> None:
    connector = bench.pushes("unknown_field")
    make = bench.need(
        bench.rehearsal.unknown_field, "unknown_field", "the rehearsal's unknown_field()"
    )
    good, bad = bench.changes(2), make()
    unknown = set(bad.values) - {name for change in good for name in change.values}
    outcomes = {outcome.key: outcome for outcome in connector.push([good[0], bad, good[1]])}
    assert set(outcomes) == {bad.key, *(change.key for change in good)}
    for change in good:
        error = outcomes[change.key].error
        assert error is None, f"{change.key} fell with its neighbour: {error}"
    outcome = outcomes[bad.key]
    fields = getattr(outcome.error, "fields", ())
    named = {*outcome.refused, *fields}
    assert outcome.error is not None or outcome.refused, "the unknown field went by in silence"
    assert unknown & named or any(name in str(outcome.error) for name in unknown), (
        f"nobody says that {', '.join(sorted(unknown))} is the field at fault"
    )


def test_a_lost_answer_is_said_and_makes_no_duplicate(
    bench: Bench, installed: Installed, tmp_path: Path
) -> None:
    connector = bench.pushes("lost_answer")
    bench.simulator("lost_answer")
    _pulled(bench, bench.changes(2))
    before = len([call for call in bench.calls if call != "GET"])
    connector.push(bench.changes(2))
    writes = len([call for call in bench.calls if call != "GET"]) - before
    assert writes, "a push made no request that writes"
    for number in range(1, min(writes, MOST_LOSSES) + 1):
        folder = tmp_path / f"lost-{number}"
        folder.mkdir()
        _lose(Bench(installed, folder), number)


def _lose(bench: Bench, number: int) -> None:
    """Push with the answer to the ``number``-th write lost, then push the same again."""
    changes = bench.changes(2)
    started = _pulled(bench, changes)
    first_write = len([call for call in bench.calls if call != "GET"])
    bench.lose = frozenset({first_write + number})
    try:
        found = troubles(bench.pushes().push(changes))
    except ConnectorError as error:
        found = [error]
    bench.lose = frozenset()
    held = _pulled(bench, changes)
    made = len(held - started) if held is not None and started is not None else 0
    for trouble in found:
        assert isinstance(trouble, Unavailable), f"a lost answer was taken for {trouble.code}"
    if found and made and not any(getattr(item, "maybe_applied", False) for item in found):
        bench.fail(f"the answer to write {number} was lost and nobody says maybe_applied")
    bench.pushes().push(changes)
    after = _pulled(bench, changes)
    if after is not None and started is not None and len(after - started) != len(changes):
        bench.exempt("repeat")
        bench.fail(
            f"the answer to write {number} was lost; after a second push there are "
            f"{len(after - started)} records of {len(changes)} leads. A vendor without keyed "
            "upserts says so under quality.exempt.repeat"
        )
    bench.close()


def _written(bench: Bench, changes: Sequence[Change], outcomes: Sequence[Outcome]) -> None:
    keys = sorted(outcome.key for outcome in outcomes)
    assert keys == sorted(change.key for change in changes), "not one outcome for each change"
    for outcome in outcomes:
        if outcome.error is not None or outcome.status is Status.FAILED:
            bench.fail(f"change {outcome.key} failed: {outcome.error}")
        assert outcome.external_id, f"the outcome of {outcome.key} has no external id"
        assert not outcome.refused, f"fields of {outcome.key} were refused: {outcome.refused}"


def _pulled(bench: Bench, changes: Sequence[Change]) -> set[tuple[str, str]] | None:
    """What the streams that were written to hold now; None where they cannot be read."""
    types = {change.stream.partition(":")[0] for change in changes}
    streams = [name for name in bench.rehearsal.streams if name.partition(":")[0] in types]
    if not streams or not any(bench.manifest.streams[name].pull for name in types):
        return None
    return {item for item in bench.alive() if item[0] in streams}
