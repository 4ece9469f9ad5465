from __future__ import annotations

import csv
import json
from typing import Any

import pytest

from connectors.file.reading import fold
from connectors.kit.errors import RecordRejected

HEADER = "会社名,氏名,メールアドレス,備考"


def _text(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows, ""]).encode()


def _person(number: int, note: str = "") -> str:
    return f"青空製作所,山田{number},taro{number}@aozora.example,{note}"


def _pull(bench: Any, *rows: str, **options: Any) -> tuple[list[Any], list[tuple[str, int]]]:
    bench.drop.drop("list.csv", _text(*rows))
    records, _ = bench.pull(**options)
    good = [record for record in records if "_error" not in record.payload]
    bad = [record for record in records if "_error" in record.payload]
    return good, [(record.payload["_error"], record.payload["_row"]) for record in bad]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("青空,山田,a@b.example,備考,はみ出し", "ROW_CELLS"),
        ('青空,山田,a@b.example,"閉じない', "ROW_QUOTES"),
        ('"青空"製作所,山田,a@b.example,', "ROW_QUOTES"),
        ("青空,山田,a@b.example," + "長" * 32_768, "ROW_CELL_TOO_LONG"),
        ("青空,山田,a@b.example," + "長" * 200_000, "ROW_CELL_TOO_LONG"),
        ('青空,山田,a@b.example,"' + ("長" * 99 + "\n") * 1_500, "ROW_CELL_TOO_LONG"),
        ("合計,,,", "ROW_NO_PERSON"),
        (",,,以上 120名", "ROW_NO_PERSON"),
    ],
)
def test_a_bad_row_is_set_aside_and_the_rows_around_it_are_kept(
    bench: Any, row: str, code: str
) -> None:
    good, bad = _pull(bench, _person(1), row, _person(2))
    assert bad[0] == (code, 3)
    flat = bench.flat(good)
    assert {"taro1@aozora.example", "taro2@aozora.example"} <= {r.get("email") for r in flat}


@pytest.mark.parametrize(
    "row",
    [
        "青空,山田",
        "青空,山田,a@b.example",
        "青空,山田,a@b.example,,,,",
        "青空,山田,a@b.example,=cmd|'/c calc'!A1",
        "青空,山田,a@b.example,nul\0と\x07鈴",
        '青空, "山田", "a@b.example", "空白のあとの引用"',
        '青空,山田,a@b.example,"改行の\nある備考"',
        '青空,"山田 ""太郎"" ",a@b.example,',
    ],
)
def test_an_odd_row_is_kept(bench: Any, row: str) -> None:
    good, bad = _pull(bench, _person(1), row)
    assert bad == []
    assert bench.flat(good)[1]["company"] == "青空"


def test_no_control_character_reaches_a_payload(bench: Any) -> None:
    good, _ = _pull(bench, "青空,山田,a@b.example,nul\0と\x07鈴\x1b")
    assert good[0].payload["備考"] == "nulと鈴"


def test_formulas_stay_text(bench: Any) -> None:
    good, _ = _pull(bench, '青空,山田,a@b.example,"=1+1"')
    assert good[0].payload["備考"] == "=1+1"


def test_a_row_set_aside_gives_its_code_to_the_engine_and_its_cells_to_people(bench: Any) -> None:
    bench.drop.drop("list.csv", _text(_person(1), "青空,山田,a@b.example,備考,はみ出し"))
    records, _ = bench.pull()
    payload = records[1].payload
    assert bench.flat(records)[1] == {
        "_error": "ROW_CELLS",
        "_message": payload["_message"],
    }
    assert payload["_cells"][1] == "山田"
    assert payload["_file"] == "list.csv"
    assert "row 3" in payload["_message"]
    assert "山田" not in payload["_message"]


def test_row_numbers_are_those_of_the_spreadsheet(bench: Any) -> None:
    good, bad = _pull(bench, _person(1, '"二行の\n備考"'), "", _person(2), "a,b,c,d,e", _person(3))
    assert [record.payload["_row"] for record in good] == [2, 4, 6]
    assert bad == [("ROW_CELLS", 5)]


def test_a_column_header_cannot_pose_as_an_error(bench: Any) -> None:
    bench.drop.drop("list.csv", b"_error,name,email\nX,Yamada,a@b.example\n")
    records, _ = bench.pull()
    assert "_error" not in bench.flat(records)[0]
    assert bench.flat(records)[0]["error"] == "X"


