"""The rows of the simulated org, and what saving, finding and deleting them does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from connectors.kit.simulator import BaseSimulator
from connectors.salesforce.simulator_fields import Stage
from connectors.salesforce.simulator_history import notes
from connectors.salesforce.simulator_ids import PREFIXES, make_id, read_id
from connectors.salesforce.simulator_rules import DmlError, clean, stamp
from connectors.salesforce.simulator_schema import Schema

Row = dict[str, Any]
Undo = list[tuple[str, str, Row | None]]
"""Writes to take back: object, id, and the row as it was."""
BY_PREFIX = {prefix: name for name, prefix in PREFIXES.items()}
VIRTUAL = ("LeadStatus", "OpportunityStage", "RecordType")
INDEXED = (("Lead", "Email"), ("Contact", "Email"))
CONVERTED_STATUS = "INVALID_STATUS"
"""Unverified: the code for setting a converted Status on a lead that is not converted."""


class Org:
    """One org's data. ``duplicates`` is its duplicate rule on the e-mail of leads and contacts."""

    def __init__(self, simulator: BaseSimulator, schema: Schema) -> None:
        self.simulator = simulator
        self.schema = schema
        self.duplicates: Literal["off", "alert", "block"] = "off"
        self.duplicate_key = "duplicateResut"
        self.locked: dict[str, int] = {}
        self._made: dict[str, Row] = {}
        self._index: dict[tuple[str, str], dict[str, set[str]]] = {}
        self._undo: Undo | None = None

    def object_of(self, row_id: str, expected: str) -> bool:
        """Whether an id is one of the object's."""
        return row_id.startswith(PREFIXES[expected])

    def rows(self, name: str) -> Iterable[Row]:
        """All rows of an object, deleted ones too."""
        if name in VIRTUAL:
            return self._virtual(name)
        return self.simulator.table(name).values()

    def find(self, row_id: str | None) -> Row | None:
        """The row with an id (15 or 18 characters), deleted or not."""
        full = read_id(row_id)
        if full is None:
            return None
        if full in self._made:
            return self._made[full]
        name = BY_PREFIX.get(full[:3])
        return self.simulator.table(name).get(full) if name and name not in VIRTUAL else None

    def by_value(self, name: str, field: str, value: str) -> list[str]:
        """The ids of the rows that hold a value in a unique or e-mail field, in any case."""
        return sorted(self._values(name, field).get(value.lower(), ()))

    def put(self, name: str, row: Row, *, touch: bool = True) -> None:
        """Store a row; ``touch`` moves its SystemModstamp to now."""
        table = self.simulator.table(name)
        old = table.get(row["Id"])
        if self._undo is not None:
            self._undo.append((name, row["Id"], old))
        if touch:
            now = stamp(self.simulator.now())
            row = {**row, "SystemModstamp": now, "LastModifiedDate": now}
        self._store(name, row["Id"], old, row)
        for history, noted in notes(name, old, row):
            self._note(history, noted)

    def _note(self, name: str, noted: Row) -> None:
        row_id = make_id(PREFIXES[name], self.simulator.next_id(f"id:{name}"))
        row = {"Id": row_id, "IsDeleted": False, "CreatedDate": stamp(self.simulator.now())}
        self.put(name, {**row, **noted}, touch=name == "OpportunityHistory")

    def insert(self, name: str, values: Mapping[str, Any], *, allow_save: bool = False) -> str:
        """The id of a new row."""
        fields = self.schema.fields(name)
        cleaned = clean(name, fields, values, creating=True)
        self._check(name, None, cleaned, allow_save)
        number = self.simulator.next_id(f"id:{name}")
        row: Row = {"Id": make_id(PREFIXES[name], number)}
        for field in self.schema.objects[name].values():
            if field.type == "boolean":
                row[field.name] = False
            elif field.default is not None:
                row[field.name] = field.default
        now = stamp(self.simulator.now())
        row |= {"CreatedDate": now, "OwnerId": self.owner()} if name != "User" else {}
        row |= {key: value for key, value in cleaned.items() if value is not None}
        self.put(name, self._derived(name, row))
        return str(row["Id"])

    def update(
        self, name: str, row_id: str, values: Mapping[str, Any], *, allow_save: bool = False
    ) -> None:
        """Change some fields of a row."""
        row = self.existing(name, row_id)
        if row.get("IsConverted"):
            raise DmlError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        cleaned = clean(name, self.schema.fields(name), values, creating=False)
        self._check(name, row, cleaned, allow_save)
        self.put(name, self._derived(name, {**row, **cleaned}))

    def delete(self, name: str, row_id: str) -> None:
        """Move a row to the recycle bin."""
        self.put(name, {**self.existing(name, row_id), "IsDeleted": True})

    def existing(self, name: str, row_id: Any) -> Row:
        """The row that is there to be written to."""
        full = read_id(row_id)
        if full is None or not full.startswith(PREFIXES[name]):
            raise DmlError("MALFORMED_ID", f"{name} ID: id value of incorrect type: {row_id}", "Id")
        row = self.find(full)
        if row is None:
            raise DmlError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if self.locked.get(full, 0) > 0:
            self.locked[full] -= 1
            raise DmlError(
                "UNABLE_TO_LOCK_ROW",
                f"unable to obtain exclusive access to this record or 1 records: {full}",
            )
        if row.get("IsDeleted"):
            raise DmlError("ENTITY_IS_DELETED", "entity is deleted")
        return row

    def purge(self, name: str, row_id: str) -> None:
        """Empty one row from the recycle bin: nothing tells of it any more."""
        row = self.find(row_id)
        if row is not None:
            self._store(name, row["Id"], row, None)

    @contextmanager
    def all_or_none(self) -> Iterator[None]:
        """Undo every write of the block when it raises. Blocks may lie in one another."""
        outer = self._undo
        inner: Undo = []
        self._undo = inner
        try:
            yield
        except BaseException:
            for name, row_id, old in reversed(inner):
                current = self.simulator.table(name).get(row_id)
                self._store(name, row_id, current, old)
            raise
        else:
            if outer is not None:
                outer.extend(inner)
        finally:
            self._undo = outer

    @contextmanager
    def without_duplicate_rule(self) -> Iterator[None]:
        """Save what the duplicate rule would stop: conversion, and the planting of records."""
        rule, self.duplicates = self.duplicates, "off"
        try:
            yield
        finally:
            self.duplicates = rule

    def owner(self) -> str:
        """The user who owns what nobody else does."""
        return str(next(iter(self.simulator.table("User")), ""))

    def stage(self, name: str, value: Any) -> Stage | None:
        """The row of LeadStatus or OpportunityStage with an API name."""
        return next((s for s in self.schema.stages[name] if s.value == value), None)

    def _check(self, name: str, row: Row | None, values: Row, allow_save: bool) -> None:
        own = row["Id"] if row else None
        status = self.stage("LeadStatus", values.get("Status")) if name == "Lead" else None
        if status is not None and status.converted:
            raise DmlError(
                CONVERTED_STATUS, "a converted status is set by converting the lead", "Status"
            )
        for field in self.schema.objects[name].values():
            value = values.get(field.name)
            if value is None:
                continue
            if field.type == "reference" and self.find(value) is None:
                raise DmlError(
                    "INVALID_CROSS_REFERENCE_KEY", f"{field.name}: invalid cross reference id"
                )
            held = set(self.by_value(name, field.name, value)) - {own} if field.unique else set()
            if held:
                raise DmlError(
                    "DUPLICATE_VALUE",
                    f"duplicate value found: {field.name} duplicates value on record with id: "
                    f"{min(held)}",
                )
        email = values.get("Email")
        if email and (row is None or row.get("Email") != email):
            self._duplicates(own, str(email), allow_save)

    def _duplicates(self, own: str | None, email: str, allow_save: bool) -> None:
        alert = self.duplicates == "alert"
        if self.duplicates == "off" or (alert and allow_save):
            return
        found = [i for name, field in INDEXED for i in self.by_value(name, field, email)]
        found = [row_id for row_id in found if row_id != own]
        if not found:
            return
        matches = [
            {"record": {"attributes": {"type": BY_PREFIX[i[:3]]}, "Id": i}, "matchConfidence": 100}
            for i in found
        ]
        verdict = {
            "allowSave": alert,
            "duplicateRule": "Renkei_Email_Rule",
            "duplicateRuleEntityType": "Lead",
            "errorMessage": "Use one of these records?",
            "matchResults": [
                {
                    "entityType": BY_PREFIX[found[0][:3]],
                    "errors": [],
                    "matchEngine": "ExactMatchEngine",
                    "matchRecords": matches,
                    "rule": "Email_Match",
                    "size": len(matches),
                    "success": True,
                }
            ],
        }
        raise DmlError(
            "DUPLICATES_DETECTED", "Use one of these records?", extra={self.duplicate_key: verdict}
        )

    def _derived(self, name: str, row: Row) -> Row:
        if name in ("Lead", "Contact"):
            row["Name"] = " ".join(filter(None, (row.get("LastName"), row.get("FirstName"))))
        if name == "Opportunity":
            stage = self.stage("OpportunityStage", row.get("StageName")) or Stage("")
            row |= {"IsClosed": stage.closed, "IsWon": stage.won, "Probability": stage.probability}
        if name == "Task" and row.get("Status") == "Completed":
            row.setdefault("CompletedDateTime", stamp(self.simulator.now()))
        return row

    def _values(self, name: str, field: str) -> dict[str, set[str]]:
        key = (name, field)
        if key not in self._index:
            index: dict[str, set[str]] = defaultdict(set)
            for row in self.simulator.table(name).values():
                if row.get(field) and not row.get("IsDeleted"):
                    index[str(row[field]).lower()].add(row["Id"])
            self._index[key] = index
        return self._index[key]

    def _store(self, name: str, row_id: str, old: Row | None, new: Row | None) -> None:
        table = self.simulator.table(name)
        for (owner, field), index in self._index.items():
            if owner != name:
                continue
            if old and old.get(field):
                index[str(old[field]).lower()].discard(row_id)
            if new and new.get(field) and not new.get("IsDeleted"):
                index[str(new[field]).lower()].add(row_id)
        if new is not None:
            table[row_id] = new
        elif row_id in table:
            del table[row_id]

    def _virtual(self, name: str) -> list[Row]:
        if name == "RecordType":
            found: list[Row] = [
                {"Id": kind.id, "Name": kind.name, "SobjectType": owner, "IsActive": True}
                for owner, kinds in self.schema.record_types.items()
                for kind in kinds
            ]
        else:
            first = 1 if name == "LeadStatus" else 1001
            found = [
                {
                    "Id": make_id(PREFIXES[name], first + n),
                    "ApiName": stage.value,
                    "MasterLabel": stage.value,
                    "SortOrder": n + 1,
                    "IsDefault": stage.default,
                    "IsConverted": stage.converted,
                    "IsClosed": stage.closed,
                    "IsWon": stage.won,
                    "IsActive": stage.active,
                    "DefaultProbability": stage.probability,
                }
                for n, stage in enumerate(self.schema.stages[name])
            ]
        self._made |= {row["Id"]: row for row in found}
        return found
