"""The fields of a lead, their types, their labels, and what is offered for a mistake."""

import pytest

from mapping.model import (
    ACCOUNT_FIELDS,
    ACTIVITY_FIELDS,
    BANTCH_TOPICS,
    CONSENT_CHANNELS,
    CONSENT_PURPOSES,
    DEAL_FIELDS,
    LEAD_FIELDS,
    FieldType,
    choices,
    field_type,
    label,
    suggestions,
)


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("lead", "email", FieldType.EMAIL),
        ("lead", "mobile", FieldType.PHONE),
        ("lead", "family_kana", FieldType.PERSON),
        ("lead", "tags", FieldType.LIST),
        ("lead", "revisit_on", FieldType.DATE),
        ("lead", "consent.email.marketing", FieldType.CHOICE),
        ("lead", "bantch.budget.state", FieldType.CHOICE),
        ("lead", "bantch.budget.text", FieldType.TEXT),
        ("lead", "custom.展示会アンケート", FieldType.TEXT),
        ("account", "name", FieldType.COMPANY),
        ("account", "custom.ランク", FieldType.TEXT),
        ("deal", "amount", FieldType.NUMBER),
        ("activity", "at", FieldType.DATETIME),
        ("lead", "custom.", None),
        ("lead", "consent.fax.marketing", None),
        ("lead", "bantch.budget.size", None),
        ("lead", "amount", None),
    ],
)
def test_a_field_has_a_type_or_is_unknown(kind: str, name: str, expected: FieldType | None) -> None:
    assert field_type(kind, name) is expected


def test_every_consent_and_bantch_field_is_a_lead_field() -> None:
    consents = {f"consent.{c}.{p}" for c in CONSENT_CHANNELS for p in CONSENT_PURPOSES}
    topics = {f"bantch.{t}.{part}" for t in BANTCH_TOPICS for part in ("text", "state", "by")}

    assert consents | topics <= LEAD_FIELDS.keys()
    assert len(consents) == 6
    assert len(topics) == 18


@pytest.mark.parametrize(
    ("kind", "mistake", "meant"),
    [
        ("lead", "emial", "email"),
        ("lead", "Family Name", "family_name"),
        ("lead", "famly_name", "family_name"),
        ("lead", "メールアドレス", "email"),
        ("lead", "会社", "company"),
        ("lead", "consent.mail.marketing", "consent.email.marketing"),
        ("lead", "bantch.busget.text", "bantch.budget.text"),
        ("account", "web_site", "website"),
        ("deal", "closed_on", "close_on"),
    ],
)
def test_a_mistaken_field_is_answered_with_what_was_meant(
    kind: str, mistake: str, meant: str
) -> None:
    assert meant in suggestions(kind, mistake)


def test_nonsense_is_answered_with_nothing() -> None:
    assert suggestions("lead", "zzzzqqqq") == []


def test_every_lead_field_has_a_label_of_its_own_in_both_languages() -> None:
    for language in ("ja", "en"):
        labels = [label(name, language) for name in LEAD_FIELDS]
        assert len(set(labels)) == len(labels)
        assert not set(labels) & (set(LEAD_FIELDS) - {"renkei_id"})


def test_labels_read_as_people_say_them() -> None:
    assert label("family_name") == "姓"
    assert label("consent.email.marketing") == "メールの同意(案内)"
    assert label("bantch.budget.state", "en") == "Budget (state)"
    assert label("custom.予算帯") == "予算帯"
    assert label("unheard_of") == "unheard_of"


def test_choices_are_known_where_a_field_has_them() -> None:
    assert choices("lead", "consent.phone.marketing") == ("granted", "denied", "unknown")
    assert "business_card" in (choices("lead", "channel") or ())
    assert "known" in (choices("lead", "bantch.needs.state") or ())
    assert "call" in (choices("activity", "activity") or ())
    assert choices("lead", "email") is None
    for kind, fields in (
        ("lead", LEAD_FIELDS),
        ("account", ACCOUNT_FIELDS),
        ("deal", DEAL_FIELDS),
        ("activity", ACTIVITY_FIELDS),
    ):
        for name, of in fields.items():
            assert (choices(kind, name) is not None) is (of is FieldType.CHOICE)
