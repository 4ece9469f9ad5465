"""What the default map makes of meetings, presences and invitations."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import connectors.google_meet
from connectors.google_meet import Connector, Options
from connectors.google_meet.attendance import matched
from connectors.google_meet.events import flatten, records_of
from connectors.google_meet.meetings import flatten as flatten_presence
from mapping.fieldmap import FieldMap, compile_map

HOME = Path(connectors.google_meet.__file__).parent
MAPS = YAML(typ="safe").load((HOME / "fields.yaml").read_text(encoding="utf-8"))
Wire = Callable[..., Connector]


def cassette(name: str) -> Any:
    return json.loads((HOME / "cassettes" / f"{name}.json").read_text(encoding="utf-8"))


def field_map(stream: str) -> FieldMap:
    return compile_map(MAPS[stream])


OPTIONS = Options.model_validate(
    {
        "auth": {
            "scheme": "service_account",
            "key": '{"client_email": "a@b.example", "private_key": "x"}',
        },
        "users": {"kitagawa": {"email": "kitagawa@mihon.example", "id": "1080001"}},
    }
)


def test_an_invited_guest_is_a_meeting_with_their_answer() -> None:
    meeting, dentist, gone = cassette("events")["items"]
    first, second = records_of(meeting, "kitagawa", OPTIONS)
    assert [*records_of(dentist, "kitagawa", OPTIONS)] == []
    assert [*records_of(gone, "kitagawa", OPTIONS)] == []
    read = field_map("events").read(flatten(first.payload))
    assert read.problems == ()
    assert read.values == {
        "activity": "meeting",
        "subject": "初回商談 株式会社青空製作所",
        "at": "2026-02-03T01:00:00Z",
        "duration_seconds": 2700,
        "outcome": "tentative",
        "email": "takahashi@aozora.example",
        "url": "https://meet.google.com/abc-mnop-xyz",
        "custom.organizer": "kitagawa@mihon.example",
        "custom.guest_name": "髙橋 陽子",
        "custom.event_id": "7ku3pq1v0gq6k1v0rr2tqd8s9c",
    }
    assert field_map("events").read(flatten(second.payload)).values["outcome"] == "invited"
    assert "値引き" not in json.dumps([first.payload, second.payload], ensure_ascii=False)


def test_an_all_day_meeting_begins_at_japans_midnight() -> None:
    payload = {"event": {"start": {"date": "2026-02-04"}, "end": {"date": "2026-02-05"}}}
    values = field_map("events").read(flatten(payload)).values
    assert (values["at"], values["duration_seconds"]) == ("2026-02-03T15:00:00Z", 86_400)


def test_who_came_is_a_meeting_with_their_minutes() -> None:
    held, event = cassette("conference"), cassette("events")["items"][0]
    participants = held["participants"]["participants"]
    found = matched(participants, event, OPTIONS)
    assert {name.rpartition("/")[2]: by for name, (_, by) in found.items()} == {
        "301": "name",
        "303": "only_one",
    }
    payload = {
        "conference": held["record"],
        "event": {"summary": event["summary"]},
        "participant": participants[0],
        "email": "takahashi@aozora.example",
        "matchedBy": "name",
        "others": ["北川 恵", "見学者"],
        "sessions": [
            [one["startTime"], one["endTime"]] for one in held["sessions"]["participantSessions"]
        ],
    }
    read = field_map("participants").read(flatten_presence(payload))
    assert read.problems == ()
    values = read.values
    assert (values["activity"], values["outcome"]) == ("meeting", "attended")
    assert values["duration_seconds"] == 1920
    assert values["body"] == "北川 恵、見学者"
    assert str(values["at"]).startswith("2026-02-03T01:01:00")
    assert values["custom.matched_by"] == "name"


def test_a_lead_is_written_as_an_invitation() -> None:
    written = field_map("invitations").write(
        {
            "email": "taro@aozora.example",
            "full_name": "山田 太郎",
            "owner": "sato@mihon.example",
            "custom.meeting_start": "2026-04-10T01:00:00Z",
            "custom.meeting_subject": "初回商談",
        },
        create=True,
    )
    assert written.problems == ()
    assert written.values == {
        "email": "taro@aozora.example",
        "name": "山田 太郎",
        "organizer": "sato@mihon.example",
        "start": "2026-04-10T01:00:00Z",
        "summary": "初回商談",
    }


@pytest.mark.parametrize("stream", ["events", "participants", "invitations"])
def test_every_field_of_the_default_map_is_described(wire: Wire, stream: str) -> None:
    described = {spec.name: spec for spec in wire().fields(stream)}
    lines = list(MAPS[stream]["fields"].values())
    read = {name for line in lines for name in [line.get("from"), *line.get("first", ())] if name}
    written = {line["to"] for line in lines if "to" in line}
    assert read | written <= described.keys()
    assert all(described[name].writable for name in written)
