"""The state of a simulated portal and the rules by which it changes; no HTTP here.

Kept apart from the index that searches read: ``simulator_search.Index`` learns of a write only
after the index lag, as the vendor's does.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from connectors.hubspot.simulator_passages import passages
from connectors.hubspot.simulator_rules import Problem, iso, store, unknown
from connectors.hubspot.simulator_schema import (
    ASSOCIATION_TYPES,
    CREATED,
    KINDS,
    LIFECYCLE_STAGES,
    MODIFIED,
    RENKEI_PROPERTIES,
    default_pipelines,
    default_properties,
)
from connectors.hubspot.simulator_search import Index
from connectors.kit.simulator import BaseSimulator, Table

Row = dict[str, Any]
MOST_VERSIONS = 20
"""Past values kept of a property; from memory."""
ORDER = {stage: order for order, stage in enumerate(LIFECYCLE_STAGES)}


class Portal:
    """Objects, associations, properties and pipelines of one account."""

    def __init__(
        self, simulator: BaseSimulator, *, custom: bool, index_lag: float, automation: bool
    ) -> None:
        self.simulator = simulator
        self.automation = automation
        self.source = "CRM_UI"
        self.happened: Callable[..., None] = lambda *_, **__: None
        self.ids: dict[str, list[int]] = {}
        self.unique: dict[tuple[str, str], dict[str, str]] = {}
        self._schemas: dict[str, dict[str, Row]] = {}
        self.index = Index(simulator.now, timedelta(seconds=index_lag))
        if custom and not simulator.table("properties:contacts"):
            for one in RENKEI_PROPERTIES:
                simulator.table("properties:contacts")[one["name"]] = dict(one)
        if not simulator.table("pipelines:deals"):
            for pipeline in default_pipelines():
                simulator.table("pipelines:deals")[pipeline["id"]] = pipeline
        for kind in KINDS:
            self._read_back(kind)

    def _read_back(self, kind: str) -> None:
        rows = self.rows(kind)
        self.ids[kind] = sorted(int(one) for one in rows)
        for row in rows.values():
            if not row["archived"]:
                self._claim(kind, row)
                self.index.put(kind, row, at_once=True)

    def rows(self, kind: str) -> Table:
        """All records of a kind, archived ones too; merged losers are not among them."""
        return self.simulator.table(f"objects:{kind}")

    def schema(self, kind: str) -> Mapping[str, Row]:
        """Every property of a kind by name."""
        if kind not in self._schemas:
            own = dict(self.simulator.table(f"properties:{kind}").items())
            self._schemas[kind] = {**default_properties(kind), **own}
        return self._schemas[kind]

    def add_property(self, kind: str, definition: Row) -> None:
        """Define one more property."""
        self.simulator.table(f"properties:{kind}")[definition["name"]] = definition
        self._schemas.pop(kind, None)

    def drop_property(self, kind: str, name: str) -> None:
        """Take a custom property away; what records hold of it stays unseen."""
        del self.simulator.table(f"properties:{kind}")[name]
        self._schemas.pop(kind, None)

    def resolve(self, kind: str, key: str, by: str | None = None) -> Row | None:
        """The live or archived record of an id or unique value; a merged id gives the winner."""
        if by:
            found = self.unique.get((kind, by), {}).get(key.strip().lower())
            return self.rows(kind).get(found) if found else None
        merged = self.simulator.table(f"merged:{kind}")
        while key in merged:
            key = merged[key]["into"]
        return self.rows(kind).get(key)

    def check(self, kind: str, values: Mapping[str, object], own: str | None) -> Row:
        """The values as they would be kept; raises Problem. ``own``: the record written to."""
        schema = self.schema(kind)
        kept = {}
        for name, value in values.items():
            if name not in schema:
                raise unknown(name)
            kept[name] = store(schema[name], value)
        self._check_stage(kind, kept, own)
        for name, text in kept.items():
            if text and (name == "email" or schema[name]["hasUniqueValue"]):
                holder = self.unique.get((kind, name), {}).get(text.lower())
                if holder is not None and holder != own:
                    raise _taken(kind, name, holder)
        if own is None and kind not in CREATED and not kept.get("hs_timestamp"):
            raise Problem("Some required properties were not set.", "REQUIRED", "hs_timestamp")
        return kept

    def _check_stage(self, kind: str, kept: Mapping[str, str], own: str | None) -> None:
        if kind != "deals" or not kept.get("dealstage"):
            return
        held = self.rows(kind)[own]["properties"] if own else {}
        pipeline = kept.get("pipeline") or held.get("pipeline") or "default"
        found = self.simulator.table("pipelines:deals").get(pipeline)
        if found is None or kept["dealstage"] not in {stage["id"] for stage in found["stages"]}:
            raise Problem(
                f"{kept['dealstage']} was not a stage of pipeline {pipeline}",
                "INVALID_OPTION",
                "dealstage",
            )

    def write(self, kind: str, kept: Mapping[str, str], own: str | None = None) -> Row:
        """Store checked values and return the record. Every write counts as a modification."""
        now = self.simulator.now()
        if own is None:
            own = str(self.simulator.next_id(kind, 101))
            before: Row = {}
            row: Row = {
                "id": own, "createdAt": iso(now), "archived": False, "source": self.source
            }  # fmt: skip
            insort(self.ids[kind], int(own))
            self.happened(kind, "creation", own)
        else:
            row = dict(self.rows(kind)[own])
            before = row["properties"]
            self._release(kind, row)
        properties = dict(before)
        if kind == "contacts" and not before and self._opted_out(kept.get("email", "")):
            kept = {**kept, "hs_email_optout": "true"}
        for name, text in self._effective(kind, before, kept).items():
            if before.get(name, "") != text:
                if before:
                    row["history"] = self._history(row, name, text, iso(now))
                properties[name] = text
                self.happened(kind, "propertyChange", own, name=name, value=text)
        properties["hs_object_id"] = own
        properties[CREATED.get(kind, "hs_createdate")] = row["createdAt"]
        properties[MODIFIED.get(kind, "hs_lastmodifieddate")] = iso(now)
        row.update(
            properties=properties, updatedAt=iso(now), ms=int(now.timestamp() * 1000), key=int(own)
        )
        self._claim(kind, row)
        self.rows(kind)[own] = row
        self.index.put(kind, row)
        if kind == "deals" and self.automation:
            self._advance_people(own)
        return row

    def _opted_out(self, email: str) -> bool:
        """Whether an address was unsubscribed before there was a contact of it: that stays."""
        said = self.simulator.table("consent").get(email.lower(), {}) if email else {}
        return said.get("status") == "UNSUBSCRIBED"

    def versions(self, row: Row, name: str) -> list[Row]:
        """The values a property had, newest first; those of its creation are kept with the row."""
        found: list[Row] = row.get("history", {}).get(name, [])
        if found or not row["properties"].get(name):
            return found
        source = row.get("source", "CRM_UI")
        value = row["properties"][name]
        return [{"value": value, "timestamp": row["createdAt"], "sourceType": source}]

    def _history(self, row: Row, name: str, text: str, now: str) -> dict[str, list[Row]]:
        newest = {"value": text, "timestamp": now, "sourceType": self.source}
        kept = [newest, *self.versions(row, name)][:MOST_VERSIONS]
        return {**row.get("history", {}), name: kept}

    def _effective(self, kind: str, before: Row, kept: Mapping[str, str]) -> dict[str, str]:
        """What a write really changes: stages go forward only, deals follow their stage."""
        values = dict(kept)
        if kind in {"contacts", "companies"}:
            held = before.get("lifecyclestage", "")
            asked = values.get("lifecyclestage")
            if asked is None and not before and self.automation:
                asked = values["lifecyclestage"] = "lead"
            if asked and held and ORDER.get(asked, 99) < ORDER.get(held, 99):
                del values["lifecyclestage"]
            elif asked and asked in ORDER and asked != held and kind == "contacts":
                values[f"hs_lifecyclestage_{asked}_date"] = iso(self.simulator.now())
        if kind == "deals":
            values.setdefault("pipeline", before.get("pipeline") or "default")
            stage = values.get("dealstage") or before.get("dealstage")
            pipeline = self.simulator.table("pipelines:deals").get(values["pipeline"], {})
            for one in pipeline.get("stages", ()):
                if one["id"] == stage:
                    closed = one["metadata"]["isClosed"]
                    chance = one["metadata"]["probability"]
                    won = closed == "true" and float(chance) == 1
                    values["hs_is_closed"] = closed
                    values["hs_is_closed_won"] = "true" if won else "false"
                    values["hs_deal_stage_probability"] = chance
        return values | passages(kind, before, values, iso(self.simulator.now()))

    def _advance_people(self, deal: str) -> None:
        """A deal makes its people opportunities, a won one customers; never backward."""
        won = self.rows("deals")[deal]["properties"].get("hs_is_closed_won") == "true"
        stage = "customer" if won else "opportunity"
        for contact in self.linked("deals", deal, "contacts"):
            held = self.rows("contacts")[contact]["properties"].get("lifecyclestage", "")
            if ORDER.get(held, -1) < ORDER[stage]:
                source, self.source = self.source, "AUTOMATION_PLATFORM"
                self.write("contacts", {"lifecyclestage": stage}, contact)
                self.source = source

    def archive(self, kind: str, own: str) -> None:
        """Put a record into the bin, from where it can be restored."""
        row = dict(self.rows(kind)[own])
        now = iso(self.simulator.now())
        self._release(kind, row)
        row.update(archived=True, archivedAt=now)
        self.rows(kind)[own] = row
        self.index.drop(kind, row)
        self.happened(kind, "deletion", own)

    def restore(self, kind: str, own: str) -> None:
        """Take a record out of the bin."""
        row = {**self.rows(kind)[own], "archived": False}
        row.pop("archivedAt", None)
        self.rows(kind)[own] = row
        self.write(kind, {}, own)
        self.happened(kind, "restore", own)

    def forget(self, kind: str, own: str) -> None:
        """Delete a record for good (privacy)."""
        self._release(kind, self.rows(kind)[own])
        self.index.drop(kind, self.rows(kind)[own])
        del self.rows(kind)[own]
        self.ids[kind].remove(int(own))
        self.happened(kind, "privacyDeletion", own)

    def merge(self, kind: str, winner: str, loser: str, *, new_id: bool = False) -> Row:
        """Fold ``loser`` into ``winner``; with ``new_id`` the survivor gets an id of its own."""
        rows = self.rows(kind)
        gone = [loser, winner] if new_id else [loser]
        first, second = rows[winner], rows[loser]
        filled = {**second["properties"], **{k: v for k, v in first["properties"].items() if v}}
        stages = [one["properties"].get("lifecyclestage", "") for one in (first, second)]
        furthest = max(stages, key=lambda stage: ORDER.get(stage, -1))
        if furthest:
            filled["lifecyclestage"] = furthest
        mail = [one["properties"].get("email", "") for one in (second, first)]
        extra = {one for one in mail if one and one != filled.get("email")}
        for held in (first, second):
            extra |= set(held["properties"].get("hs_additional_emails", "").split(";"))
        extra -= {"", filled.get("email", "")}
        if extra:
            filled["hs_additional_emails"] = ";".join(sorted(extra))
        older = [
            *first["properties"].get("hs_merged_object_ids", "").split(";"),
            *second["properties"].get("hs_merged_object_ids", "").split(";"),
            *gone,
        ]
        filled["hs_merged_object_ids"] = ";".join(dict.fromkeys(filter(None, older)))
        for one in gone:
            self._release(kind, rows[one])
            self.index.drop(kind, rows[one])
        survivor = self.write(kind, filled, None if new_id else winner)
        for one in gone:
            self._move_links(kind, one, survivor["id"])
            self.simulator.table(f"merged:{kind}")[one] = {"into": survivor["id"]}
            del rows[one]
            self.ids[kind].remove(int(one))
        self.happened(kind, "merge", survivor["id"], primary=winner, merged=loser)
        return survivor

    def linked(self, from_: str, own: str, to: str) -> dict[str, list[int]]:
        """The records tied to one, by id, with the type ids of the tie."""
        row = self.simulator.table(f"links:{from_}:{to}").get(own, {})
        return {str(key): list(value) for key, value in row.items()}

    def link(self, from_: str, own: str, to: str, other: str, *, primary: bool = False) -> None:
        """Tie two records both ways; ``primary`` or the first company is the primary one."""
        for a, one, b, two in ((from_, own, to, other), (to, other, from_, own)):
            ties = self.linked(a, one, b)
            plain, *main = ASSOCIATION_TYPES.get((a, b), (1000,))
            if main and primary:
                ties = {key: [plain] for key in ties}
            first = bool(main) and not any(main[0] in types for types in ties.values())
            ties[two] = [main[0], plain] if first else ties.get(two) or [plain]
            self.simulator.table(f"links:{a}:{b}")[one] = ties
        pair = {from_: own, to: other}
        if set(pair) == {"contacts", "companies"}:
            contact = pair["contacts"]
            label = ASSOCIATION_TYPES["contacts", "companies"][-1]
            held = self.linked("contacts", contact, "companies")
            (company,) = [key for key, types in held.items() if label in types]
            self._touch("contacts", contact, associatedcompanyid=company)
        if set(pair) == {"contacts", "deals"}:
            deal, contact = pair["deals"], pair["contacts"]
            people = str(len(self.linked("deals", deal, "contacts")))
            self._touch("deals", deal, num_associated_contacts=people)
            deals = str(len(self.linked("contacts", contact, "deals")))
            self._touch("contacts", contact, num_associated_deals=deals)

    def unlink(self, from_: str, own: str, to: str, other: str) -> None:
        """Untie two records."""
        for a, one, b, two in ((from_, own, to, other), (to, other, from_, own)):
            ties = self.linked(a, one, b)
            if ties.pop(two, None) is not None:
                self.simulator.table(f"links:{a}:{b}")[one] = ties

    def _touch(self, kind: str, own: str, **values: str) -> None:
        self.write(kind, values, own)

    def _move_links(self, kind: str, gone: str, survivor: str) -> None:
        for other_kind in KINDS:
            for other in self.linked(kind, gone, other_kind):
                self.unlink(kind, gone, other_kind, other)
                self.link(kind, survivor, other_kind, other)

    def _claim(self, kind: str, row: Row) -> None:
        for name, value in self._unique_values(kind, row):
            self.unique.setdefault((kind, name), {})[value] = row["id"]

    def _release(self, kind: str, row: Row) -> None:
        for name, value in self._unique_values(kind, row):
            held = self.unique.get((kind, name), {})
            if held.get(value) == row["id"]:
                del held[value]

    def _unique_values(self, kind: str, row: Row) -> Iterable[tuple[str, str]]:
        properties = row["properties"]
        if kind == "contacts":
            addresses = [properties.get("email", "")]
            addresses += properties.get("hs_additional_emails", "").split(";")
            yield from (("email", one) for one in addresses if one)
        for name in self.simulator.table(f"properties:{kind}"):
            if self.schema(kind)[name]["hasUniqueValue"] and properties.get(name):
                yield name, properties[name].lower()


def _taken(kind: str, name: str, holder: str) -> Problem:
    if name == "email":
        return Problem(
            f"{KINDS[kind][0].capitalize()} already exists. Existing ID: {holder}",
            status=409,
            category="CONFLICT",
        )
    # From memory: how a second record with a taken unique value is refused.
    return Problem(
        f"The value of {name} is already in use. Existing ID: {holder}",
        "CONFLICTING_UNIQUE_VALUE",
        name,
    )
