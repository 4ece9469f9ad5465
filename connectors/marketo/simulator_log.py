"""The activity log of a simulated instance, and the endpoints that follow it.

An answer looks at a stretch of the log and tells what of it was asked for: so it may hold few
activities, or none, with ``moreResult`` true. Sources: Adobe Marketo Engage developer docs
("Activities", "Paging Tokens").
"""

from __future__ import annotations

from base64 import b32decode, b32encode
from binascii import Error as Base32Error
from bisect import bisect_right
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.kit.simulator import Refusal, Request, Response, route
from connectors.marketo.simulator_fields import Fields
from connectors.marketo.simulator_instance import offset, zulu
from connectors.marketo.simulator_schema import ACTIVITY_TYPES

Row = dict[str, Any]
NEW, CHANGED, SCORED, MERGED, DELETED = 12, 13, 22, 32, 37
MOST_ACTIVITIES = 300
MOST_TYPES, MOST_LEADS = 10, 30
STRETCH = 300


class Log(Fields):
    """Activities, oldest first. ``stretch`` is how much of the log one answer looks at.

    ``migrated``: the integer ids of activities are gone, only ``marketoGUID`` is told.
    """

    def __init__(self, *, stretch: int = STRETCH, migrated: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.stretch = stretch
        self.migrated = migrated
        self._log: list[Row] = list(self.table("activities").values())
        self._dates: list[str] = [row["at"] for row in self._log]

    def log(
        self,
        kind: int,
        lead: int,
        *,
        primary: str = "",
        primary_id: int | None = None,
        attributes: Mapping[str, Any] | None = None,
        changed: Mapping[str, Any] | None = None,
    ) -> str:
        """Write an activity down; returns its id. ``changed`` is the field of a data change."""
        own = self.next_id("activities", 1)
        row: Row = {
            "seq": own,
            "at": zulu(self.now()),
            "kind": kind,
            "lead": lead,
            "primary": primary,
            "primary_id": primary_id,
            "attributes": dict(attributes or {}),
            "changed": dict(changed) if changed else None,
        }
        self.table("activities")[str(own)] = row
        self._log.append(row)
        self._dates.append(row["at"])
        return str(own)

    @route("GET", "/rest/v1/activities/pagingtoken.json")
    def paging_token(self, request: Request) -> Response:
        """A token that stands for a time."""
        self.need("Read-Only Activity")
        since = request.args.get("sinceDatetime", "")
        if not since:
            raise self.no("1002", "Missing value for the required parameter 'sinceDatetime'")
        try:
            moment = datetime.fromisoformat(since)
        except ValueError as error:
            raise self.no("704", "Invalid date format") from error
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        # Whatever the log says of this very second is not after it.
        return self.ok(nextPageToken=_token(bisect_right(self._dates, zulu(moment))))

    @route("GET", "/rest/v1/activities/types.json")
    def activity_types(self, request: Request) -> Response:  # noqa: ARG002 - a route
        """The kinds of activity of the instance."""
        self.need("Read-Only Activity")
        found = []
        for own, (name, primary, others) in ACTIVITY_TYPES.items():
            made: Row = {"id": own, "name": name, "description": name, "attributes": []}
            if primary:
                made["primaryAttribute"] = {"name": primary, "dataType": "integer"}
            made["attributes"] = [{"name": one, "dataType": "string"} for one in others]
            found.append(made)
        return self.ok(found)

    @route("GET", "/rest/v1/activities.json")
    def activities(self, request: Request) -> Response:
        """Activities of up to ten kinds."""
        self.need("Read-Only Activity")
        asked = self.asked(request)
        kinds = self.names(asked, "activityTypeIds")
        if not kinds:
            raise self.no("1002", "Missing value for the required parameter 'activityTypeIds'")
        if len(kinds) > MOST_TYPES:
            raise self.no("1003", f"At most {MOST_TYPES} activity types are allowed")
        wanted = {int(one) for one in kinds if one.isdigit()}
        if len(wanted) < len(set(kinds)) or wanted - set(ACTIVITY_TYPES):
            raise self.no("1003", "Invalid activity type")
        return self._follow(
            asked, lambda row: row["kind"] in wanted, lambda row: self._told(row, zulu)
        )

    @route("GET", "/rest/v1/activities/deletedleads.json")
    def deleted_leads(self, request: Request) -> Response:
        """Leads that were deleted."""
        self.need("Read-Only Activity")
        return self._follow(
            self.asked(request),
            lambda row: row["kind"] == DELETED,
            lambda row: self._told(row, offset),
        )

    @route("GET", "/rest/v1/activities/leadchanges.json")
    def lead_changes(self, request: Request) -> Response:
        """New leads, and changes of the fields that are asked for."""
        self.need("Read-Only Activity")
        asked = self.asked(request)
        fields = set(self.names(asked, "fields"))
        if not fields:
            raise self.no("1002", "Missing value for the required parameter 'fields'")
        self.check_fields(fields)
        return self._follow(
            asked,
            lambda row: (
                row["kind"] == NEW or (row["kind"] == CHANGED and row["changed"]["name"] in fields)
            ),
            self._change,
        )

    def _follow(
        self,
        asked: Mapping[str, str],
        wanted: Callable[[Row], bool],
        told: Callable[[Row], Row],
    ) -> Response:
        place = self._place(asked.get("nextPageToken", ""))
        size = min(int(asked.get("batchSize") or MOST_ACTIVITIES), MOST_ACTIVITIES)
        leads = self.names(asked, "leadIds")
        if len(leads) > MOST_LEADS:
            raise self.no("1003", f"At most {MOST_LEADS} lead ids are allowed")
        found: list[Row] = []
        end = min(place + self.stretch, len(self._log))
        while place < end and len(found) < size:
            row = self._log[place]
            place += 1
            if wanted(row) and (not leads or str(row["lead"]) in leads):
                found.append(told(row))
        more = place < len(self._log)
        if found:
            return self.ok(found, nextPageToken=_token(place), moreResult=more)
        return self.ok(nextPageToken=_token(place), moreResult=more)

    def _place(self, token: str) -> int:
        if not token:
            raise self.no("1002", "Missing value for the required parameter 'nextPageToken'")
        try:
            head, _, place = b32decode(token).decode().partition(":")
        except (Base32Error, UnicodeDecodeError, ValueError) as error:
            raise self._bad_token() from error
        if head != "log" or not place.isdigit() or int(place) > len(self._log):
            raise self._bad_token()
        return int(place)

    def _bad_token(self) -> Refusal:
        return self.no("1003", "Invalid nextPageToken")

    def _told(self, row: Row, time: Callable[[datetime], str]) -> Row:
        said: Row = {} if self.migrated else {"id": row["seq"]}
        said |= {
            "marketoGUID": str(row["seq"]),
            "leadId": row["lead"],
            "activityDate": time(datetime.fromisoformat(row["at"])),
            "activityTypeId": row["kind"],
        }
        if row["primary"] or row["primary_id"] is not None:
            said["primaryAttributeValue"] = row["primary"]
            said["primaryAttributeValueId"] = row["primary_id"]
        pairs = row["attributes"].items()
        said["attributes"] = [{"name": name, "value": value} for name, value in pairs]
        return said

    def _change(self, row: Row) -> Row:
        said = self._told(row, offset)
        said.pop("primaryAttributeValue", None)
        said.pop("primaryAttributeValueId", None)
        said["fields"] = [row["changed"]] if row["changed"] else []
        return said


def _token(place: int) -> str:
    return b32encode(f"log:{place}".encode()).decode()
