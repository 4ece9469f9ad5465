"""The demo's parts: its people, how they are spelt, what is planted, and what it says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from mapping.match.profile import profile
from mapping.normalise import phone
from mapping.normalise.text import katakana
from sync.cli.app import run
from sync.cli.demo import directory, truth
from sync.cli.demo.people import CRM, FAIR, FORM, MA, OVERLAPS, SFA, Person, people
from sync.cli.demo.planting import once, plant
from sync.cli.demo.serving import VENDORS, build, free_ports, serving
from sync.cli.demo.spellings import Pen, half, hiragana
from sync.cli.demo.words import WORDS
from sync.config.load import load
from sync.engine.hub import open_hub

FEW = 24
EVERYWHERE = (FORM, MA, SFA, CRM, FAIR)


def play(*arguments: str) -> tuple[int, str]:
    """The demo as a process of its own, which its memory is measured of: exit code and output."""
    code = "import sys; from sync.cli.app import run; sys.exit(run(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, "demo", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in which the demo has been played."""
    root = tmp_path_factory.mktemp("demo") / "renkei-demo"
    assert play("--dir", str(root), "--people", str(FEW), "--json")[0] == 0
    return root


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


# People ---------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_people() -> None:
    assert people(100, 7) == people(100, 7)
    assert people(100, 7) != people(100, 8)


@pytest.mark.parametrize("seed", range(5))
def test_no_two_people_can_be_taken_for_one(seed: int) -> None:
    assert truth.expected(people(1000, seed)).most_common(1)[0][1] == 1


def test_a_thousand_people_show_all_that_happens_in_life() -> None:
    everybody = people(1000)
    assert {one.systems for one in everybody} >= {systems for _, systems in OVERLAPS}
    assert {one.stage for one in everybody} >= {"inquiry", "mql", "sal", "opportunity", "won"}
    assert Counter(len(one.systems) for one in everybody).keys() == {1, 2, 3, 4, 5}
    namesakes = [one for one in everybody if one.full_name == "佐藤 花子"]
    assert len({one.company.slug for one in namesakes}) == len(namesakes) > 10
    boxes = Counter(one.email for one in everybody if one.shared)
    assert set(boxes.values()) == {2}
    assert {one.converted for one in everybody if one.has_deal()} == {True, False}
    assert any(one.english for one in everybody)
    assert any(one.opted_out for one in everybody)


@pytest.mark.parametrize("system", EVERYWHERE)
def test_however_a_person_is_spelt_the_match_keys_are_the_same(system: str) -> None:
    def keys(person: Person, name: str) -> set[int]:
        pen = Pen(person, name)
        values = {
            "email": pen.email().lower(),
            "family_name": pen.family(),
            "given_name": person.given,
            "company": pen.company(),
            "mobile": phone.normalise(pen.mobile()) if person.mobile else None,
        }
        return set(profile("r", values).keys)

    for person in people(200):
        assert keys(person, system) == keys(person, "another"), person


def test_kana_come_in_three_spellings_of_one_reading() -> None:
    assert half("ガッパ ョー") == "ｶﾞｯﾊﾟ ｮｰ"
    assert hiragana("サトウ ハナコ") == "さとう はなこ"
    for person in people(200):
        reading = f"{person.family_kana} {person.given_kana}".strip()
        for system in EVERYWHERE:
            found = katakana(Pen(person, system).kana()) or ""
            assert found.replace("　", " ") == reading


# The directory --------------------------------------------------------------------------------


def test_the_operators_files_have_no_mistakes_and_hold_no_secret(tmp_path: Path) -> None:
    plan, is_new = directory.settle(tmp_path, seed=None, people=None, default=FEW)
    written = directory.write_files(tmp_path, plan, "ja")
    assert is_new
    assert set(load(tmp_path).connections) == {FORM, MA, SFA, CRM, FAIR}
    secrets = [name for name in written if name.startswith("secrets/")]
    for name in secrets:
        assert (tmp_path / name).stat().st_mode & 0o077 == 0
        for other in set(written) - set(secrets):
            assert (tmp_path / name).read_text() not in (tmp_path / other).read_text()


def test_what_an_operator_changed_is_kept_and_so_are_the_ports(tmp_path: Path) -> None:
    plan, _ = directory.settle(tmp_path, seed=3, people=FEW, default=1000)
    directory.write_files(tmp_path, plan, "ja")
    own = tmp_path / "fields" / "crm.yaml"
    own.write_text("records: {fields: {note: 備考}}\n", encoding="utf-8")
    again, is_new = directory.settle(tmp_path, seed=None, people=None, default=1000)
    assert directory.write_files(tmp_path, again, "ja") == []
    assert (again, is_new) == (plan, False)
    assert "備考" in own.read_text(encoding="utf-8")


def test_other_numbers_for_a_directory_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory.settle(tmp_path, seed=3, people=FEW, default=1000)
    assert run(["demo", "--dir", str(tmp_path), "--people", "50"]) == 2
    assert f"--seed 3 --people {FEW}" in capsys.readouterr().out


