"""What may happen at a simulated vendor while a page is done: ``<!-- happens: SLUG VERB … -->``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.kintone.simulator import LEADS
from connectors.kintone.simulator_form import field
from connectors.kit.rehearsal import Rehearsal


def happen(bench_of: Callable[[str], Rehearsal], what: str) -> None:
    """Do what a page says has happened at a vendor."""
    slug, verb, *rest = what.split()
    HAPPENINGS[verb](bench_of(slug), *rest)


def _seeds(bench: Rehearsal, count: str) -> None:
    """``SLUG seeds N``: so many records come."""
    bench.seed(int(count))


def _offers(bench: Rehearsal, name: str, option: str) -> None:
    """``kintone offers FIELD OPTION``: a field of the leads' form gets an option."""
    _edit(bench, name, lambda options: [*options, option])


def _drops(bench: Rehearsal, name: str, option: str) -> None:
    """``kintone drops FIELD OPTION``: a field of the leads' form loses an option."""
    _edit(bench, name, lambda options: [one for one in options if one != option])


def _edit(bench: Rehearsal, name: str, change: Callable[[list[str]], list[str]]) -> None:
    simulator: Any = bench.simulator
    form = simulator.table("apps")[str(LEADS)]["form"]
    made = field(name, options=change([*form[name]["options"]]))
    changed = {**form[name], "options": made["options"]}
    simulator.change_form(LEADS, {**form, name: changed})


HAPPENINGS: Mapping[str, Callable[..., None]] = {
    "seeds": _seeds,
    "offers": _offers,
    "drops": _drops,
}
