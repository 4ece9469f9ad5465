"""What a field map refuses, where it says the mistake is, and how differences are laid over it."""

from __future__ import annotations

from typing import Any

import pytest

from mapping.document import StreamSpec
from mapping.errors import MappingErrors
from mapping.examples import ExampleResult, run_examples
from mapping.fieldmap import compile_map, merge_documents


def wrong(document: dict[str, Any], kind: str | None = "lead") -> list[tuple[str, tuple[Any, ...]]]:
    with pytest.raises(MappingErrors) as caught:
        compile_map(document, kind=kind)
    assert all(error.message for error in caught.value.errors)
    return [(error.code, error.path) for error in caught.value.errors]


@pytest.mark.parametrize(
    ("field", "line", "code", "place"),
    [
        ("custom.x", {"form": "v"}, "UNKNOWN_OPERATOR", ("form",)),
        ("custom.x", {"from": "v", "split": {"on": " ", "tkae": 0}}, "UNKNOWN_OPERATOR", None),
        ("custom.x", {"from": "v", "max_length": 0}, "BAD_OPERATOR", ("max_length",)),
        ("custom.x", {"from": "v", "direction": "in"}, "BAD_OPERATOR", ("direction",)),
        ("custom.x", {"from": "v", "split": {"take": "last"}}, "BAD_OPERATOR", ("split", "take")),
        ("custom.x", 3, "BAD_LINE", ()),
        ("custom.x", ["a"], "BAD_LINE", ()),
        ("custom.x", {}, "NO_SOURCE", ()),
        ("custom.x", {"to": "v"}, "NO_SOURCE", ()),
        ("custom.x", {"from": "v", "const": 1}, "CONTRADICTION", ("const",)),
        ("custom.x", {"from": "v", "first": ["a"]}, "CONTRADICTION", ("first",)),
        ("custom.x", {"from": "v", "with": "-"}, "CONTRADICTION", ("with",)),
        ("custom.x", {"from": "v", "other": "keep"}, "CONTRADICTION", ("other",)),
        ("custom.x", {"from": "v", "formats": ["%Y"]}, "CONTRADICTION", ("formats",)),
        ("custom.x", {"from": "v", "zone": "Asia/Tokyo"}, "CONTRADICTION", ("zone",)),
        ("custom.x", {"from": "v", "format": "national"}, "CONTRADICTION", ("format",)),
        ("custom.x", {"from": "v", "as": "number", "on": ","}, "CONTRADICTION", ("on",)),
        (
            "custom.x",
            {"from": "v", "to": "w", "direction": "pull"},
            "CONTRADICTION",
            ("to",),
        ),
        ("custom.x", {"to": "w", "direction": "push", "default": 1}, "CONTRADICTION", ("default",)),
        ("custom.x", {"from": "v", "write": {"a": "b"}}, "CONTRADICTION", ("write",)),
        ("custom.x", {"const": "a", "direction": "push"}, "CONTRADICTION", ("const",)),
        ("custom.x", {"const": "a", "to": "b", "direction": "both"}, "CONTRADICTION", ("const",)),
        ("renkei_stage", {"from": "v", "direction": "pull"}, "CONTRADICTION", ("direction",)),
        ("custom.x", {"from": "v", "split": {"take": 0}}, "NOT_REVERSIBLE", ("split",)),
        ("custom.x", {"first": ["a", "b"]}, "NOT_REVERSIBLE", ("first",)),
        ("custom.x", {"concat": ["a", "b"]}, "NOT_REVERSIBLE", ("concat",)),
        ("custom.x", {"first": ["a", "b"], "to": "b"}, "NOT_REVERSIBLE", ("to",)),
        ("custom.x", {"concat": ["a", "b"], "to": "b"}, "NOT_REVERSIBLE", ("to",)),
        ("custom.x", {"const": {"a": 1}}, "BAD_OPERATOR", ("const",)),
        (
            "custom.x",
            {"from": "v", "when": {"field": "w", "in": [1]}},
            "NOT_REVERSIBLE",
            ("when",),
        ),
        (
            "custom.x",
            {"from": "v", "values": {"A": "x", "B": "x"}},
            "NOT_REVERSIBLE",
            ("values",),
        ),
        ("custom.x", {"from": "v", "as": "datum"}, "UNKNOWN_TYPE", ("as",)),
        ("score", {"from": "v", "as": "date"}, "TYPE_MISMATCH", ("as",)),
        ("title", {"from": "v", "as": "list"}, "TYPE_MISMATCH", ("as",)),
        ("revisit_on", {"from": "v", "formats": ["%Y/%m"]}, "BAD_FORMAT", ("formats", 0)),
        ("revisit_on", {"from": "v", "zone": "Tokyo/Asia"}, "UNKNOWN_ZONE", ("zone",)),
        ("channel", {"from": "v", "values": {"A": "webb"}}, "BAD_OPERATOR", ("values",)),
        ("channel", {"const": "webb"}, "BAD_OPERATOR", ("const",)),
        ("score", {"from": "v", "default": "many"}, "BAD_OPERATOR", ("default",)),
    ],
)
def test_a_line_that_cannot_work_is_refused_at_its_place(
    field: str, line: Any, code: str, place: tuple[Any, ...] | None
) -> None:
    place = ("split", "tkae") if place is None else place
    assert (code, ("fields", field, *place)) in wrong({"fields": {field: line}})


