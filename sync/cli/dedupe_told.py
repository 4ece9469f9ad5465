"""What the verbs of dedupe show: pairs in a line, two leads side by side, what a decision does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sync.cli.context import Desk
from sync.cli.evidence import told
from sync.cli.people import ordered, stage_name
from sync.cli.tables import cut, shown

if TYPE_CHECKING:
    from sync.engine.merging import Outcome
    from sync.engine.review import Case
    from sync.store.leads import LeadRow

__all__ = ["pair_fields", "pair_rows", "tell_case", "tell_outcome"]

_VALUE = 38
"""Columns that a value takes beside the other's."""


def pair_fields(case: Case) -> dict[str, Any]:
    """A pair as JSON shows it."""
    asked = case.question
    return {
        "score": asked.score,
        "blocked": asked.blocked or None,
        "reasons": [list(reason) for reason in asked.reasons],
        "leads": [_lead_fields(row) for row in case.leads],
        "records": [asked.record_a, asked.record_b],
        "asked_at": asked.created_at if case.asked else None,
        "later_until": asked.later_until,
    }


def _lead_fields(row: LeadRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "company": row.company,
        "email": row.email,
        "stage": row.stage,
    }


def pair_rows(
    desk: Desk, cases: Sequence[Case], numbers: Sequence[int | None]
) -> Iterator[list[Any]]:
    """The lines of a table of pairs."""
    out = desk.out
    for case, number in zip(cases, numbers, strict=True):
        asked = case.question
        why = blocked(desk, asked.blocked)
        if number is None and asked.later_until:
            why = out.words("dedupe.until", at=out.when(asked.later_until))
        yield [
            number or "–",
            f"{asked.score:.1f}",
            *(cut(_who(row), _VALUE) for row in case.leads),
            why,
        ]


def _who(row: LeadRow) -> str:
    return "  ".join(part for part in (row.name, row.company, row.email) if part) or row.id


def blocked(desk: Desk, code: str) -> str:
    """What kept two leads from being put together, in words."""
    return desk.out.words(f"blocked.{code or 'score'}")


def tell_case(desk: Desk, case: Case) -> None:
    """Two leads side by side, and why they may be one."""
    out, asked = desk.out, case.question
    held: list[dict[str, Any]] = [
        {**row.fields, "stage": stage_name(desk, row.stage)} for row in case.leads
    ]
    names = [*dict(ordered({**held[1], **held[0]}))]
    lines = [(name, held[0].get(name), held[1].get(name)) for name in names]
    lines.sort(key=lambda line: line[1] == line[2])
    out.item(
        "case",
        **pair_fields(case),
        fields=[
            {"field": name, "values": [one, other], "differs": one != other}
            for name, one, other in lines
        ],
        held=[[_record_fields(link) for link in links] for links in case.records],
    )
    out.table(
        ("column.field", "column.arrow", "column.a", "column.b"),
        [
            [
                _label(desk, name),
                "" if one == other else "≠",
                *(cut(shown(value), _VALUE) for value in (one, other)),
            ]
            for name, one, other in lines
        ],
    )
    out.line()
    _tell_records(desk, case)
    out.line()
    if not case.asked:
        out.say("dedupe.not_asked")
    _tell_reasons(desk, case)
    rules = desk.hub.rules
    out.line(blocked(desk, asked.blocked))
    out.say("dedupe.bands", accept=f"{rules.accept:g}", review=f"{rules.review:g}")
    pair = f"{asked.lead_a} {asked.lead_b}"
    for word in ("merge", "different", *(("later",) if case.asked else ())):
        out.next(f"renkei dedupe {word} {pair}")


def _label(desk: Desk, name: str) -> str:
    from mapping.model import label

    if name == "stage":
        return desk.out.words("column.stage")
    return label(name, desk.out.language)


def _record_fields(link: Any) -> dict[str, Any]:
    return {"record": link.id, "state": link.state, "first_seen_at": link.first_seen_at}


def _tell_records(desk: Desk, case: Case) -> None:
    out = desk.out
    rows = [
        [out.words(f"column.{letter}"), row.id, link.id, out.words(f"link.{link.state}"), seen]
        for letter, row, links in zip("ab", case.leads, case.records, strict=True)
        for link in links
        for seen in [out.when(link.first_seen_at)]
    ]
    columns = ("column.arrow", "column.lead", "column.record", "column.state", "column.first_seen")
    out.table(columns, rows)


def _tell_reasons(desk: Desk, case: Case) -> None:
    out, asked = desk.out, case.question
    if not asked.reasons:
        out.say("dedupe.nothing_alike")
        return
    out.say("dedupe.by", a=asked.record_a, b=asked.record_b)
    rows = [list(line) for line in told(out, asked.reasons, asked.score)]
    rows.append([out.words("dedupe.sum"), f"{asked.score:+.1f}"])
    out.table(("column.evidence", "column.points"), rows, right=("column.points",))


def tell_outcome(
    desk: Desk,
    kind: str,
    done: Outcome,
    user: str,
    *,
    dry_run: bool,
    gone: str | None = None,
    new: bool = False,
) -> None:
    """What a decision did, or would do: values, stages, records, and what is to be written."""
    out = desk.out
    out.item(
        kind,
        leads=list(done.leads),
        gone=gone,
        merge=done.merge_id,
        changes={
            lead: {name: list(pair) for name, pair in changes.items()}
            for lead, changes in done.changes.items()
        },
        stages={lead: list(pair) for lead, pair in done.stages.items()},
        records={lead: list(records) for lead, records in done.records.items()},
        writes=[
            {
                "connection": one.connection,
                "lead": one.lead_id,
                "action": one.action,
                "record": one.record,
                "values": {name: list(pair) for name, pair in one.values.items()},
            }
            for one in done.writes
        ],
        by=user,
        dry_run=dry_run,
    )
    if gone is not None:
        out.say("dedupe.gone", lead=gone, into=done.leads[0])
    for number, lead in enumerate(done.leads):
        _tell_lead(desk, done, lead, is_new=new and number == 1)
    if not done.writes:
        out.say("dedupe.no_writes")
        return
    out.line()
    out.say("dedupe.writes")
    for one in done.writes:
        key = f"dedupe.{one.action}"
        out.line(
            f"  {out.words(key, connection=one.connection, lead=one.lead_id, record=one.record)}"
        )
        for name, (old, value) in one.values.items():
            before = f"{cut(shown(old), _VALUE)} → " if one.action == "update" else ""
            out.line(f"    {name}: {before}{cut(shown(value), _VALUE)}")
    if not dry_run:
        out.next("renkei run")


def _tell_lead(desk: Desk, done: Outcome, lead: str, *, is_new: bool) -> None:
    out = desk.out
    out.line()
    out.say("dedupe.new_lead" if is_new else "dedupe.lead", lead=lead)
    changes = dict(done.changes[lead])
    for name, (old, new) in changes.items():
        before, after = cut(shown(old), _VALUE), cut(shown(new), _VALUE)
        out.line(f"  {_label(desk, name)}: {before} → {after}")
    if lead in done.stages:
        before, after = (stage_name(desk, code) for code in done.stages[lead])
        out.line(f"  {out.words('column.stage')}: {before} → {after}")
    elif not changes:
        out.line(f"  {out.words('dedupe.unchanged')}")
    out.line(f"  {out.words('dedupe.records', names=', '.join(done.records[lead]))}")
