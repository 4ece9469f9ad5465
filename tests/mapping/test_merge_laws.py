"""Laws of merging: order does not matter, twice is once, and consent never grows weaker."""

from hypothesis import given
from hypothesis import strategies as st

from mapping.consent import strictness
from mapping.merge import Statement, Trust, _Merge, golden, observe
from mapping.model import CONSENT_STATES, Value

CONNECTIONS = ("crm", "ma", "form")
FIELD = "consent.email.marketing"
TIMES = st.integers(1, 4).map(lambda day: f"2026-10-0{day}T09:00:00+00:00")
BLANKS = st.sampled_from([None, "", " "])
FIELDS: dict[str, st.SearchStrategy[Value]] = {
    "title": st.sampled_from(["部長", "課長", "営業部長"]) | BLANKS,
    "email": st.sampled_from(["h@hibari.co.jp", "info@hibari.co.jp", "h@gmail.com"]),
    "emails": st.lists(st.sampled_from(["h@hibari.co.jp", "x@gmail.com"]), max_size=2),
    "phone": st.sampled_from(["+81345671289", "+819045671289"]),
    "full_name": st.sampled_from(["髙橋 花子", "高橋花子", "森 次郎", "高橋"]),
    "family_name": st.sampled_from(["髙橋", "高橋", "森"]) | BLANKS,
    "given_name": st.sampled_from(["花子", "次郎"]),
    "family_kana": st.sampled_from(["タカハシ", "モリ"]),
    "family_romaji": st.sampled_from(["Takahashi", "Mori"]),
    "prefecture": st.sampled_from(["東京都", "大阪府"]),
    "city": st.sampled_from(["港区", "大阪市北区"]),
    "street": st.sampled_from(["芝1", "梅田1-2"]),
    "company": st.sampled_from(["ひばり精機㈱", "北嶺電機"]),
    "tags": st.lists(st.sampled_from("ABC"), max_size=3),
    "channel": st.sampled_from(["form", "ad"]),
    "first_touch_at": TIMES,
    "first_touch_channel": st.sampled_from(["form", "ad"]),
    "score": st.integers(0, 2),
    "bantch.needs.text": st.sampled_from(["省人化", "増産"]),
    "bantch.needs.state": st.sampled_from(["known", "partial"]),
    "consent_at": TIMES,
    FIELD: st.sampled_from(CONSENT_STATES),
    "custom.x": st.booleans(),
}


@st.composite
def said(draw: st.DrawFn, source: str) -> Statement:
    """A record's statement, some of its values echoes."""
    names = draw(st.lists(st.sampled_from(sorted(FIELDS)), unique=True, max_size=8))
    values = {name: draw(FIELDS[name]) for name in names}
    since = {name: draw(TIMES) for name in names if draw(st.integers(0, 4))}
    return Statement(source, draw(st.sampled_from(CONNECTIONS)), values, since)


STATEMENTS = st.integers(0, 4).flatmap(
    lambda size: st.tuples(*(said(f"link-{number}") for number in range(size))).map(list)
)
TRUSTS = st.builds(
    Trust,
    st.permutations(CONNECTIONS).map(lambda order: tuple(order[:2])),
    st.sampled_from([{}, {"family_name": ("form",)}, {"title": ("ma", "crm")}]),
    st.sampled_from([frozenset(), frozenset({"form"})]),
)
EDITS = st.dictionaries(
    st.sampled_from(["title", "email", "family_name", "tags", FIELD]), st.just(None), max_size=3
).flatmap(
    lambda chosen: st.fixed_dictionaries({name: st.tuples(FIELDS[name], TIMES) for name in chosen})
)


@given(STATEMENTS, TRUSTS, EDITS, st.randoms(use_true_random=False))
def test_the_order_of_statements_does_not_matter(statements, trust, edits, random) -> None:
    shuffled = list(statements)
    random.shuffle(shuffled)

    assert golden(shuffled, trust, edits) == golden(statements, trust, edits)


