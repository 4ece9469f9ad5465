"""Old and variant kanji, for keys only: 髙橋 and 高橋 are compared as one and never respelled."""

from __future__ import annotations

import re

_PAIRS = """
髙高 﨑崎 嵜崎 邊辺 邉辺 濵浜 濱浜 嶋島 嶌島 齋斉 齊斉 斎斉 𠮷吉 𣘺橋 槗橋 澤沢 廣広 國国 櫻桜
眞真 德徳 惠恵 龍竜 瀨瀬 瀧滝 渕淵 渊淵 峯峰 條条 籔薮 藪薮 曾曽 冨富 壽寿 榮栄 萬万 與与 關関
黑黒 應応 禮礼 圓円 將将 靜静 學学 實実 彌弥 槙槇 舘館 桒桑 栁柳 薗園 龜亀 鐵鉄 蘆芦 亞亜 來来
兒児 增増 寬寛 穗穂 緖緒 莊荘 藏蔵 顯顕 鹽塩 郞郎 假仮 淺浅 澁渋 巖巌 驛駅 豐豊 邨村 埜野 盧芦
靏鶴 靍鶴 鷗鴎 煕熙 凜凛 遙遥 瑤瑶 愼慎 聰聡 淸清 敎教 稻稲 縣県 賴頼 團団 劍剣 鄕郷 藥薬 繩縄
螢蛍 戶戸 步歩 黃黄 傳伝 佛仏 勳勲 嶽岳 發発 樂楽 氣気 總総 絲糸 聲声 鬪闘 會会 證証
"""
# 斎 and 斉 are different names, written for each other all the time: for a key they are one.
_TABLE = {pair[0]: pair[1] for pair in _PAIRS.split()}
_FOLD = str.maketrans(_TABLE | {"ヶ": "ケ", "ヵ": "カ"})
_REPEATED = re.compile("([^々])(々+)")


def fold_kanji(text: str) -> str:
    """The text with variant kanji as the common ones, and 々 spelled out."""
    if "々" in text:
        text = _REPEATED.sub(lambda found: found[1] * (1 + len(found[2])), text)
    return text.translate(_FOLD)
