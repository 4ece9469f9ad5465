"""Reading activities: what people did, of up to ten kinds, in the order of the log.

An activity never changes and cannot be asked for by its id. Which kinds an instance has it tells
itself; the ids of the usual ones are from memory, and those that are not there are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from connectors.kit.base import Page, Record, Ref
from connectors.kit.errors import ContractBroken
from connectors.marketo.api import ACTIVITIES, Api, Row
from connectors.marketo.feeds import at, cursor_text, first_moment, follow, read_cursor
from connectors.marketo.leads import STREAM as LEADS
from connectors.marketo.translate import moment

STREAM = "activities"
USUAL = (2, 6, 7, 8, 9, 10, 11, 27, 46, 104)
"""Form, mail sent, delivered, bounced, unsubscribed, opened, clicked, bounced softly, interesting
moment, progression: ids from memory."""
NAME = "activityType"
"""A field of ours beside ``activityTypeId``: what the kind is called in the instance."""
ATTRIBUTE = "attributes."
"""What stands before the name of an attribute in a flat activity."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a pull is: a paging token, and the time of the last activity, in seconds since 1970."""

    token: str
    at: int

    def text(self) -> str:
        """The cursor."""
        return cursor_text(asdict(self))


class ActivityPuller:
    """Pulls the activities of one instance."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Pages from the cursor on."""
        mark = self._first() if cursor is None else read_cursor(Mark, cursor)
        kinds = self.kinds()
        params = {"activityTypeIds": ",".join(str(one) for one in kinds)}
        since = at(mark.at, self.api.options.overlap)
        for feed in follow(self.api, ACTIVITIES, params, mark.token, since):
            records = [self._record(row, kinds) for row in feed.rows]
            times = [one.changed_at.timestamp() for one in records if one.changed_at is not None]
            mark = Mark(feed.token, int(max(times, default=mark.at)))
            yield Page(records, mark.text())

    def kinds(self) -> dict[int, Row]:
        """The kinds to read, by id; ContractBroken where the operator wants one that is not."""
        known = self.api.types()
        wanted = self.api.options.activity_types
        missing = [str(one) for one in wanted if one not in known]
        if missing:
            raise ContractBroken(
                f"Marketo has no activity type {', '.join(missing)}: check the option "
                "activity_types",
                code="MARKETO_ACTIVITY_TYPE",
            )
        found = {one: known[one] for one in wanted or USUAL if one in known}
        if not found:
            raise ContractBroken(
                "none of the usual activity types is there: set the option activity_types",
                code="MARKETO_ACTIVITY_TYPE",
            )
        return found

    def _first(self) -> Mark:
        since = first_moment(self.api.options, self.api.now())
        return Mark(self.api.token_since(since), int(since.timestamp()))

    def _record(self, row: Row, kinds: Mapping[int, Row]) -> Record:
        name = kinds.get(int(row["activityTypeId"]), {}).get("name")
        return Record(
            stream=STREAM,
            external_id=str(row.get("marketoGUID") or row.get("id")),
            payload={**row, NAME: name},
            changed_at=moment(row.get("activityDate")),
            refs=(Ref(LEADS, str(row["leadId"])),),
        )


def flat(payload: Mapping[str, Any]) -> dict[str, Any]:
    """An activity with its attributes beside the rest, as ``attributes.NAME``."""
    values = {name: value for name, value in payload.items() if name != "attributes"}
    pairs: Sequence[Mapping[str, Any]] = payload.get("attributes") or ()
    return values | {f"{ATTRIBUTE}{one['name']}": one.get("value") for one in pairs}
