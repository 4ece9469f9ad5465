"""Spellings of a name in Latin letters share a key, with each other and with its kana."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.normalise import family_names, given_names
from mapping.normalise.person import name_key
from mapping.normalise.romaji import family_readings, given_readings, reading_romaji
from mapping.normalise.romanise import plain_letters, romaji, romaji_key


@pytest.mark.parametrize(
    ("kana", "spellings"),
    [
        pytest.param("サトウ", "Sato Satoh Satou Satō SATÔ", id="long o"),
        pytest.param("オオノ", "Ono Ohno Oono Ōno", id="long o at the start"),
        pytest.param("オオイシ", "Oishi Ohishi Ooishi Ōisi", id="long o before i"),
        pytest.param("オオウチ", "Ouchi Oouchi Ohuchi Outi", id="long o before u"),
        pytest.param("オオハシ", "Ohashi Ohhashi Oohasi", id="long o before ha"),
        pytest.param("トオヤマ", "Toyama Tohyama Tōyama", id="long o before y"),
        pytest.param("ユウキ", "Yuki Yuuki Yūki Yuhki", id="long u"),
        pytest.param("オウ", "Oh Ou Oo", id="nothing but a long o"),
        pytest.param("コハラ", "Kohara", id="o and ha"),
        pytest.param("ケンイチ", "Kenichi Ken'ichi Ken-ichi Ken’ichi Ken.iti", id="n before i"),
        pytest.param("ジュンイチ", "Jun'ichi Junichi Zyun-iti Jyunichi", id="j, zy and jy"),
        pytest.param("シンヤ", "Shin'ya Shinya Sinya", id="n before y"),
        pytest.param("ナンバ", "Nanba Namba", id="m before b"),
        pytest.param("サンペイ", "Sanpei Sampei", id="m before p"),
        pytest.param("ホンマ", "Honma Homma", id="m before m"),
        pytest.param("ツチヤ", "Tsuchiya Tutiya Tsutiya", id="tsu and chi"),
        pytest.param("シミズ", "Shimizu Simizu Shimidzu", id="shi and zu"),
        pytest.param("イイヅカ", "Iizuka Iiduka Iidzuka", id="zu written du"),
        pytest.param("フジイ", "Fujii Huzii Fuzii", id="fu and ji"),
        pytest.param("チャタニ", "Chatani Tyatani", id="cha"),
        pytest.param("ショウジ", "Shoji Syouji Syozi Shohji", id="sho"),
        pytest.param("ハットリ", "Hattori", id="a doubled consonant"),
        pytest.param("ハッチョウ", "Hatcho Hacchou Hattyo", id="a doubled ch"),
        pytest.param("キョウコ", "Kyoko Kyouko Kyōko Kyohko", id="kyo"),
    ],
)
def test_every_romaji_system_gives_the_key_of_the_kana(kana: str, spellings: str) -> None:
    assert {romaji_key(word) for word in spellings.split()} == {reading_romaji(kana)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kiyoko", "Kyoko"),
        ("Ida", "Iida"),
        ("Kondo", "Kodo"),
        ("Chiba", "Shiba"),
        ("Hata", "Hatta"),
        ("Kohara", "Koara"),
        ("John", "Jon"),
        ("Johnson", "Jonson"),
    ],
)
def test_names_that_sound_different_keep_their_keys(one: str, other: str) -> None:
    assert romaji_key(one) != romaji_key(other)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("José", "jose"),
        ("Weiß", "weiss"),
        ("Łukasz", "lukasz"),
        ("Åse Sørby", "ase sorby"),
        ("Nguyễn", "nguyen"),
        ("Æsa", "aesa"),
        ("Roe", "roe"),
    ],
)
def test_accents_go_and_letters_stay(written: str, plain: str) -> None:
    assert plain_letters(written) == plain


@pytest.mark.parametrize(
    ("kana", "latin"),
    [
        ("キャット", "kyatto"),
        ("しゅんじ", "shunji"),
        ("ファン", "fan"),
        ("ウィリアム", "wiriamu"),
        ("ジェーン", "jen"),
        ("ﾊﾞﾊﾞ", "baba"),
        ("ッ", ""),
        ("森", ""),
    ],
)
def test_kana_are_spelled_in_hepburn(kana: str, latin: str) -> None:
    assert romaji(kana) == latin


def test_the_reading_of_a_whole_name_has_the_key_of_the_name_in_romaji() -> None:
    assert reading_romaji("サトウ　ケンイチ") == name_key("Ken-ichi SATOH") == "kenichi sato"
    assert reading_romaji("さとう・けんいち") == "kenichi sato"
    assert reading_romaji("佐藤") == reading_romaji("") == ""


def test_a_family_is_the_same_in_kanji_kana_and_latin_letters() -> None:
    assert "サトウ" in family_readings("佐藤")
    assert family_readings("髙橋") == family_readings("高橋") == ("タカハシ",)
    assert set(family_readings("中島")) == {"ナカジマ", "ナカシマ"}
    assert "ワン" in family_readings("王")
    assert family_readings("権田原") == ()
    assert "ケンイチ" in given_readings("健一")
    assert "シンイチ" in given_readings("眞一")
    assert given_readings("佐藤部長") == ()


def test_the_tables_are_whole_and_folded_by_the_present_rules() -> None:
    assert len(family_names.in_kanji()) > 2000
    assert len(given_names.spellings()) > 40_000
    readings = {kana for kinds in family_names.readings().values() for kana in kinds}
    assert all(romaji(kana).isascii() and romaji(kana) for kana in readings)
    sounds = {romaji_key(romaji(kana)) for kana in family_names.in_kana()}
    assert {key for key in sounds if len(key) > 2} == family_names.in_latin()
    assert {romaji_key(romaji(kana)) for kana in given_names.in_kana()} == given_names.in_latin()


@given(st.text(alphabet="aiueohnmkstycjzd'-ōÉ ") | st.text())
def test_folding_a_spelling_twice_is_folding_it_once(word: str) -> None:
    assert romaji_key(romaji_key(word)) == romaji_key(word)
