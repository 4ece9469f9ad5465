"""Survivorship: who wins each field of the golden record, and by which rule."""

from collections.abc import Mapping

import pytest

from mapping.merge import RULES, Statement, Trust, explain_losers, golden
from mapping.model import Value

Values = dict[str, Value]

NOBODY = Trust()
CRM_FIRST = Trust(default=("crm", "ma", "form"))


def at(day: int) -> str:
    return f"2026-10-{day:02d}T09:00:00+00:00"


def said(
    connection: str, day: int = 1, since: Mapping[str, str] | None = None, **values: Value
) -> Statement:
    """What one record of a connection says, all of it since one day; __ in a name is a dot."""
    named = {name.replace("__", "."): value for name, value in values.items()}
    return Statement(
        f"{connection}:1",
        connection,
        named,
        dict.fromkeys(named, at(day)) if since is None else since,
    )


def rule(name: str, *statements: Statement, trust: Trust = NOBODY) -> str:
    return golden(statements, trust).provenance[name].rule


@pytest.mark.parametrize(
    ("one", "other", "trust", "value", "won_by"),
    [
        pytest.param(
            said("crm", 1, title="部長"),
            said("form", 5, title="課長"),
            CRM_FIRST,
            "部長",
            "trust",
            id="trusted beats later",
        ),
        pytest.param(
            said("crm", 1, title="部長"),
            said("form", 5, title="課長"),
            NOBODY,
            "課長",
            "newest",
            id="between equals the later wins",
        ),
        pytest.param(
            said("crm", title="営業部長"),
            said("form", title="部長"),
            NOBODY,
            "営業部長",
            "longest",
            id="at one time the longer wins",
        ),
        pytest.param(
            said("crm", title="部長"),
            said("form", title="課長"),
            NOBODY,
            "部長",
            "tie",
            id="a tie is settled by the order of sources",
        ),
        pytest.param(
            said("crm", 9, title=None),
            said("form", title="課長"),
            CRM_FIRST,
            "課長",
            "only",
            id="a blank says nothing",
        ),
        pytest.param(
            said("crm", title="部長"),
            said("form", title="課長"),
            Trust(default=("crm",), fields={"title": ("form",)}),
            "課長",
            "trust",
            id="trust in a field goes before trust in general",
        ),
        pytest.param(
            said("crm", title="部長"),
            said("other", 9, title="課長"),
            CRM_FIRST,
            "部長",
            "trust",
            id="who is not listed comes last",
        ),
        pytest.param(
            said("crm", 1, score=10),
            said("form", 2, score=0),
            NOBODY,
            0,
            "newest",
            id="zero is a value",
        ),
    ],
)
def test_a_field_is_won(
    one: Statement, other: Statement, trust: Trust, value: Value, won_by: str
) -> None:
    record = golden([one, other], trust)
    (name,) = record.values

    assert (record.values[name], record.provenance[name].rule) == (value, won_by)


def test_an_echo_is_held_and_not_stated() -> None:
    echo = said("crm", title="部長", since={})

    assert golden([echo, said("form", title="課長")], CRM_FIRST).values == {"title": "課長"}
    assert golden([echo], CRM_FIRST).values == {}


def test_a_hand_edit_wins_and_can_keep_a_field_blank() -> None:
    statements = [said("crm", 9, title="部長", department="営業部")]
    edits: dict[str, tuple[Value, str]] = {"title": ("本部長", at(2)), "department": (None, at(2))}

    record = golden(statements, CRM_FIRST, edits)

    assert record.values == {"title": "本部長", "department": None}
    assert record.provenance["title"] == ("edit", "", at(2), "edit")


def test_provenance_names_the_link_the_connection_and_the_time() -> None:
    record = golden([said("crm", 3, title="部長")], NOBODY)

    assert record.provenance["title"] == ("crm:1", "crm", at(3), "only")


def test_a_name_is_not_put_together_from_two_people() -> None:
    crm = said("crm", 1, family_name="髙橋", given_name="花子")
    form = said(
        "form", 9, family_name="森", given_name="次郎", family_kana="モリ", given_kana="ジロウ"
    )

    assert golden([crm, form], CRM_FIRST).values == {"family_name": "髙橋", "given_name": "花子"}
    assert golden([crm, form], NOBODY).values["family_kana"] == "モリ"


