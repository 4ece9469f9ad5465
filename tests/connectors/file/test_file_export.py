from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.file.export import MISSING, Encoding, write_csv

Read = Callable[..., list[dict[str, Any]]]
STARTS = ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"]


def _cells(raw: bytes, encoding: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode(encoding), newline="")))


def _written(rows: list[dict[str, Any]], columns: list[str], **options: Any) -> tuple[bytes, Any]:
    out = io.BytesIO()
    report = write_csv(rows, columns, out, **options)
    return out.getvalue(), report


@pytest.mark.parametrize("start", STARTS)
def test_a_cell_that_begins_like_a_formula_is_protected(start: str) -> None:
    raw, report = _written([{"備考": f"{start}cmd|'/c calc'!A1"}], ["備考"])
    assert _cells(raw, "utf-8-sig")[1] == [f"'{start}cmd|'/c calc'!A1"]
    assert report.protected == 1


@pytest.mark.parametrize("start", STARTS)
def test_a_header_is_protected_too(start: str) -> None:
    raw, _ = _written([], [f"{start}1"])
    assert _cells(raw, "utf-8-sig")[0] == [f"'{start}1"]


def test_machines_get_the_values_as_they_are() -> None:
    raw, report = _written([{"電話": "+81-3-1234-0001"}], ["電話"], raw=True)
    assert _cells(raw, "utf-8-sig")[1] == ["+81-3-1234-0001"]
    assert report.protected == 0


def test_numbers_are_never_protected() -> None:
    raw, _ = _written([{"a": -5, "b": -0.5, "c": "-5"}], ["a", "b", "c"])
    assert _cells(raw, "utf-8-sig")[1] == ["-5", "-0.5", "'-5"]


def test_every_cell_is_quoted_and_lines_end_as_spreadsheets_like_it() -> None:
    raw, _ = _written([{"a": 'x "y"', "b": None}], ["a", "b"], encoding="utf-8")
    assert raw == b'"a","b"\r\n"x ""y""",""\r\n'


def test_utf8_for_spreadsheets_has_one_byte_order_mark() -> None:
    raw, _ = _written([{"a": "山"}, {"a": "川"}], ["a"])
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\xef\xbb\xbf") == 1


def test_values_of_all_kinds_are_written() -> None:
    row = {
        "a": True,
        "b": datetime(2026, 5, 10, 9, 30, tzinfo=UTC),
        "c": date(2026, 5, 10),
        "d": ["展示会", "重要"],
        "e": None,
    }
    raw, _ = _written([row], list(row))
    expected = ["TRUE", "2026-05-10 09:30:00+00:00", "2026-05-10", "展示会; 重要", ""]
    assert _cells(raw, "utf-8-sig")[1] == expected


def test_what_cp932_cannot_hold_is_marked_and_reported() -> None:
    rows = [{"氏名": "髙橋①"}, {"氏名": "𠮷田😀"}, {"氏名": "𠮷野"}]
    raw, report = _written(rows, ["氏名"], encoding="cp932")
    assert [row[0] for row in _cells(raw, "cp932")[1:]] == [
        "髙橋①",
        f"{MISSING}田{MISSING}",
        f"{MISSING}野",
    ]
    assert {char: list(unfit.places) for char, unfit in report.unfit.items()} == {
        "𠮷": [(3, "氏名"), (4, "氏名")],
        "😀": [(3, "氏名")],
    }


def test_look_alikes_of_the_windows_mapping_fit() -> None:
    raw, report = _written([{"a": "10\u301c20\u2212\u2016\u2014\u00a5"}], ["a"], encoding="cp932")
    assert _cells(raw, "cp932")[1] == ["10～20－∥―￥"]
    assert report.unfit == {}


def test_half_a_character_does_not_stop_an_export() -> None:
    _, report = _written([{"a": "x\ud800y"}], ["a"])
    assert list(report.unfit) == ["\ud800"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp932"])
def test_what_we_export_we_import_unchanged(read: Read, encoding: Encoding) -> None:
    rows = [
        {"氏名": "＝山田", "会社名": "青空, 製作所", "メール": "t@x.example", "備考": "=1+1"},
        {"氏名": "髙橋", "会社名": "-商会-", "メール": "h@x.example", "備考": '"二行\nの" 備考'},
    ]
    raw, _ = _written(rows, list(rows[0]), encoding=encoding)
    fields = ("full_name", "company", "email", "note")
    assert [[flat[name] for name in fields] for flat in read(raw)] == [
        list(row.values()) for row in rows
    ]


def test_the_stream_is_left_open_for_the_caller() -> None:
    out = io.BytesIO()
    write_csv([{"a": 1}], ["a"], out)
    assert not out.closed
