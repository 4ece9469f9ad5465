"""A vendor's description is kept, and two of them are told apart."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit.base import FieldSpec, Option, StageSpec
from sync.config.description import STAGES, Sheet, drifts, sheet_from, sheet_of

FAIR = Option("展示会", "展示会")
SOURCE = FieldSpec(
    "流入元", "流入元", "picklist", "DROP_DOWN", options=(Option("Web", "Web"), FAIR)
)
NOTE = FieldSpec("note", "メモ", "text", "STRING", max_length=255)


def sheet(*fields: FieldSpec, stages: tuple[str, ...] = ()) -> Sheet:
    return sheet_of(fields, [StageSpec(one, one.upper(), n) for n, one in enumerate(stages)])


def with_options(*options: Option) -> FieldSpec:
    return replace(SOURCE, options=options)


WEB = SOURCE.options[0]
CHANGES = [
    pytest.param(
        sheet(NOTE), sheet(NOTE, SOURCE), [("FIELD_NEW", "流入元", "", "")], id="field new"
    ),
    pytest.param(
        sheet(NOTE, SOURCE), sheet(NOTE), [("FIELD_GONE", "流入元", "", "")], id="field gone"
    ),
    pytest.param(
        sheet(NOTE),
        sheet(replace(NOTE, name="memo")),
        [("FIELD_GONE", "note", "", "memo"), ("FIELD_NEW", "memo", "", "note")],
        id="field renamed",
    ),
    pytest.param(
        sheet(NOTE),
        sheet(replace(NOTE, name="memo", vendor_type="NUMBER")),
        [("FIELD_GONE", "note", "", ""), ("FIELD_NEW", "memo", "", "")],
        id="another type is another field",
    ),
    pytest.param(
        sheet(NOTE),
        sheet(replace(NOTE, label="備考")),
        [("FIELD_RELABELLED", "note", "", "メモ")],
        id="field relabelled",
    ),
    pytest.param(
        sheet(SOURCE),
        sheet(with_options(WEB, FAIR, Option("名刺", "名刺"))),
        [("OPTION_NEW", "流入元", "名刺", "")],
        id="option new",
    ),
    pytest.param(
        sheet(SOURCE),
        sheet(with_options(WEB)),
        [("OPTION_GONE", "流入元", "展示会", "")],
        id="option gone",
    ),
    pytest.param(
        sheet(SOURCE),
        sheet(with_options(WEB, Option("イベント", "イベント"))),
        [
            ("OPTION_GONE", "流入元", "展示会", "イベント"),
            ("OPTION_NEW", "流入元", "イベント", "展示会"),
        ],
        id="option renamed in its place",
    ),
    pytest.param(
        sheet(SOURCE),
        sheet(with_options(Option("fair", "展示会"), WEB, Option("ad", "広告"))),
        [
            ("OPTION_GONE", "流入元", "展示会", "fair"),
            ("OPTION_NEW", "流入元", "fair", "展示会"),
            ("OPTION_NEW", "流入元", "ad", ""),
        ],
        id="option of the same label elsewhere",
    ),
    pytest.param(
        sheet(SOURCE),
        sheet(with_options(WEB, replace(FAIR, active=False))),
        [("OPTION_RETIRED", "流入元", "展示会", "")],
        id="option retired",
    ),
    pytest.param(
        sheet(with_options(WEB, replace(FAIR, active=False))),
        sheet(SOURCE),
        [("OPTION_NEW", "流入元", "展示会", "")],
        id="option offered again",
    ),
    pytest.param(
        sheet(SOURCE),
        sheet(with_options(WEB, replace(FAIR, label="イベント"))),
        [("OPTION_RELABELLED", "流入元", "展示会", "展示会")],
        id="option relabelled",
    ),
    pytest.param(
        sheet(NOTE, stages=("open", "won")),
        sheet(NOTE, stages=("open", "won", "lost")),
        [("OPTION_NEW", STAGES, "lost", "")],
        id="stage new",
    ),
    pytest.param(
        sheet(SOURCE, stages=("Web", "展示会")),
        sheet(with_options(WEB), stages=("Web",)),
        [("OPTION_GONE", "流入元", "展示会", "")],
        id="a stage that is an option is told once",
    ),
    pytest.param(sheet(NOTE, SOURCE), sheet(SOURCE, NOTE), [], id="another order is no change"),
]


@pytest.mark.parametrize(("old", "new", "told"), CHANGES)
def test_each_edit_is_told(old: Sheet, new: Sheet, told: list[tuple[str, ...]]) -> None:
    assert [(one.code, one.field, one.option, one.near) for one in drifts(old, new)] == told


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("type", "number"),
        ("writable", False),
        ("required", True),
        ("unique", True),
        ("max_length", 80),
    ],
)
def test_a_changed_attribute_is_told_with_what_it_was(attribute: str, value: Any) -> None:
    (one,) = drifts(sheet(NOTE), sheet(replace(NOTE, **{attribute: value})))
    assert (one.code, one.changes) == (
        "FIELD_CHANGED",
        ((attribute, getattr(NOTE, attribute), value),),
    )


def test_restricting_an_option_to_a_record_type_is_a_change() -> None:
    (one,) = drifts(sheet(SOURCE), sheet(replace(SOURCE, record_types={"法人": ("Web",)})))
    assert one.changes == (("record_types", {}, {"法人": ["Web"]}),)


NAMES = st.sampled_from(["a", "b", "c", "流入元"])
OPTIONS = st.builds(Option, NAMES, NAMES, st.booleans())
FIELDS = st.builds(
    FieldSpec,
    NAMES,
    NAMES,
    st.sampled_from(["text", "picklist", "number"]),
    required=st.booleans(),
    writable=st.booleans(),
    max_length=st.none() | st.integers(1, 99),
    options=st.lists(OPTIONS, max_size=4, unique_by=lambda one: one.value).map(tuple),
    record_types=st.dictionaries(NAMES, st.lists(NAMES).map(tuple), max_size=2),
)
SHEETS = st.builds(
    sheet_of,
    st.lists(FIELDS, max_size=4, unique_by=lambda one: one.name),
    st.lists(st.builds(StageSpec, NAMES, NAMES), max_size=3, unique_by=lambda one: one.value),
)


@given(SHEETS)
def test_a_sheet_survives_being_stored(one: Sheet) -> None:
    again = sheet_from(json.loads(json.dumps(one.content())))
    assert again == one
    assert again.digest() == one.digest()
    assert drifts(one, again) == []


@given(SHEETS, SHEETS)
def test_sheets_of_one_digest_have_no_drift_between_them(a: Sheet, b: Sheet) -> None:
    if a.digest() == b.digest():
        assert drifts(a, b) == []


@given(SHEETS, SHEETS)
def test_what_comes_one_way_goes_the_other(a: Sheet, b: Sheet) -> None:
    def names(old: Sheet, new: Sheet, code: str) -> set[tuple[str, str]]:
        return {(one.field, one.option) for one in drifts(old, new) if one.code == code}

    assert names(a, b, "FIELD_NEW") == names(b, a, "FIELD_GONE")
    assert names(a, b, "OPTION_GONE") <= names(b, a, "OPTION_NEW") | {
        (name, option.value)
        for name, spec in {**a.fields, STAGES: None}.items()
        if spec is not None
        for option in spec.options
        if not option.active
    }
