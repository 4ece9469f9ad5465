"""What the streams hold: Zoom's own fields, which are always the same, and an event's questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.kit.base import FieldSpec, Option
from connectors.zoom.api import Api, number_of
from connectors.zoom.records import CALLS, PARTICIPANTS, QUESTION, kind_of

LONGEST_ANSWER = 128
MOST_EVENTS = 20
"""Events whose questions are asked for where a stream is about all of them: the latest ones."""
PICKLISTS: Mapping[str, tuple[str, ...]] = {
    "purchasing_time_frame": (
        "Within a month",
        "1-3 months",
        "4-6 months",
        "More than 6 months",
        "No timeframe",
    ),
    "role_in_purchase_process": (
        "Decision Maker",
        "Evaluator/Recommender",
        "Influencer",
        "Not involved",
    ),
    "no_of_employees": (
        "1-20",
        "21-50",
        "51-100",
        "101-500",
        "500-1,000",
        "1,001-5,000",
        "5,001-10,000",
        "More than 10,000",
    ),
}
"""Values that Zoom takes, and no others (Meetings OpenAPI document, add a registrant)."""
_TEXTS = {
    "org": "Organization",
    "job_title": "Job title",
    "industry": "Industry",
    "address": "Address",
    "city": "City",
    "state": "State/Province",
    "zip": "Zip/Postal code",
    "country": "Country/Region",
    "comments": "Questions and comments",
}
WRITABLE: Mapping[str, FieldSpec] = {
    spec.name: spec
    for spec in (
        FieldSpec("email", "Email", "email", required=True, max_length=128),
        FieldSpec("first_name", "First name", "text", required=True, max_length=64),
        FieldSpec("last_name", "Last name", "text", max_length=64),
        FieldSpec("phone", "Phone", "phone"),
        *(FieldSpec(name, label, "text") for name, label in _TEXTS.items()),
        *(
            FieldSpec(
                name,
                name.replace("_", " ").capitalize(),
                "picklist",
                options=tuple(Option(value, value) for value in values),
            )
            for name, values in PICKLISTS.items()
        ),
    )
}
"""Fields of a registrant that can be written when somebody is registered."""
_READ = {
    "text": (
        "id status full_name event.id event.topic event.type event.timezone "
        "tracking_source.id tracking_source.source_name tracking_source.tracking_url"
    ),
    "datetime": "create_time event.start_time",
    "number": "event.duration",
}
_PARTICIPANT = {
    "text": "registrant_id name event.id event.kind event.uuid event.topic event.type",
    "email": "user_email",
    "datetime": "join_time leave_time event.start_time event.end_time",
    "number": "seconds sessions",
}
_CALL = {
    "text": (
        "id call_id direction connect_type call_type call_result recording_status department "
        "client_code person.name agent.name"
    ),
    "phone": "person.number",
    "email": "person.email agent.email",
    "datetime": "start_time answer_time end_time",
    "number": "duration talk_seconds",
    "boolean": "missed",
}
_TYPES = {"short": "text", "single_radio": "picklist", "single_dropdown": "picklist"}


def specs(api: Api, stream: str) -> list[FieldSpec]:
    """The fields of a stream; of registrants with the questions of its event, or of the latest."""
    name = stream.partition(":")[0]
    if name == CALLS:
        return _fixed(_CALL)
    if name in PARTICIPANTS:
        return _fixed(_PARTICIPANT)
    kind, event_id = kind_of(stream)
    wanted = [event_id] if event_id else [str(number_of(row)) for row in api.events(kind)]
    asked: dict[str, FieldSpec] = {}
    for one in wanted[-MOST_EVENTS:]:
        for question in api.questions(kind, one).get("custom_questions") or ():
            asked |= {spec.name: spec for spec in (_question(question),)}
    return [*WRITABLE.values(), *asked.values(), *_fixed(_READ)]


def _fixed(names: Mapping[str, str]) -> list[FieldSpec]:
    return [
        FieldSpec(name, name.replace("_", " ").replace(".", " "), kind, writable=False)
        for kind, listed in names.items()
        for name in listed.split()
    ]


def _question(question: Mapping[str, Any]) -> FieldSpec:
    title = str(question.get("title") or "")
    kind = str(question.get("type") or "short")
    options = tuple(Option(str(value), str(value)) for value in question.get("answers") or ())
    return FieldSpec(
        f"{QUESTION}{title}",
        title,
        _TYPES.get(kind, "multipicklist"),
        kind,
        required=bool(question.get("required")),
        max_length=LONGEST_ANSWER,
        options=options,
    )
