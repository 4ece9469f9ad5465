"""Why a lead is what it is: every value that it holds has a story, whatever it went through."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from connectors.kit.base import Record
from mapping.merge import RULES
from mapping.normalise.text import is_blank
from sync.engine import merging
from sync.engine.edits import edit_lead, set_stage
from sync.engine.explain import Explanation, Story, explain
from sync.store import inbox
from sync.store.database import Database
from sync.store.schema import metadata
from tests.sync.engine.conftest import Shelves
from tests.sync.engine.histories import SATO, SUZUKI, hear

MAIL = "consent.email.marketing"
HOWS = {"pull", "webhook", "import", "reread", "replay", "edited"}


def told(shelves: Shelves, lead_id: str) -> tuple[Explanation, dict[str, Story]]:
    found = explain(shelves.hub, lead_id)
    assert found is not None
    return found, {story.field: story for story in found.fields}


def untold(shelves: Shelves, lead_id: str, hows: set[str]) -> list[Any]:
    """What an explanation of a lead leaves open."""
    found, stories = told(shelves, lead_id)
    held = {name for name, value in found.lead.fields.items() if not is_blank(value)}
    records = {link.id for link in shelves.links(lead_id)}
    open_: list[Any] = list(held ^ stories.keys())
    for name, story in stories.items():
        by_hand = story.user is not None
        ends = [
            story.value == found.lead.fields[name],
            bool(story.at),
            story.rule in RULES,
            story.event is not None and story.event.how in hows and bool(story.event.at),
            story.record == "" if by_hand else story.record in records,
            by_hand or story.connection == story.record.partition("/")[0],
            all(one.record in records and one.rule in RULES and one.at for one in story.lost),
            by_hand or story.record not in {one.record for one in story.lost},
        ]
        if story.event is not None and story.event.how == "pull":
            ends.append(story.event.inbox is not None)
        if name in ("emails", "phones") and not by_hand:
            added = {value for one in story.said for value in one.values}
            ends += [set(story.value) <= added, all(one.event for one in story.said)]
        if not all(ends):
            open_.append((story, ends))
    for stay in found.stages:
        if stay.event is None or stay.event.how not in {*hows, "stage"}:
            open_.append(stay)
    if found.lead.account_id and (
        found.account is None or found.account.id != found.lead.account_id
    ):
        open_.append("account")
    return open_


EMAILS = st.sampled_from([SATO["email"], SUZUKI["email"], "hanako@aozora.example"])
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "family": st.sampled_from(["佐藤", "鈴木", ""]),
        "given": st.sampled_from(["花子", "一郎", ""]),
        "company": st.sampled_from(["青空製作所", "みなと商事", "青空製作所東京支店", ""]),
        "phone": st.sampled_from(["03-1234-5678", "090-1111-2222", ""]),
        "title": st.sampled_from(["部長", "課長", ""]),
        "mail": st.sampled_from(["yes", "no", ""]),
        "status": st.sampled_from(["new", "mql", "talking", "deal", "lost", "out"]),
    },
)
HEARD = st.tuples(
    st.just("hear"),
    st.sampled_from(["crm", "sfa", "ma"]),
    st.sampled_from(["1", "2"]),
    st.builds(lambda email, values: {"email": email, **values}, EMAILS, VALUES),
)
EDITED = st.tuples(
    st.just("edit"),
    st.integers(0, 5),
    st.sampled_from(
        [
            {"title": "本部長"},
            {"title": None},
            {"phone": "+81399990000"},
            {"email": "new@aozora.example"},
            {MAIL: "denied"},
            {MAIL: "granted"},
            {"company": "千鳥商会"},
            {"family_name": "田中"},
        ]
    ),
)
UNSET = st.tuples(st.just("unset"), st.integers(0, 5), st.sampled_from(["title", "phone", "email"]))
MOVED = st.tuples(
    st.just("stage"), st.integers(0, 5), st.sampled_from(["mql", "recycled", "sal", "won"])
)
MERGED = st.tuples(st.just("merge"), st.integers(0, 5), st.integers(0, 5))
ERASED = st.tuples(st.just("gone"), st.sampled_from(["crm", "sfa", "ma"]), st.just("1"))
SYNCED = st.tuples(st.just("sync"))
STEPS = st.lists(
    st.one_of(HEARD, HEARD, EDITED, UNSET, MOVED, MERGED, ERASED, SYNCED), min_size=2, max_size=9
)


def go_through(shelves: Shelves, step: tuple[Any, ...]) -> None:
    people = shelves.leads()
    match step:
        case ("hear", connection, record, values):
            shelves.at[connection].put(record, **values)
            shelves.run()
        case ("gone", connection, record):
            shelves.at[connection].people.pop(record, None)
            shelves.at[connection].records.append(Record("people", record, {}, deleted=True))
            shelves.run()
        case ("sync",):
            shelves.run()
        case ("merge", one, other) if len(people) > 1:
            one, other = one % len(people), other % len(people)
            if one != other:
                merging.merge(shelves.hub, people[one].id, people[other].id, user="mori")
        case ("edit", who, values) if people:
            lead = people[who % len(people)]
            edit_lead(shelves.hub, lead.id, values, user="mori", reason="署名", where="test")
        case ("unset", who, name) if people:
            edit_lead(shelves.hub, people[who % len(people)].id, {}, user="mori", unset=[name])
        case ("stage", who, stage) if people:
            set_stage(shelves.hub, people[who % len(people)].id, stage, reason="電話", user="mori")
    shelves.tick(seconds=7)


def empty(database: Database) -> None:
    """Forget everything but the schema."""
    with database.write() as tx:
        for table in metadata.tables:
            if table != "setting":
                tx.write(f"DELETE FROM {table}")


@example(  # an address by hand, and a record that adds to the list of them later
    steps=[
        ("hear", "sfa", "2", {"email": "sato@aozora.example", "title": "部長"}),
        ("edit", 0, {"email": "new@aozora.example"}),
        ("hear", "ma", "2", {"email": "sato@aozora.example", "family": "佐藤", "given": "花子"}),
    ]
)
@given(steps=STEPS)
@settings(
    max_examples=12,
    derandomize=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_every_value_of_every_lead_has_its_story(
    database: Database, clock: Any, steps: list[tuple[Any, ...]]
) -> None:
    empty(database)
    shelves = Shelves(database, clock.pass_time, ["crm", "sfa", "ma"])
    for step in steps:
        go_through(shelves, step)

    for lead in shelves.leads():
        assert untold(shelves, lead.id, HOWS) == []


def test_what_the_inbox_forgot_the_history_tells(shelves: Shelves) -> None:
    lead_id = hear(shelves, "crm", "1", **SATO)
    hear(shelves, "sfa", "9", **SATO, title="部長")
    shelves.tick(minutes=1)
    with shelves.database.write() as tx:
        assert inbox.forget_before(tx, shelves.hub.stamp(), 1000) > 0

    assert untold(shelves, lead_id, {"created", "changed", "first"}) == []
    _, stories = told(shelves, lead_id)
    title = stories["title"].event
    assert title is not None
    assert (title.how, title.inbox) == ("changed", 2)


def test_a_consent_tells_who_lost_to_it(shelves: Shelves) -> None:
    lead_id = hear(shelves, "crm", "1", **SATO, mail="yes")
    hear(shelves, "ma", "9", **SATO, mail="no")

    story = told(shelves, lead_id)[1][MAIL]

    assert (story.value, story.record, story.rule) == ("denied", "ma/people/9", "strictest")
    (lost,) = story.lost
    assert (lost.record, lost.value, lost.rule) == ("crm/people/1", "granted", "strictest")


def test_a_company_that_several_share_signs_with_tells_the_others(shelves: Shelves) -> None:
    lead_id = hear(shelves, "crm", "1", **SATO)
    hear(shelves, "crm", "2", **SUZUKI)
    edit_lead(shelves.hub, lead_id, {"company": SUZUKI["company"]}, user="mori")

    account = told(shelves, lead_id)[0].account

    assert account is not None
    assert (account.rule, account.value, account.name) == (
        "domain",
        "aozora.example",
        SATO["company"],
    )
    assert [(name, sign.partition(":")[0]) for _, name, sign in account.others] == [
        (SUZUKI["company"], "name")
    ]
