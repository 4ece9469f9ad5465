"""Reading labelled files: the label, what gives it away, and what the columns mean."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.leads import generate
from mapping.match.rules import Extra, Rules
from sync.engine.judging import judge
from sync.engine.labelled import Labelled, Unlabelled, custom_name, read_labelled

PEOPLE = """\
unique_id,first_name,surname,dob,cluster
Q1-0,Noah,Watson,1990-02-03,Q1
Q1-1,Noah,Wattson,1990-02-03,Q1
Q2-0,Emma,Jones,1985-11-20,Q2
"""


def saved(folder: Path, text: str, name: str = "set.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def read(folder: Path, text: str, *asked: str) -> Labelled:
    return read_labelled(saved(folder, text), *asked)


def as_csv(rows: Sequence[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def test_a_usual_label_is_found_and_what_gives_it_away_is_not_compared(tmp_path: Path) -> None:
    given = read(tmp_path, PEOPLE)
    assert given.label == "cluster"
    assert given.truth == {"2": "Q1", "3": "Q1", "4": "Q2"}
    assert given.compared == ["first_name", "surname", "dob"]
    assert given.fields == {"first_name": "given_name", "surname": "family_name"}
    assert given.rows["3"]["surname"] == "Wattson"


@pytest.mark.parametrize(
    ("header", "label"),
    [
        pytest.param("id,name,True Id", "True Id", id="true-id"),
        pytest.param("id,name,person_id", "person_id", id="person-id"),
        pytest.param("id,name,Entity ID", "Entity ID", id="entity-id"),
        pytest.param("id,name,名寄せID", "名寄せID", id="japanese"),
        pytest.param("group,name,cluster_id", "cluster_id", id="the-clearest-of-two"),
    ],
)
def test_labels_go_by_many_names(tmp_path: Path, header: str, label: str) -> None:
    given = read(tmp_path, f"{header}\n1,anna,7\n2,anne,7\n")
    assert given.label == label
    assert given.compared == ["name"]


def test_the_label_may_be_named(tmp_path: Path) -> None:
    given = read(tmp_path, PEOPLE.replace("cluster", "who"), "Who")
    assert given.label == "who"
    assert set(given.truth.values()) == {"Q1", "Q2"}


def test_febrls_ids_hold_the_label(tmp_path: Path) -> None:
    text = "rec_id, given_name\nrec-122-org, anna\nrec-122-dup-0, ana\nrec-7-org, noah\n"
    given = read(tmp_path, text)
    assert given.truth == {"2": "122", "3": "122", "4": "7"}
    assert given.compared == ["given_name"]


def test_rows_without_a_label_are_matched_and_not_judged(tmp_path: Path) -> None:
    given = read(tmp_path, PEOPLE + "Q3-0,Emma,Jones,1985-11-20,\n")
    assert len(given.rows) == 4
    assert "5" not in given.truth


@pytest.mark.parametrize(
    ("name", "encoding", "tab"),
    [
        pytest.param("set.csv", "utf-8", False, id="utf-8"),
        pytest.param("set.csv", "utf-8-sig", False, id="with-mark"),
        pytest.param("set.csv", "cp932", False, id="cp932"),
        pytest.param("set.tsv", "cp932", True, id="tabs"),
    ],
)
def test_encodings_and_tabs(tmp_path: Path, name: str, encoding: str, tab: bool) -> None:
    text = "氏名,フリガナ,会社名,正解\n髙橋 一郎,タカハシ イチロウ,㈱北斗電機,1\n"
    path = saved(tmp_path, text.replace(",", "\t") if tab else text, name, encoding)
    given = read_labelled(path)
    assert given.rows["2"]["会社名"] == "㈱北斗電機"
    assert given.fields == {"氏名": "full_name", "フリガナ": "full_kana", "会社名": "company"}


@pytest.mark.parametrize(
    ("text", "asked", "code"),
    [
        pytest.param("name,city\nanna,leeds\n", (), "NO_LABEL", id="no-label"),
        pytest.param(PEOPLE, ("nobody",), "NO_COLUMN", id="no-such-label"),
        pytest.param(PEOPLE, ("cluster", "side"), "NO_COLUMN", id="no-such-side"),
        pytest.param("cluster,name\n", (), "BAD_FILE", id="no-rows"),
    ],
)
def test_what_cannot_be_judged_says_why(
    tmp_path: Path, text: str, asked: tuple[str, ...], code: str
) -> None:
    with pytest.raises(Unlabelled) as told:
        read(tmp_path, text, *asked)
    assert told.value.code == code


def test_columns_without_a_meaning_are_custom_fields() -> None:
    assert custom_name("Site name") == "custom.site_name"
    assert custom_name("生年月日") == "custom.生年月日"


def test_leads_are_read_as_an_import_reads_them(tmp_path: Path) -> None:
    text = (
        "氏名,会社名,E-mail,携帯電話,生年月日,person_id\n"
        "髙橋 一郎,㈱北斗電機,ICHIRO@HOKUTO.example,090-1234-5678,1980/1/2,p1\n"
    )
    given = read(tmp_path, text)
    assert given.is_of_leads()
    (values,) = given.lead_values().values()
    assert values["email"] == "ichiro@hokuto.example"
    assert values["mobile"] == "+819012345678"
    assert values["custom.生年月日"] == "1980/1/2"
    (own,) = given.own_values().values()
    assert own["custom.携帯電話"] == "090-1234-5678"


def test_lead_fields_are_known_by_their_own_names(tmp_path: Path) -> None:
    text = (
        "full_name,family_kana,company,email,person_id\n髙橋 一郎,タカハシ,北斗電機,a@b.example,1\n"
    )
    given = read(tmp_path, text)
    assert sorted(given.fields.values()) == ["company", "email", "family_kana", "full_name"]


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("first_name,surname,email,cluster", id="no-company"),
        pytest.param("company,phone,website,cluster", id="no-people"),
        pytest.param("full_name,company,city,cluster", id="nothing-to-reach-them"),
    ],
)
def test_other_tables_are_no_leads(tmp_path: Path, header: str) -> None:
    assert not read(tmp_path, f"{header}\na,b,c,1\nd,e,f,2\n").is_of_leads()


@pytest.mark.parametrize("kind", ["japanese", "western"])
def test_generated_leads_are_matched_as_leads(tmp_path: Path, kind: str) -> None:
    rows = [dict(row) for row in generate(5, 60, kind)]
    judged = judge(read(tmp_path, as_csv(rows)), worst=3)
    assert judged.how == "leads"
    automatic = judged.bands[0].figures
    assert automatic.precision >= 0.9
    assert automatic.recall >= 0.5
    assert [band.at for band in judged.bands] == sorted(
        (band.at for band in judged.bands), reverse=True
    )
    for one in (*judged.false, *judged.missed):
        assert one.score.points == pytest.approx(sum(why.points for why in one.score.reasons))


def test_rows_of_one_side_are_not_missed_where_two_files_are_linked(tmp_path: Path) -> None:
    rows = [
        {"code": f"abc{number}77", "town": f"town {number % 5}", "side": side, "cluster": number}
        for number in range(40)
        for side in ("left", "right")
    ]
    rows.append({**rows[0], "side": "left"})
    text = as_csv([{key: str(value) for key, value in row.items()} for row in rows])
    given = read(tmp_path, text, "cluster", "side")
    assert given.sides is not None
    judged = judge(given, worst=50)
    assert judged.bands[0].figures.precision == 1.0
    # The one that is twice on the left ties with both, and is left to a person.
    assert judged.bands[0].figures.right_pairs == 39
    assert all(given.sides[one.a] != given.sides[one.b] for one in judged.missed)
    alone = judge(read(tmp_path, text, "cluster"), worst=0)
    assert alone.bands[0].figures.right_pairs == 42


def test_bands_count_what_a_person_would_be_asked(tmp_path: Path) -> None:
    """Three pairs are in doubt, one of them true; two more tie and contradict, and stay apart."""
    text = """\
code,serial,tax,cluster
a1,,,one
a1,,,one
b2,,,two
b2,,,three
e5,,,six
e5,,,seven
,c3,,four
,c3,11,four
,c3,92,five
"""
    rules = Rules(
        accept=10.0,
        review=2.0,
        veto=-2.0,
        extras=(
            Extra("custom.code", "code", 5.0),
            Extra("custom.serial", "code", 12.0),
            Extra("custom.tax", "number", 3.0, differ=-20.0),
        ),
        keys=(("custom.code",), ("custom.serial",)),
    )
    automatic, *review = judge(read(tmp_path, text), rules, worst=0).bands
    assert (automatic.at, automatic.figures.found_pairs, automatic.review) == (10.0, 0, 0)
    assert [(band.at, band.review, band.right) for band in review] == [
        (8.0, 2, 1),
        (6.0, 2, 1),
        (4.0, 5, 2),
        (2.0, 5, 2),
    ]
    last = review[-1].figures
    assert (last.found_pairs, last.right_pairs, last.true_pairs) == (3, 1, 2)