def test_duplicates_fold_into_the_fullest_row_with_nothing_lost(bench: Any) -> None:
    bench.drop.drop(
        "list.csv",
        "会社名,氏名,メールアドレス,役職,電話番号,備考\n"
        "青空,山田 太郎,taro@aozora.example,,,一日目\n"
        "北斗,鈴木花子,hana@hokuto.example,課長,,\n"
        "青空製作所,山田太郎,TARO@aozora.example,部長,,二日目\n"
        "青空,山田　太郎 様,taro@aozora.example,,03-1234-0001,\n".encode(),
    )
    connector = bench.connector()
    records = [record for page in connector.pull("rows", None) for record in page.records]
    assert len(records) == 2
    payload = records[0].payload
    assert (payload["_row"], payload["_also"]) == (4, [2, 5])
    assert (payload["役職"], payload["電話番号"], payload["備考"]) == (
        "部長",
        "03-1234-0001",
        "二日目",
    )
    assert payload["_other"]["備考"] == ["一日目"]
    assert payload["_other"]["会社名"] == ["青空"]
    assert connector.reports["list.csv"].folded == 2
    assert connector.reports["list.csv"].records == 2


def test_two_people_behind_one_address_are_two_records(bench: Any) -> None:
    good, _ = _pull(
        bench, "青空,山田太郎,info@aozora.example,", "青空,鈴木花子,info@aozora.example,"
    )
    assert len({record.external_id for record in good}) == 2


def test_an_operator_may_have_the_address_alone_be_the_key(bench: Any) -> None:
    rows = ("青空,山田太郎,info@aozora.example,", "青空,鈴木花子,info@aozora.example,")
    good, _ = _pull(bench, *rows, key=["email"])
    assert len(good) == 1


def test_without_an_address_company_and_name_are_the_key(bench: Any) -> None:
    good, _ = _pull(
        bench, "青空 製作所,山田太郎,,一", "青空製作所,山田　太郎,,二", "北斗,山田太郎,,"
    )
    assert len(good) == 2


def test_a_word_in_the_place_of_an_address_is_no_key(bench: Any) -> None:
    good, bad = _pull(bench, "青空,山田太郎,なし,", "北斗,山田太郎,なし,", "港,,-,", "旭,,-,")
    assert len({record.external_id for record in good}) == 2
    assert bad == [("ROW_NO_PERSON", 4), ("ROW_NO_PERSON", 5)]


def test_the_key_is_the_same_for_a_name_in_one_and_in_two_columns(bench: Any) -> None:
    bench.drop.drop("a.csv", "姓,名,会社名\n山田,太郎,青空\n".encode())
    bench.drop.drop("b.csv", "氏名,会社名\n山田 太郎,青空\n".encode())
    records, _ = bench.pull()
    assert len({record.external_id for record in records}) == 1


def test_folding_leaves_its_rows_as_they_were() -> None:
    rows = [{"氏名": "山田", "備考": "", "_row": 2}, {"氏名": "山田", "備考": "x", "_row": 3}]
    before = json.dumps(rows)
    fold(rows)
    assert json.dumps(rows) == before


def test_the_cap_of_rows_refuses_the_whole_list(bench: Any) -> None:
    rows = "".join(f"a{number}@b.example\n" for number in range(100_001))
    path = bench.drop.drop("big.csv", f"email\n{rows}".encode())
    with pytest.raises(RecordRejected, match="100000 rows") as caught:
        next(bench.connector().pull_file(path))
    assert caught.value.code == "FILE_TOO_MANY_ROWS"


def test_as_many_rows_as_allowed_are_read(bench: Any) -> None:
    rows = "\n".join(f"a{number}@b.example" for number in range(50))
    bench.drop.drop("list.csv", f"これはリストです\n\nemail\n{rows}\n\n\n".encode())
    assert len(bench.pull(max_rows=50)[0]) == 50
    assert bench.pull(max_rows=49)[0][0].payload["_error"] == "FILE_TOO_MANY_ROWS"


def test_rows_of_nothing_but_delimiters_do_not_count(bench: Any) -> None:
    bench.drop.drop("list.csv", _text(_person(1), *[",,,"] * 200))
    assert len(bench.pull(max_rows=1)[0]) == 1


def test_a_list_of_nothing_but_broken_quotes_is_refused(bench: Any) -> None:
    bench.drop.drop("list.csv", _text(_person(1), *['"a"b,c,d,e'] * 600))
    records, _ = bench.pull()
    assert [record.payload["_error"] for record in records] == ["FILE_BAD_QUOTES"]


def test_a_header_of_a_million_blank_columns_costs_nothing(bench: Any) -> None:
    raw = ("email" + "," * 1_000_000 + "\n" + "a@b.example\n" * 50).encode()
    bench.drop.drop("wide.csv", raw)
    assert [row["email"] for row in bench.flat(bench.pull()[0])] == ["a@b.example"]


def test_a_list_of_too_many_columns_is_refused(bench: Any) -> None:
    header = ",".join(["email", *(f"q{number}" for number in range(2_000))])
    bench.drop.drop("wide.csv", f"{header}\na@b.example\n".encode())
    assert bench.pull()[0][0].payload["_error"] == "FILE_TOO_WIDE"


def test_the_csv_module_is_left_as_it_was(bench: Any) -> None:
    before = csv.field_size_limit()
    _pull(bench, _person(1), "青空,山田,a@b.example," + "長" * 200_000)
    assert csv.field_size_limit() == before
