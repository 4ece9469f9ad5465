"""Finish a lead: golden values, stage, history, match keys, and who is owed a copy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from mapping.merge import Golden, Statement, golden
from mapping.normalise import person
from mapping.stage_words import UNSTATED
from mapping.stages import (
    Entry,
    Observation,
    StageDecision,
    StageState,
    decide_stage,
    first_steps,
)
from sync.engine import consents, owed, proving
from sync.engine.batch import Batch, Item, Working, pack_provenance
from sync.engine.hub import Hub
from sync.engine.stated import statement
from sync.store.asides import Aside, subject
from sync.store.journeys import StageRow
from sync.store.leads import Event
from sync.store.links import LinkRow


def statements(working: Working) -> list[Statement]:
    """What each record of a lead says."""
    return [statement(link) for link in working.links if link.state != "moved"]


def observe_stage(
    hub: Hub, batch: Batch, working: Working, item: Item, seen: Observation, link: LinkRow | None
) -> None:
    """Let a system's word about the stage count; a move that is not allowed is set aside."""
    before = working.state
    if before is None and seen.first and seen.reason is None and (link is None or not link.parked):
        steps = first_steps(seen.stages, seen.deal, seen.origin, batch.rules)
        if steps:
            _begin(batch, working, item, seen, steps)
            return
    fields = _fields_now(hub, working) if batch.rules.evidence else {}
    decision = decide_stage(before, seen, batch.rules, fields)
    if decision.refused:
        batch.asides.append(
            Aside(
                kind="stage",
                connection=item.connection,
                stream=item.stream,
                external_id=item.external_id,
                lead_id=working.lead.id,
                field="stage",
                code=decision.refused,
                message=decision.message,
                fix=proving.fix(decision),
                received=proving.stored(decision, seen),
                run_id=item.row.run_id,
            )
        )
        if link is not None:
            link.parked["stage"] = link.stage_value
        return
    if link is not None and "stage" in link.parked:
        del link.parked["stage"]
        about = (item.connection, item.stream, item.external_id, "stage")
        batch.settled += [subject("stage", *about), subject("field", *about)]
    elif seen.deal and batch.rules.evidence:
        about = (item.connection, item.stream, item.external_id, "stage")
        batch.settled.append(subject("stage", *about))
    if decision.state is None or decision.state == before:
        return
    enter(batch, working, decision.state, item)
    working.lead.stage_reason = reason_of(decision.entries[-1]) if decision.entries else None
    batch.stages += stays(working.lead.id, decision.entries)


def reason_of(entry: Entry) -> str | None:
    """Why a stage was entered: in the words that were used, or by its code; None if untold."""
    if entry.reason_text is not None or entry.reason_code == UNSTATED.code:
        return entry.reason_text
    return entry.reason_code


def stays(lead_id: str, entries: Iterable[Entry]) -> list[StageRow]:
    """A lead's entries as they are stored."""
    return [
        StageRow(
            lead_id,
            entry.cycle,
            entry.stage,
            entry.entered_at,
            entry.exited_at,
            entry.system,
            entry.reason_code,
            entry.reason_text,
            entry.inferred,
            entry.override_by,
            entry.event,
            entry.rule,
            proving.inputs(entry),
        )
        for entry in entries
    ]


def _begin(
    batch: Batch,
    working: Working,
    item: Item,
    seen: Observation,
    steps: Sequence[tuple[str, str | None, bool]],
) -> None:
    """Let a new lead enter its first stages: what ``decide_stage`` says, the short way."""
    lead_id, at, system, event = working.lead.id, seen.at, seen.system, seen.event
    entered: dict[str, str] = {}
    for stage, code, inferred in steps:
        entered[stage] = at
        left = at if inferred else None
        row = (lead_id, 1, stage, at, left, system, code, None, inferred, None, event)
        batch.stages.append(StageRow(*row))
    enter(batch, working, StageState(steps[-1][0], 1, at, entered), item)
    working.lead.stage_reason = None


def enter(batch: Batch, working: Working, state: StageState, item: Item) -> None:
    """Let the lead stand where it was decided that it stands."""
    lead = working.lead
    if not working.is_new and lead.stage != state.stage:
        batch.events.append(
            Event(
                lead.id,
                state.entered_at,
                "stage",
                {"stage": [lead.stage, state.stage]},
                item.row.link_id,
                item.row.run_id,
                item.row.id,
            )
        )
    working.state = state
    working.restaged = True
    working.cause = working.cause or item
    lead.stage, lead.stage_at, lead.cycle = state.stage, state.entered_at, state.cycle


def finish(hub: Hub, batch: Batch, working: Working, result: Any) -> None:
    """Work out what the lead now is, and note what is to be written about it."""
    lead = working.lead
    lead.updated_at = batch.now
    if lead.merged_into:
        return
    if working.state is not None and working.restaged:
        state = working.state
        lead.stage, lead.stage_at, lead.cycle = state.stage, state.entered_at, state.cycle
    if working.touched:
        _golden(hub, batch, working, result)
    owe(hub, batch, working)
    result.lead_ids.add(lead.id)


