"""Replies in words, and messages that are cut to fit."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit.messages import (
    ACCEPT,
    HAND_BACK,
    RECYCLE,
    WORDS,
    Button,
    due_text,
    fitted,
    read_words,
)


@pytest.mark.parametrize(
    ("text", "action", "rest"),
    [
        pytest.param("承認", ACCEPT, "", id="the word alone"),
        pytest.param(
            "承認。よろしくお願いします", ACCEPT, "よろしくお願いします", id="a full stop"
        ),
        pytest.param("承認します！", ACCEPT, "", id="a polite form"),
        pytest.param("「承認」", ACCEPT, "", id="as it was explained"),
        pytest.param("  Accept ", ACCEPT, "", id="English, another case"),
        pytest.param("差戻し 予算なし", HAND_BACK, "予算なし", id="a reason"),
        pytest.param("差し戻し:予算なし", HAND_BACK, "予算なし", id="another spelling and a colon"),
        pytest.param("差戻し\n予算なし\n担当者不在", HAND_BACK, "予算なし\n担当者不在", id="lines"),
        pytest.param(
            "鈴木さん\n差戻し\u3000㈱青空は対象外", HAND_BACK, "㈱青空は対象外", id="below"
        ),
        pytest.param("ﾘｻｲｸﾙ 来年度", RECYCLE, "来年度", id="half width"),
        pytest.param("再育成へ", RECYCLE, "", id="another ending"),
        pytest.param("承認できません", "", "承認できません", id="a word goes on"),
        pytest.param("承認しません", "", "承認しません", id="a polite refusal"),
        pytest.param("承認？", "", "承認？", id="a question"),
        pytest.param("承認 ?", "", "承認 ?", id="a question after a space"),
        pytest.param("acceptable", "", "acceptable", id="part of a word"),
        pytest.param("上司の承認", "", "上司の承認", id="not at the beginning"),
        pytest.param(" 確認中です ", "", "確認中です", id="something else"),
        pytest.param("", "", "", id="nothing"),
    ],
)
def test_a_reply_says_an_action_only_where_it_begins_with_its_word(
    text: str, action: str, rest: str
) -> None:
    assert read_words(text) == (action, rest)


def test_an_operators_own_words_replace_ours() -> None:
    words = {"accept": ("了解",)}
    assert read_words("了解、進めます", words) == ("accept", "進めます")
    assert read_words("承認", words) == ("", "承認")


def test_of_two_words_that_fit_the_longer_counts() -> None:
    words = {"hand_back": ("戻す",), "recycle": ("戻す 来期",)}
    assert read_words("戻す 来期 予算待ち", words) == ("recycle", "予算待ち")
    assert read_words("戻す 予算待ち", words) == ("hand_back", "予算待ち")


@given(st.sampled_from([(a, w) for a, said in WORDS.items() for w in said]), st.text(max_size=80))
def test_every_word_is_understood_with_any_reason_below_it(
    pair: tuple[str, str], reason: str
) -> None:
    action, word = pair
    assert read_words(f"{word}\n{reason}") == (action, reason.strip())


@given(st.lists(st.text(st.characters(exclude_characters="\n")), max_size=8), st.integers(1, 60))
def test_cut_lines_fit_and_are_a_beginning(lines: list[str], most: int) -> None:
    cut = "\n".join(fitted(lines, most))
    whole = "\n".join(lines)
    assert len(cut) <= most
    assert cut == whole if len(whole) <= most else whole.startswith(cut.removesuffix("…"))
    assert cut == whole or cut.endswith("…")


def test_a_time_limit_is_read_in_the_zone_of_the_reader() -> None:
    due = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
    assert due_text(due, ZoneInfo("Asia/Tokyo")) == "2026-04-02 18:00"


def test_a_token_is_not_shown() -> None:
    assert "tok-42" not in repr(Button(ACCEPT, "承認", "tok-42"))
