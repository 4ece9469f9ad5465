from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter

from connectors.file import workbook
from connectors.file.workbook import Limits, read_workbook, weigh
from connectors.kit.errors import RecordRejected

HEADER = ["会社名", "氏名", "メールアドレス", "電話番号", "来場日時", "備考"]
Fill = Callable[[Any, Any], None]


def _book(fill: Fill, **options: Any) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, **options})
    fill(book, book.add_worksheet("来場者"))
    book.close()
    return out.getvalue()


def _list(book: Any, sheet: Any) -> None:
    day = book.add_format({"num_format": "yyyy/mm/dd"})
    moment = book.add_format({"num_format": "yyyy/mm/dd hh:mm"})
    sheet.write(0, 1, "来場者リスト")
    sheet.write_row(2, 1, HEADER)
    sheet.write_row(3, 1, ["青空製作所", "山田太郎", "taro@aozora.example"])
    sheet.write_number(3, 4, 312345678)
    sheet.write_datetime(3, 5, date(2026, 5, 10), day)
    sheet.write_formula(3, 6, '=HYPERLINK("https://x.example","詳細")', None, "詳細")
    sheet.write_row(4, 1, ["北斗技研", "髙橋花子", "hana@hokuto.example"])
    sheet.write_string(4, 4, "011-123-0002")
    sheet.write_datetime(4, 5, datetime(2026, 5, 10, 13, 30), moment)  # noqa: DTZ001 - a sheet has none
    sheet.write_formula(4, 6, "=NA()", None, "#N/A")


def _refusal(raw: bytes, **options: Any) -> str:
    with pytest.raises(RecordRejected) as caught:
        read_workbook(raw, options.pop("sheet", None), options.pop("max_rows", 1_000), **options)
    return caught.value.code


def test_a_workbook_reads_like_a_csv(bench: Any) -> None:
    bench.drop.drop("list.xlsx", _book(_list))
    records, _ = bench.pull()
    assert [record.payload["_row"] for record in records] == [4, 5]
    assert records[0].payload["_sheet"] == "来場者"
    first, second = bench.flat(records)
    assert first["phone"] == "0312345678"
    assert first["occurred_on"] == "2026-05-10"
    assert first["note"] == "詳細"
    assert second["occurred_on"] == "2026-05-10 13:30:00"
    assert "note" not in second


def test_a_workbook_and_a_csv_of_the_same_rows_are_the_same_records(bench: Any) -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, HEADER[:4])
        sheet.write_row(1, 0, ["青空", "山田太郎", "t@aozora.example", "03-1234-0001"])

    bench.drop.drop("a.xlsx", _book(fill))
    text = f"{','.join(HEADER[:4])}\n青空,山田太郎,t@aozora.example,03-1234-0001\n"
    bench.drop.drop("b.csv", text.encode("cp932"))
    records, _ = bench.pull()
    assert records[0].external_id == records[1].external_id
    assert records[0].version == records[1].version


def test_a_formula_is_never_computed(bench: Any) -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["氏名", "メール", "備考"])
        sheet.write_row(1, 0, ["山田", "t@aozora.example"])
        sheet.write_formula(1, 2, "=1+1", None, 41)

    bench.drop.drop("list.xlsx", _book(fill))
    assert bench.flat(bench.pull()[0])[0]["note"] == "41"


def test_the_sheet_can_be_named_and_hidden_ones_are_passed_over() -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.hide()
        visible = book.add_worksheet("二日目")
        visible.write_row(0, 0, ["氏名", "メール"])
        visible.activate()
        visible.set_first_sheet()
        book.add_worksheet("三日目").write(0, 0, "三日目の行")

    raw = _book(fill)
    assert read_workbook(raw, None, 10)[0] == "二日目"
    name, rows = read_workbook(raw, "三日目", 10)
    assert (name, [list(row.cells) for row in rows]) == ("三日目", [["三日目の行"]])
    assert _refusal(raw, sheet="四日目") == "FILE_NO_SHEET"


def test_a_csv_that_is_a_workbook_inside_is_read_as_one(bench: Any) -> None:
    bench.drop.drop("list.csv", _book(_list))
    assert len(bench.pull()[0]) == 2


