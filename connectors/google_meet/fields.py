"""The fields of each stream. Google has no call that describes them: they are ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors.google_meet import booking, events, meetings
from connectors.kit.base import FieldSpec, Option

_RESPONSES = (
    Option("needsAction", "未回答"),
    Option("accepted", "承諾"),
    Option("declined", "辞退"),
    Option("tentative", "仮承諾"),
)
_COMMON = (
    ("email", "メールアドレス", "email"),
    ("summary", "件名", "text"),
    ("organizer", "主催者", "email"),
    ("url", "会議の URL", "url"),
    ("event_id", "予定の ID", "text"),
)


def _read_only(fields: Iterable[tuple[str, str, str]]) -> tuple[FieldSpec, ...]:
    return tuple(FieldSpec(name, label, type_, writable=False) for name, label, type_ in fields)


FIELD_SPECS: Mapping[str, tuple[FieldSpec, ...]] = {
    events.STREAM: (
        *_read_only(
            (
                *_COMMON,
                ("name", "氏名", "text"),
                ("start", "開始", "datetime"),
                ("end", "終了", "datetime"),
                ("duration_seconds", "長さ(秒)", "number"),
                ("status", "状態", "text"),
                ("meeting_code", "会議コード", "text"),
                ("recurring_event_id", "定期的な予定の ID", "text"),
                ("optional", "任意参加", "boolean"),
            )
        ),
        FieldSpec("response", "出欠の回答", "picklist", writable=False, options=_RESPONSES),
    ),
    meetings.STREAM: _read_only(
        (
            *_COMMON,
            ("display_name", "表示名", "text"),
            ("kind", "参加者の種類", "text"),
            ("matched_by", "照合の根拠", "text"),
            ("joined_at", "入室", "datetime"),
            ("left_at", "退室", "datetime"),
            ("present_seconds", "参加していた秒数", "number"),
            ("sessions", "入室の回数", "number"),
            ("others", "ほかの参加者", "multipicklist"),
            ("conference_id", "会議の ID", "text"),
            ("conference_started_at", "会議の開始", "datetime"),
            ("conference_ended_at", "会議の終了", "datetime"),
        )
    ),
    booking.STREAM: (
        FieldSpec("email", "招待する人", "email", required=True),
        FieldSpec("name", "招待する人の氏名", "text"),
        FieldSpec("start", "開始", "datetime", required=True),
        FieldSpec("end", "終了", "datetime"),
        FieldSpec("summary", "件名", "text"),
        FieldSpec("description", "説明", "text"),
        FieldSpec("organizer", "主催者", "email"),
    ),
}
"""By stream; ``invitations`` can be written."""
