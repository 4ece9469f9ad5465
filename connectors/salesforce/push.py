"""Writing leads and contacts: two hundred at a time, or as a job.

New records are upserts by the hub's external id field and so never created twice; known ones are
updates by id. A collection answers 200 with a result for each row. A row that a field spoils is
sent again without it; a row that has moved (converted lead, merged record) is sent after it; a
locked row gets a second chance after the others. What is left is an outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.kit.base import Change, Outcome, Status
from connectors.kit.errors import (
    AuthFailed,
    Conflict,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordGone,
    RecordRejected,
    Unavailable,
)
from connectors.salesforce.api import Api, Row
from connectors.salesforce.describe import Descriptions
from connectors.salesforce.ids import full_id, object_of
from connectors.salesforce.jobs import Jobs
from connectors.salesforce.options import Options
from connectors.salesforce.rows_out import PUSHED, Outgoing, fit, outgoing
from connectors.salesforce.translate import NO_EXTERNAL_ID, Complaint, complaint

BATCH = 200
ROUNDS = 8
"""How often the rows that were refused are sent again, each time with something changed."""
SPOILED_BY_FIELD = frozenset(
    {
        "FIELD_INTEGRITY_EXCEPTION",
        "INVALID_FIELD",
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "INVALID_EMAIL_ADDRESS",
        "INVALID_STATUS",
        "INVALID_TYPE_ON_FIELD_IN_RECORD",
        "NUMBER_OUTSIDE_VALID_RANGE",
        "STRING_TOO_LONG",
    }
)
MOVED_OR_GONE = frozenset(
    {"CANNOT_UPDATE_CONVERTED_LEAD", "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"}
)
LOCKED = "UNABLE_TO_LOCK_ROW"
DUPLICATE_KEY = ("DUPLICATE_VALUE", "DUPLICATE_EXTERNAL_ID")
WHERE_IT_WENT = ("Id", "IsDeleted", "MasterRecordId")
CONVERSION = ("IsConverted", "ConvertedContactId")
Verdict = Outcome | Outgoing


class Pusher:
    """Pushes changes to one org."""

    def __init__(self, api: Api, descriptions: Descriptions, jobs: Jobs, options: Options) -> None:
        self._api = api
        self._descriptions = descriptions
        self._jobs = jobs
        self._options = options
        self._headers = _headers(options)

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change."""
        outcomes: list[Outcome] = []
        pending = list(_sort(map(self._prepare, map(outgoing, changes)), outcomes))
        for _ in range(ROUNDS):
            if not pending:
                return outcomes
            try:
                pending = self._round(pending, outcomes)
            except (RateLimited, Unavailable, AuthFailed) as error:
                return _cut_short(outcomes, pending, error)
        stubborn = RecordRejected(
            f"Salesforce still refused the record after {ROUNDS} attempts, each without the fields "
            "it named",
            code="SALESFORCE_STILL_REFUSED",
        )
        return outcomes + [row.failed(stubborn) for row in pending]

    def _round(self, pending: Sequence[Outgoing], outcomes: list[Outcome]) -> list[Outgoing]:
        """Send the rows once; outcomes are added to, what is to be sent again is returned."""
        again: list[Outgoing] = []
        moved: list[tuple[Outgoing, Complaint]] = []
        for batch in self._batches(pending):
            for row, item in self._send(batch):
                if item.get("success"):
                    outcomes.append(self._written(row, item))
                    continue
                said = complaint(next(iter(item.get("errors") or ({},))))
                if _may_have_moved(row, said):
                    moved.append((row, said))
                else:
                    again += _sort([self._judge(row, said)], outcomes)
        again += _sort(self._after(moved), outcomes)
        return list(_sort(map(self._prepare, again), outcomes))

    def _prepare(self, row: Outgoing) -> Verdict:
        """The row fitted to its object, or an outcome where there is nothing to send."""
        if row.stream not in PUSHED:
            return row.failed(
                RecordRejected(
                    f"Salesforce {row.stream} is read only here: push to Lead or Contact",
                    code="SALESFORCE_STREAM",
                )
            )
        if row.row_id is not None and (full := full_id(row.row_id)) != row.row_id:
            if full is None:
                return row.failed(
                    RecordGone(f"{row.row_id} is no Salesforce id", code="SALESFORCE_MALFORMED_ID")
                )
            row = replace(row, row_id=full)
        described = self._descriptions.of(row.stream)
        key_field = self._options.external_id_field
        has_key = key_field in described.fields
        if row.row_id is None and not has_key:
            return row.failed(
                RecordRejected(
                    f"Salesforce {row.stream} has no field {key_field}: create it as text, "
                    "External ID and Unique, so that no record is created twice, or name another "
                    'under "external_id_field"',
                    code=NO_EXTERNAL_ID,
                )
            )
        converted = (
            self._descriptions.converted_statuses()
            if row.stream == "Lead" and "Status" in row.values
            else frozenset()
        )
        row = fit(row, described, converted)
        keyless = key_field in row.refused or not has_key
        if row.row_id is not None and not row.values:
            return self._nothing_left(row)
        return row if keyless else replace(row, values={**row.values, key_field: row.change.key})

    def _nothing_left(self, row: Outgoing) -> Outcome:
        assert row.row_id is not None  # noqa: S101 - the caller looked
        if row.hops or not row.refused:
            return row.done(row.row_id, Status.UNCHANGED)
        return row.failed(next(iter(row.refused.values())))

    def _batches(self, rows: Sequence[Outgoing]) -> Iterator[list[Outgoing]]:
        """Rows that may share a request: one object, one way of writing, no id or key twice."""
        kinds: dict[tuple[str, bool], list[Outgoing]] = {}
        for row in sorted(rows, key=lambda row: (row.locked, row.row_id or "")):
            kinds.setdefault((row.stream, row.row_id is None), []).append(row)
        for same in kinds.values():
            most = len(same) if len(same) > self._options.bulk_push_threshold else BATCH
            batch: list[Outgoing] = []
            names: set[str] = set()
            for row in same:
                name = row.row_id or row.change.key.lower()
                if name in names or len(batch) == most:
                    yield batch
                    batch, names = [], set()
                batch.append(row)
                names.add(name)
            yield batch

    def _send(self, batch: Sequence[Outgoing]) -> list[tuple[Outgoing, Row]]:
        """The rows with what the org says of each."""
        if len(batch) > BATCH:
            return self._send_job(batch)
        try:
            return self._send_collection(batch)
        except RecordRejected as error:
            if error.code == NO_EXTERNAL_ID or len(batch) == 1:
                code = error.code.removeprefix("SALESFORCE_")
                item = {"errors": [{"statusCode": code, "fields": list(error.fields)}]}
                return [(row, item) for row in batch]
            middle = len(batch) // 2  # one row spoils the request: find it
            return [*self._send(batch[:middle]), *self._send(batch[middle:])]

    def _send_collection(self, batch: Sequence[Outgoing]) -> list[tuple[Outgoing, Row]]:
        stream, creating = batch[0].stream, batch[0].row_id is None
        records = [
            {
                "attributes": {"type": stream},
                **({} if creating else {"id": row.row_id}),
                **row.values,
            }
            for row in batch
        ]
        path = f"/{stream}/{self._options.external_id_field}" if creating else ""
        reply = self._api.request(
            "PATCH",
            f"/composite/sobjects{path}",
            json={"allOrNone": False, "records": records},
            headers=self._headers,
            safe=True,  # the same upsert, or the same update, again ends in the same state
        )
        results = reply.json()
        if not isinstance(results, list) or len(results) != len(batch):
            raise ContractBroken(
                f"Salesforce answered {len(batch)} {stream} rows with "
                f"{len(results) if isinstance(results, list) else 'no'} results",
                code="SALESFORCE_RESULTS",
            )
        return list(zip(batch, results, strict=True))

    def _send_job(self, batch: Sequence[Outgoing]) -> list[tuple[Outgoing, Row]]:
        stream, creating = batch[0].stream, batch[0].row_id is None
        key_field = self._options.external_id_field
        operation = {"object": stream, "operation": "upsert" if creating else "update"}
        if creating:
            operation["externalIdFieldName"] = key_field
        if isinstance(self._options.auto_assign, str):
            operation["assignmentRuleId"] = self._options.auto_assign
        rows = [dict(row.values) if creating else {"Id": row.row_id, **row.values} for row in batch]
        key = key_field if creating else "Id"
        results = self._jobs.ingest(operation, rows, key, self._headers)
        unprocessed: Row = {"errors": [{"statusCode": LOCKED}]}
        return [
            (row, results.get(str(sent[key]), unprocessed))
            for row, sent in zip(batch, rows, strict=True)
        ]

    def _written(self, row: Outgoing, item: Mapping[str, Any]) -> Outcome:
        row_id = full_id(str(item.get("id") or ""))
        if row_id is None or (row.row_id is not None and row_id != row.row_id):
            raise ContractBroken(
                f"Salesforce answered a write to {row.stream} {row.row_id or 'by key'} with "
                "another record's id",
                code="SALESFORCE_RESULTS",
            )
        return row.done(row_id, Status.CREATED if item.get("created") else Status.UPDATED)

    def _judge(self, row: Outgoing, said: Complaint) -> Verdict:
        """What to do about a refused row: send it again with something changed, or give up."""
        named = f" on {', '.join(said.fields)}" if said.fields else ""
        where = f"Salesforce {row.stream} {row.row_id or f'for lead {row.change.key}'}"
        code = f"SALESFORCE_{said.code}"
        if said.code == LOCKED:
            if row.locked:
                return row.failed(Unavailable(f"{where} is locked by another change", code=code))
            return replace(row, locked=1)
        if said.code == "DUPLICATES_DETECTED":
            return row.failed(_duplicate(where, row.stream, said))
        if code == NO_EXTERNAL_ID:
            self._descriptions.forget(row.stream)
            return row.failed(RecordRejected(f"{where}: no external id field", code=NO_EXTERNAL_ID))
        error = RecordRejected(f"{where}: {said.code}{named}", code=code, fields=said.fields)
        key_field = self._options.external_id_field
        if said.code in DUPLICATE_KEY and row.row_id is not None and key_field in row.values:
            # Another record of the org has this lead's key; the rest can still be written.
            return row.without((key_field,), error)
        named_by_it = said.fields or said.quoted
        spoiled = tuple(name for name in named_by_it if name in row.values and name != key_field)
        if said.code not in SPOILED_BY_FIELD or not spoiled:
            return row.failed(error)
        described = self._descriptions.of(row.stream)
        if row.row_id is None and any(described.required(name) for name in spoiled):
            return row.failed(error)
        return row.without(spoiled, error)

    def _after(self, moved: Sequence[tuple[Outgoing, Complaint]]) -> Iterator[Verdict]:
        """Rows that were converted, merged or deleted, sent after the record they became."""
        for stream in {row.stream for row, _ in moved}:
            here = [(row, said) for row, said in moved if row.stream == stream]
            found = self._where_they_went(stream, [row for row, _ in here])
            for row, said in here:
                yield _sent_after(row, said, found.get(row.row_id or row.change.key.lower()))

    def _where_they_went(self, stream: str, rows: Sequence[Outgoing]) -> dict[str, Row]:
        key_field = self._options.external_id_field
        wanted = (*WHERE_IT_WENT, *(CONVERSION if stream == "Lead" else ()), key_field)
        fields = self._descriptions.visible(stream, wanted)
        ids = sorted({row.row_id for row in rows if row.row_id})
        keys = sorted({row.change.key for row in rows if not row.row_id})
        found = {
            row["Id"]: row for row in self._api.rows_in(fields, stream, "Id", ids, deleted=True)
        }
        for row in self._api.rows_in(fields, stream, key_field, keys):
            found[str(row[key_field]).lower()] = row
        return found