def test_a_family_name_takes_no_given_name_from_elsewhere() -> None:
    record = golden(
        [said("crm", family_name="髙橋"), said("form", 9, given_name="花子")], CRM_FIRST
    )

    assert record.values == {"family_name": "髙橋"}


def test_a_reading_is_taken_from_whoever_has_it_for_the_same_name() -> None:
    record = golden(
        [
            said("crm", full_name="髙橋 花子"),
            said(
                "form",
                family_name="高橋",
                given_name="花子",
                family_kana="タカハシ",
                given_kana="ハナコ",
            ),
        ],
        CRM_FIRST,
    )

    assert record.values == {
        "full_name": "髙橋 花子",
        "family_name": "高橋",
        "given_name": "花子",
        "family_kana": "タカハシ",
        "given_kana": "ハナコ",
    }
    assert record.provenance["family_name"].rule == "together"


def test_a_reading_comes_from_the_record_the_name_comes_from() -> None:
    record = golden(
        [
            said(
                "crm",
                1,
                family_name="高橋",
                given_name="花子",
                family_kana="タカハシ",
                given_kana="ハナコ",
            ),
            said("form", 9, family_kana="タカバシ", given_kana="ハナコ"),
        ],
        Trust(fields={"family_name": ("crm",)}),
    )

    assert record.values["family_kana"] == "タカハシ"
    assert record.provenance["family_kana"].rule == "together"


def test_a_corrected_family_name_drops_the_whole_name_that_was_written() -> None:
    record = golden(
        [said("crm", full_name="髙橋 花子", family_name="髙橋", given_name="花子")],
        NOBODY,
        {"family_name": ("森", at(9))},
    )

    assert record.values == {"family_name": "森", "given_name": "花子"}


def test_an_address_is_one_place() -> None:
    crm = said("crm", prefecture="東京都", city="港区")
    form = said(
        "form", 9, prefecture="大阪府", city="大阪市北区", street="梅田1", postal_code="530-0001"
    )

    assert golden([crm, form], CRM_FIRST).values == {"prefecture": "東京都", "city": "港区"}


def test_parts_of_an_address_that_share_nothing_are_not_put_together() -> None:
    record = golden(
        [said("crm", street="芝1-2-3"), said("form", prefecture="大阪府", city="大阪市北区")],
        CRM_FIRST,
    )

    assert record.values == {"street": "芝1-2-3"}


def test_an_address_is_completed_by_who_gives_the_same_place() -> None:
    crm = said("crm", prefecture="東京都")
    form = said("form", prefecture="東京都", city="港区", street="芝1-2-3")
    other = said("ma", 9, prefecture="東京都", street="銀座1", postal_code="104-0061")

    record = golden([crm, form, other], Trust(default=("crm", "form")))

    assert record.values == {"prefecture": "東京都", "city": "港区", "street": "芝1-2-3"}


def test_all_mailboxes_and_numbers_are_kept_the_primary_first() -> None:
    record = golden(
        [
            said("crm", email="h@hibari.co.jp", phone="+81345671289", emails=["old@hibari.co.jp"]),
            said("form", 9, email="h@gmail.com", mobile="+819045671289", phone="+81345671289"),
        ],
        CRM_FIRST,
        {"email": ("new@hibari.co.jp", at(2))},
    )

    assert record.values["emails"] == [
        "new@hibari.co.jp",
        "h@hibari.co.jp",
        "old@hibari.co.jp",
        "h@gmail.com",
    ]
    assert record.values["phones"] == ["+81345671289", "+819045671289"]
    assert record.provenance["phones"] == ("crm:1", "crm", at(9), "union")


def test_tags_are_all_kept() -> None:
    record = golden(
        [said("form", tags=["展示会", "製造"]), said("crm", tags=["製造", "既存"])], CRM_FIRST
    )

    assert record.values["tags"] == ["製造", "既存", "展示会"]


def test_the_first_touch_is_the_earliest_for_ever() -> None:
    fair = said(
        "fair",
        9,
        first_touch_at="2026-03-01T01:00:00+00:00",
        first_touch_channel="exhibition",
        channel="exhibition",
        lead_source="春の展示会",
    )
    form = said(
        "crm",
        1,
        first_touch_at="2026-09-01T01:00:00+00:00",
        first_touch_channel="form",
        first_touch_source="資料請求",
        channel="form",
        lead_source="web",
    )

    record = golden([form, fair], CRM_FIRST)

    assert record.values["first_touch_at"] == "2026-03-01T01:00:00+00:00"
    assert record.values["first_touch_channel"] == record.values["channel"] == "exhibition"
    assert record.values["lead_source"] == "春の展示会"
    assert record.provenance["channel"].rule == "earliest"