@pytest.mark.parametrize(
    ("field", "line", "hint"),
    [
        ("e-mail", "v", '"email"'),
        ("会社名", "v", '"company"'),
        ("favourite_colour", "v", '"custom.favourite_colour"'),
        ("stage", "v", "stage:"),
        ("custom.x", {"form": "v"}, '"from"'),
        ("custom.x", {"from": "v", "when": {"feild": "w", "in": [1]}}, '"field"'),
        ("custom.x", {"from": "v", "as": "datetme"}, '"datetime"'),
        ("custom.x", {"from": "v", "values": {"A": "x", "B": "x"}}, 'write: {x: "A"}'),
    ],
)
def test_a_mistake_comes_with_what_is_meant(field: str, line: Any, hint: str) -> None:
    with pytest.raises(MappingErrors) as caught:
        compile_map({"kind": "lead", "fields": {field: line}})
    assert any(hint in error.hint for error in caught.value.errors)


def test_every_mistake_of_a_document_is_told_at_once() -> None:
    document = {
        "kind": "lead",
        "filds": {},
        "fields": {"emial": "a", "title": {"form": "b"}, "company": "c", "city": "c"},
        "stage": {"field": "s", "read": {"x": ["mqll"]}},
    }
    assert {code for code, _ in wrong(document)} == {
        "UNKNOWN_KEY",
        "UNKNOWN_FIELD",
        "UNKNOWN_OPERATOR",
        "DOUBLE_WRITE",
        "UNKNOWN_STAGE",
    }


@pytest.mark.parametrize(
    ("document", "kind", "code"),
    [
        ({}, None, "BAD_KIND"),
        ({"kind": "person"}, None, "BAD_KIND"),
        ({"kind": "deal"}, "lead", "BAD_KIND"),
        ({"fields": ["email"]}, "lead", "BAD_LINE"),
        ({"fields": {"email": "a", "title": "a"}}, "lead", "DOUBLE_WRITE"),
        (
            {
                "fields": {"title": "s"},
                "stage": {"field": "s", "read": {"a": ["mql"]}, "write": {"mql": "a"}},
            },
            "lead",
            "DOUBLE_WRITE",
        ),
    ],
)
def test_a_document_that_cannot_work_is_refused(
    document: dict[str, Any], kind: str | None, code: str
) -> None:
    assert code in {found for found, _ in wrong(document, kind)}


@pytest.mark.parametrize(
    ("kind", "stage", "code", "place"),
    [
        ("lead", {"field": "s"}, "BAD_OPERATOR", ("read",)),
        ("lead", {"field": "s", "read": {"a": "mql"}, "bakc": "clear"}, "UNKNOWN_OPERATOR", None),
        ("lead", {"field": "s", "read": {"a": ["mqll"]}}, "UNKNOWN_STAGE", ("read", "a")),
        ("lead", {"field": "s", "read": {"a": []}}, "UNKNOWN_STAGE", ("read", "a")),
        (
            "lead",
            {"field": "s", "read": {"a": ["mql"]}, "write": {"sql": "a"}},
            "NOT_REVERSIBLE",
            ("write", "sql"),
        ),
        (
            "lead",
            {"field": "s", "read": {"a": ["mql"]}, "write": {"mql": "b"}},
            "NOT_REVERSIBLE",
            ("write", "mql"),
        ),
        ("deal", {"field": "s", "read": {"a": ["mql"]}}, "NOT_A_DEAL_STAGE", ("read", "a")),
        ("account", {"field": "s", "read": {"a": ["mql"]}}, "CONTRADICTION", ()),
        ("lead", ["s"], "BAD_LINE", ()),
    ],
)
def test_a_stage_block_that_cannot_work_is_refused(
    kind: str, stage: Any, code: str, place: tuple[Any, ...] | None
) -> None:
    place = ("bakc",) if place is None else place
    assert wrong({"stage": stage}, kind) == [(code, ("stage", *place))]


