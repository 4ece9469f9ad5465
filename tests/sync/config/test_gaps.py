"""A map is held against picklists: every option is read, every value written."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kit.base import FieldSpec, Option, StageSpec
from mapping.fieldmap import compile_map
from sync.config.description import Sheet, sheet_of
from sync.config.gaps import Gap, gaps

WEB, FAIR = Option("web", "Webフォーム"), Option("fair", "展示会")
OLD = Option("phonebook", "電話帳", active=False)


def picklist(*options: Option, name: str = "source", **more: Any) -> FieldSpec:
    return FieldSpec(name, name, more.pop("type", "picklist"), options=options, **more)


def found(
    fields: dict[str, Any],
    *specs: FieldSpec,
    stage: dict[str, Any] | None = None,
    stages: tuple[str, ...] = (),
    kind: str = "lead",
    writes: bool = True,
) -> list[Gap]:
    document = {"kind": kind, "fields": fields, **({"stage": stage} if stage else {})}
    sheet = sheet_of(specs, [StageSpec(one, one.upper()) for one in stages])
    return gaps("people", compile_map(document), sheet, lambda _: writes)


def told(some: list[Gap]) -> list[tuple[str, str, str]]:
    return [(one.code, one.state, one.option) for one in some]


READ = {"from": "source", "direction": "pull"}


@pytest.mark.parametrize(
    ("line", "options", "wanted"),
    [
        pytest.param(
            {**READ, "values": {"web": "form", "fair": "exhibition"}}, (WEB, FAIR), [], id="total"
        ),
        pytest.param(
            {**READ, "values": {"web": "form"}},
            (WEB, FAIR),
            [("OPTION_UNMAPPED", "warning", "fair")],
            id="one is not read",
        ),
        pytest.param(
            {**READ, "values": {"web": "form"}, "other": "other"},
            (WEB, FAIR),
            [],
            id="other takes it",
        ),
        pytest.param(
            {**READ, "values": {"web": "form"}},
            (WEB, OLD),
            [("OPTION_INACTIVE", "warning", "phonebook")],
            id="one that is no longer offered must be read too",
        ),
        pytest.param(
            READ,
            (Option("form", "F"), WEB),
            [("OPTION_UNMAPPED", "warning", "web")],
            id="without a table only the field's own words are read",
        ),
        pytest.param(
            {**READ, "values": {"web": "form", "展示会": "exhibition"}},
            (WEB, FAIR),
            [("LABEL_NOT_VALUE", "error", "fair")],
            id="a label is named as one",
        ),
        pytest.param(
            {**READ, "values": {"web": "form", "展示会": "exhibition"}},
            (WEB, FAIR, Option("展示会", "その他の展示会")),
            [("OPTION_UNMAPPED", "warning", "fair")],
            id="a label that is another option's value is no mistake",
        ),
        pytest.param({**READ, "values": {"WEB": "form"}, "lower": True}, (WEB,), [], id="lower"),
        pytest.param(
            {"from": "source", "split": {"take": 0}, "direction": "pull"},
            (WEB,),
            [],
            id="a part is not judged",
        ),
    ],
)
def test_every_option_is_read(
    line: dict[str, Any], options: tuple[Option, ...], wanted: list[tuple[str, str, str]]
) -> None:
    assert told(found({"channel": line}, picklist(*options))) == wanted


BOTH = {"from": "mail", "values": {"yes": "granted", "no": "denied", "?": "unknown"}}
YES, NO, UNSAID = Option("yes", "許可"), Option("no", "拒否"), Option("?", "未確認")


@pytest.mark.parametrize(
    ("line", "options", "wanted"),
    [
        pytest.param(BOTH, (YES, NO, UNSAID), [], id="total"),
        pytest.param(
            BOTH, (YES, NO), [("OPTION_MISSING", "error", "?")], id="an option is not there"
        ),
        pytest.param(
            BOTH,
            (YES, NO, Option("?", "未確認", active=False)),
            [("OPTION_RETIRED", "error", "?")],
            id="an option is no longer offered",
        ),
        pytest.param(
            {**BOTH, "write": {"unknown": "未確認"}},
            (YES, NO, UNSAID),
            [("LABEL_NOT_VALUE", "error", "?")],
            id="a label is written",
        ),
        pytest.param(
            {"from": "mail", "values": {"yes": "granted", "no": "denied"}},
            (YES, NO),
            [("WRITE_UNMAPPED", "warning", "")],
            id="a value of the lead cannot be written",
        ),
        pytest.param(
            {
                "to": "mail",
                "direction": "push",
                "write": {"granted": "yes", "denied": "no", "unknown": "?"},
            },
            (YES, NO, UNSAID),
            [],
            id="only written",
        ),
    ],
)
def test_every_value_that_is_written_is_an_option(
    line: dict[str, Any], options: tuple[Option, ...], wanted: list[tuple[str, str, str]]
) -> None:
    fields = {"consent.email.marketing": line}
    assert told(found(fields, picklist(*options, name="mail"))) == wanted


def test_what_is_not_written_there_needs_no_options() -> None:
    fields = {"consent.email.marketing": BOTH}
    assert found(fields, picklist(YES, NO, name="mail"), writes=False) == []


def test_values_that_cannot_be_written_are_listed_once() -> None:
    line = {"from": "mail", "values": {"yes": "granted"}}
    (gap,) = found({"consent.email.marketing": line}, picklist(YES, name="mail"))
    assert gap.others == ("denied", "unknown")


def test_any_text_into_a_picklist_cannot_be_proved() -> None:
    assert told(found({"title": "rank"}, picklist(WEB, name="rank"))) == [
        ("FREE_TEXT", "warning", "")
    ]


def test_a_constant_must_be_an_option_too() -> None:
    line = {"const": "hub", "to": "source", "direction": "push"}
    assert told(found({"custom.by": line}, picklist(WEB))) == [("OPTION_MISSING", "error", "hub")]


def test_the_stages_of_the_hub_must_be_options_where_they_are_written() -> None:
    line = {"from": "hub_stage", "direction": "push"}
    options = (Option("inquiry", "x"), Option("mql", "x"))
    missing = [
        one.option for one in found({"renkei_stage": line}, picklist(*options, name="hub_stage"))
    ]
    assert "won" in missing
    assert "mql" not in missing


@pytest.mark.parametrize(
    ("types", "wanted"),
    [
        pytest.param({"法人": ("yes", "no", "?")}, [], id="allowed"),
        pytest.param(
            {"法人": ("yes",), "個人": ("yes", "no")},
            [("no", "warning", ("法人",)), ("?", "error", ("法人", "個人"))],
            id="allowed in some, or none",
        ),
    ],
)
def test_record_types_restrict_what_may_be_written(types: Any, wanted: Any) -> None:
    spec = picklist(YES, NO, UNSAID, name="mail", record_types=types)
    some = found({"consent.email.marketing": BOTH}, spec)
    assert [(one.option, one.state, one.others) for one in some] == wanted


STAGE: dict[str, Any] = {
    "field": "status",
    "read": {"new": ["inquiry"]},
    "write": {"inquiry": "new"},
}


@pytest.mark.parametrize(
    ("stage", "options", "wanted"),
    [
        pytest.param(STAGE, (Option("new", "新規"),), [], id="total"),
        pytest.param(
            STAGE,
            (Option("new", "新規"), Option("hot", "有望"), Option("old", "旧", active=False)),
            [("STAGE_UNMAPPED", "warning", "hot"), ("STAGE_INACTIVE", "warning", "old")],
            id="not read",
        ),
        pytest.param(
            {
                "field": "status",
                "read": {"商談中": ["opportunity"]},
                "write": {"opportunity": "商談中"},
            },
            (Option("negotiating", "商談中"),),
            [("LABEL_NOT_VALUE", "error", "negotiating")] * 2,
            id="the label in both directions",
        ),
        pytest.param(
            STAGE,
            (Option("fresh", "x"),),
            [("STAGE_UNMAPPED", "warning", "fresh"), ("STAGE_MISSING", "error", "new")],
            id="gone",
        ),
        pytest.param(
            STAGE,
            (Option("new", "x", active=False),),
            [("STAGE_RETIRED", "error", "new")],
            id="retired",
        ),
        pytest.param(
            {**STAGE, "other": ["inquiry"]},
            (Option("new", "x"), Option("hot", "x")),
            [],
            id="other",
        ),
    ],
)
def test_stages_are_held_against_the_options_of_their_field(
    stage: dict[str, Any], options: tuple[Option, ...], wanted: list[tuple[str, str, str]]
) -> None:
    assert told(found({}, picklist(*options, name="status"), stage=stage)) == wanted


def test_a_stage_field_without_options_has_those_of_the_pipeline() -> None:
    spec = FieldSpec("status", "状態", "other")
    some = found({}, spec, stage=STAGE, stages=("new", "done"))
    assert told(some) == [("STAGE_UNMAPPED", "warning", "done")]


def test_several_options_read_as_one_are_told_and_a_list_is_not() -> None:
    spec = picklist(WEB, name="topics", type="multipicklist")
    one = {"from": "topics", "direction": "pull"}
    assert told(found({"interest": one}, spec)) == [("SEVERAL_AS_ONE", "warning", "")]
    assert found({"interest": {**one, "on": "; "}}, spec) == []
    assert found({"tags": one}, spec) == []


def test_the_stage_must_be_allowed_in_every_record_type() -> None:
    types = {"法人": ("new",), "個人": ()}
    (gap,) = found({}, picklist(Option("new", "x"), name="status", record_types=types), stage=STAGE)
    assert (gap.code, gap.lead, gap.others) == ("OPTION_RECORD_TYPE", "inquiry", ("個人",))


def test_a_field_that_the_vendor_does_not_have_is_no_gap() -> None:
    sheet: Sheet = sheet_of([], [])
    document = {"kind": "lead", "fields": {"channel": READ}, "stage": STAGE}
    assert gaps("people", compile_map(document), sheet, lambda _: True) == []