def test_cells_are_written_as_people_see_them() -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, [7, 7.5, True, "x", 0.1])
        sheet.write_datetime(0, 5, date(2026, 5, 10), book.add_format({"num_format": "m/d"}))

    (row,) = read_workbook(_book(fill), None, 10)[1]
    assert list(row.cells) == ["7", "7.5", "TRUE", "x", "0.1", "2026-05-10"]


def test_a_cell_in_the_last_corner_is_refused_without_harm() -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.write(0, 0, "氏名")
        sheet.write(1_048_575, 16_383, "x")

    assert _refusal(_book(fill)) == "FILE_COSTLY"


def test_a_workbook_that_takes_too_long_is_given_up() -> None:
    assert _refusal(_book(_list), limits=Limits(clock=0.001)) == "FILE_COSTLY"


def test_a_workbook_that_takes_too_much_memory_is_given_up() -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.write(0, 0, "氏名")
        sheet.write(20_000, 1_000, "far away: 640 MB of blank cells in between")

    assert _refusal(_book(fill), limits=Limits(memory=256 * 1024 * 1024)) == "FILE_COSTLY"


def test_too_many_rows_are_refused() -> None:
    def fill(_: Any, sheet: Any) -> None:
        for number in range(200):
            sheet.write(number, 0, f"{number}")

    assert _refusal(_book(fill), max_rows=100) == "FILE_TOO_MANY_ROWS"


def test_too_many_columns_are_refused() -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.write(0, 0, "氏名")
        sheet.write(0, 5_000, "x")

    assert _refusal(_book(fill)) == "FILE_TOO_WIDE"


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


NOISE = random.Random(1).randbytes(400_000)


def _claiming(size: int) -> bytes:
    """A zip whose table of contents says that its member has ``size`` bytes."""
    raw = bytearray(_zip({"xl/workbook.xml": b"x" * 100_000 + bytes(range(256)) * 400}))
    at = raw.index(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", size)
    return bytes(raw)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(_zip({"a.xml": b"0" * 20_000_000, "b.png": NOISE}), id="ratio of one"),
        pytest.param(_zip({f"{n}.xml": b"0" * 60_000 for n in range(60)}), id="ratio of all"),
        pytest.param(_zip({f"{n}.xml": b"x" for n in range(1_001)}), id="members"),
        pytest.param(_claiming(300 * 1024 * 1024), id="size"),
    ],
)
def test_bombs_are_refused_before_they_are_opened(
    raw: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(*_: Any, **__: Any) -> None:
        raise AssertionError("a bomb was handed to the reader")

    monkeypatch.setattr(workbook.subprocess, "run", opened)
    assert _refusal(raw) == "FILE_BOMB"


def test_the_sum_of_all_parts_is_limited_too(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = _zip({"a.png": NOISE, "b.png": NOISE})
    weigh(raw)
    monkeypatch.setattr(workbook, "MAX_UNPACKED", len(NOISE))
    assert _refusal(raw) == "FILE_BOMB"


def test_a_zip_that_lies_about_its_size_is_no_bomb_for_us() -> None:
    assert _refusal(_claiming(10)) in ("FILE_BROKEN", "FILE_COSTLY")


@pytest.mark.parametrize(
    "raw",
    [
        b"PK\x03\x04",
        b"PK\x03\x04" + b"\0" * 100,
        _zip({"hello.txt": b"hello"}),
        _zip({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook>"}),
        _book(_list)[:-200],
    ],
)
def test_what_is_no_workbook_is_refused(raw: bytes) -> None:
    assert _refusal(raw) == "FILE_BROKEN"


def test_a_workbook_with_a_password_says_so() -> None:
    assert _refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600) == "FILE_PROTECTED"


def test_an_honest_workbook_of_many_rows_is_no_bomb() -> None:
    def fill(_: Any, sheet: Any) -> None:
        for number in range(5_000):
            sheet.write_row(number, 0, [f"会社{number}", "営業部", "課長", "東京都", "○"])

    weigh(_book(fill))


def test_the_reader_sees_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}
    run = workbook.subprocess.run

    def spy(command: Any, **options: Any) -> Any:
        seen.update(options, command=command)
        return run(command, **options)

    monkeypatch.setenv("RENKEI_KEY", "secret")
    monkeypatch.setattr(workbook.subprocess, "run", spy)
    read_workbook(_book(_list), None, 10)
    assert "RENKEI_KEY" not in seen["env"]
    assert "-I" in seen["command"]
