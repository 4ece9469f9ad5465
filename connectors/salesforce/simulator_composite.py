"""The simulated composite resource: several requests in one, each after the one before.

Salesforce REST API guide, "Composite": 25 requests at most, ``@{reference.field}`` takes a value
from an earlier answer, ``allOrNone`` undoes all of them where one fails. Counts as one call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder

from connectors.kit.simulator import Refusal, Request, Response, json_response, route
from connectors.salesforce.simulator_base import OrgSimulator, refusal

MOST_REQUESTS = 25
REFERENCE = re.compile(r"@\{(\w+)\.?([\w.\[\]]*)\}")
HALTED = "PROCESSING_HALTED"
MESSAGE = "The transaction was rolled back since another operation in the same transaction failed."
Row = dict[str, Any]


class _Failed(Exception):
    """One request of several that are done all or none was refused."""


class CompositeRoutes(OrgSimulator):
    """``POST /composite``."""

    @route("POST", "/services/data/<version>/composite")
    def composite(self, request: Request, version: str) -> Response:  # noqa: ARG002
        """Run requests in order and answer with all their answers."""
        body = self.body(request)
        asked = body.get("compositeRequest")
        if not isinstance(asked, list) or not 0 < len(asked) <= MOST_REQUESTS:
            raise refusal(400, "INVALID_INPUT", f"1 to {MOST_REQUESTS} requests are allowed")
        if not body.get("allOrNone"):
            return json_response({"compositeResponse": self._run_all(request, asked, whole=False)})
        answers: list[Row] = []
        try:
            with self.org.all_or_none():
                answers = self._run_all(request, asked, whole=True, answers=answers)
        except _Failed:
            failed = answers[-1]
            rest = [one["referenceId"] for one in asked[len(answers) :]]
            before = [one["referenceId"] for one in answers[:-1]]
            answers = [*map(_halted, before), failed, *map(_halted, rest)]
        return json_response({"compositeResponse": answers})

    def _run_all(
        self, request: Request, asked: list[Row], *, whole: bool, answers: list[Row] | None = None
    ) -> list[Row]:
        found: list[Row] = [] if answers is None else answers
        for one in asked:
            found.append(self._run(request, one, {a["referenceId"]: a["body"] for a in found}))
            if whole and found[-1]["httpStatusCode"] >= 400:
                raise _Failed
        return found

    def _run(self, request: Request, one: Row, before: Mapping[str, Any]) -> Row:
        try:
            url = str(_filled(one["url"], before))
            body = _filled(one.get("body"), before)
            answer = self._inner(request, str(one["method"]), url, body, one.get("httpHeaders"))
        except KeyError as error:
            message = f"Invalid reference specified. No value for {error} found"
            answer = refusal(400, HALTED, message).response
        read = answer.get_data()
        location = answer.headers.get("Location")
        return {
            "body": orjson.loads(read) if read else None,
            "httpHeaders": {"Location": location} if location else {},
            "httpStatusCode": answer.status_code,
            "referenceId": one.get("referenceId"),
        }

    def _inner(self, outer: Request, method: str, url: str, body: Any, headers: Any) -> Response:
        parts = urlsplit(url)
        kept = {k: v for k, v in outer.headers.items() if k.lower().startswith("sforce-")}
        environ = EnvironBuilder(
            path=parts.path,
            query_string=parts.query,
            method=method,
            data=orjson.dumps(body) if body is not None else None,
            headers=Headers(kept | dict(headers or {})),
        ).get_environ()
        try:
            endpoint, values = self._map.bind_to_environ(environ).match()
            answer: Response = getattr(self, endpoint)(Request(environ), **values)
        except Refusal as refused:
            return refused.response
        except HTTPException as error:
            return self.refuse(Request(environ), error)
        return answer


def _halted(reference: str) -> Row:
    return {
        "body": [{"errorCode": HALTED, "message": MESSAGE}],
        "httpHeaders": {},
        "httpStatusCode": 400,
        "referenceId": reference,
    }


def _filled(value: Any, before: Mapping[str, Any]) -> Any:
    """``value`` with the references in its texts replaced; KeyError where there is no such."""
    if isinstance(value, dict):
        return {key: _filled(one, before) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, before) for one in value]
    if not isinstance(value, str):
        return value
    return REFERENCE.sub(lambda found: str(_at(before[found[1]], found[2])), value)


def _at(answer: Any, path: str) -> Any:
    for step in re.findall(r"\w+", path):
        if isinstance(answer, list) and step.isdigit() and int(step) < len(answer):
            answer = answer[int(step)]
        elif isinstance(answer, dict):
            answer = answer[step]
        else:  # an answer that refused is a list of errors
            raise KeyError(path)
    return answer
