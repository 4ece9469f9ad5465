"""The simulated Bulk API 2.0: ingest and query jobs over CSV; each poll moves a job on."""

from __future__ import annotations

import csv
import io
from typing import Any

from connectors.kit.simulator import Refusal, Request, Response, json_response, route
from connectors.salesforce.simulator_base import allows_duplicates, refusal
from connectors.salesforce.simulator_collections import CollectionRoutes
from connectors.salesforce.simulator_query import Runner
from connectors.salesforce.simulator_rules import NUMBER, DmlError, stamp
from connectors.salesforce.simulator_soql import SoqlError, parse

NULL = "#N/A"
NEXT = {"UploadComplete": "InProgress", "InProgress": "JobComplete"}
Row = dict[str, Any]


class BulkRoutes(CollectionRoutes):
    """Jobs. The first poll after an upload finds a job in progress, the second finds it done."""

    @route("POST", "/services/data/<version>/jobs/query")
    def open_query(self, request: Request, version: str) -> Response:
        """A query job; a query with COUNT() or one that cannot be read is refused."""
        body = self.body(request)
        try:
            query = parse(str(body.get("query", "")))
            runner = Runner(self.org, query)
        except SoqlError as error:
            raise refusal(400, error.code, error.message) from error
        if query.count:
            raise refusal(400, "INVALIDJOB", "Aggregate queries are not supported")
        job = self._job(version, body, kind="query", object=runner.object, state="UploadComplete")
        return json_response(_public(job))

    @route("GET", "/services/data/<version>/jobs/query/<job_id>")
    def query_state(self, request: Request, version: str, job_id: str) -> Response:  # noqa: ARG002
        """The job, one step further."""
        job = self._advance(job_id)
        if job["state"] == "JobComplete" and "ids" not in job:
            runner = Runner(self.org, parse(job["query"]))
            ids = runner.ids(deleted=job["operation"] == "queryAll")
            self._put({**job, "ids": ids, "numberRecordsProcessed": len(ids)})
        return json_response(_public(self._job_of(job_id)))

    @route("GET", "/services/data/<version>/jobs/query/<job_id>/results")
    def query_results(self, request: Request, version: str, job_id: str) -> Response:
        """A slice of the rows as CSV; ``Sforce-Locator`` says where the next begins."""
        job = self._job_of(job_id)
        if job["state"] != "JobComplete":
            raise refusal(400, "INVALIDJOBSTATE", "The job is not complete")
        start = _whole(request, "locator", 0)
        size = _whole(request, "maxRecords", 50_000)
        query = parse(job["query"])
        runner = Runner(self.org, query)
        chosen = job["ids"][start : start + size]
        shown = [runner.show(row_id, version) for row_id in chosen]
        rows = [[_cell(row, name) for name in query.fields] for row in shown]
        more = start + size < len(job["ids"])
        return _csv(
            [list(query.fields), *rows],
            {
                "Sforce-Locator": str(start + size) if more else "null",
                "Sforce-NumberOfRecords": str(len(rows)),
            },
        )

    @route("POST", "/services/data/<version>/jobs/ingest")
    def open_ingest(self, request: Request, version: str) -> Response:
        """An ingest job that waits for its CSV."""
        body = self.body(request)
        name = next((n for n in self.schema.objects if n == body.get("object")), None)
        if name is None or body.get("operation") not in ("insert", "update", "upsert", "delete"):
            raise refusal(400, "INVALIDJOB", "object and operation are required")
        if body["operation"] == "upsert":
            self._check_key(name, str(body.get("externalIdFieldName", "")))
        job = self._job(version, body, kind="ingest", object=name, state="Open")
        job["allow"] = allows_duplicates(request)
        self._put(job)
        return json_response(_public(job))

    def _check_key(self, name: str, field: str) -> None:
        try:
            self._by_external(name, field, "")
        except Refusal:
            message = (
                f"InvalidJob : Field name provided, {field} does not match an External ID, "
                f"Salesforce Id, or indexed field for {name}"
            )
            raise refusal(400, "INVALIDJOB", message) from None

    @route("GET", "/services/data/<version>/jobs/<kind>")
    def list_jobs(self, request: Request, version: str, kind: str) -> Response:  # noqa: ARG002
        """The jobs of a kind, ``ingest`` or ``query``."""
        if kind not in ("ingest", "query"):
            raise refusal(404, "NOT_FOUND", "The requested resource does not exist")
        found = [_public(job) for job in self.table("_jobs").values() if job["kind"] == kind]
        return json_response({"done": True, "nextRecordsUrl": None, "records": found})

    @route("DELETE", "/services/data/<version>/jobs/<kind>/<job_id>")
    def delete_job(self, request: Request, version: str, kind: str, job_id: str) -> Response:  # noqa: ARG002
        """Forget a job that is not running."""
        job = self._job_of(job_id)
        if job["kind"] != kind or job["state"] in ("Open", "InProgress"):
            raise refusal(400, "INVALIDJOBSTATE", f"The job is {job['state']}")
        del self.table("_jobs")[job_id]
        return Response(status=204)

    @route("PATCH", "/services/data/<version>/jobs/query/<job_id>")
    def abort_query(self, request: Request, version: str, job_id: str) -> Response:  # noqa: ARG002
        """Stop a query job."""
        if self.body(request).get("state") != "Aborted":
            raise refusal(400, "INVALIDJOBSTATE", "A query job can only be aborted")
        self._put({**self._job_of(job_id), "state": "Aborted"})
        return json_response(_public(self._job_of(job_id)))

    @route("PUT", "/services/data/<version>/jobs/ingest/<job_id>/batches")
    def upload(self, request: Request, version: str, job_id: str) -> Response:  # noqa: ARG002
        """Take the CSV, once."""
        job = self._job_of(job_id)
        if job["state"] != "Open" or "csv" in job:
            raise refusal(400, "INVALIDJOBSTATE", "The job takes one upload while it is open")
        self._put({**job, "csv": request.get_data(as_text=True)})
        return Response(status=201)

    @route("PATCH", "/services/data/<version>/jobs/ingest/<job_id>")
    def close_ingest(self, request: Request, version: str, job_id: str) -> Response:  # noqa: ARG002
        """UploadComplete or Aborted."""
        state = self.body(request).get("state")
        if state not in ("UploadComplete", "Aborted"):
            raise refusal(400, "INVALIDJOBSTATE", f"The job cannot become {state}")
        self._put({**self._job_of(job_id), "state": state})
        return json_response(_public(self._job_of(job_id)))

    @route("GET", "/services/data/<version>/jobs/ingest/<job_id>")
    def ingest_state(self, request: Request, version: str, job_id: str) -> Response:  # noqa: ARG002
        """The job, one step further; the rows are saved when it completes."""
        job = self._advance(job_id)
        if job["state"] == "JobComplete" and "done" not in job:
            self._put(self._ingest(job))
        return json_response(_public(self._job_of(job_id)))

    @route("GET", "/services/data/<version>/jobs/ingest/<job_id>/<which>")
    def ingest_results(self, request: Request, version: str, job_id: str, which: str) -> Response:  # noqa: ARG002
        """successfulResults, failedResults or unprocessedrecords as CSV."""
        job = self._job_of(job_id)
        heads = {
            "successfulResults": ["sf__Id", "sf__Created"],
            "failedResults": ["sf__Id", "sf__Error"],
            "unprocessedrecords": [],
        }
        which = "unprocessedrecords" if which.lower() == "unprocessedrecords" else which
        if which not in heads:
            raise refusal(404, "NOT_FOUND", "The requested resource does not exist")
        rows = job.get("done" if which == "successfulResults" else "failed", [])
        rows = [] if which == "unprocessedrecords" else rows
        return _csv([heads[which] + job.get("columns", []), *rows], {})

    def _ingest(self, job: Row) -> Row:
        reader = csv.DictReader(io.StringIO(job.get("csv", "")))
        columns = list(reader.fieldnames or [])
        done: list[list[str]] = []
        failed: list[list[str]] = []
        for row in reader:
            cells = [row[c] or "" for c in columns]
            try:
                saved = self._ingest_row(job, {c: row[c] or "" for c in columns})
                done.append([saved["id"], str(saved.get("created", False)).lower(), *cells])
            except DmlError as error:
                what = f"{error.code}:{error.message}:{','.join(error.fields)} --"
                failed.append([row.get("Id") or "", what, *cells])
        counts = {
            "numberRecordsProcessed": len(done) + len(failed),
            "numberRecordsFailed": len(failed),
        }
        return {**job, "columns": columns, "done": done, "failed": failed, **counts}

    def _ingest_row(self, job: Row, cells: dict[str, str]) -> Row:
        name, operation = job["object"], job["operation"]
        if operation == "delete":
            self.org.delete(name, cells["Id"])
            return {"id": cells["Id"]}
        values = {c: self._typed(name, c, text) for c, text in cells.items() if text and c != "Id"}
        if operation == "update":
            self.org.update(name, cells.get("Id", ""), values, allow_save=job["allow"])
            return {"id": cells["Id"]}
        if operation == "insert":
            created = self.org.insert(name, values, allow_save=job["allow"])
            return {"id": created, "created": True}
        return self._upsert_row(name, job["externalIdFieldName"], values, job["allow"])

    def _typed(self, name: str, column: str, text: str) -> Any:
        """A cell's value: an empty cell is left alone before this, ``#N/A`` empties the field."""
        field = self.schema.fields(name).get(column)
        if text == NULL:
            return None
        if field is not None and field.type == "boolean" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if field is not None and field.type in NUMBER:
            try:
                return float(text)
            except ValueError:
                return text
        return text

    def _job(self, version: str, body: Row, **more: Any) -> Row:
        number = self.next_id("job")
        job: Row = {
            "id": f"750IR{number:010d}AAA",
            "createdDate": stamp(self.now()),
            "contentType": "CSV",
            "apiVersion": float(version[1:]),
            "lineEnding": body.get("lineEnding", "LF"),
            "columnDelimiter": "COMMA",
            **{k: body[k] for k in ("operation", "query", "externalIdFieldName") if k in body},
            **more,
        }
        if job["kind"] == "ingest":
            job["contentUrl"] = f"services/data/{version}/jobs/ingest/{job['id']}/batches"
        self._put(job)
        return job

    def _put(self, job: Row) -> None:
        self.table("_jobs")[job["id"]] = job

    def _job_of(self, job_id: str) -> Row:
        job = self.table("_jobs").get(job_id)
        if job is None:
            raise refusal(404, "NOT_FOUND", "The requested resource does not exist")
        return job

    def _advance(self, job_id: str) -> Row:
        job = self._job_of(job_id)
        self._put({**job, "state": NEXT.get(job["state"], job["state"])})
        return self._job_of(job_id)


def _whole(request: Request, name: str, default: int) -> int:
    said = request.args.get(name) or str(default)
    if not said.isdigit():
        raise refusal(400, "INVALIDJOB", f"{name} is invalid: {said}")
    return int(said)


def _public(job: Row) -> Row:
    hidden = ("csv", "ids", "done", "failed", "columns", "kind", "allow", "query")
    return {name: value for name, value in job.items() if name not in hidden}


def _cell(shown: Row, name: str) -> str:
    value: Any = shown
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return text.replace("+0000", "Z") if text.endswith(".000+0000") else text


def _csv(rows: list[list[str]], headers: dict[str, str]) -> Response:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return Response(text.getvalue(), headers=headers, content_type="text/csv; charset=UTF-8")
