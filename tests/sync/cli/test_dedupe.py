"""Who may be one person, at the command line: listed, compared, merged, taken apart."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from sync.cli.evidence import points_shown

SATO = {
    "氏名": "佐藤 花子",
    "姓": "佐藤",
    "名": "花子",
    "会社名": "株式会社青空製作所",
    "メールアドレス": "sato1@aozora.example",
    "役職": "部長",
    "ステージ": "リード",
}
TWIN = {**SATO, "メールアドレス": "sato2@aozora.example", "役職": "課長", "ステージ": "MQL"}


def plant(office: Any, *records: dict[str, str]) -> None:
    """Records stand in the CRM and are read."""
    office.crm.simulator.import_records(5, list(records))
    assert office.type("run").code == 0


def lead(office: Any, text: str) -> dict[str, Any]:
    found: dict[str, Any] = office.json("lead", text).one("lead")
    return found


@pytest.fixture
def pair(office: Any) -> tuple[str, str]:
    """Two leads that may be one person: one name at one company, a mailbox each."""
    plant(office, SATO)
    plant(office, TWIN)
    return lead(office, "sato1@aozora.example")["id"], lead(office, "sato2@aozora.example")["id"]


def test_pairs_that_wait_are_listed_with_their_scores(office: Any, pair: tuple[str, str]) -> None:
    (line,) = office.json("dedupe", "list").all("pair")
    assert (line["number"], {one["id"] for one in line["leads"]}) == (1, set(pair))
    assert line["score"] == sum(points for _, points, _ in line["reasons"])
    told = office.type("dedupe", "list").out
    assert "佐藤 花子" in told
    assert "→ renkei dedupe show 1" in told
    assert not office.json("dedupe", "list", "--above", str(line["score"] + 1)).lines


def test_status_says_how_many_wait_and_errors_does_not(office: Any, pair: tuple[str, str]) -> None:
    status = office.json("status").one("status")
    assert (status["unsure"], status["set_aside"]) == (1, 0)
    assert "pairs that may be one person: 1\n→ renkei dedupe list" in office.type("status").out
    assert office.type("errors").out == "nothing is set aside\n"


def test_two_leads_are_shown_side_by_side_what_differs_first(
    office: Any, pair: tuple[str, str]
) -> None:
    case = office.json("dedupe", "show", "1").one("case")
    assert [row["id"] for row in case["leads"]] == sorted(pair)
    differs = [field["differs"] for field in case["fields"]]
    assert differs == sorted(differs, reverse=True)
    values = {field["field"]: field["values"] for field in case["fields"] if field["differs"]}
    assert sorted(values["email"]) == ["sato1@aozora.example", "sato2@aozora.example"]
    assert sorted(values["title"]) == ["課長", "部長"]
    assert {one["record"] for held in case["held"] for one in held} == {
        "crm/records:leads/1",
        "crm/records:leads/2",
    }
    told = office.type("dedupe", "show", *pair).out
    lines = told.splitlines()
    marked = [place for place, line in enumerate(lines) if "≠" in line]
    same = [place for place, line in enumerate(lines) if "Full name" in line]
    assert marked
    assert max(marked) < min(same)
    assert f"→ renkei dedupe merge {' '.join(sorted(pair))}" in lines


def test_the_points_that_are_shown_add_up(office: Any, pair: tuple[str, str]) -> None:
    told = office.type("dedupe", "show", "1").out.splitlines()
    start = next(place for place, line in enumerate(told) if line.startswith("evidence"))
    points = []
    for line in told[start + 1 :]:
        points.append(float(line.split()[-1]))
        if line.startswith("in all"):
            break
    assert sum(points[:-1]) == pytest.approx(points[-1])
    assert len(points) > 2


@pytest.mark.parametrize(
    ("points", "score"),
    [
        ([9.0, 5.0, -8.0], 6.0),
        ([7.415037499278844, 14.0], 21.415037499278844),
        ([0.25, 0.25, 0.25, 0.25], 1.0),
        ([-0.04, -0.04, -0.04], -0.12),
        ([], 0.0),
    ],
)
def test_rounded_points_add_up_to_the_rounded_score(points: list[float], score: float) -> None:
    shown = [float(one) for one in points_shown(points, score)]
    assert round(sum(shown), 6) == round(score, 1)
    assert all(abs(one - real) < 0.11 for one, real in zip(shown, points, strict=True))


def test_any_two_leads_can_be_compared(office: Any) -> None:
    plant(
        office,
        SATO,
        {
            **SATO,
            "氏名": "鈴木 一郎",
            "姓": "鈴木",
            "名": "一郎",
            "会社名": "",
            "メールアドレス": "x@minato.example",
        },
    )
    case = office.json("dedupe", "show", "sato1@aozora.example", "鈴木").one("case")
    assert case["asked_at"] is None
    assert case["score"] == sum(points for _, points, _ in case["reasons"]) < 0
    assert "compared just now" in office.type("dedupe", "show", "sato1@aozora.example", "鈴木").out


def test_merging_says_what_changes_and_what_is_written(office: Any, pair: tuple[str, str]) -> None:
    before = lead(office, pair[0])
    would = office.json("dedupe", "merge", *pair, "--dry-run")
    assert would.code == 4
    assert lead(office, pair[0]) == before
    done = office.json("dedupe", "merge", *pair)
    assert done.code == 0
    one, other = would.one("merged"), done.one("merged")
    assert (one["changes"], one["writes"]) == (other["changes"], other["writes"])
    assert other["stages"] == {pair[0]: ["inquiry", "mql"]}
    assert other["by"] == "tanaka"
    assert (other["leads"], other["gone"]) == ([pair[0]], pair[1])
    assert lead(office, pair[1])["id"] == pair[0]
    assert office.json("dedupe", "list").lines == []


def test_a_dry_run_is_told_in_words(office: Any, pair: tuple[str, str]) -> None:
    told = office.type("dedupe", "merge", *pair, "--dry-run").out
    assert f"{pair[1]} becomes part of {pair[0]}" in told
    assert "Stage: " not in told
    assert "stage: Inquiry → MQL" in told
    assert "crm: update crm/records:leads/1" in told
    assert "    ステージ: リード → MQL" in told


def test_a_merge_is_taken_back_and_stays_so(office: Any, pair: tuple[str, str]) -> None:
    before = [lead(office, one)["fields"] for one in pair]
    office.type("dedupe", "merge", *pair)
    assert office.type("run").code == 0
    done = office.json("dedupe", "split", pair[0])
    assert (done.code, set(done.one("split")["leads"])) == (0, set(pair))
    assert [lead(office, one)["fields"] for one in pair] == before
    assert office.type("run").code == 0
    office.crm.simulator.edit_record(5, "2", {"役職": "部長"})
    assert office.type("run").code == 0
    assert office.json("status").one("status")["leads"] == 2
    assert office.json("dedupe", "list").lines == []


def test_a_record_is_split_off_by_any_of_its_names(office: Any, pair: tuple[str, str]) -> None:
    office.type("dedupe", "merge", *pair)
    for text in ("crm/records:leads/2", "records:leads/2", "2"):
        would = office.json("dedupe", "split", pair[0], "--record", text, "--dry-run")
        assert (would.code, would.one("split")["leads"][0]) == (4, pair[0])
    done = office.json("dedupe", "split", pair[0], "--record", "2").one("split")
    new = done["leads"][1]
    assert done["records"] == {pair[0]: ["crm/records:leads/1"], new: ["crm/records:leads/2"]}
    assert lead(office, new)["email"] == "sato2@aozora.example"
    (match,) = office.json("explain", new, "match").all("match")
    assert match["rule"] == "split"
    assert "split off another lead" in office.type("explain", new, "match").out


def test_explain_tells_merges_and_how_to_take_them_back(office: Any, pair: tuple[str, str]) -> None:
    merge = office.json("dedupe", "merge", *pair, "--by", "佐藤").one("merged")["merge"]
    told = office.json("explain", pair[0], "match").one("merge")
    assert (told["id"], told["cause"], told["by"]) == (merge, "hand", "佐藤")
    assert told["records"] == ["crm/records:leads/2"]
    said = office.type("explain", pair[0], "match").out
    assert "by hand, 佐藤" in said
    words = told["undo"].removeprefix("renkei ").split()
    assert f"→ {told['undo']}" in said
    assert office.type(*words).code == 0
    assert office.json("explain", pair[0], "match").all("merge") == []


def test_said_to_be_two_they_are_not_asked_about(office: Any, pair: tuple[str, str]) -> None:
    done = office.json("dedupe", "different", *pair)
    assert (done.code, done.one("different")["pairs"]) == (0, 1)
    assert office.json("dedupe", "list").lines == []
    assert office.json("dedupe", "show", *pair).one("case")["blocked"] == "decision"


def test_a_pair_is_put_off(office: Any, pair: tuple[str, str]) -> None:
    assert office.type("dedupe", "later", *pair, "--days", "7").code == 0
    assert office.json("dedupe", "list").lines == []
    assert office.json("status").one("status")["unsure"] == 0
    (line,) = office.json("dedupe", "list", "--later").all("pair")
    assert line["number"] is None
    assert line["later_until"]
    assert "put off until" in office.type("dedupe", "list", "--later").out


# Many


def crowd(office: Any, count: int = 3) -> None:
    """So many people, each twice: one name at one company, and a mailbox elsewhere."""
    letters = "甲乙丙丁戊"
    mine = [
        {**SATO, "名": letter, "氏名": f"佐藤 {letter}", "メールアドレス": f"p{n}@aozora.example"}
        for n, letter in enumerate(letters[:count])
    ]
    plant(office, *mine)
    for n, one in enumerate(mine):
        one.update({"メールアドレス": f"private{n}@gmail.com", "会社名": ""})
    plant(office, *mine)


def test_many_are_shown_and_nothing_happens_without_a_yes(office: Any) -> None:
    crowd(office)
    typed = office.type("dedupe", "merge", "--above", "5")
    assert typed.code == 2
    assert "pairs to merge: 3" in typed.out
    assert "needs --yes" in typed.err
    plan = office.json("dedupe", "merge", "--above", "5", "--dry-run", "--sample", "2")
    assert plan.code == 4
    assert plan.one("merge_plan")["pairs"] == sum(n for _, n in plan.one("merge_plan")["spread"])
    assert len(plan.all("sample")) == 2
    assert office.json("status").one("status")["leads"] == 6


@pytest.mark.parametrize(("typed", "code", "leads"), [("3\n", 0, 3), ("y\n", 1, 6)])
def test_the_number_must_be_typed(
    office: Any, monkeypatch: pytest.MonkeyPatch, typed: str, code: int, leads: int
) -> None:
    crowd(office)
    monkeypatch.setattr("sync.cli.dedupe_many.sys", _Terminal())
    assert office.type("dedupe", "merge", "--above", "5", stdin=typed).code == code
    assert office.json("status").one("status")["leads"] == leads


class _Terminal:
    """Standard input as if somebody sat before it."""

    @property
    def stdin(self) -> Any:
        sys.stdin.isatty = lambda: True  # type: ignore[method-assign]  # the runner's is a file
        return sys.stdin


def test_many_are_merged_and_each_is_told(office: Any) -> None:
    crowd(office)
    done = office.json("dedupe", "merge", "--above", "5", "--yes")
    assert (done.code, done.one("merged_many")["merged"]) == (0, 3)
    merged = done.all("merged")
    assert len({one["merge"] for one in merged}) == 3
    assert office.json("status").one("status")["leads"] == 3
    for one in merged:
        assert office.type("dedupe", "split", one["leads"][0]).code == 0
    assert office.json("status").one("status")["leads"] == 6


def test_ctrl_c_stops_between_two_merges(office: Any) -> None:
    crowd(office)
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 3

    office.world.stop = stop
    typed = office.json("dedupe", "merge", "--above", "5", "--yes")
    assert (typed.code, typed.one("error")["code"]) == (1, "STOPPED")
    merged = typed.one("merged_many")["merged"]
    assert 0 < merged < 3
    assert office.json("status").one("status")["leads"] == 6 - merged


def test_what_contradicts_after_a_merge_is_left_alone(office: Any) -> None:
    third = {**SATO, "メールアドレス": "sato3@aozora.example"}
    plant(office, SATO)
    plant(office, TWIN)
    plant(office, third)
    typed = office.type("dedupe", "merge", "--above", "5", "--yes")
    assert typed.code == 3
    assert "records contradict each other" in typed.out


# What cannot be


@pytest.mark.parametrize("language", ["en", "ja"])
def test_refusals_have_a_code_words_and_what_to_do(
    office: Any, pair: tuple[str, str], language: str
) -> None:
    one, other = pair
    merge = ["dedupe", "merge", one, other]
    asked = {
        "SAME_LEAD": (["dedupe", "merge", one, one], 1),
        "NOT_MERGED": (["dedupe", "split", one], 1),
        "NOT_ITS_RECORD": (["dedupe", "split", one, "--record", "77"], 2),
        "NOTHING_LEFT": (["dedupe", "split", one, "--record", "1"], 1),
        "NO_LEAD": (["dedupe", "merge", one, "nobody@nowhere.example"], 1),
        "NO_PAIR": (["dedupe", "show", "7"], 2),
        "PAIR_HOW": (["dedupe", "show", one], 2),
        "MERGE_WHAT": (["dedupe", "merge", one], 2),
        "SPLIT_WHAT": (["dedupe", "split", one, "--record", "1", "--merge", "1"], 2),
    }
    found = {}
    for code, (words, exit_code) in asked.items():
        typed = office.json(*words, "--lang", language)
        error = typed.one("error")
        assert (error["code"], typed.code) == (code, exit_code)
        found[code] = error
    assert office.type(*merge).code == 0
    error = office.json("dedupe", "split", one, "--merge", "99", "--lang", language).one("error")
    assert (error["code"], error["next"]) == ("NO_SUCH_MERGE", f"renkei explain {one} match")
    error = office.json("dedupe", "later", one, other, "--lang", language).one("error")
    assert error["code"] == "NOT_ASKED"
    assert found["SAME_LEAD"]["next"] == f"renkei lead {one}"
    assert "crm/records:leads/1" in found["NOT_ITS_RECORD"]["message"]
    japanese = not found["NOTHING_LEFT"]["message"].isascii()
    assert japanese == (language == "ja")
