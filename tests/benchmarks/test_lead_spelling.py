"""How single cells are spelt, and the normalisation examples: each means what it says."""

from __future__ import annotations

import random
import re
import unicodedata

import pytest

from benchmarks.leads import examples, generate
from benchmarks.leads.companies import check_digit
from benchmarks.leads.damage import PHONE_STYLES, styled
from benchmarks.leads.romaji import romanise


def digits(text: str) -> str:
    return re.sub(r"\D", "", unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize("style", [style for style, _ in PHONE_STYLES])
def test_a_number_stays_the_same_number_in_every_style(style: str) -> None:
    for number in ("03-3567-1234", "090-1234-5678", "0565-31-2345"):
        text = digits(styled(random.Random(1), number, style))
        bare = number.replace("-", "")[1:]
        assert text.removesuffix("0" if style == "float" else "").endswith(bare)


def test_phone_styles_differ() -> None:
    texts = {styled(random.Random(1), "03-3567-1234", style) for style, _ in PHONE_STYLES}
    assert len(texts) == len(PHONE_STYLES) >= 12


def test_check_digits_are_right() -> None:
    # The number of the agency that gives out the numbers, public.
    assert check_digit("000012050002") == "7"
    numbers = [
        digits(row["corporate_number"].removesuffix(".0"))
        for row in [row for seed in (1, 2, 3) for row in generate(seed)]
    ]
    given = [number for number in numbers if number]
    assert len(given) > 100
    for number in given:
        weighted = sum(int(d) * (2 if at % 2 else 1) for at, d in enumerate(number[:0:-1]))
        assert len(number) == 13
        assert int(number[0]) == 9 - weighted % 9


@pytest.mark.parametrize(
    ("reading", "system", "wanted"),
    [
        pytest.param("サトウ", "passport", "sato", id="long o dropped"),
        pytest.param("サトウ", "wapuro", "satou", id="long o typed"),
        pytest.param("サトウ", "oh", "satoh", id="oh"),
        pytest.param("オオノ", "oh", "ohno", id="oh at the start"),
        pytest.param("ユウコ", "macron", "yūko", id="macron"),
        pytest.param("ケンイチ", "hyphen", "ken-ichi", id="n before a vowel, hyphen"),
        pytest.param("ケンイチ", "apostrophe", "ken'ichi", id="n before a vowel, apostrophe"),
        pytest.param("シンイチ", "kunrei", "siniti", id="kunrei"),
        pytest.param("イノ|ウエ", "passport", "inoue", id="two vowels, not a long one"),
        pytest.param("ホンマ", "old", "homma", id="m before m"),
        pytest.param("ハットリ", "passport", "hattori", id="doubled consonant"),
        pytest.param("キョウコ", "passport", "kyoko", id="contracted"),
    ],
)
def test_readings_in_latin_letters(reading: str, system: str, wanted: str) -> None:
    assert romanise(reading, system) == wanted


@pytest.mark.parametrize(
    ("name", "least"),
    [
        pytest.param(name, least, id=name.lower())
        for name, least in (
            ("COMPANY_SAME", 40),
            ("EMAIL", 30),
            ("PHONE", 40),
            ("KANJI_SAME", 40),
            ("PREFECTURE", 40),
            ("TITLE_LEVEL", 30),
            ("CORPORATE_NUMBER", 15),
        )
    ],
)
def test_there_are_enough_examples_and_none_twice(name: str, least: int) -> None:
    table = getattr(examples, name)
    assert len({row[:-1] for row in table}) == len(table) >= least
    assert len({row[-1] for row in table}) > 1


def test_wanted_results_have_their_form() -> None:
    assert all(
        re.fullmatch(r"\+[1-9]\d{7,14}(;ext=\d+)?", wanted)
        for _, wanted in examples.PHONE
        if wanted is not None
    )
    levels = {"executive", "director", "manager", "lead", "staff"}
    assert {level for _, level in examples.TITLE_LEVEL} == levels
    for text, wanted in examples.CORPORATE_NUMBER:
        bare = digits(text.removesuffix(".0"))
        good = len(bare) == 13 and check_digit(bare[1:]) == bare[0]
        assert wanted == (bare if good else None), text