def _cut_short(
    outcomes: list[Outcome], pending: Sequence[Outgoing], error: ConnectorError
) -> list[Outcome]:
    """The org stopped answering: raise if nothing was written, else fail what is left."""
    if not any(outcome.status is not Status.FAILED for outcome in outcomes):
        raise error
    known = {outcome.key for outcome in outcomes}
    return outcomes + [row.failed(error) for row in pending if row.change.key not in known]


def _headers(options: Options) -> dict[str, str]:
    headers: dict[str, str] = {}
    if options.allow_duplicates:
        headers["sforce-duplicate-rule-header"] = "allowSave=true; runAsCurrentUser=true"
    if options.auto_assign is False:
        headers["sforce-auto-assign"] = "FALSE"
    elif isinstance(options.auto_assign, str):
        headers["sforce-auto-assign"] = options.auto_assign
    return headers


def _sort(verdicts: Iterable[Verdict], outcomes: list[Outcome]) -> Iterator[Outgoing]:
    """The rows still to be sent; outcomes are put with the others."""
    for verdict in verdicts:
        if isinstance(verdict, Outcome):
            outcomes.append(verdict)
        else:
            yield verdict


def _duplicate(where: str, stream: str, said: Complaint) -> Conflict:
    ids = [full for full in map(full_id, said.existing) if full]
    same = [row_id for row_id in ids if object_of(row_id) == stream]
    existing = next(iter(same or ids), None)
    return Conflict(
        f"{where}: a duplicate rule found {existing or 'a record it does not name'}; link the lead "
        'to it, or set "allow_duplicates" where the rule only alerts',
        existing_id=existing,
        code="SALESFORCE_DUPLICATES_DETECTED",
    )


def _may_have_moved(row: Outgoing, said: Complaint) -> bool:
    """Whether the record itself, and no field of it, is what is wrong."""
    if said.code == "INVALID_CROSS_REFERENCE_KEY" and row.row_id is None:
        return False
    return said.code in MOVED_OR_GONE and not set(said.fields) & set(row.values)


def _sent_after(row: Outgoing, said: Complaint, found: Row | None) -> Verdict:
    where = f"Salesforce {row.stream} {row.row_id or f'for lead {row.change.key}'}"
    gone = RecordGone(f"{where} was deleted", code=f"SALESFORCE_{said.code}")
    if found is None or row.hops > ROUNDS // 2:
        return row.failed(gone)
    if found.get("IsDeleted"):
        master = found.get("MasterRecordId")
        return row.at(row.stream, master) if master else row.failed(gone)
    if found.get("IsConverted") and found.get("ConvertedContactId"):
        return row.at("Contact", found["ConvertedContactId"])
    return row.failed(
        RecordRejected(f"{where}: {said.code}", code=f"SALESFORCE_{said.code}", fields=said.fields)
    )
