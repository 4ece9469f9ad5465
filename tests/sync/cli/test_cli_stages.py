"""Stages of the company's own on the command line, in its own words."""

from __future__ import annotations

from typing import Any

LEAD = "lead1@kaisha1.example"
STAGES = """\
stages:
  inquiry: {ja: 見込み客, en: Prospect}
  trial: {ja: トライアル, en: Trial, after: sql}
reasons:
  recycled: {cards: {ja: 名刺交換のみ, en: Card exchange only}}
purchase:
  - {ja: 知る, en: Hears of us, stages: [inquiry]}
  - {ja: 試す, en: Tries it, stages: [trial]}
"""


def test_a_stage_of_ones_own_is_set_and_shown_in_both_languages(synced: Any) -> None:
    synced.write("stages.yaml", STAGES)
    typed = synced.type("lead", LEAD, "--stage", "trial", "--reason", "試用開始")
    assert typed.code == 0
    assert synced.json("lead", LEAD).one("lead")["stage"] == "trial"
    for language, name, other in (("ja", "トライアル", "見込み客"), ("en", "Trial", "Prospect")):
        for verb in (
            ["lead", LEAD, "--timeline"],
            ["explain", LEAD, "stage"],
            ["funnel"],
            ["status"],
        ):
            out = synced.type(*verb, "--lang", language).out
            assert name in out, verb
        assert other in synced.type("status", "--lang", language).out
    steps = {one["step"]: one["now"] for one in synced.json("funnel").all("step")}
    assert steps["trial"] == 1
    kpi = synced.type("kpi")
    assert kpi.code == 0


def test_a_reason_of_ones_own_is_told_by_its_name(synced: Any) -> None:
    synced.write("stages.yaml", STAGES)
    synced.type("lead", LEAD, "--stage", "recycled", "--reason", "名刺交換のみ")
    for verb in (["lead", LEAD, "--timeline"], ["explain", LEAD, "stage"], ["funnel"]):
        assert "Card exchange only" in synced.type(*verb, "--lang", "en").out, verb
        assert "名刺交換のみ" in synced.type(*verb, "--lang", "ja").out, verb
    moves = synced.json("funnel").all("back")
    assert "cards" in [one["reason"] for one in moves]


def test_the_purchase_funnel_is_the_companys(synced: Any) -> None:
    synced.write("stages.yaml", STAGES)
    steps = synced.json("funnel", "--projection", "purchase").all("step")
    assert [one["step"] for one in steps] == ["hears_of_us", "tries_it"]
    assert "試す" in synced.type("funnel", "--projection", "purchase", "--lang", "ja").out


def test_a_word_that_is_no_stage_is_refused_with_the_one_that_is_meant(synced: Any) -> None:
    synced.write("stages.yaml", STAGES)
    typed = synced.type("lead", LEAD, "--stage", "trail", "--reason", "x")
    assert typed.code != 0
    assert "trial" in typed.err + typed.out


def test_the_schema_knows_them_and_a_broken_file_does_not_keep_it_from_being_written(
    synced: Any,
) -> None:
    synced.write("stages.yaml", STAGES)
    schemas = {one["name"]: one["schema"] for one in synced.json("schema").all("schema")}
    assert "trial" in str(schemas["fields"]["$defs"]["stage"])
    assert "purchase" in schemas["stages"]["properties"]
    synced.write("stages.yaml", "stages: [")
    assert synced.json("schema").code == 0
