"""Old and variant kanji, for keys only: 髙橋 and 高橋 are compared as one and never respelled."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# What names are written with and the joyo table lacks, from memory. 斎 and 斉 are different names,
# written for each other all the time: for a key they are one, as are 島 and 嶋. Kanji of different
# families (辺 and 部, 坂 and 阪, 河 and 川) stay apart.
_OF_NAMES = """
髙高 﨑崎 嵜崎 碕崎 邉辺 濵浜 嶋島 嶌島 嶹島 隝島 㠀島 斎斉 亝斉 斋斉 𠮷吉 𣘺橋 槗橋 渊渕 淵渕
峯峰 籔薮 藪薮 冨富 槙槇 舘館 桒桑 栁柳 桺柳 薗園 龜亀 龟亀 蘆芦 盧芦 澀渋 巗巌 巖巌 邨村 埜野
壄野 靏鶴 靍鶴 鸖鶴 鷗鴎 煕熙 凞熙 熈熙 凛凜 遙遥 瑤瑶 聰聡 聦聡 淸清 敎教 戶戸 户戸 堯尭 晉晋
彥彦 內内 靑青 姬姫 吳呉 吴呉 悅悦 銳鋭 產産 顏顔 歲歳 啟啓 祿禄 禱祷 禰祢 檜桧 濤涛 籠篭 蔣蒋
萊莱 麴麹 焰焔 礪砺 竈竃 穎頴 穐秋 龝秋 圀国 囯国 惪徳 悳徳 㐂喜 斈学 寳宝 珎珍 畄留 畱留 冲沖
凉涼 涌湧 舩船 萠萌 鄰隣 雞鶏 隸隷 冝宜 凬風 劒剣 劔剣 釼剣 剱剣 銕鉄 躰体 軆体 晄晃 棃梨 楳梅
毘毗 畊耕 爾尓 裡裏 辨弁 辯弁 瓣弁 閒間 飮飲 苐第 曻昇 昻昂 檪櫟 枡桝 兔兎 鬪闘 鑒鑑 鈎鉤 頚頸
呑吞 睿叡 皋皐 讚讃 廏厩 廐厩 塲場 壻婿 聟婿 夛多 卆卒 舍舎 舖舗 泻潟 濶闊 谿渓 羣群 畧略 宫宮
吕呂 绿緑 强強 莵菟 蘓蘇 弍二 弌一 駈駆 圡土 𡈽土 𠀋丈 𫝆今 𣳾泰 𦚰脇 𥔎崎 㟢崎 𠩤原 厡原 杤栃
枥栃 桞柳 丗世 卋世 冱冴 凖準 儘侭 圎円 壷壺 姸妍 寉鶴 岺嶺 徃往 杦杉 枩松 枀松 柗松 烟煙 豬猪
礒磯 秌秋 竒奇 乕虎 逹達 鉃鉄 鴈雁 鼡鼠
"""
_SELECTORS = (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
_KANJI = range(0x4E00, 0xA000)
# Kanji that Unicode holds twice, and the radicals that PDF files hold instead of kanji.
_DOUBLES = (*range(0x2E80, 0x2FE0), *range(0xF900, 0xFB00), *range(0x2F800, 0x2FA20))
_REPEATED = re.compile("([^々])(々+)")


def fold_kanji(text: str) -> str:
    """The text with variant kanji as the common ones, 々 spelled out, variation selectors gone."""
    if "々" in text:
        text = _REPEATED.sub(lambda found: found[1] * (1 + len(found[2])), text)
    return text.translate(_FOLDS or _filled())


def without_selectors(text: str) -> str:
    """The text without the marks that choose a shape of a kanji: 辻 with one dot is 辻."""
    return text if text.isascii() else text.translate(_unseen())


@cache
def _unseen() -> dict[int, None]:
    return dict.fromkeys(_SELECTORS)


_FOLDS: dict[int, str | None] = {}
"""What each kanji becomes in a key; filled at the first name."""


def _filled() -> dict[int, str | None]:
    """The joyo table's old forms, then names', then double codes."""
    # The package has no type marker; its one function takes and gives text.
    from joyokanji import convert  # type: ignore[import-untyped]

    old = "".join(map(chr, _KANJI))
    new: str = convert(old, variants=True)
    meant = {a: b for a, b in zip(old, new, strict=True) if a != b}
    meant |= {pair[0]: pair[1] for pair in _OF_NAMES.split()}
    for code in _DOUBLES:
        if len(plain := unicodedata.normalize("NFKC", chr(code))) == 1 and plain != chr(code):
            meant[chr(code)] = plain
    folds: dict[int, str | None] = dict.fromkeys(_SELECTORS)
    for kanji in meant:
        last = kanji
        while last in meant:
            last = meant[last]
        folds[ord(kanji)] = last
    _FOLDS.update(folds | {ord("ヶ"): "ケ", ord("ヵ"): "カ"})
    return _FOLDS