def test_the_way_out_of_what_is_set_aside_is_a_map_that_compiles(tmp_path: Path) -> None:
    plan, _ = directory.settle(tmp_path, seed=None, people=None, default=FEW)
    directory.write_files(tmp_path, plan, "ja")
    file = tmp_path / "fields" / "crm.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"^#(?=  )", "", text, flags=re.MULTILINE), encoding="utf-8")
    field_map = open_hub(load(tmp_path)).flows[CRM].map_for("records:leads")
    assert field_map.read({"流入元": "口コミ"}).values["channel"] == "referral"


# Vendors --------------------------------------------------------------------------------------


@pytest.fixture
def simulators(tmp_path: Path) -> Iterator[dict[str, Any]]:
    made = {
        name: build(slug, directory.state_file(tmp_path, name))
        for name, slug in directory.VENDOR_OF.items()
    }
    yield made
    for one in made.values():
        one.close()


def test_planting_twice_plants_once(simulators: dict[str, Any], tmp_path: Path) -> None:
    everybody = people(FEW)
    base = directory.Plan(0, FEW, "2026-04-01T00:00:00+00:00", {}).base
    first = plant(simulators, tmp_path, everybody, base)
    before = truth.vendors(simulators)
    again = plant(simulators, tmp_path, everybody, base)
    assert min(first.values()) > 0
    assert set(again.values()) == {0}
    assert truth.vendors(simulators) == before


def test_who_dies_while_planting_leaves_the_vendor_untouched(tmp_path: Path) -> None:
    path = tmp_path / "kintone.sqlite3"
    first: Any = build("kintone", path)

    def half_of_it() -> None:
        first.add_record(5, {"氏名": "佐藤 花子", "メールアドレス": "a@a.example"})
        seen.append(truth.copies({CRM: build("kintone", path)}, CRM))

    seen: list[list[truth.Copy]] = []
    assert once(first, "people", half_of_it)
    assert seen == [[]]
    assert not once(build("kintone", path), "people", half_of_it)
    assert len(truth.copies({CRM: build("kintone", path)}, CRM)) == 1


def test_a_restarted_form_does_not_deal_the_same_tokens_again(tmp_path: Path) -> None:
    def answer(email: str) -> str:
        form: Any = build("typeform", tmp_path / "typeform.sqlite3")
        names = {"last_name": "佐藤", "first_name": "花子", "company": "青空製作所"}
        token = form.submit(answers_by_ref={"email": email, **names})
        form.close()
        return str(token)

    assert answer("a@a.example") != answer("b@a.example")


def test_every_vendor_is_served_at_the_port_that_was_asked_for() -> None:
    ports = dict(zip(VENDORS, free_ports(len(VENDORS)), strict=True))
    with serving({slug: build(slug) for slug in VENDORS}, ports) as urls:
        assert urls == {slug: f"http://127.0.0.1:{port}" for slug, port in ports.items()}


# The whole ------------------------------------------------------------------------------------


def test_every_check_holds_and_every_line_of_json_has_its_version(
    played: Path,
) -> None:
    code, out = play("--dir", str(played), "--json")
    assert code == 0
    said = lines(out)
    assert {one["version"] for one in said} == {1}
    checks = [one for one in said if one["kind"] == "check"]
    assert len(checks) >= 13
    assert all(one["good"] for one in checks)
    assert said[-1]["good"] is True
    (written, again) = [one["targets"] for one in said if one["kind"] == "written"]
    assert {target: counts.get("created", 0) for target, counts in again.items()} == {
        SFA: 0,
        CRM: 0,
        MA: 0,
    }
    assert written.keys() == again.keys()


@pytest.mark.parametrize(("lang", "word"), [("ja", "名寄せ"), ("en", "Merged")])
def test_without_a_terminal_the_words_are_plain(played: Path, lang: str, word: str) -> None:
    code, said = play("--dir", str(played), "--lang", lang)
    assert code == 0
    assert word in said
    assert "\x1b" not in said
    assert "\r" not in said
    assert "✗" not in said


def test_a_vendor_that_lost_somebody_is_noticed(played: Path) -> None:
    person = next(one for one in people(FEW) if one.systems == (MA,))
    crm: Any = build("kintone", directory.state_file(played, CRM))
    (record,) = [
        key for key, row in crm.rows(5).items() if row["values"]["メールアドレス"] == person.email
    ]
    with crm.at_once():
        crm.delete_record(5, record)
    crm.close()
    code, out = play("--dir", str(played), "--json")
    assert code == 1
    failed = [one for one in lines(out) if one.get("good") is False]
    assert failed[0]["check"] == "once.not"
    assert failed[0]["gaps"] == 1


def test_a_port_that_is_taken_is_told_and_not_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan, _ = directory.settle(tmp_path, seed=None, people=12, default=12)
    with serving({"other": build("kintone")}, {"other": plan.ports[CRM]}):
        assert run(["demo", "--dir", str(tmp_path), "--lang", "en"]) == 1
    assert "the ports of the first run cannot be had" in capsys.readouterr().out


def test_all_words_are_there_in_both_languages_with_the_same_gaps() -> None:
    def gaps(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    for key, (ja, en) in WORDS.items():
        assert ja, key
        assert en, key
        assert gaps(ja) <= gaps(en) or key == "deal.won", key
