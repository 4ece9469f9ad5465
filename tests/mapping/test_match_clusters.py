"""From scored pairs to people: contradictions, rivals, decisions, and any order of arrival."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.match.cluster import Decisions, Pair, cluster
from mapping.match.compare import Reason, Score
from mapping.match.everyone import Matcher, match_all
from mapping.match.place import place
from mapping.match.profile import profile
from mapping.match.rules import LARGEST
from mapping.model import Value

Values = dict[str, Value]
Edges = dict[tuple[str, str], float]


def score(points: float) -> Score:
    return Score(points, (Reason("name", points),), points > 0, points < 0)


def clusters(
    records: str, edges: Edges, decisions: Decisions | None = None
) -> tuple[set[str], dict[str, str]]:
    def asked(a: str, b: str) -> Score:
        return score(edges.get((a, b), edges.get((b, a), 0.0)))

    pairs = [Pair(a, b, score(points)) for (a, b), points in edges.items()]
    found = cluster(list(records), pairs, asked, decisions=decisions or Decisions())
    groups = {"".join(sorted(one)) for one in found.members.values()}
    return groups, {pair.a + pair.b: pair.blocked for pair in found.review}


def apart(*pairs: str) -> Decisions:
    return Decisions(different={x: frozenset(y) for a, b in pairs for x, y in ((a, b), (b, a))})


@pytest.mark.parametrize(
    ("edges", "groups", "review"),
    [
        pytest.param({("a", "b"): 20, ("b", "c"): 15}, {"abc"}, {}, id="a chain"),
        pytest.param({("a", "b"): 8}, {"a", "b", "c"}, {"ab": ""}, id="too low"),
        pytest.param({("a", "b"): 3}, {"a", "b", "c"}, {}, id="nothing"),
        pytest.param(
            {("a", "b"): 20, ("b", "c"): 15, ("a", "c"): -4},
            {"ab", "c"},
            {"bc": "contradiction"},
            id="the best first, and not across a contradiction",
        ),
        pytest.param(
            {("a", "b"): 16, ("b", "c"): 15, ("a", "c"): -4},
            {"a", "b", "c"},
            {"ab": "rival", "bc": "rival"},
            id="two that contradict each other are about as near",
        ),
    ],
)
def test_the_best_link_first(edges: Edges, groups: set[str], review: dict[str, str]) -> None:
    assert clusters("abc", edges) == (groups, review)


def test_what_a_person_decided_holds() -> None:
    edges = {("a", "b"): 30.0, ("b", "c"): 30.0}

    assert clusters("abc", edges, apart("ac"))[0] in ({"ab", "c"}, {"a", "bc"})
    assert clusters("abc", edges, apart("ab"))[0] == {"a", "bc"}
    assert clusters("abc", {}, Decisions(same=[("a", "c")]))[0] == {"ac", "b"}


def test_a_crowd_is_left_to_a_person() -> None:
    records = "abcdefghijklmnop"
    edges = dict.fromkeys(itertools.combinations(records, 2), 20.0)

    groups, review = clusters(records, edges)

    assert max(map(len, groups)) == LARGEST
    assert set(review.values()) == {"size"}


@given(st.data())
def test_the_order_of_pairs_does_not_matter(data: st.DataObject) -> None:
    records = "abcdef"
    points = st.sampled_from([-5.0, 2.0, 8.0, 14.0, 14.5, 20.0])
    edges = {pair: data.draw(points) for pair in itertools.combinations(records, 2)}
    shuffled = dict(data.draw(st.permutations(list(edges.items()))))

    assert clusters(records, edges)[0] == clusters(records, shuffled)[0]


PEOPLE: dict[str, list[Values]] = {
    "hanako": [
        {"full_name": "髙橋 花子", "email": "h.takahashi@hibari.co.jp", "company": "ひばり精機"},
        {"family_name": "高橋", "given_name": "花子", "company": "株式会社ひばり精機"},
        {"full_name": "高橋花子", "email": "h.takahashi@hibari.co.jp", "mobile": "+819045671289"},
        {"full_name": "高橋 花子", "phone": "+819045671289", "company": "ひばり精機㈱"},
    ],
    "ken": [
        {"full_name": "佐藤 健", "email": "k.sato@chidori.co.jp", "company": "千鳥商事"},
        {"full_name": "佐藤健", "mobile": "+818011112222", "email": "k.sato@chidori.co.jp"},
    ],
    "kenji": [{"full_name": "佐藤 健二", "email": "kj.sato@chidori.co.jp", "company": "千鳥商事"}],
    "desk": [{"email": "info@chidori.co.jp", "company": "千鳥商事"}],
}
RECORDS: dict[str, Values] = {
    f"{person}{number}": values
    for person, all_of_them in PEOPLE.items()
    for number, values in enumerate(all_of_them)
}


@given(st.permutations(list(RECORDS)))
def test_clear_cases_come_out_the_same_in_any_order_and_all_at_once(order: list[str]) -> None:
    wanted = {frozenset(f"{p}{n}" for n in range(len(all_))) for p, all_ in PEOPLE.items()}
    matcher = Matcher()
    for record in order:
        matcher.add(record, RECORDS[record])
    one_by_one: dict[str, set[str]] = {}
    for record, lead in matcher.of.items():
        one_by_one.setdefault(lead, set()).add(record)

    at_once = match_all({record: RECORDS[record] for record in order})

    assert set(map(frozenset, one_by_one.values())) == wanted
    assert set(map(frozenset, at_once.members.values())) == wanted


def test_a_record_that_ties_two_leads_shows_them_to_be_one() -> None:
    leads = {
        "x": [profile("x1", {"email": "h@hibari.co.jp", "full_name": "高橋 花子"})],
        "y": [profile("y1", {"mobile": "+819045671289", "full_name": "高橋 花子"})],
    }
    both = profile(
        "z1", {"email": "h@hibari.co.jp", "mobile": "+819045671289", "full_name": "高橋 花子"}
    )

    placed = place(both, leads)

    assert {near.lead for near in placed.same} == {"x", "y"}


def test_a_decision_stands_against_the_strongest_evidence() -> None:
    values: Values = {"email": "h@hibari.co.jp", "mobile": "+819045671289", "full_name": "高橋花子"}
    decisions = Decisions(
        different={"x1": frozenset(("z1",)), "z1": frozenset(("x1",))},
    )

    placed = place(profile("z1", values), {"x": [profile("x1", values)]}, decisions=decisions)

    assert placed.same == []
    assert placed.maybe == []


@given(st.data())
def test_no_evidence_overrides_what_a_person_decided(data: st.DataObject) -> None:
    pairs = list(itertools.combinations(RECORDS, 2))
    said = data.draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=4, unique=True))
    different: dict[str, frozenset[str]] = {}
    for a, b in said:
        different[a] = different.get(a, frozenset()) | {b}
        different[b] = different.get(b, frozenset()) | {a}
    decisions = Decisions(different=different)
    order = data.draw(st.permutations(list(RECORDS)))
    matcher = Matcher(decisions=decisions)
    for record in order:
        matcher.add(record, RECORDS[record])

    at_once = match_all({record: RECORDS[record] for record in order}, decisions=decisions)

    assert all(matcher.of[a] != matcher.of[b] for a, b in said)
    assert all(at_once.of[a] != at_once.of[b] for a, b in said)


@given(st.permutations(list(RECORDS)))
def test_matching_again_changes_nothing(order: list[str]) -> None:
    first = match_all({record: RECORDS[record] for record in order})
    kept = [(members[0], other) for members in first.members.values() for other in members[1:]]

    again = match_all(RECORDS, decisions=Decisions(same=kept))

    assert set(map(frozenset, again.members.values())) == set(
        map(frozenset, first.members.values())
    )
    assert {frozenset(pair[:2]) for pair in again.review} == {
        frozenset(pair[:2]) for pair in first.review
    }
