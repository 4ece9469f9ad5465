"""Invented contacts, the same for the same seed: 30 flat fields, about 840 bytes of JSON each."""

from __future__ import annotations

import random
from typing import Any

FAMILY = [
    "佐藤",
    "鈴木",
    "高橋",
    "田中",
    "伊藤",
    "渡辺",
    "山本",
    "中村",
    "小林",
    "加藤",
    "吉田",
    "山田",
]
KANA = [
    "サトウ",
    "スズキ",
    "タカハシ",
    "タナカ",
    "イトウ",
    "ワタナベ",
    "ヤマモト",
    "ナカムラ",
    "コバヤシ",
    "カトウ",
    "ヨシダ",
    "ヤマダ",
]
GIVEN_KANA = [
    "タロウ",
    "ハナコ",
    "ケンイチ",
    "ミサキ",
    "ショウタ",
    "ヨウコ",
    "ダイスケ",
    "メグミ",
    "タクヤ",
    "ナオミ",
    "マコト",
    "ユミ",
]
GIVEN = ["太郎", "花子", "健一", "美咲", "翔太", "陽子", "大輔", "恵", "拓也", "直美", "誠", "由美"]
WORDS = [
    "青空",
    "みどり",
    "北斗",
    "さくら",
    "港",
    "星野",
    "朝日",
    "若葉",
    "光",
    "泉",
    "大和",
    "富士",
]
TRADES = ["製作所", "物流", "システム", "商事", "工業", "電機", "食品", "建設", "印刷", "化学"]
PREFECTURES = ["東京都", "大阪府", "愛知県", "福岡県", "北海道", "神奈川県", "京都府", "広島県"]
TITLES = ["部長", "課長", "係長", "主任", "取締役", "担当", "マネージャー", "Director"]
DEPARTMENTS = ["営業部", "情報システム部", "マーケティング部", "総務部", "経営企画室", "製造部"]


def contact(number: int, seed: int = 0) -> dict[str, Any]:
    """The contact with this number."""
    chance = random.Random(f"{seed}/{number}")
    family, given = chance.randrange(len(FAMILY)), chance.randrange(len(GIVEN))
    company = number // 7
    word, trade = WORDS[company % len(WORDS)], TRADES[company // len(WORDS) % len(TRADES)]
    domain = f"c{company}.example"
    minute, second = divmod(number % 3600, 60)
    return {
        "id": f"{number:08d}",
        "updated_at": f"2026-03-{1 + number % 28:02d}T{number % 24:02d}:{minute:02d}:{second:02d}Z",
        "email": f"person{number}@{domain}",
        "last_name": FAMILY[family],
        "first_name": GIVEN[given],
        "last_name_kana": KANA[family],
        "first_name_kana": GIVEN_KANA[given],
        "company": f"株式会社{word}{trade}{company}",
        "department": chance.choice(DEPARTMENTS),
        "title": chance.choice(TITLES),
        "phone": f"03-{chance.randrange(3000, 7000)}-{chance.randrange(10000):04d}",
        "mobile": f"090-{chance.randrange(1000, 9999)}-{chance.randrange(10000):04d}",
        "fax": f"03-{chance.randrange(3000, 7000)}-{chance.randrange(10000):04d}",
        "postal_code": f"{chance.randrange(100, 999)}-{chance.randrange(10000):04d}",
        "prefecture": chance.choice(PREFECTURES),
        "city": "中央区",
        "street": f"{chance.randrange(1, 9)}-{chance.randrange(1, 30)}-{chance.randrange(1, 20)}",
        "country": "JP",
        "website": f"https://www.{domain}/",
        "status": chance.choice(["lead", "mql", "sql"]),
        "source": chance.choice(["web", "seminar", "exhibition", "referral"]),
        "campaign": "2026-spring",
        "score": chance.randrange(100),
        "owner": f"owner{chance.randrange(20)}@hub.example.jp",
        "opt_in": chance.choice(["granted", "unknown"]),
        "language": "ja",
        "industry": "製造",
        "employees": str(chance.randrange(10, 5000)),
        "plan": chance.choice(["A", "B", "C"]),
        "note": "資料請求のあと電話でご説明済み。次回は見積りの予定。",
    }
