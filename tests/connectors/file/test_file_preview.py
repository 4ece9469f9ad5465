from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.file import preview
from connectors.file.simulator import people
from connectors.kit.errors import RecordRejected, Unavailable


def test_the_preview_shows_every_guess(bench: Any) -> None:
    path = bench.drop.write("exhibition", people(30))
    seen = preview(path, 3)
    assert (seen.encoding, seen.delimiter, seen.sheet) == ("cp932", ",", None)
    assert (seen.header_row, seen.profile) == (4, "exhibition")
    assert list(seen.columns)[:3] == ["No.", "来場者番号", "来場日時"]
    assert seen.columns["会社名"] == "company"
    assert seen.unmapped == ["アンケート1:導入時期"]
    assert len(seen.rows) == len(seen.fields) == 3
    assert seen.rows[0]["メールアドレス"] == seen.fields[0]["email"]
    assert (seen.report.rows, seen.report.records) == (30, 30)
    assert seen.notices == []


def test_the_preview_of_a_connection_uses_its_options(bench: Any) -> None:
    path = bench.drop.drop("list.csv", b"mail addr.,name\na@b.example,Sato\n")
    with pytest.raises(RecordRejected):
        preview(path)
    seen = bench.connector(columns={"email": "mail addr."}, profile="seminar").preview(path)
    assert seen.columns == {"mail addr.": "email", "name": "full_name"}
    assert seen.fields[0]["channel"] == "seminar"


def test_the_preview_warns_of_what_will_be_set_aside_or_folded(bench: Any) -> None:
    text = (
        "氏名,会社名,メール\n山田,青空,a@b.example\n山田,青空,a@b.example\n"
        "鈴木,北斗,s@b.example,x\n合計,,\n"
    )
    seen = preview(bench.drop.drop("list.csv", text.encode()))
    assert [(notice.code, notice.rows) for notice in seen.notices] == [
        ("PROFILE_UNKNOWN", 0),
        ("DUPLICATES", 1),
        ("ROW_CELLS", 1),
        ("ROW_NO_PERSON", 1),
    ]


def test_the_preview_warns_of_broken_bytes_and_of_an_empty_list(bench: Any) -> None:
    raw = "来場日,氏名,会社名,メール\n".encode("cp932") + b"2026/05/10,\x83\xff\x81,a,a@b.example\n"
    codes = [n.code for n in preview(bench.drop.drop("a.csv", raw)).notices]
    assert codes == ["ENCODING_BROKEN", "ROW_UNDECODABLE"]
    empty = preview(bench.drop.drop("b.csv", "来場日,氏名,メール\n".encode()))
    assert [notice.code for notice in empty.notices] == ["NO_ROWS"]


def test_no_notice_holds_a_persons_data(bench: Any) -> None:
    text = "氏名,会社名,メール\n" + "山田,青空,a@b.example\n" * 2 + "鈴木,北斗,s@b.example,x\n"
    seen = preview(bench.drop.drop("list.csv", text.encode()))
    said = " ".join(notice.message for notice in seen.notices)
    assert not [word for word in ("山田", "鈴木", "青空", "b.example") if word in said]


def test_the_preview_of_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"gone\.csv could not be opened"):
        preview(tmp_path / "gone.csv")