DEFAULT = {
    "kind": "lead",
    "fields": {"email": "email", "title": {"from": "jobtitle", "max_length": 9}, "city": "city"},
    "stage": {
        "field": "lifecyclestage",
        "read": {"lead": ["inquiry"], "mql": ["mql"]},
        "write": {"inquiry": "lead", "mql": "mql"},
        "back": "clear",
    },
}


@pytest.mark.parametrize(
    ("override", "fields", "stage"),
    [
        (None, DEFAULT["fields"], DEFAULT["stage"]),
        (
            {"fields": {"title": "役職", "city": None, "custom.x": "x"}},
            {"email": "email", "title": "役職", "custom.x": "x"},
            DEFAULT["stage"],
        ),
        (
            {"stage": {"read": {"lead": ["inquiry", "recycled"]}, "write": {"mql": None}}},
            DEFAULT["fields"],
            {
                "field": "lifecyclestage",
                "read": {"lead": ["inquiry", "recycled"], "mql": ["mql"]},
                "write": {"inquiry": "lead"},
                "back": "clear",
            },
        ),
        ({"stage": {"back": None, "write": None}}, DEFAULT["fields"], {
            "field": "lifecyclestage",
            "read": {"lead": ["inquiry"], "mql": ["mql"]},
        }),
        (
            {"stage": {"field": "hub_stage", "read": {"1": ["mql"]}}},
            DEFAULT["fields"],
            {"field": "hub_stage", "read": {"1": ["mql"]}},
        ),
        ({"stage": None}, DEFAULT["fields"], None),
        ({"fields": None}, DEFAULT["fields"], DEFAULT["stage"]),
    ],
)  # fmt: skip
def test_differences_are_laid_over_the_default(
    override: dict[str, Any] | None, fields: Any, stage: Any
) -> None:
    merged = merge_documents(DEFAULT, override)
    assert merged["kind"] == "lead"
    assert merged["fields"] == fields
    assert merged.get("stage") == stage
    compile_map(merged)


@pytest.mark.parametrize("document", [None, [], "contacts"])
def test_what_is_no_mapping_is_refused(document: Any) -> None:
    with pytest.raises(MappingErrors):
        compile_map(document)
    if document is not None:
        with pytest.raises(MappingErrors):
            merge_documents(DEFAULT, document)


def test_editors_get_a_schema_of_what_may_be_written() -> None:
    schema = StreamSpec.model_json_schema()
    line = schema["$defs"]["LineSpec"]["properties"]
    assert {"from", "with", "as", "values"} <= line.keys()
    assert all("description" in operator for operator in line.values())


def test_laying_differences_over_a_default_leaves_the_default_alone() -> None:
    before = repr(DEFAULT)
    merge_documents(DEFAULT, {"fields": {"city": None}, "stage": {"read": {"lead": None}}})
    assert repr(DEFAULT) == before


def test_examples_that_fail_say_what_came_out() -> None:
    document = {
        "kind": "lead",
        "fields": {
            "title": {"from": "t", "examples": [{"in": "部長", "out": "課長"}]},
            "score": {"from": "s", "examples": [{"in": "many", "out": 3}, {"in": "3", "out": 3}]},
            "custom.no": {"from": "n", "as": "boolean", "examples": [{"in": "0", "out": 0}]},
        },
    }
    title, score, fine, boolean = run_examples(document)
    assert title == ExampleResult(
        "title", False, "部長", "課長", ("fields", "title", "examples", 0)
    )
    assert (score.ok, score.got) == (False, "problem: NOT_A_NUMBER")
    assert fine.ok
    assert not boolean.ok
