"""Old and variant kanji become one for keys, and different names stay different."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.normalise.kanji import fold_kanji, without_selectors

KANJI = st.text(
    alphabet=st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF)
    | st.characters(min_codepoint=0xF900, max_codepoint=0xFAFF)
    | st.sampled_from("々ヶ\ufe01\U000e0101𠮷𣘺佐崎")
)

OLD_AND_NEW = """
髙高 﨑崎 嵜崎 碕崎 邊辺 邉辺 濵浜 濱浜 嶋島 嶌島 齋斉 齊斉 斎斉 𠮷吉 𣘺橋 槗橋 澤沢 廣広 國国
圀国 櫻桜 眞真 德徳 悳徳 惠恵 龍竜 瀨瀬 瀧滝 渕淵 渊淵 峯峰 條条 籔藪 曾曽 冨富 壽寿 榮栄 萬万
與与 關関 黑黒 槙槇 舘館 桒桑 栁柳 薗園 鐵鉄 蘆芦 穗穂 莊荘 藏蔵 鹽塩 澁渋 巖巌 豐豊 邨村 埜野
靏鶴 靍鶴 鷗鴎 凛凜 遙遥 聰聡 淸清 戶戸 鄕郷 穐秋 舩船 礒磯 圡土 𡈽土 㐂喜 堯尭 晉晋 彥彦 靑青
內内 姬姫 吳呉 鷄鶏 藝芸 臺台 燈灯 淺浅 祿禄 禰祢 檜桧 籠篭 冝宜 釼剣 劒剣 辯弁 辨弁 爲為 衞衛
步歩 每毎 溫温 戾戻 ヶケ ⾼高
"""
APART = "辺部 坂阪 河川 伊井 太大 郎朗 裕祐 崎嶋 土士 未末 藤籐 洲州"


@pytest.mark.parametrize(
    ("old", "new"),
    [pytest.param(pair[0], pair[1], id=pair) for pair in OLD_AND_NEW.split()],
)
def test_an_old_form_has_the_key_of_the_new_one(old: str, new: str) -> None:
    assert fold_kanji(old) == fold_kanji(new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("\ufa19", "神", id="a kanji that Unicode holds twice"),
        pytest.param("\ufa1a", "祥", id="another"),
        pytest.param("辻\U000e0100", "辻", id="a selected shape"),
        pytest.param("葛\ufe00", "葛", id="a selected shape of the older kind"),
        pytest.param("佐々木", "佐佐木", id="a repeat sign"),
        pytest.param("野々々村", "野野野村", id="two of them"),
        pytest.param("渡邉󠄂部", "渡辺部", id="selector inside a name"),
    ],
)
def test_other_ways_of_writing_one_kanji_share_its_key(old: str, new: str) -> None:
    assert fold_kanji(old) == fold_kanji(new)


@pytest.mark.parametrize(
    ("one", "other"),
    [(pair[0], pair[1]) for pair in APART.split()],
)
def test_kanji_of_different_names_stay_apart(one: str, other: str) -> None:
    assert fold_kanji(one) != fold_kanji(other)


@pytest.mark.parametrize("plain", ["佐藤健一", "サトウ ケンイチ", "Sato Kenichi", "山田さくら", ""])
def test_what_needs_no_folding_stays_as_it_is(plain: str) -> None:
    assert fold_kanji(plain) == plain
    assert without_selectors(plain) == plain


@given(KANJI)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold_kanji(fold_kanji(text)) == fold_kanji(text)