def test_a_bantch_topic_is_as_it_was_last_recorded() -> None:
    record = golden(
        [
            said("crm", 1, bantch__budget__text="300万円", bantch__budget__state="known"),
            said("ma", 5, bantch__budget__state="partial", bantch__budget__by="is@tsubame.co.jp"),
        ],
        CRM_FIRST,
    )

    assert record.values == {
        "bantch.budget.state": "partial",
        "bantch.budget.by": "is@tsubame.co.jp",
    }
    assert rule("bantch.needs.text", said("crm", bantch__needs__text="省人化")) == "only"


def test_what_only_the_hub_states_is_not_believed() -> None:
    assert golden([said("crm", renkei_stage="mql")], NOBODY).values == {}


def test_losers_are_told_with_the_rule_they_lost_by() -> None:
    crm, form = said("crm", 1, title="部長"), said("form", 5, title="課長")
    late = Statement("crm:2", "crm", {"title": "室長"}, {"title": at(4)})

    assert explain_losers("title", [form, crm, late], CRM_FIRST) == [
        (crm, "部長", "newest"),
        (form, "課長", "trust"),
    ]
    assert explain_losers("title", [crm], CRM_FIRST, {"title": ("社長", at(1))}) == [
        (crm, "部長", "edit")
    ]
    assert explain_losers("email", [crm], CRM_FIRST) == []


def test_losers_by_rules_of_their_own_are_told_too() -> None:
    one = said("crm", 1, consent__email__marketing="denied", channel="form", tags=["A"])
    other = said("form", 5, consent__email__marketing="granted", channel="ad", tags=["B"])
    fill = said(
        "ma", 9, family_name="森", given_name="次郎", family_kana="モリ", given_kana="ジロウ"
    )
    named = said("crm", family_name="髙橋", given_name="花子")

    both = [one, other]
    assert explain_losers("consent.email.marketing", both, NOBODY) == [
        (other, "granted", "strictest")
    ]
    assert explain_losers("channel", both, NOBODY) == [(other, "ad", "earliest")]
    assert explain_losers("tags", both, NOBODY) == []
    assert explain_losers("given_name", [named, fill], CRM_FIRST) == [(fill, "次郎", "trust")]
    assert explain_losers("family_kana", [named, fill], CRM_FIRST) == [(fill, "モリ", "together")]


def test_every_rule_is_in_words() -> None:
    assert all(japanese and english for japanese, english in RULES.values())


def test_only_its_owner_may_say_a_field() -> None:
    trust = Trust(default=("crm", "sfa"), owners={"title": "sfa"})
    both = [said("crm", 2, title="部長", note="x"), said("sfa", 1, title="課長")]

    best = golden(both, trust)

    assert best.values["title"] == "課長"
    assert best.values["note"] == "x"
    assert [(loser.connection, why) for loser, _, why in explain_losers("title", both, trust)] == [
        ("crm", "owner")
    ]
    assert "title" not in golden(both[:1], trust).values


@pytest.mark.parametrize(
    ("policy", "kept", "rule"),
    [("trust", "A", "trust"), ("newest", "C", "newest"), ("evidence", "B", "evidence")],
)
def test_a_field_is_decided_as_its_policy_says(policy: str, kept: str, rule: str) -> None:
    trust = Trust(default=("crm",), policies={"title": policy})
    records = [
        said("crm", 1, title="A"),
        said("sfa", 2, title="B"),
        said("form", 3, title="B"),
        said("ma", 4, title="C"),
    ]

    best = golden(records, trust)

    assert best.values["title"] == kept
    assert best.provenance["title"].rule == rule


def test_a_held_field_keeps_its_first_value_until_a_person_decides() -> None:
    trust = Trust(default=("crm",), policies={"title": "hold"})
    records = [said("sfa", 1, title="A"), said("crm", 2, title="B")]

    waiting = golden(records, trust)
    decided = golden(records, trust, {"title": ("B", at(3))})
    agreed = golden([records[0], said("crm", 2, title="A")], trust)

    assert waiting.values["title"] == "A"
    assert waiting.held == {"title": ["crm:1"]}
    assert decided.values["title"] == "B"
    assert decided.held == agreed.held == {}
