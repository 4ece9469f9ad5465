"""The simulated Meet REST API v2: spaces, conference records, participants and their sessions.

Source: Google's discovery document of Meet v2, as the fact sheet has it. Only the owner of a space
sees its conferences; a record is gone 30 days after the conference; nobody has an e-mail address.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.google_meet.simulator_calendar import Calendars
from connectors.google_meet.simulator_query import packed, unpacked
from connectors.google_meet.simulator_signin import stamp, status_refusal
from connectors.kit.simulator import Request, Response, Table, json_response, route

KEPT = timedelta(days=30)
"""How long after its end a conference's record is kept."""
CONFERENCES, PARTICIPANTS = (25, 100), (100, 250)
"""Default and largest page."""
_TERM = re.compile(r'([a-z_.]+)\s*(>=|<=|>|<|=)\s*"([^"]*)"')
_FIELDS = {
    "start_time": "startTime",
    "end_time": "endTime",
    "earliest_start_time": "earliestStartTime",
    "latest_end_time": "latestEndTime",
    "space.name": "space",
    "space.meeting_code": "meetingCode",
}
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
Row = dict[str, Any]


class Conferences(Calendars):
    """What happened in the meetings of a Workspace."""

    @property
    def records(self) -> Table:
        """Conference records by name."""
        return self.table("records")

    @property
    def participants(self) -> Table:
        """Participants by name, with their sessions."""
        return self.table("participants")

    # -- routes -------------------------------------------------------------------------------

    @route("POST", "/v2/spaces")
    def create_space(self, request: Request) -> Response:
        """Make a space."""
        config = (request.get_json(silent=True) or {}).get("config") or {}
        if config.get("accessType", "TRUSTED") not in ("OPEN", "TRUSTED", "RESTRICTED"):
            raise status_refusal(400, "INVALID_ARGUMENT", "Invalid value at config.access_type")
        return json_response(_space(self.add_space(self.who)))

    @route("GET", "/v2/spaces/<name>")
    def get_space(self, request: Request, name: str) -> Response:  # noqa: ARG002 - a route
        """A space by its id or its meeting code."""
        found = self.spaces.get(f"spaces/{name}") or next(
            (one for one in self.spaces.values() if one["meetingCode"] == name), None
        )
        if found is None or found["owner"] != self.who:
            raise status_refusal(403, "PERMISSION_DENIED", "Permission denied on resource Space")
        return json_response(_space(found))

    @route("GET", "/v2/conferenceRecords")
    def list_records(self, request: Request) -> Response:
        """A page of conferences, the newest first."""
        rows = [
            {**row, "meetingCode": self.spaces[row["space"]]["meetingCode"]}
            for row in self.records.values()
            if self._is_visible(row)
        ]
        chosen = sorted(
            _filtered(rows, request.args.get("filter", ""), "startTime"),
            key=lambda row: str(row["startTime"]),
            reverse=True,
        )
        return self._page(
            request, [_record(row) for row in chosen], "conferenceRecords", CONFERENCES
        )

    @route("GET", "/v2/conferenceRecords/<record>")
    def get_record(self, request: Request, record: str) -> Response:  # noqa: ARG002 - a route
        """One conference."""
        return json_response(_record(self._record(record)))

    @route("GET", "/v2/conferenceRecords/<record>/participants")
    def list_participants(self, request: Request, record: str) -> Response:
        """A page of a conference's participants."""
        rows = self._of(self._record(record)["name"])
        chosen = _filtered(rows, request.args.get("filter", ""), "earliestStartTime")
        shown = [{k: v for k, v in row.items() if k != "sessions"} for row in chosen]
        return self._page(request, shown, "participants", PARTICIPANTS)

    @route("GET", "/v2/conferenceRecords/<record>/participants/<participant>/participantSessions")
    def list_sessions(self, request: Request, record: str, participant: str) -> Response:
        """A page of the times at which a participant came and left."""
        name = f"{self._record(record)['name']}/participants/{participant}"
        row = self.participants.get(name)
        if row is None:
            raise status_refusal(404, "NOT_FOUND", "Requested entity was not found.")
        return self._page(request, list(row["sessions"]), "participantSessions", PARTICIPANTS)

    def _of(self, record: str) -> list[Row]:
        return [
            row
            for name, row in reversed(list(self.participants.items()))
            if name.startswith(f"{record}/")
        ]

    def _record(self, record: str) -> Row:
        row = self.records.get(f"conferenceRecords/{record}")
        if row is None or not self._is_visible(row):
            raise status_refusal(404, "NOT_FOUND", "Requested entity was not found.")
        return row

    def _is_visible(self, row: Row) -> bool:
        ended = row.get("endTime")
        gone = ended is not None and datetime.fromisoformat(ended) + KEPT <= self.now()
        return row["owner"] == self.who and not gone

    def _page(
        self, request: Request, rows: list[Row], name: str, sizes: tuple[int, int]
    ) -> Response:
        text = request.args.get("pageSize", str(sizes[0]))
        if not text.isascii() or not text.isdigit():
            raise status_refusal(400, "INVALID_ARGUMENT", "Invalid value at page_size")
        size = min(int(text) or sizes[0], sizes[1])
        token = request.args.get("pageToken")
        start, asked = unpacked(token) if token else (0, request.args.get("filter", ""))
        if asked != request.args.get("filter", ""):
            raise status_refusal(400, "INVALID_ARGUMENT", "The page token is of another filter")
        body: Row = {name: rows[start : start + size]} if rows[start:] else {}
        if len(rows) > start + size:
            body["nextPageToken"] = packed(start + size, asked)
        return json_response(body)


def _space(row: Row) -> Row:
    shown = {name: row[name] for name in ("name", "meetingUri", "meetingCode")}
    return {**shown, "config": {"accessType": "TRUSTED", "entryPointAccess": "ALL"}}


def _record(row: Row) -> Row:
    ended = row.get("endTime")
    gone = {"expireTime": stamp(datetime.fromisoformat(ended) + KEPT)} if ended else {}
    return {k: row[k] for k in ("name", "startTime", "endTime", "space") if k in row} | gone


def _filtered(rows: Iterable[Row], text: str, first: str) -> list[Row]:
    """The rows a filter leaves; refused where it is none that is understood."""
    found = list(rows)
    for term in re.split(r"\s+AND\s+", text.strip()) if text.strip() else ():
        bare = re.fullmatch(r"(end_time|latest_end_time) IS NULL", term)
        parts = _TERM.fullmatch(term)
        if bare is not None:
            found = [row for row in found if row.get(_FIELDS[bare[1]]) is None]
            continue
        if parts is None or parts[1] not in _FIELDS:
            raise status_refusal(400, "INVALID_ARGUMENT", f"Invalid filter; see {first}")
        name, compare = _FIELDS[parts[1]], _COMPARE[parts[2]]
        wanted = _comparable(parts[3], parts[1])
        found = [
            row
            for row in found
            if row.get(name) is not None and compare(_comparable(row[name], parts[1]), wanted)
        ]
    return found


def _comparable(value: str, name: str) -> Any:
    if not name.endswith("_time"):
        return value
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except ValueError:
        raise status_refusal(400, "INVALID_ARGUMENT", f"Invalid time in filter: {name}") from None
