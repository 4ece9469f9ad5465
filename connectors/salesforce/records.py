"""Rows to records: what belongs to what, and where merged and converted rows went.

A lead that was converted is a contact from then on, and a merged row is its winner: both come back
as the record that took their place, with the old id among ``previous_ids``. Such a record's version
names the old id too, so that it is not taken for a repetition of the plain one. SystemModstamp
alone is no version: it has whole seconds, and two changes may share one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson

from connectors.kit.base import FieldSpec, Option, Record, Ref
from connectors.kit.errors import ContractBroken
from connectors.salesforce.api import Api, Row
from connectors.salesforce.describe import Descriptions
from connectors.salesforce.histories import HISTORY, Histories
from connectors.salesforce.ids import full_id, object_of
from connectors.salesforce.objects import FIELDS

MOST_HOPS = 10
"""Mergers of mergers followed before we take it for a circle."""
FROM_LEAD = ("Id", "ConvertedDate", "ConvertedAccountId", "ConvertedOpportunityId", "Company")
MADE: Mapping[str, tuple[FieldSpec, ...]] = {
    "Contact": tuple(
        FieldSpec(
            f"ConvertedFromLead.{name}", f"取引の開始前のリード: {name}", kind, writable=False
        )
        for name, kind in zip(
            FROM_LEAD, ("reference", "datetime", "reference", "reference", "text"), strict=True
        )
    ),
    "Opportunity": (
        FieldSpec(
            "outcome",
            "商談の結果",
            "picklist",
            writable=False,
            options=(Option("open", "進行中"), Option("won", "受注"), Option("lost", "失注")),
        ),
    ),
    "Event": (FieldSpec("DurationSeconds", "長さ（秒）", "number", writable=False),),
}
"""Fields that records and ``flatten`` add to the vendor's."""


@dataclass(slots=True)
class _Trail:
    """An id on its way to the record that took its place."""

    at: Ref
    previous: tuple[Ref, ...] = ()
    lead: Row | None = field(default=None)


class Rows:
    """Reads rows by id and makes records of rows."""

    def __init__(
        self, api: Api, descriptions: Descriptions, extra: Mapping[str, Sequence[str]]
    ) -> None:
        self._api = api
        self._descriptions = descriptions
        self._extra = extra
        self._histories = Histories(api, descriptions)

    def fields(self, stream: str) -> list[str]:
        """The fields to select."""
        wanted = (*FIELDS[stream], *self._extra.get(stream, ()))
        return self._descriptions.visible(stream, wanted)

    def records(
        self, stream: str, rows: Sequence[Row], *, with_history: bool = False
    ) -> list[Record]:
        """The records that the rows are now, in their order; followed ones come last.

        ``with_history`` they tell when they entered their stages, which is no part of the version.
        """
        plain: list[Row] = []
        moved: list[_Trail] = []
        for row in rows:
            successor = _successor(stream, row)
            if successor is None:
                plain.append(row)
            else:
                lead = row if stream == "Lead" and not row.get("IsDeleted") else None
                moved.append(_Trail(successor, (Ref(stream, row["Id"]),), lead))
        roles = self._roles(stream, plain)
        found = [_record(stream, row, roles=roles.get(row["Id"], ())) for row in plain]
        if with_history:
            told = self._histories.of(stream, [row for row in plain if not row.get("IsDeleted")])
            found = [
                replace(one, payload={**one.payload, HISTORY: told[one.external_id]})
                if one.external_id in told
                else one
                for one in found
            ]
        return found + self._follow(moved)

    def fetch(self, stream: str, external_ids: Sequence[str]) -> list[Record]:
        """The records that ids lead to now; an id that leads nowhere comes back deleted.

        A contact's id is read as a contact under the lead stream too: duplicate rules name either.
        """
        trails: list[_Trail] = []
        lost: list[Record] = []
        for asked in dict.fromkeys(external_ids):
            known = full_id(asked)
            if known is None:
                lost.append(Record(stream, asked, {"Id": asked}, deleted=True))
                continue
            name = object_of(known) or stream
            trails.append(_Trail(Ref(name, known)))
        return self._follow(trails) + lost

    def _follow(self, trails: Sequence[_Trail]) -> list[Record]:
        found: list[Record] = []
        open_trails = list(trails)
        for _ in range(MOST_HOPS):
            if not open_trails:
                return found
            rows = self._read(trail.at for trail in open_trails)
            going: list[_Trail] = []
            arrived: list[tuple[_Trail, Row | None]] = []
            for trail in open_trails:
                row = rows.get(trail.at)
                successor = _successor(trail.at.stream, row) if row else None
                if successor is None:
                    arrived.append((trail, row))
                    continue
                if row and trail.at.stream == "Lead" and not row.get("IsDeleted"):
                    trail.lead = row
                trail.previous, trail.at = (*trail.previous, trail.at), successor
                going.append(trail)
            found += self._arrive(arrived)
            open_trails = going
        raise ContractBroken(
            f"Salesforce merges go round in a circle from {trails[0].at.stream} "
            f"{open_trails[0].at.external_id}",
            code="SALESFORCE_MERGE_CIRCLE",
        )

    def _arrive(self, arrived: Sequence[tuple[_Trail, Row | None]]) -> list[Record]:
        deals = [row for trail, row in arrived if row and trail.at.stream == "Opportunity"]
        roles = self._roles("Opportunity", deals)
        found: list[Record] = []
        for trail, row in arrived:
            if row is None:
                at = trail.at
                found.append(
                    Record(
                        at.stream,
                        at.external_id,
                        {"Id": at.external_id},
                        deleted=True,
                        previous_ids=trail.previous,
                    )
                )
                continue
            found.append(
                _record(
                    trail.at.stream,
                    row,
                    roles=roles.get(row["Id"], ()),
                    previous=trail.previous,
                    lead=trail.lead,
                )
            )
        return found

    def _read(self, refs: Iterable[Ref]) -> dict[Ref, Row]:
        wanted: dict[str, list[str]] = {}
        for ref in dict.fromkeys(refs):
            wanted.setdefault(ref.stream, []).append(ref.external_id)
        return {
            Ref(name, row["Id"]): row
            for name, ids in wanted.items()
            for row in self._api.rows_in(self.fields(name), name, "Id", ids, deleted=True)
        }

    def _roles(self, stream: str, rows: Sequence[Row]) -> dict[str, tuple[str, ...]]:
        """The contacts of opportunities, the primary one first."""
        ids = [row["Id"] for row in rows if not row.get("IsDeleted")]
        if stream != "Opportunity" or not ids:
            return {}
        found: dict[str, tuple[str, ...]] = {}
        for role in self._api.rows_in(
            ("OpportunityId", "ContactId", "IsPrimary"),
            "OpportunityContactRole",
            "OpportunityId",
            ids,
            more=" ORDER BY IsPrimary DESC, CreatedDate ASC, Id ASC",
        ):
            deal = role["OpportunityId"]
            found[deal] = (*found.get(deal, ()), role["ContactId"])
        return found


