"""The call history of the simulated Zoom Phone (Phone OpenAPI document)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.kit.simulator import Request, Response, json_response, route
from connectors.zoom.simulator_events import Row
from connectors.zoom.simulator_reports import LONGEST_WINDOW, Reports
from connectors.zoom.simulator_wire import invalid, refusal, stamp

OLDEST_CALL = timedelta(days=183)
TIMES = ("start_time", "answer_time", "end_time")


class Phone(Reports):
    """Calls of the whole account, seen ``call_lag`` seconds after they ended.

    ``call_list`` is the name of the list in its answers: the documents show ``call_logs`` and
    ``call_history``, whose rows name their id differently.
    """

    def __init__(
        self, *, call_lag: float = 0.0, call_list: str = "call_logs", **options: Any
    ) -> None:
        super().__init__(**options)
        self.call_lag = call_lag
        self.call_list = call_list
        self.calls = self.table("calls")

    @route("GET", "/v2/phone/call_history")
    def call_history(self, request: Request) -> Response:
        """Calls between two moments, a month apart at most, of the last six months."""
        self.allow("PHONE HEAVY", "phone:read:list_call_logs", "phone:read")
        now, args = self.now(), request.args
        if "from" in args and "to" not in args:
            raise invalid("to", "Required when from is given.")
        last = _moment(args["to"], "to", end=True) if "to" in args else now
        first = _moment(args["from"], "from") if "from" in args else now - timedelta(days=1)
        if last < first or last - first > LONGEST_WINDOW:
            raise invalid("from", "The range of from and to should be a month.")
        if first < now - OLDEST_CALL:
            raise invalid("from", "Should fall within the last six months.")
        timed = args.get("time_type", "start_time")
        if timed not in ("start_time", "end_time"):
            raise invalid("time_type", "Invalid field.")
        types = args.getlist("connect_types")
        rows = [
            row
            for row in self.calls.values()
            if first.timestamp() <= row[timed] <= last.timestamp()
            and row["end_time"] + self.call_lag <= now.timestamp()
            and (not types or row["connect_type"] in types)
        ]
        rows.sort(key=lambda row: -float(row["start_time"]))
        return self.page(request, self.call_list, [self._listed_call(row) for row in rows])

    @route("GET", "/v2/phone/call_history/<uuid>")
    def one_call(self, request: Request, uuid: str) -> Response:  # noqa: ARG002 - a route
        """One call. Unverified: the code of one that is unknown."""
        self.allow("PHONE LIGHT", "phone:read:call_log", "phone:read")
        if uuid not in self.calls:
            raise refusal(404, 404, "Call log does not exist.")
        row = self.calls[uuid]
        return json_response({**call(row), "call_history_uuid": uuid, "call_path": []})

    def _listed_call(self, row: Row) -> dict[str, Any]:
        shown = call(row)
        if self.call_list == "call_history":
            shown["call_history_uuid"] = shown.pop("id")
        return shown


def call(row: Row) -> dict[str, Any]:
    """A call as the history shows it; ``answer_time`` is only there where somebody answered."""
    times = {name: stamp(row[name]) for name in TIMES if row[name] is not None}
    return {name: value for name, value in row.items() if name not in TIMES} | times


def _moment(text: str, name: str, *, end: bool = False) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(name, "Should be yyyy-MM-dd or yyyy-MM-ddTHH:mm:ssZ.") from None
    if len(text) == len("2026-01-01"):
        return found.replace(tzinfo=UTC) + (timedelta(days=1) if end else timedelta())
    if found.tzinfo is None:
        raise invalid(name, "Should be yyyy-MM-dd or yyyy-MM-ddTHH:mm:ssZ.")
    return found
