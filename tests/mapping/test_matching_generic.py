"""Matching tables whose columns nobody told us about: steps, kinds, keys, and estimated rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.leads.registers import households, register, sites
from mapping.match.columns import Columns, match_columns
from mapping.match.evaluate import Figures, figures
from mapping.match.extra import (
    CLOSE,
    COMPARE,
    DIFFER,
    NEAR,
    SAME,
    UNKNOWN,
    Learnt,
    LearntRules,
    fold_extra,
    level,
    points_of,
)
from mapping.match.rules import Extra, Rules
from mapping.match.unknown import describe, kind, learn
from mapping.model import Value

Table = dict[str, Mapping[str, Value]]


def table_of(rows: Sequence[Mapping[str, str]], label: str) -> tuple[Table, dict[str, str]]:
    records: Table = {}
    truth = {}
    for number, row in enumerate(rows):
        record = f"{number:05}"
        records[record] = {k: v for k, v in row.items() if k not in (label, "Id") and v}
        truth[record] = row[label].partition("-dup")[0].partition("-org")[0]
    return records, truth


def learnt(records: Table, own: tuple[str, ...] = ()) -> tuple[Columns, LearntRules]:
    fields = list(dict.fromkeys(name for values in records.values() for name in values))
    table = Columns(records, describe(records, fields))
    return table, learn(table, own, ("surname", "last_name"))


def judged(records: Table, truth: dict[str, str], own: tuple[str, ...] = ()) -> Figures:
    table, rules = learnt(records, own)
    return figures(match_columns(table, rules)[0].of, truth)


@pytest.mark.parametrize(
    ("compare", "one", "other", "step"),
    [
        pytest.param("text", "Smith", "SMITH ", SAME, id="case-and-spaces"),
        pytest.param("text", "Jürgen", "jurgen", SAME, id="accent"),
        pytest.param("text", "van Dyke", "VanDyke", SAME, id="text-without-its-space"),
        pytest.param("text", "Michelle", "Michele", CLOSE, id="letter-missing"),
        pytest.param("text", "Robert", "Bob", CLOSE, id="short-name"),
        pytest.param("text", "J", "John", NEAR, id="initial"),
        pytest.param("text", "Alex", "Alexandrina", NEAR, id="begins-alike"),
        pytest.param("text", "Watson", "tasonW", NEAR, id="letters-mixed-up"),
        pytest.param("text", "Watson", "Baxter", DIFFER, id="another-text"),
        pytest.param("text", "", "Baxter", UNKNOWN, id="missing"),
        pytest.param("text", "髙橋", "高橋", SAME, id="old-kanji"),
        pytest.param("date", "1990-02-03", "19900203", SAME, id="two-forms"),
        pytest.param("date", "25/12/1990", "1990-12-25", SAME, id="day-first"),
        pytest.param("date", "1990-02-03", "1990-03-02", CLOSE, id="day-and-month-swapped"),
        pytest.param("date", "1990-02-03", "1991-02-03", CLOSE, id="one-digit"),
        pytest.param("date", "1990-02-03", "1990-11-20", NEAR, id="same-year"),
        pytest.param("date", "1989-12-20", "1990-01-17", NEAR, id="soon-after"),
        pytest.param("date", "1650-01-01", "1721-01-01", DIFFER, id="no-day-known"),
        pytest.param("date", "1990-02-03", "1961-08-21", DIFFER, id="another-date"),
        pytest.param("code", "(773) 555-1234", "5551234", CLOSE, id="without-area-code"),
        pytest.param("code", "https://www.example.com/", "example.com", SAME, id="web-address"),
        pytest.param("code", "4137877", "4137787", CLOSE, id="digits-swapped"),
        pytest.param("code", "a.smith@x.com", "a.smith@other.org", NEAR, id="local-part"),
        pytest.param("code", "4137877", "9028365", DIFFER, id="another-code"),
        pytest.param("number", "1980", "1990", CLOSE, id="digit-of-a-year"),
        pytest.param("number", "11", "12", NEAR, id="next-number"),
        pytest.param("number", "4", "11", DIFFER, id="another-number"),
        pytest.param("tokens", "Hokuto Electric Co., Ltd.", "hokuto electric", SAME, id="form"),
        pytest.param(
            "tokens", "株式会社北斗電機製作所", "北斗電機製作所", SAME, id="japanese-form"
        ),
        pytest.param("tokens", "12 Main St", "12 main street", CLOSE, id="short-street"),
        pytest.param("tokens", "Bright Day Care", "Bright Daycare", SAME, id="words-joined"),
        pytest.param("tokens", "GM Inc", "General Motors", NEAR, id="initials"),
        pytest.param("tokens", "Bright Stars School", "Harbor View Clinic", DIFFER, id="others"),
    ],
)
def test_how_alike_two_values_are(compare: str, one: str, other: str, step: str) -> None:
    a, b = fold_extra(compare, one), fold_extra(compare, other)
    assert level(compare, a, b) == step


@given(st.sampled_from(COMPARE), st.text(max_size=30), st.text(max_size=30))
def test_the_order_of_two_values_does_not_matter(compare: str, one: str, other: str) -> None:
    a, b = fold_extra(compare, one), fold_extra(compare, other)
    assert level(compare, a, b) == level(compare, b, a)
    assert level(compare, a, a) == (SAME if a else UNKNOWN)


def test_a_common_value_counts_less_and_a_plain_field_takes_half_for_being_alike() -> None:
    plain = Extra("custom.town", "text", 6.0, 4.0, -3.0)
    fine = Learnt("custom.town", "text", 6.0, 4.0, -3.0, near=1.0, usual={"leeds": 2.5})
    assert [points_of(plain, step) for step in (SAME, CLOSE, NEAR, DIFFER, UNKNOWN)] == [
        6.0,
        4.0,
        2.0,
        -3.0,
        0.0,
    ]
    assert points_of(fine, NEAR) == 1.0
    assert (points_of(fine, SAME, "leeds"), points_of(fine, SAME, "hull")) == (2.5, 6.0)


@pytest.mark.parametrize(
    ("values", "compare"),
    [
        pytest.param(["1990-01-02", "19501231", "3/4/1990"], "date", id="dates"),
        pytest.param(["a@x.com", "b@y.org", "c at z"], "code", id="e-mail"),
        pytest.param(["03-1234-5678", "(773) 555-1234"], "code", id="phones"),
        pytest.param(["2119", "3165", "4881"], "number", id="postcodes"),
        pytest.param(["5304218", "4066625"], "code", id="long-numbers"),
        pytest.param(["bs11 4zg", "ne7 2wg"], "code", id="british-postcodes"),
        pytest.param(["8 stanley street", "12 pinkerton circuit"], "tokens", id="addresses"),
        pytest.param(["東京都港区芝1-2-3", "大阪市北区梅田2-1"], "tokens", id="japanese-addresses"),
        pytest.param(["Acme Tool Works", "Bright Day Care"], "tokens", id="organisations"),
        pytest.param(["北斗電機株式会社", "株式会社鶴松不動産"], "tokens", id="companies"),
        pytest.param(["Smith", "Jones", "van Dyke"], "text", id="names"),
        pytest.param(["井上", "長谷川"], "text", id="japanese-names"),
        pytest.param(["", " "], "", id="nothing"),
    ],
)
def test_what_a_column_holds_is_told_from_its_values(values: list[str], compare: str) -> None:
    assert kind(values) == compare


def test_keys_find_whole_values_their_ends_and_single_words() -> None:
    rows = {
        "a": {"name": "anna", "site": "bright day care", "born": "1990-02-03"},
        "b": {"name": "anne", "site": "sunny care", "born": "1990-07-09"},
        "c": {"name": "anna", "site": "harbor view", "born": "1955-02-03"},
    }
    extras = [Extra("name", "text", 1), Extra("site", "tokens", 1), Extra("born", "date", 1)]

    def found(*parts: str) -> set[tuple[int, int]]:
        table = Columns(rows, extras)
        table.look_for(parts)
        return {divmod(code, len(table)) for code in table.candidates}

    assert found("name") == {(0, 2)}
    assert found("name:2") == {(0, 1), (0, 2), (1, 2)}
    assert found("site:words") == {(0, 1)}
    assert found("born:4") == {(0, 1)}
    assert found("born:-4") == {(0, 2)}
    assert found("name", "born:-4") == {(0, 2)}
    assert found("name", "born:4") == set()


def test_a_key_that_too_many_share_finds_nobody() -> None:
    rows: Table = {f"{number:03}": {"town": "leeds"} for number in range(61)}
    table = Columns(rows, [Extra("town", "text", 1)])
    table.look_for(("town",))
    assert table.candidates == set()
    assert table.price(("town",)) == (0, 0)


@pytest.mark.parametrize("seed", [pytest.param(seed, id=f"seed-{seed}") for seed in (11, 12)])
def test_a_register_is_told_apart_without_labels(seed: int) -> None:
    found = judged(*table_of(register(seed, 150), "rec_id"), own=("given_name",))
    assert found.precision == 1.0
    assert found.f1 >= 0.995


def test_organisations_are_found_by_their_names_and_addresses() -> None:
    found = judged(*table_of(sites(13, 100), "cluster"))
    assert found.precision >= 0.99
    assert found.f1 >= 0.99


def test_members_of_a_household_are_not_one_person() -> None:
    records, truth = table_of(households(14, 150), "person_id")
    found = judged(records, truth, own=("first_name",))
    assert found.precision >= 0.9
    assert found.f1 >= 0.9
    # Nothing but the knowledge of what is a person's own tells them apart.
    assert judged(records, truth).precision < 0.5


def test_noise_in_names_is_not_taken_for_households() -> None:
    records, _ = table_of(register(14, 200), "rec_id")
    assert learnt(records, ("given_name",))[1].group is None


def test_the_same_data_gives_the_same_rules() -> None:
    records, _ = table_of(register(15, 60), "rec_id")
    assert learnt(records)[1] == learnt(records)[1]


def test_reasons_add_up_to_the_score_and_name_their_fields() -> None:
    records, truth = table_of(households(16, 50), "person_id")
    table, rules = learnt(records, ("first_name",))
    clusters, scorer = match_columns(table, rules)
    joined = [members for members in clusters.members.values() if len(members) > 1]
    assert joined
    for one, other, *_ in joined:
        score = scorer(one, other)
        assert score.points == pytest.approx(sum(reason.points for reason in score.reasons))
        assert scorer.quick(one, other).points == score.points
    fields = {reason.detail for one, other, *_ in joined for reason in scorer(one, other).reasons}
    assert fields - {""} <= {extra.field for extra in rules.extras}
    assert len(truth) == len(table)


def test_names_written_into_each_others_columns_are_found() -> None:
    rows: Table = {
        "a": {"first": "noah", "last": "watson"},
        "b": {"first": "watson", "last": "noah"},
        "c": {"first": "watson"},
        "d": {"first": "emma", "last": "noah"},
    }
    table = Columns(rows, [Learnt("first", "text", 5, swaps="last"), Learnt("last", "text", 5)])
    assert table.compare(0, 1) == (CLOSE, CLOSE)
    assert table.compare(0, 2) == (UNKNOWN, CLOSE)
    assert table.compare(0, 3) == (DIFFER, DIFFER)


def test_a_column_that_repeats_others_counts_for_what_is_more_in_it() -> None:
    names = [("anna", "smith"), ("noah", "watson"), ("emma", "jones"), ("jack", "brown")]
    rows: Table = {
        f"{number}": {
            "full": f"{first} {middle} {last}".replace("  ", " "),
            "both": f"{first} {last}",
            "first": first,
            "last": last,
        }
        for number, (first, last) in enumerate(names * 3)
        for middle in ("rose" if number % 2 else "",)
    }
    made = {one.field: one for one in describe(rows, ["full", "both", "first", "last"])}
    assert sorted(made) == ["first", "full", "last"]
    assert set(made["full"].without) >= {"first", "last"}
    table = Columns(rows, list(made.values()))
    assert set(table.folded[table.place["full"]]) == {"", "rose"}


def test_rows_of_one_file_are_never_put_together() -> None:
    rows: Table = {
        "1": {"code": "abc123"},
        "2": {"code": "abc123"},
        "3": {"code": "abc123"},
    }
    rules = Rules(
        accept=5, review=1, extras=(Extra("code", "code", 10.0),), keys=(("code",),), largest=9
    )
    sides = {"1": "left", "2": "left", "3": "right"}
    clusters, scorer = match_columns(Columns(rows, rules.extras, sides), rules)
    assert clusters.of["1"] != clusters.of["2"]
    assert scorer("1", "2").forbids(rules)
    alone, _ = match_columns(Columns(rows, rules.extras), rules)
    assert len(set(alone.of.values())) == 1
