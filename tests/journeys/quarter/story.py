"""The story of the quarter: who did what in which system, at which hour (Japan).

What the hub has to make of it is in ``spec.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SEMINAR, SEMINAR_MAY = "はじめてのSFAセミナー", "製造業のMA活用"


@dataclass
class Person:
    """A lead, and where the company knows them from.

    ``meeting`` and ``deal`` are the last ones, by the vendors' ids.
    """

    family: str
    given: str
    company: str
    email: str
    phone: str
    source: str
    meeting: str = ""
    deal: str = ""


def people() -> dict[str, Person]:
    """The leads of the quarter, by a short name."""
    rows = (
        ("tanaka", "田中", "実", "みなと商事株式会社", "minato-shoji", "google"),
        ("sasaki", "佐々木", "葵", "株式会社北斗システム", "hokuto-system", "google"),
        ("kobayashi", "小林", "誠", "みどり物流株式会社", "midori-butsuryu", "yahoo"),
        ("watanabe", "渡辺", "由紀", "さくら商事株式会社", "sakura-shoji", "yahoo"),
        ("kato", "加藤", "隆", "港工業株式会社", "minato-kogyo", "Sansan"),
        ("yoshida", "吉田", "翔太", "株式会社つばめ印刷", "tsubame-insatsu", "yahoo"),
        ("yamaguchi", "山口", "陽子", "有限会社あおば精機", "aoba-seiki", "google"),
        ("matsumoto", "松本", "大輔", "ひかり食品株式会社", "hikari-shokuhin", SEMINAR_MAY),
        ("inoue", "井上", "恵", "株式会社東海電装", "tokai-denso", "newsletter"),
        ("kimura", "木村", "拓也", "富士見建材株式会社", "fujimi-kenzai", "google"),
        ("hayashi", "林", "直子", "株式会社銀河ソフト", "ginga-soft", "google"),
        ("shimizu", "清水", "亮", "清流製薬株式会社", "seiryu-seiyaku", "referral"),
    )
    return {
        who: Person(
            family, given, company, f"{who}@{domain}.example", f"+8133456{7000 + number}", source
        )
        for number, (who, family, given, company, domain, source) in enumerate(rows, start=1)
    }


# when, what (a method of Company), its arguments. "poll" is the main job, as the schedules start
# it; what vendors tell by webhook is there at once.
EVENTS: tuple[tuple[str, str, tuple[Any, ...], dict[str, Any]], ...] = (
    # April
    ("04-01 10:00", "plans_webinar", (SEMINAR, "04-10 14:00"), {}),
    ("04-02 10:00", "fills_form", ("tanaka", "demo"), {}),
    ("04-02 13:00", "replies", ("tanaka", "yamada", "承認"), {}),
    ("04-03 11:00", "talks", ("tanaka", 300), {}),
    ("04-03 15:00", "fills_form", ("watanabe", "document", "yahoo"), {}),
    ("04-06 09:30", "fills_form", ("sasaki", "document"), {}),
    ("04-08 09:00", "registers", ("tanaka", SEMINAR), {}),
    ("04-09 12:00", "gets_mail", ("sasaki", "4月号"), {"until": 4}),
    ("04-09 12:00", "gets_mail", ("watanabe", "4月号"), {"until": 2}),
    ("04-09 12:10", "poll", (), {}),
    ("04-10 10:00", "replies", ("sasaki", "ito", "承認"), {}),
    ("04-10 15:00", "holds_webinar", (SEMINAR,), {"tanaka": 40}),
    ("04-13 09:30", "poll", (), {}),
    ("04-13 11:00", "presses", ("tanaka", "suzuki", "accept"), {}),
    ("04-13 12:00", "books", ("tanaka", "04-16 10:00"), {}),
    ("04-14 09:40", "fills_form", ("kobayashi", "demo", "yahoo"), {}),
    ("04-14 15:00", "replies", ("kobayashi", "yamada", "承認"), {}),
    ("04-15 10:20", "hands_card", ("kato", "ito"), {}),
    ("04-15 10:30", "poll", (), {}),
    ("04-15 11:00", "talks", ("kobayashi", 240), {}),
    ("04-16 10:45", "meets", ("tanaka", 45), {}),
    ("04-16 11:00", "logs_meeting", ("tanaka", "04-16 10:05", 40), {}),
    ("04-16 11:10", "poll", (), {}),
    ("04-16 13:00", "sets_stage", ("kobayashi", "TQL"), {}),
    ("04-16 16:00", "talks", ("kato", 120), {}),
    ("04-17 10:00", "presses", ("kobayashi", "takahashi", "hand_back", "時期が先"), {}),
    ("04-17 16:00", "sets_stage", ("sasaki", "TQL"), {}),
    ("04-20 10:00", "presses", ("sasaki", "takahashi", "accept"), {}),
    ("04-20 15:00", "converts", ("tanaka",), {}),
    ("04-20 15:10", "poll", (), {}),
    ("04-21 09:00", "enters_ma", ("inoue",), {}),
    ("04-22 10:00", "gets_mail", ("inoue", "製品紹介"), {"until": 4}),
    ("04-22 10:10", "poll", (), {}),
    ("04-23 13:00", "fills_form", ("inoue", "document", "newsletter"), {}),
    ("04-24 10:00", "replies", ("inoue", "ito", "承認"), {}),
    ("04-24 11:00", "sets_stage", ("sasaki", "SQL"), {}),
    ("04-28 10:00", "talks", ("inoue", None), {}),
    ("04-28 14:00", "converts", ("sasaki",), {}),
    ("04-28 14:10", "poll", (), {}),
    ("04-28 17:30", "fills_form", ("shimizu", "demo", "referral"), {}),
    # May
    ("05-01 10:00", "replies", ("shimizu", "ito", "承認"), {}),
    ("05-07 10:00", "fills_form", ("yoshida", "document", "yahoo"), {}),
    ("05-07 14:00", "talks", ("shimizu", 200), {}),
    ("05-08 10:00", "sets_stage", ("shimizu", "TQL"), {}),
    ("05-08 11:00", "sets_stage", ("yoshida", "対象外", "学生・個人"), {}),
    ("05-08 13:00", "sets_stage", ("kato", "TQL"), {}),
    ("05-08 14:00", "talks", ("inoue", None), {}),
    ("05-11 09:30", "presses", ("kato", "suzuki", "accept"), {}),
    ("05-11 10:00", "plans_webinar", (SEMINAR_MAY, "05-13 14:00"), {}),
    ("05-11 11:00", "registers", ("matsumoto", SEMINAR_MAY), {}),
    ("05-11 12:00", "books", ("kato", "05-14 11:00"), {}),
    ("05-12 10:00", "sets_stage", ("shimizu", "ナーチャリング", "予算なし"), {}),
    ("05-13 15:00", "holds_webinar", (SEMINAR_MAY,), {"matsumoto": 50}),
    ("05-14 09:30", "poll", (), {}),
    ("05-14 10:00", "closes_deal", ("tanaka", "Closed Won"), {}),
    ("05-14 10:10", "poll", (), {}),
    ("05-14 11:00", "replies", ("matsumoto", "yamada", "差戻し 情報不足"), {}),
    # the line broke: that was no meeting of a quarter of an hour
    ("05-14 11:06", "meets", ("kato", 6), {}),
    ("05-14 11:10", "poll", (), {}),
    ("05-14 12:00", "books", ("kato", "05-18 14:00"), {}),
    ("05-15 17:00", "sets_stage", ("inoue", "ナーチャリング", "連絡がつかない"), {}),
    ("05-18 09:00", "fills_form", ("kimura", "demo"), {}),
    ("05-18 10:00", "replies", ("kimura", "yamada", "承認"), {}),
    ("05-18 14:30", "meets", ("kato", 30), {}),
    ("05-18 14:40", "poll", (), {}),
    ("05-19 11:00", "talks", ("kimura", 600), {}),
    ("05-20 10:00", "sets_stage", ("kimura", "TQL"), {}),
    ("05-20 10:10", "poll", (), {}),
    ("05-20 15:00", "talks", ("kimura", 180), {}),
    ("05-20 15:00", "logs_call", ("kimura", 170), {}),
    ("05-21 10:00", "presses", ("kimura", "suzuki", "accept"), {}),
    ("05-21 10:10", "poll", (), {}),
    ("05-22 10:00", "books", ("kimura", "05-25 13:00"), {}),
    ("05-25 12:00", "gets_mail", ("kobayashi", "5月号"), {"until": 4}),
    ("05-25 14:00", "meets", ("kimura", 60), {}),
    ("05-25 14:30", "logs_meeting", ("kimura", "05-25 13:00", 60), {}),
    ("05-25 14:40", "poll", (), {}),
    ("05-26 10:00", "fills_form", ("kobayashi", "document", "newsletter"), {}),
    ("05-27 09:00", "replies", ("kobayashi", "ito", "承認"), {}),
    ("05-27 10:00", "converts", ("kimura",), {}),
    ("05-27 10:10", "poll", (), {}),
    ("05-29 16:00", "closes_deal", ("sasaki", "Closed Lost"), {"Loss_Reason__c": "価格"}),
    ("05-29 16:10", "poll", (), {}),
    # June
    ("06-01 10:00", "reopens", ("watanabe", "佐藤", "春の掘り起こし"), {}),
    ("06-01 11:00", "fills_form", ("hayashi", "document"), {}),
    ("06-02 12:00", "bounces", ("hayashi", "6月号"), {}),
    ("06-02 12:10", "poll", (), {}),
    ("06-08 10:00", "fills_form", ("watanabe", "demo", "newsletter"), {}),
    ("06-09 10:00", "replies", ("watanabe", "yamada", "承認"), {}),
    ("06-10 11:00", "opens_deal", ("tanaka", "みなと商事 追加導入"), {}),
    ("06-10 11:10", "poll", (), {}),
    ("06-12 15:00", "sets_stage", ("hayashi", "商談"), {}),
    ("06-16 12:00", "gets_mail", ("shimizu", "6月号"), {"until": 4}),
    ("06-16 12:10", "poll", (), {}),
    ("06-19 16:00", "closes_deal", ("kimura", "Closed Won"), {}),
    ("06-19 16:10", "poll", (), {}),
    ("06-25 10:00", "fills_form", ("yamaguchi", "demo"), {}),
)
