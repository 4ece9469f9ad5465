"""C52 and C53: Japanese spellings of one company are one company, and a card needs no e-mail."""

from __future__ import annotations

from typing import Any

from tests.journeys.complaints.conftest import LEADS, listed

CARDS = "会社名,部署名,役職,氏名,e-mail,TEL会社,携帯電話,名刺交換日\n"


def accounts(world: Any) -> list[str]:
    with world.database.read() as tx:
        return [row[0] for row in tx.rows("SELECT name FROM account")]


def test_c52_one_company_and_one_person_in_every_spelling(world: Any) -> None:
    world.sfa.add_account("株式会社ミナト・システムズ")
    for number, company in enumerate(
        ("ミナトシステムズ株式会社", "㈱ミナト･ｼｽﾃﾑｽﾞ", "（株）ミナト・システムズ 大阪支店")
    ):
        world.crm.add_record(
            LEADS,
            {
                "氏名": ("佐藤　花子", "佐藤 花子", "佐藤花子")[number],
                "会社名": company,
                "携帯番号": ("090-1234-5678", "０９０１２３４５６７８", "+81 90 1234 5678")[number],
            },
        )
    world.settle()
    assert len(accounts(world)) == 1
    (lead,) = world.leads()
    assert lead.fields["mobile"] == "+819012345678"
    assert [row["LastName"] for row in world.sfa_rows()] == ["佐藤"]


def test_c53_a_card_without_an_address_finds_its_person_and_nobody_else(world: Any) -> None:
    world.sfa.add_lead(
        LastName="佐藤", FirstName="花子", Company="株式会社青空製作所", Phone="03-1234-5678"
    )
    world.settle()
    listed(
        world,
        "cards.csv",
        CARDS
        + "㈱青空製作所,購買部,部長,佐藤　花子,,03-1234-5678,,2026/03/30\n"
        + "㈱青空製作所,総務部,課長,佐藤　太郎,,03-1234-5678,,2026/03/30\n",
    )
    world.settle()
    assert {lead.name for lead in world.leads()} == {"佐藤 花子", "佐藤 太郎"}
    (hanako,) = [lead for lead in world.leads() if lead.name == "佐藤 花子"]
    assert {"list", "sfa"} <= set(world.links(hanako))
    assert hanako.fields["department"] == "購買部"
    assert len(world.sfa_rows()) == 2