def owe(hub: Hub, batch: Batch, working: Working) -> None:
    """Note whose copies of the lead are stale, and which of them lack an opt-out."""
    lead = working.lead
    for flow in hub.targets:
        if owed.is_owed(flow, lead, working.links):
            batch.owed.append((flow.name, lead.id))
            if consents.lacks_opt_out(flow, lead, working.links):
                batch.urgent.add((flow.name, lead.id))


def finish_by_hand(hub: Hub, batch: Batch, workings: Iterable[Working]) -> None:
    """Finish leads that a person's decision changed; nothing is counted."""
    for working in workings:
        finish(hub, batch, working, SimpleNamespace(counts=Counter(), lead_ids=set()))


def hand_edits(edits: Mapping[str, Sequence[Any]]) -> dict[str, tuple[Any, str]]:
    """Stored edits (value, time, author) as the merge takes them."""
    return {name: (edit[0], edit[1]) for name, edit in edits.items()}


def is_unproven(hub: Hub, working: Working, decision: StageDecision) -> bool:
    """Whether a life that was told ends at a stage, or passes one untold, without its evidence."""
    rules = hub.stage_rules
    if not rules.evidence:
        return False
    stages = [one.stage for one in decision.entries if one.rule is None or one.exited_at is None]
    return bool(rules.lacking(stages, _fields_now(hub, working)))


def _fields_now(hub: Hub, working: Working) -> Mapping[str, Any]:
    """The lead's golden values, with what this batch has brought so far."""
    if not working.touched:
        return working.lead.fields
    best = golden(statements(working), hub.trust, hand_edits(working.lead.edits))
    _complete_name(best)
    return best.values


def _golden(hub: Hub, batch: Batch, working: Working, result: Any) -> None:
    lead = working.lead
    best = golden(statements(working), hub.trust, hand_edits(lead.edits))
    _complete_name(best)
    if hub.trust.policies:
        _hold(hub, batch, working, best)
    lead.fields = best.values
    lead.provenance = pack_provenance(best.provenance)
    lead.name = display_name(best.values)
    lead.email = best.values.get("email")  # type: ignore[assignment]  # an e-mail is text
    lead.company = best.values.get("company")  # type: ignore[assignment]  # a company is text
    before = working.loaded_fields
    changes: dict[str, Any] = {}
    if not working.is_new:  # what a lead began with is in its first records
        changes = {
            name: [before.get(name), best.values.get(name)]
            for name in best.values.keys() | before.keys()
            if before.get(name) != best.values.get(name)
        }
        if not changes:
            return
    cause = working.cause
    batch.events.append(
        Event(
            lead.id,
            cause.at if cause else batch.now,
            "created" if working.is_new else "changed",
            changes,
            cause.row.link_id if cause else None,
            cause.row.run_id if cause else None,
            cause.row.id if cause else None,
        )
    )
    result.counts["created" if working.is_new else "updated"] += 1


def _hold(hub: Hub, batch: Batch, working: Working, best: Golden) -> None:
    """Ask a person about fields that records state differently; settle what was decided."""
    for name, policy in hub.trust.policies.items():
        if policy != "hold":
            continue
        waiting = set(best.held.get(name, ()))
        for link in working.links:
            about = (link.connection, link.stream, link.external_id)
            if link.id not in waiting:
                batch.settled.append(subject("conflict", *about, name))
                continue
            batch.asides.append(
                Aside(
                    kind="conflict",
                    connection=link.connection,
                    code="CONFLICT_HELD",
                    message=f"{name} is said differently by this record; the first value stays",
                    stream=link.stream,
                    external_id=link.external_id,
                    lead_id=working.lead.id,
                    field=name,
                    fix=f'decide with "renkei lead {working.lead.id} --set {name}=VALUE", or'
                    " correct one of the records where it is kept",
                    received={"kept": best.values.get(name), "said": link.held.get(name)},
                )
            )


def _complete_name(best: Golden) -> None:
    """Add the parts of the name that nobody said and that follow from the rest."""
    source, parts = person.missing_parts(best.values)
    for name, value in parts.items():
        if name not in best.provenance:
            best.values[name] = value
            best.provenance[name] = best.provenance[source]._replace(rule="derived")


def display_name(values: Mapping[str, Any]) -> str | None:
    """The name as people of the lead's language write it: family first where it is Japanese."""
    if values.get("full_name"):
        return str(values["full_name"])
    family, given = values.get("family_name"), values.get("given_name")
    if not family or not given:
        return str(family or given) if family or given else None
    japanese = not str(family).isascii() or not str(given).isascii()
    return f"{family} {given}" if japanese else f"{given} {family}"
