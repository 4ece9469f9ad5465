"""The decision same, different or ask, and reasons that sum to the score."""

import itertools

import pytest

from mapping.keys import lead_keys
from mapping.match import ACCEPT, ASK, POINTS, WORDS, Candidate, Match, Verdict, decide
from mapping.model import LEAD_FIELDS, Value

Values = dict[str, Value]

HANAKO: Values = {
    "family_name": "髙橋",
    "given_name": "花子",
    "family_kana": "タカハシ",
    "given_kana": "ハナコ",
    "company": "株式会社ひばり精機",
    "email": "hanako@hibari.co.jp",
    "mobile": "+819045671289",
}


def known(lead_id: str, held: Values, draft: Values) -> Candidate:
    """A lead as the store finds it for a draft: with the keys both have."""
    return Candidate(lead_id, held, tuple(k for k in lead_keys(draft) if k in lead_keys(held)))


def told(draft: Values, held: Values = HANAKO) -> Match:
    candidate = known("lead-1", held, draft)
    return decide(draft, [candidate] if candidate.shared else [])


@pytest.mark.parametrize(
    ("draft", "verdict", "codes"),
    [
        pytest.param({"email": "hanako@hibari.co.jp"}, "same", ["email"], id="e-mail"),
        pytest.param(
            {"email": "Hanako+expo@hibari.co.jp".lower(), "full_name": "高橋花子"},
            "same",
            ["email"],
            id="e-mail with a tag, old kanji",
        ),
        pytest.param(
            {"phone": "+819045671289", "family_name": "高橋"}, "same", ["mobile"], id="mobile"
        ),
        pytest.param(
            {"full_name": "高橋 花子", "company": "ひばり精機㈱"},
            "same",
            ["name_company"],
            id="name and company",
        ),
        pytest.param(
            {"family_kana": "タカハシ", "given_kana": "ハナコ", "company": "(株)ひばり精機"},
            "same",
            ["kana_company"],
            id="reading and company",
        ),
        pytest.param(
            {
                "family_name": "高橋",
                "given_name": "花子",
                "family_kana": "タカハシ",
                "given_kana": "ハナコ",
                "company": "ひばり精機",
            },
            "same",
            ["name_company"],
            id="the reading of an equal name counts once",
        ),
        pytest.param(
            {"email": "hanako@hibari.co.jp", "family_name": "森", "given_name": "花子"},
            "same",
            ["email"],
            id="another family name: married",
        ),
        pytest.param(
            {"email": "hanako@hibari.co.jp", "full_name": "Hanako Takahashi"},
            "same",
            ["email"],
            id="romaji cannot contradict kanji",
        ),
        pytest.param(
            {"email": "hanako@hibari.co.jp", "family_name": "高橋", "given_name": "次郎"},
            "ask",
            ["email", "given_names_differ"],
            id="a couple's mailbox",
        ),
        pytest.param(
            {
                "email": "hanako@hibari.co.jp",
                "family_name": "高橋",
                "given_name": "華子",
                "family_kana": "タカハシ",
                "given_kana": "ハナコ",
            },
            "same",
            ["email"],
            id="mistyped kanji of the same reading",
        ),
        pytest.param(
            {"mobile": "+819045671289", "family_name": "森", "given_name": "次郎"},
            "ask",
            ["mobile", "names_differ"],
            id="a telephone that changed hands",
        ),
        pytest.param(
            {
                "full_name": "髙橋花子",
                "company": "ひばり精機",
                "email": "h.takahashi@hibari.co.jp",
            },
            "ask",
            ["name_company", "mailboxes_differ"],
            id="namesakes in one company",
        ),
        pytest.param(
            {"full_name": "髙橋花子", "company": "ひばり精機", "email": "info@hibari.co.jp"},
            "same",
            ["name_company"],
            id="a shared mailbox contradicts nobody",
        ),
        pytest.param(
            {
                "full_name": "髙橋花子",
                "company": "ひばり精機",
                "email": "h.t@hibari.co.jp",
                "mobile": "+818011112222",
            },
            "different",
            ["name_company", "mailboxes_differ", "mobiles_differ"],
            id="namesakes with other mailbox and mobile",
        ),
        pytest.param(
            {
                "family_name": "高橋",
                "given_name": "華子",
                "family_kana": "タカハシ",
                "given_kana": "ハナコ",
                "company": "ひばり精機",
            },
            "ask",
            ["kana_company", "given_names_differ"],
            id="one reading, other kanji",
        ),
        pytest.param(
            {
                "family_name": "高橋",
                "given_name": "花子",
                "family_kana": "タカハシ",
                "given_kana": "カコ",
                "company": "ひばり精機",
            },
            "ask",
            ["name_company", "readings_differ"],
            id="one kanji, other reading",
        ),
        pytest.param(
            {"email": "hanako@hibari.co.jp", "mobile": "+818011112222"},
            "same",
            ["email"],
            id="a second mobile does not undo a personal mailbox",
        ),
        pytest.param({"email": "info@hibari.co.jp"}, "different", [], id="shared mailbox"),
        pytest.param({"phone": "+81345671289"}, "different", [], id="switchboard"),
        pytest.param(
            {"full_name": "高橋 花子", "company": "ひばり精機販売"},
            "different",
            [],
            id="sister company",
        ),
    ],
)
def test_a_draft_is_recognised(draft: Values, verdict: str, codes: list[str]) -> None:
    match = told(draft)

    assert (match.verdict, [reason.code for reason in match.reasons]) == (verdict, codes)


def test_a_switchboard_two_people_share_makes_nobody_one() -> None:
    desk: Values = {"phone": "+81345671289", "email": "info@hibari.co.jp", "company": "ひばり精機"}

    match = told(desk | {"full_name": "森 次郎"}, desk | {"full_name": "林 三郎"})

    assert match == Match(Verdict.DIFFERENT, None)


def test_another_corporate_number_speaks_against() -> None:
    match = told(
        {
            "full_name": "高橋花子",
            "company": "ひばり精機",
            "corporate_number": "7000012050002",
        },
        HANAKO | {"corporate_number": "5010401089998"},
    )

    assert match.verdict is Verdict.ASK
    assert match.lead_id == "lead-1"


def test_reasons_sum_to_the_score_and_the_bands_decide() -> None:
    drafts: list[Values] = [
        {key: value for key, value in HANAKO.items() if key in kept}
        for size in range(1, 5)
        for kept in itertools.combinations(HANAKO, size)
    ]

    for draft in drafts:
        match = told(draft, HANAKO | {"email": "h2@hibari.co.jp"})
        assert match.score == sum(reason.points for reason in match.reasons)
        assert (match.verdict is Verdict.SAME) is (match.score >= ACCEPT)
        assert (match.verdict is Verdict.ASK) is (ASK <= match.score < ACCEPT)
        assert (match.lead_id is None) is (match.verdict is Verdict.DIFFERENT)


def test_the_best_candidate_wins_whatever_the_order() -> None:
    draft: Values = dict(HANAKO)
    weaker: Values = {"email": "hanako@hibari.co.jp", "family_name": "森", "given_name": "次郎"}
    candidates = [
        known("lead-9", HANAKO, draft),
        known("lead-3", HANAKO, draft),
        known("lead-1", weaker, draft),
    ]

    for order in itertools.permutations(candidates):
        assert decide(draft, order).lead_id == "lead-3"


def test_every_piece_of_evidence_is_in_words_and_names_its_fields() -> None:
    assert WORDS.keys() == POINTS.keys()
    for _, fields in POINTS.values():
        assert set(fields.split(", ")) <= LEAD_FIELDS.keys()