@given(STATEMENTS, TRUSTS, EDITS)
def test_saying_everything_twice_changes_nothing(statements, trust, edits) -> None:
    assert golden(statements * 2, trust, edits) == golden(statements, trust, edits)


@given(STATEMENTS, TRUSTS)
def test_a_golden_record_merged_alone_is_itself(statements, trust) -> None:
    record = golden(statements, trust)
    since = {name: where.since for name, where in record.provenance.items()}

    again = golden([Statement("golden", "hub", record.values, since)], trust)

    assert again.values == record.values


@given(said("link-0"), TRUSTS)
def test_the_short_way_of_a_sole_record_is_the_long_way(statement: Statement, trust: Trust) -> None:
    assert golden([statement], trust) == _Merge([statement], trust, {}).golden()


@given(STATEMENTS, TRUSTS, EDITS)
def test_every_golden_value_was_said_by_who_it_names(statements, trust, edits) -> None:
    record = golden(statements, trust, edits)
    by_source = {one.source: one for one in statements}

    assert record.values.keys() == record.provenance.keys()
    for name, where in record.provenance.items():
        if where.rule == "union":
            continue
        if where.source == "edit":
            assert edits[name][1] == where.since
        else:
            said_there = by_source[where.source].says(name)
            assert record.values[name] in (
                said_there,
                list(dict.fromkeys(said_there)) if name == "tags" else said_there,
            )
            assert by_source[where.source].since[name] == where.since


@given(STATEMENTS, said("link-9"))
def test_consent_is_never_weaker_for_what_more_is_said(
    statements: list[Statement], more: Statement
) -> None:
    trust = Trust(default=CONNECTIONS)
    before = golden(statements, trust).values.get(FIELD)
    after = golden([*statements, more], trust).values.get(FIELD)

    assert strictness(after) >= strictness(before)
    assert strictness(after) >= strictness(more.says(FIELD))


@given(STATEMENTS, TRUSTS)
def test_a_golden_name_is_nobody_elses_in_part(statements: list[Statement], trust: Trust) -> None:
    values = golden(statements, trust).values

    if values.get("family_name") and values.get("given_name"):
        assert any(
            one.says("given_name") == values["given_name"]
            and (one.says("family_name") or one.says("full_name"))
            for one in statements
        )


HELD = st.dictionaries(
    st.sampled_from(["title", "score", "tags", "note"]),
    st.sampled_from(["部長", "課長", "", None, 0, 1, True, [], ["A"]]),
    max_size=4,
)


@given(HELD, HELD, st.data())
def test_observing_twice_is_observing_once(
    held: dict[str, Value], draft: dict[str, Value], data: st.DataObject
) -> None:
    stated = data.draw(st.lists(st.sampled_from(sorted(held)), unique=True)) if held else []
    since = dict.fromkeys(stated, "2026-10-01T09:00:00+00:00")
    once = observe(held, since, draft, "2026-10-02T09:00:00+00:00")

    twice = observe(once.held, once.since, draft, "2026-10-03T09:00:00+00:00")

    assert (twice.held, twice.since, twice.changed) == (once.held, once.since, ())


def test_observing_dates_what_changed_and_drops_what_was_cleared() -> None:
    held: dict[str, Value] = {
        "title": "部長",
        "note": "済",
        "phone": "+81345671289",
        "city": "港区",
    }
    since = {"title": "t1", "note": "t1"}
    draft: dict[str, Value] = {
        "title": "部長",
        "note": "",
        "phone": "+81345671289",
        "score": 3,
        "fax": None,
    }

    seen = observe(held, since, draft, "t2")

    assert seen.held == {**held, "note": None, "score": 3, "fax": None}
    assert seen.since == {"title": "t1", "score": "t2"}
    assert seen.changed == ("note", "score")


def test_an_echo_stays_an_echo_until_the_vendor_says_otherwise() -> None:
    held: dict[str, Value] = {"title": "部長"}

    assert observe(held, {}, {"title": "部長"}, "t2").since == {}
    assert observe(held, {}, {"title": "課長"}, "t2").since == {"title": "t2"}
