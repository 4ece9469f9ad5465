"""Invented people for lists: repeatable, Japanese, with the trouble that real lists have."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

Person = Mapping[str, str]
"""A person by field name (family_name, email, ...), as ``profiles.yaml`` calls them."""

_FAMILIES = (
    ("青山", "アオヤマ", "aoyama"),
    ("髙橋", "タカハシ", "takahashi"),
    ("齋藤", "サイトウ", "saito"),
    ("渡邉", "ワタナベ", "watanabe"),
    ("五十嵐", "イガラシ", "igarashi"),
    ("小笠原", "オガサワラ", "ogasawara"),
    ("森", "モリ", "mori"),
    ("長谷川", "ハセガワ", "hasegawa"),
    ("山﨑", "ヤマザキ", "yamazaki"),
    ("久保田", "クボタ", "kubota"),
)
_GIVEN = (
    ("太郎", "タロウ", "taro"),
    ("花子", "ハナコ", "hanako"),
    ("健一", "ケンイチ", "kenichi"),
    ("美咲", "ミサキ", "misaki"),
    ("翔", "ショウ", "sho"),
    ("由美子", "ユミコ", "yumiko"),
    ("大輔", "ダイスケ", "daisuke"),
    ("さくら", "サクラ", "sakura"),
)
_COMPANIES = (
    ("株式会社あおぞら製作所", "aozora-mfg", "東京都", "千代田区", "丸の内1-2-3"),
    ("北斗テクノロジー株式会社", "hokuto-tech", "北海道", "札幌市中央区", "北一条西4-1"),
    ("㈱ミナト物流", "minato-logi", "神奈川県", "横浜市西区", "みなとみらい2-2"),
    ("合同会社すずらん", "suzuran", "大阪府", "大阪市北区", "梅田3-1-3"),
    ("さくら精機株式会社", "sakura-seiki", "愛知県", "名古屋市中村区", "名駅4-7-1"),
    ("ひかり商事 株式会社", "hikari-shoji", "福岡県", "福岡市博多区", "博多駅前2-1"),
)
_DEPARTMENTS = ("営業部", "情報システム部", "経営企画室", "マーケティング部", "総務部 総務課")
_AREAS = ("03-5550", "06-6550", "052-950", "011-200")
_TITLES = ("部長", "課長", "主任", "代表取締役社長", "")


def people(count: int, seed: int = 0) -> list[dict[str, str]]:
    """So many people, no two of one address; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - repeatable chance, no secret
    return [_person(chance, seed * 1_000_000 + number) for number in range(count)]


def _person(chance: random.Random, number: int) -> dict[str, str]:
    family, given = chance.choice(_FAMILIES), chance.choice(_GIVEN)
    company, domain, prefecture, city, street = chance.choice(_COMPANIES)
    met = date(2026, 4, 1) + timedelta(days=chance.randrange(200))
    return {
        "family_name": family[0],
        "given_name": given[0],
        "full_name": f"{family[0]} {given[0]}",
        "family_kana": family[1],
        "given_kana": given[1],
        "full_kana": f"{family[1]} {given[1]}",
        "company": company,
        "department": chance.choice(_DEPARTMENTS),
        "title": chance.choice(_TITLES),
        "email": f"{family[2]}.{given[2]}{number}@{domain}.example",
        "phone": f"{chance.choice(_AREAS)}-{number % 10000:04}",
        "mobile": f"090-1234-{number % 10000:04}",
        "postal_code": f"{chance.randrange(10, 99):03}-{chance.randrange(10000):04}",
        "prefecture": prefecture,
        "city": city,
        "street": street,
        "address": f"{prefecture}{city}{street}",
        "website": f"https://www.{domain}.example/",
        "occurred_on": met.strftime("%Y/%m/%d"),
        "vendor_id": f"V{number:08}",
        "attendance": chance.choice(("参加", "欠席")),
    }


def numbered(persons: Sequence[Person]) -> list[dict[str, str]]:
    """The people with a running number, as exports have it in their first column."""
    return [{"no": str(place), **person} for place, person in enumerate(persons, start=1)]