def version_of(row: Mapping[str, Any], previous: Sequence[Ref] = ()) -> str:
    """The stamp, a digest of what was read, and the ids that led here."""
    told = {name: value for name, value in row.items() if name != "attributes"}
    content = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
    digest = blake2b(content, digest_size=6).hexdigest()
    stamp = str(row.get("SystemModstamp") or "")
    return "+".join((f"{stamp}/{digest}", *(ref.external_id for ref in previous)))


def moment_of(row: Mapping[str, Any]) -> datetime | None:
    """SystemModstamp as a moment."""
    said = row.get("SystemModstamp")
    return datetime.fromisoformat(said) if isinstance(said, str) else None


def _successor(stream: str, row: Row) -> Ref | None:
    """The record that took this one's place."""
    if row.get("IsDeleted"):
        master = row.get("MasterRecordId")
        return Ref(stream, master) if master else None
    if stream == "Lead" and row.get("IsConverted") and row.get("ConvertedContactId"):
        return Ref("Contact", row["ConvertedContactId"])
    return None


def _record(
    stream: str,
    row: Row,
    *,
    roles: Sequence[str] = (),
    previous: tuple[Ref, ...] = (),
    lead: Row | None = None,
) -> Record:
    refs = _refs(stream, row, roles)
    payload: Mapping[str, Any] = row
    if lead is not None:
        payload = {**row, "ConvertedFromLead": {name: lead.get(name) for name in FROM_LEAD}}
        deal = lead.get("ConvertedOpportunityId")
        refs = (*refs, Ref("Opportunity", deal)) if deal else refs
    return Record(
        stream=stream,
        external_id=row["Id"],
        payload=payload,
        version=version_of(row, previous),
        changed_at=moment_of(row),
        deleted=bool(row.get("IsDeleted")),
        previous_ids=previous,
        refs=refs,
    )


def _refs(stream: str, row: Row, roles: Sequence[str]) -> tuple[Ref, ...]:
    refs: list[Ref] = []
    if stream == "Opportunity":
        contacts = list(roles) or ([row["ContactId"]] if row.get("ContactId") else [])
        refs += [Ref("Contact", contact) for contact in dict.fromkeys(contacts)]
    if stream in ("Contact", "Opportunity") and row.get("AccountId"):
        refs.append(Ref("Account", row["AccountId"]))
    if stream in ("Task", "Event"):
        for tie in (row.get("WhoId"), row.get("WhatId")):
            name = object_of(tie) if tie else None
            if tie and name in ("Lead", "Contact", "Account", "Opportunity"):
                refs.append(Ref(name, tie))
    return tuple(refs)


def flatten(stream: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Flat vendor fields: related ones by dotted name, and what the vendor leaves to be worked out.

    An opportunity gets ``outcome`` (open, won, lost), an event ``DurationSeconds``.
    """
    flat: dict[str, Any] = {}
    for name, value in payload.items():
        if name == "attributes":
            continue
        if isinstance(value, Mapping):
            inner = flatten("", value)
            flat |= {f"{name}.{part}": worth for part, worth in inner.items()}
        else:
            flat[name] = value
    if stream == "Opportunity":
        won, closed = payload.get("IsWon"), payload.get("IsClosed")
        flat["outcome"] = "won" if won else "lost" if closed else "open"
    minutes = payload.get("DurationInMinutes")
    if stream == "Event" and isinstance(minutes, int | float):
        flat["DurationSeconds"] = minutes * 60
    return flat
