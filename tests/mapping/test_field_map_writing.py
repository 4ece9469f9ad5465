"""From a lead's values to a vendor's fields, and whether a write would change anything there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.fieldmap import FieldMap, Problem, Written, compile_map
from mapping.model import Value


def lead(**fields: Any) -> FieldMap:
    return compile_map({"kind": "lead", "fields": fields})


def one(line: dict[str, Any], value: Any) -> Any:
    """What a line writes for a value; the code of the problem where it writes nothing."""
    written = lead(**{"custom.x": {"from": "v"} | line}).write({"custom.x": value})
    if written.problems:
        assert written.values == {}
        return written.problems[0].code
    return written.values["v"]


@pytest.mark.parametrize(
    ("line", "value", "written"),
    [
        ({}, "部長", "部長"),
        ({}, None, None),
        ({"as": "number"}, 0, 0),
        ({"as": "boolean"}, False, False),
        ({"as": "phone"}, "+81312345678", "+81312345678"),
        ({"as": "phone"}, "+81312345678;ext=12", "+81312345678 ext. 12"),
        ({"as": "phone", "format": "national"}, "+81312345678", "03-1234-5678"),
        ({"as": "phone", "format": "raw"}, "+81312345678;ext=12", "+81312345678;ext=12"),
        ({"as": "date"}, "2026-10-01", "2026-10-01"),
        ({"as": "date", "formats": ["%Y/%m/%d"]}, "2026-10-01", "2026/10/01"),
        ({"as": "date", "formats": ["epoch_ms"]}, "2026-10-01", 1790812800000),
        ({"as": "date"}, "soon", "NOT_A_DATE"),
        ({"as": "datetime"}, "2026-10-01T00:00:00Z", "2026-10-01T00:00:00Z"),
        (
            {"as": "datetime", "formats": ["%Y-%m-%d %H:%M"], "zone": "Asia/Tokyo"},
            "2026-10-01T00:00:30Z",
            "2026-10-01 09:00",
        ),
        ({"as": "datetime", "formats": ["epoch_ms"]}, "2026-10-01T00:00:00.120Z", 1790812800120),
        ({"as": "datetime", "formats": ["epoch_s"]}, "2026-10-01T00:00:00.120Z", 1790812800),
        ({"as": "datetime"}, "2026-10-01T00:00:00", "NO_ZONE"),
        ({"as": "list"}, ["a", "b"], ["a", "b"]),
        ({"as": "list", "on": ";"}, ["a", "b"], "a;b"),
        ({"as": "list", "on": ";"}, ["a;b"], "HOLDS_SEPARATOR"),
        ({"as": "list", "values": {"A": "alpha"}}, ["alpha"], ["A"]),
        (
            {"as": "list", "on": ",", "values": {"A": "alpha", "B": "beta"}},
            ["beta", "alpha"],
            "B,A",
        ),
        ({"values": {"A": "alpha"}}, "alpha", "A"),
        ({"values": {True: "yes", False: "no"}}, "yes", True),
        ({"values": {1: "one"}}, "one", 1),
        ({"values": {"": "none", "A": "alpha"}}, "none", ""),
        ({"values": {"": "none", "N": "none"}}, "none", "N"),
        ({"values": {"A": "alpha"}}, "beta", "PICKLIST_UNMAPPED"),
        ({"values": {"A": "alpha"}, "other": "keep"}, "beta", "beta"),
        ({"values": {"A": "a", "B": "a"}, "write": {"a": "B"}}, "a", "B"),
        ({"as": "boolean", "values": {"済": True, "未": False}}, False, "未"),
        ({"max_length": 3}, "あいうえ", "あいう"),
        ({"max_length": 3}, "あい うえ", "あい"),
        ({"as": "email", "max_length": 3}, "sato@example.co.jp", "TOO_LONG"),
        ({"placeholder": "-"}, None, "-"),
        ({"placeholder": "-"}, "", "-"),
        ({"default": "d"}, None, None),
    ],
)
def test_a_line_writes_what_the_vendor_takes(
    line: dict[str, Any], value: Any, written: Any
) -> None:
    assert one(line, value) == written
    assert type(one(line, value)) is type(written)


MAP = lead(
    email="mail",
    title="役職",
    company={"from": "会社", "placeholder": "(なし)"},
    note={"from": "メモ", "direction": "pull"},
    renkei_id="hub_id",
    **{"custom.source": {"const": "Renkei", "to": "RecordSource"}},
)


@pytest.mark.parametrize(
    ("values", "only", "create", "written"),
    [
        pytest.param({}, None, False, {}, id="nothing to say"),
        pytest.param({"email": "a@b.jp", "note": "x"}, None, False, {"mail": "a@b.jp"}, id="pull"),
        pytest.param(
            {"email": "a@b.jp", "title": None}, ["title"], False, {"役職": None}, id="only"
        ),
        pytest.param({"renkei_id": "L1"}, None, False, {"hub_id": "L1"}, id="stated by the hub"),
        pytest.param({}, None, True, {"会社": "(なし)", "RecordSource": "Renkei"}, id="create"),
        pytest.param({"company": None}, None, False, {"会社": "(なし)"}, id="a blank is filled"),
        pytest.param({}, ["email"], True, {}, id="create, only"),
    ],
)
def test_only_what_is_said_is_written(
    values: dict[str, Value], only: list[str] | None, create: bool, written: dict[str, Any]
) -> None:
    assert MAP.write(values, only, create=create) == Written(written)


def test_a_field_map_tells_what_it_reads_and_writes() -> None:
    assert MAP.fields == {"email", "title", "company", "note", "renkei_id"}
    assert MAP.writable == {"email", "title", "company", "renkei_id", "custom.source"}
    assert MAP.vendor_fields() == {"mail", "役職", "会社", "メモ", "hub_id"}
    assert MAP.targets() == {"mail", "役職", "会社", "hub_id", "RecordSource"}


def test_a_line_knows_whether_it_reads_what_it_writes() -> None:
    fieldmap = lead(
        full_name={"concat": ["姓", "名"], "to": "氏名"},
        mobile={"first": ["携帯", "電話"], "to": "携帯"},
    )
    assert {line.field: line.reads_back for line in fieldmap.lines} == {
        "full_name": False,
        "mobile": True,
    }
    assert fieldmap.write({"full_name": "佐藤 花子"}).values == {"氏名": "佐藤 花子"}
    assert fieldmap.settles("full_name", "佐藤 花子", "佐藤 花子")


def test_a_line_can_be_shown() -> None:
    line = next(line for line in MAP.lines if line.field == "note")
    assert (line.direction, line.reads, line.to, line.reversible) == ("pull", ("メモ",), None, True)
    assert line.operators == {"from": "メモ", "direction": "pull"}


def test_what_cannot_be_written_is_a_problem_and_the_rest_goes_on() -> None:
    fieldmap = lead(title="t", channel={"from": "c", "values": {"Web": "form"}})
    written = fieldmap.write({"title": "部長", "channel": "seminar"})
    assert written.values == {"t": "部長"}
    (problem,) = written.problems
    assert isinstance(problem, Problem)
    assert (problem.field, problem.vendor_field, problem.code) == (
        "channel",
        "c",
        "PICKLIST_UNMAPPED",
    )
    assert "seminar" in problem.hint


@pytest.mark.parametrize(
    ("line", "ours", "held", "settled"),
    [
        pytest.param({}, "a", "b", False, id="another value"),
        pytest.param({}, None, "b", False, id="to be cleared"),
        pytest.param({}, None, None, True, id="nothing on both sides"),
        pytest.param({}, "", None, True, id="blank is blank"),
        pytest.param({"max_length": 3}, "あいうえ", "あいう", True, id="cut"),
        pytest.param({"max_length": 3}, "あいうえ", "あい", False, id="not the cut"),
        pytest.param({"lower": True}, "Web", "web", True, id="lower case"),
        pytest.param({"as": "list"}, ["a", "b"], ["b", "a"], True, id="order of a list"),
        pytest.param({"as": "list"}, ["a"], ["b", "a"], False, id="items of a list"),
        pytest.param(
            {"as": "datetime"},
            "2026-10-01T00:00:00.120Z",
            "2026-10-01T00:00:00Z",
            True,
            id="milliseconds",
        ),
        pytest.param(
            {"as": "datetime", "formats": ["%Y-%m-%d %H:%M"], "zone": "Asia/Tokyo"},
            "2026-10-01T00:00:30Z",
            "2026-10-01T00:00:00Z",
            True,
            id="a vendor that keeps minutes",
        ),
        pytest.param({"as": "datetime"}, "2026-10-01T00:00:30Z", "2026-10-01T00:00:00Z", False),
        pytest.param({"default": "d"}, None, "d", True, id="cleared reads as the default"),
        pytest.param({"placeholder": "-"}, None, None, True, id="placeholder"),
        pytest.param({"values": {"A": "x"}, "other": "x"}, "x", "x", True, id="all others"),
        pytest.param({"values": {"A": "x"}}, "y", "x", False, id="cannot be written: is told"),
        pytest.param({"direction": "pull"}, "a", "b", True, id="is not written"),
    ],
)
def test_a_write_settles_when_the_vendor_would_hold_the_same(
    line: dict[str, Any], ours: Value, held: Value, settled: bool
) -> None:
    fieldmap = lead(**{"custom.x": {"from": "v"} | line})
    assert fieldmap.settles("custom.x", ours, held) is settled


def test_a_constant_and_an_unknown_field_settle() -> None:
    assert MAP.settles("custom.source", "x", "y")
    assert MAP.settles("prefecture", "x", "y")


EARLY, LATE = datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2100-01-01")


def _instants(draw: st.DrawFn) -> str:
    moment = draw(st.datetimes(EARLY, LATE, timezones=st.just(UTC)))
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


texts = st.text(max_size=40).map(lambda text: text.replace("\r", "").strip()).filter(bool)
LINES: list[tuple[dict[str, Any], st.SearchStrategy[Any]]] = [
    ({}, texts),
    ({"as": "date"}, st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(date.isoformat)),
    (
        {"as": "date", "formats": ["%d/%m/%Y"], "zone": "America/Los_Angeles"},
        st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(date.isoformat),
    ),
    (
        {"as": "date", "formats": ["epoch_ms"], "zone": "America/Los_Angeles"},
        st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(date.isoformat),
    ),
    ({"as": "datetime"}, st.composite(_instants)()),
    ({"as": "datetime", "formats": ["epoch_ms"]}, st.composite(_instants)()),
    (
        {"as": "datetime", "formats": ["%Y/%m/%d %H:%M:%S%z"], "zone": "Asia/Tokyo"},
        st.composite(_instants)(),
    ),
    ({"as": "number"}, st.integers(-(10**15), 10**15)),
    ({"as": "boolean"}, st.booleans()),
    ({"as": "boolean", "values": {"済": True, "未": False}}, st.booleans()),
    (
        {"as": "list", "on": "、"},
        st.lists(texts.filter(lambda t: "、" not in t), min_size=1, max_size=4, unique=True),
    ),
    ({"values": {"A": "x", "B": "y", "": "z"}}, st.sampled_from(["x", "y", "z"])),
    (
        {"as": "phone", "format": "national"},
        st.from_regex(r"\A\+8190[1-9][0-9]{7}(;ext=[0-9]{1,4})?\Z"),
    ),
    ({"as": "phone"}, st.from_regex(r"\A\+8190[1-9][0-9]{7}(;ext=[0-9]{1,4})?\Z")),
    ({"max_length": 10}, texts),
]


@pytest.mark.parametrize(("line", "values"), LINES, ids=lambda part: str(part)[:60])
@given(data=st.data())
def test_what_is_written_is_read_again(
    line: dict[str, Any], values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    value = data.draw(values)
    fieldmap = lead(**{"custom.x": {"from": "v"} | line})
    written = fieldmap.write({"custom.x": value})
    assert written.problems == ()
    back = fieldmap.read(written.values)
    assert back.problems == ()
    held = back.values["custom.x"]
    if "max_length" not in line:
        assert held == value
    assert fieldmap.settles("custom.x", value, value)
    assert fieldmap.settles("custom.x", value, held)
    assert fieldmap.settles("custom.x", held, held)
