"""From a vendor's flat record to a draft: what is read, what is refused, what stays away."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.errors import MappingError
from mapping.fieldmap import FieldMap, compile_map
from mapping.model import FieldType
from mapping.stages import StageSeen


def lead(**fields: Any) -> FieldMap:
    return compile_map({"kind": "lead", "fields": fields})


def one(line: dict[str, Any], raw: Any, field: str = "custom.x") -> Any:
    """What a line makes of a raw value; the code of the problem where it makes none."""
    draft = lead(**{field: {"from": "v", "direction": "pull"} | line}).read({"v": raw})
    if draft.problems:
        assert field not in draft.values
        return draft.problems[0].code
    return draft.values[field]


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("text", "  東京  ", "東京"),
        ("text", "\u3000 ", None),
        ("text", 12, "12"),
        ("text", 12.0, "12"),
        ("text", True, "true"),
        ("text", "a\r\nb", "a\nb"),
        ("text", ["a", "b"], "NOT_TEXT"),
        ("text", {"a": 1}, "NOT_TEXT"),
        ("email", "<Sato@Example.CO.JP>", "sato@example.co.jp"),
        ("email", "なし", "BAD_EMAIL"),
        ("phone", "03-1234-5678", "+81312345678"),
        ("phone", "03-1234-5678(内線12)", "+81312345678;ext=12"),
        ("phone", 312345678, "+81312345678"),
        ("phone", "不明", "BAD_PHONE"),
        ("url", "Example.co.jp/", "https://example.co.jp"),
        ("url", "http://example.co.jp/A?b=C", "http://example.co.jp/A?b=C"),
        ("url", "-", "BAD_URL"),
        ("number", "1,200,000", 1200000),
        ("number", "¥1,200,000", 1200000),
        ("number", "120円", 120),
        ("number", "１２．５", 12.5),
        ("number", "-0.50", -0.5),
        ("number", 3.0, 3),
        ("number", "12,00", "NOT_A_NUMBER"),
        ("number", "1_000", "NOT_A_NUMBER"),
        ("number", "nan", "NOT_A_NUMBER"),
        ("number", float("inf"), "NOT_A_NUMBER"),
        ("number", "50%", "NOT_A_NUMBER"),
        ("number", True, "NOT_A_NUMBER"),
        ("boolean", "はい", True),
        ("boolean", "FALSE", False),
        ("boolean", 0, False),
        ("boolean", 2, "NOT_A_BOOLEAN"),
        ("boolean", "たぶん", "NOT_A_BOOLEAN"),
        ("list", "a; b;;a", ["a", "b"]),
        ("list", ["x", "", 3], ["x", "3"]),
        ("list", [], None),
        ("list", [{"id": 1}], "NOT_TEXT"),
        ("corporate_number", "T7000012050002", "7000012050002"),
        ("corporate_number", "7000012050003", "BAD_CORPORATE_NUMBER"),
        ("person", "髙橋\u3000花子 様", "髙橋 花子"),
        ("company", "㈱ ﾐﾗｲ製作所", "㈱ ミライ製作所"),
        ("date", "2026-10-01", "2026-10-01"),
        ("date", "2026/10/1", "2026-10-01"),
        ("date", "２０２６年１０月１日", "2026-10-01"),
        ("date", "令和8年10月1日", "2026-10-01"),
        ("date", "平成元年2月3日", "1989-02-03"),
        ("date", "R8.10.1", "2026-10-01"),
        ("date", "20261001", "2026-10-01"),
        ("date", "2026-10-01T23:59:00-10:00", "2026-10-01"),
        ("date", 1790812800000, "2026-10-01"),
        ("date", "1790812800000", "2026-10-01"),
        ("date", date(2026, 10, 1), "2026-10-01"),
        ("date", "2026-13-01", "NOT_A_DATE"),
        ("date", "2026-W40-4", "NOT_A_DATE"),
        ("date", "10/01/2026", "NOT_A_DATE"),
        ("date", "2026-10", "NOT_A_DATE"),
        ("date", 46000, "NOT_A_DATE"),
        ("date", True, "NOT_A_DATE"),
        ("datetime", "2026-10-01T09:00:00Z", "2026-10-01T09:00:00Z"),
        ("datetime", "2026-10-01T09:00:00.000Z", "2026-10-01T09:00:00Z"),
        ("datetime", "2026-10-01T09:00:00.120Z", "2026-10-01T09:00:00.120Z"),
        ("datetime", "2026-10-01T09:00:00.000+0900", "2026-10-01T00:00:00Z"),
        ("datetime", "2026-10-01 09:00:00+09:00", "2026-10-01T00:00:00Z"),
        ("datetime", 1790812800, "2026-10-01T00:00:00Z"),
        ("datetime", "1790812800123", "2026-10-01T00:00:00.123Z"),
        ("datetime", "2026-10-01 09:00", "NO_ZONE"),
        ("datetime", "2026-10-01", "NO_ZONE"),
        ("datetime", "2026-10-01T25:00:00Z", "NOT_A_DATE"),
        ("datetime", "0001-01-01T00:00:00+09:00", "NOT_A_DATE"),
    ],
)
def test_a_type_reads_a_value_or_says_why_not(kind: str, raw: Any, value: Any) -> None:
    assert one({"as": kind}, raw) == value
    assert type(one({"as": kind}, raw)) is type(value)


@pytest.mark.parametrize(
    ("line", "raw", "value"),
    [
        ({"as": "date", "zone": "Asia/Tokyo"}, "2026-09-30T15:00:00Z", "2026-10-01"),
        ({"as": "date", "zone": "Asia/Tokyo"}, "2026-09-30 23:00", "2026-09-30"),
        ({"as": "date", "zone": "America/New_York"}, 1790812800000, "2026-10-01"),
        ({"as": "date", "zone": "America/New_York"}, 1790816400000, "2026-09-30"),
        ({"as": "date", "formats": ["%d.%m.%Y"]}, "01.10.2026", "2026-10-01"),
        ({"as": "date", "formats": ["%m/%d/%Y", "%d/%m/%Y"]}, "25/12/2026", "2026-12-25"),
        ({"as": "datetime", "zone": "Asia/Tokyo"}, "2026/10/1 9:05", "2026-10-01T00:05:00Z"),
        ({"as": "datetime", "zone": "Asia/Tokyo"}, "2026-10-01", "2026-09-30T15:00:00Z"),
        ({"as": "datetime", "zone": "Asia/Tokyo"}, "2026年10月1日 9時5分", "2026-10-01T00:05:00Z"),
        ({"as": "datetime", "formats": ["epoch_s"]}, "86400", "1970-01-02T00:00:00Z"),
        ({"lower": True}, " WEB ", "web"),
        ({"as": "list", "on": ","}, "a,b", ["a", "b"]),
        ({"as": "list", "values": {"A": "alpha", "B": "beta"}}, "B;A", ["beta", "alpha"]),
        ({"on": "、"}, ["MA", "SFA"], "MA、SFA"),
        ({"split": {"on": "/", "take": -1}}, "a/b/c", "c"),
        ({"split": {"on": "/", "take": 5}}, "a/b/c", None),
        ({"split": {"on": " ", "take": "rest"}}, "佐藤\u3000花子", "花子"),
        ({"values": {"A": "x"}, "other": "keep"}, "B", "B"),
        ({"values": {"A": "x"}, "other": "rest"}, "B", "rest"),
        ({"values": {"A": "x", "-": None}}, "-", None),
        ({"values": {"A": "x", "": "none"}}, "", "none"),
        ({"values": {"A": "x", "": "none"}}, None, "none"),
        ({"values": {True: "yes", False: "no"}}, False, "no"),
        ({"values": {"true": "yes"}}, True, "yes"),
        ({"values": {"1": "one"}}, 1, "one"),
        ({"values": {"Hot": "h"}, "lower": True}, "HOT", "h"),
        ({"values": {"A": "x"}}, "B", "PICKLIST_UNMAPPED"),
        ({"default": "d"}, " ", "d"),
        ({"default": "d"}, None, "d"),
        ({"default": "d"}, "v", "v"),
        ({"placeholder": "-"}, " - ", None),
        ({"as": "email", "placeholder": "なし"}, "なし", None),
    ],
)
def test_an_operator_turns_a_value(line: dict[str, Any], raw: Any, value: Any) -> None:
    assert one(line, raw) == value


@pytest.mark.parametrize(
    ("flat", "values"),
    [
        ({}, {}),
        ({"a": None}, {"custom.x": None}),
        ({"a": "", "b": "2"}, {"custom.x": "2"}),
        ({"a": "1", "b": "2"}, {"custom.x": "1"}),
        ({"b": 0}, {"custom.x": "0"}),
    ],
)
def test_first_takes_the_first_that_is_not_blank(
    flat: dict[str, Any], values: dict[str, Any]
) -> None:
    line = {"first": ["a", "b"], "direction": "pull"}
    assert lead(**{"custom.x": line}).read(flat).values == values


def test_what_the_record_does_not_have_gives_no_key() -> None:
    draft = lead(email="mail", title="title", company="company").read({"title": " "})
    assert draft.values == {"title": None}


def test_a_default_also_stands_for_what_the_record_does_not_have() -> None:
    draft = lead(country={"from": "c", "default": "日本"}).read({})
    assert draft.values == {"country": "日本"}


def test_one_bad_field_does_not_hold_up_the_rest() -> None:
    draft = lead(email="mail", title="役職", score="score").read(
        {"mail": "佐藤", "役職": "部長", "score": "高い"}
    )
    assert draft.values == {"title": "部長"}
    assert [(p.field, p.vendor_field, p.code) for p in draft.problems] == [
        ("email", "mail", "BAD_EMAIL"),
        ("score", "score", "NOT_A_NUMBER"),
    ]


def test_a_line_with_when_leaves_other_records_alone() -> None:
    fieldmap = lead(
        mobile={
            "from": "number",
            "when": {"field": "type", "in": ["mobile", 2]},
            "direction": "pull",
        }
    )
    assert fieldmap.read({"number": "090-1234-5678", "type": "work"}).values == {}
    assert fieldmap.read({"number": "090-1234-5678", "type": 2}).values == {
        "mobile": "+819012345678"
    }
    assert fieldmap.vendor_fields() == {"number", "type"}


def test_a_choice_takes_only_the_words_of_its_field() -> None:
    fieldmap = lead(channel={"from": "c", "direction": "pull"})
    assert fieldmap.read({"c": "webinar"}).values == {"channel": "webinar"}
    (problem,) = fieldmap.read({"c": "電話"}).problems
    assert problem.code == "PICKLIST_UNMAPPED"
    assert 'values: {"電話": …}' in problem.hint


@pytest.mark.parametrize("personal", ["sato@example.co.jp", "090123456789", "長" * 50])
def test_a_message_does_not_repeat_what_may_be_personal(personal: str) -> None:
    (problem,) = lead(channel={"from": "c", "direction": "pull"}).read({"c": personal}).problems
    assert personal not in problem.message + problem.hint


def test_drafts_do_not_share_a_list_with_their_map() -> None:
    fieldmap = lead(tags={"from": "t", "default": ["新規"]})
    fieldmap.read({}).values["tags"].append("x")  # type: ignore[union-attr]  # it is a list
    assert fieldmap.read({}).values == fieldmap.read({"t": None}).values == {"tags": ["新規"]}


def test_the_parts_of_a_full_name_are_derived_where_the_record_has_none() -> None:
    fieldmap = lead(full_name="氏名", family_name="姓", given_name="名")
    draft = fieldmap.read({"氏名": "佐藤 花子"})
    assert draft.values == {"full_name": "佐藤 花子", "family_name": "佐藤", "given_name": "花子"}
    assert draft.derived == {"family_name", "given_name"}
    said = fieldmap.read({"氏名": "佐藤 花子", "姓": None, "名": ""})
    assert said.values == {"full_name": "佐藤 花子", "family_name": None, "given_name": None}
    assert said.derived == frozenset()


def test_a_record_its_connector_could_not_read_raises_the_connectors_code() -> None:
    with pytest.raises(MappingError, match="3 columns") as caught:
        lead(email="mail").read({"_error": "BAD_ROW", "_message": "3 columns of 4"})
    assert caught.value.code == "BAD_ROW"


STAGE = {
    "field": "status",
    "read": {"lead": ["inquiry", "recycled"], "sql": "sql", "lost": ["lost"], "other": ["dormant"]},
    "reason": "why",
}


@pytest.mark.parametrize(
    ("flat", "seen"),
    [
        (
            {"status": "lead", "why": ""},
            StageSeen("lead", ("inquiry", "recycled")),
        ),
        ({"status": "lost", "why": " 価格 "}, StageSeen("lost", ("lost",), "価格")),
        ({"status": "other"}, StageSeen("other", ("dormant",))),
        ({"status": ""}, None),
        ({}, None),
    ],
)
def test_the_stage_is_a_set_with_the_preferred_one_first(
    flat: dict[str, Any], seen: StageSeen | None
) -> None:
    draft = compile_map({"kind": "lead", "stage": STAGE}).read(flat)
    assert draft.stage == seen
    assert draft.problems == ()


def test_a_stage_value_that_nobody_named_is_a_problem_of_its_own() -> None:
    draft = compile_map({"kind": "lead", "fields": {"title": "t"}, "stage": STAGE}).read(
        {"status": "新しい値", "t": "部長"}
    )
    assert draft.values == {"title": "部長"}
    assert [(p.field, p.vendor_field, p.code) for p in draft.problems] == [
        ("stage", "status", "PICKLIST_UNMAPPED")
    ]


def test_in_a_deals_stage_other_stands_for_all_other_values() -> None:
    fieldmap = compile_map(
        {"stage": {"field": "s", "read": {"closedwon": ["won"], "other": ["opportunity"]}}},
        kind="deal",
    )
    assert fieldmap.read({"s": "contractsent"}).stage == StageSeen("contractsent", ("opportunity",))


zones = st.sampled_from(["Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati", "UTC"])
dates = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@given(dates, st.one_of(st.none(), zones), st.sampled_from(["-", "/", ".", "年"]))
def test_a_date_never_moves_whatever_the_zone(day: date, zone: str | None, style: str) -> None:
    text = day.isoformat() if style != "年" else f"{day.year}年{day.month}月{day.day}日"
    text = text.replace("-", style) if style != "年" else text
    line: dict[str, Any] = {"as": "date"} | ({"zone": zone} if zone else {})
    assert one(line, text) == day.isoformat()
    midnight = int((day - date(1970, 1, 1)) / timedelta(milliseconds=1))
    assert one({**line, "formats": ["epoch_ms"]}, midnight) == day.isoformat()


EARLY, LATE = datetime.fromisoformat("1950-01-01"), datetime.fromisoformat("2100-01-01")


@given(st.datetimes(EARLY, LATE), zones)
def test_a_moment_is_the_same_whichever_zone_it_was_written_in(moment: datetime, zone: str) -> None:
    aware = moment.replace(microsecond=0, tzinfo=ZoneInfo("UTC"))
    there = aware.astimezone(ZoneInfo(zone))
    expected = aware.strftime("%Y-%m-%dT%H:%M:%SZ").replace(" ", "0")
    assert one({"as": "datetime"}, there.isoformat()) == expected
    if there.replace(fold=0).utcoffset() == there.replace(fold=1).utcoffset():
        local = there.replace(tzinfo=None).isoformat(sep=" ")
        assert one({"as": "datetime", "zone": zone}, local) == expected


raw_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@given(
    raw_values,
    st.sampled_from([kind for kind in FieldType if kind is not FieldType.CHOICE]),
)
def test_no_value_breaks_a_type_and_what_it_gives_is_read_the_same_again(
    raw: Any, kind: FieldType
) -> None:
    fieldmap = lead(**{"custom.x": {"from": "v", "as": kind.value}})
    draft = fieldmap.read({"v": raw})
    if draft.problems:
        assert draft.values == {}
        return
    assert fieldmap.read({"v": draft.values["custom.x"]}).values == draft.values
