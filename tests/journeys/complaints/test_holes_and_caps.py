"""C15 to C20: nothing is left out in silence, however much there is and however late it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest

from sync.engine.views import lead_view, status
from sync.workers import jobs
from tests.journeys.complaints.conftest import EMAIL, ids, in_step

CAP = 20
"""How deep the simulated search goes here; the vendor's is 10,000."""


@pytest.fixture
def capped(world: Any) -> Any:
    """A world that has been in step for a while, and a HubSpot whose search ends early."""
    own = in_step(world)["ma"]
    world.ma.add_company(name="株式会社初回商事")
    world.ma.add_engagement("calls", contact_ids=[own], hs_call_title="初回")
    world.settle()
    world.ma.search_cap = CAP
    world.pushes.clear()
    world.hub = world.open()
    world.tick(hours=1)
    return world


def person(number: int) -> dict[str, str]:
    return {"email": f"p{number}@c{number}.example", "lastname": "佐藤", "firstname": "花子"}


def read(done: list[Any], stream: str) -> int:
    """How many records a stream's run says it read for the first time or changed."""
    (run,) = [run for run in done if run.stream == stream]
    assert run.state == "succeeded"
    return int(run.counts["new"])


def test_c15_many_contacts_of_one_moment_beyond_the_cap_all_arrive(capped: Any) -> None:
    for number in range(3 * CAP):
        capped.ma.add_contact(**person(number))
    done = capped.sync("ma")
    assert read(done, "contacts") == 3 * CAP
    assert len(capped.leads()) == 3 * CAP + 1
    assert read(capped.sync("ma"), "contacts") == 0


def test_c16_calls_beyond_the_cap_all_arrive_and_are_counted(capped: Any) -> None:
    own = ids(capped)["ma"]
    for number in range(3 * CAP):
        capped.ma.add_engagement("calls", contact_ids=[own], hs_call_title=f"第{number}回")
    assert read(capped.sync("ma"), "calls") == 3 * CAP
    found = lead_view(capped.hub, capped.lead(EMAIL)).activities
    assert {one.subject for one in found if one.activity == "call"} == {
        "初回",
        *(f"第{number}回" for number in range(3 * CAP)),
    }


class Falls:
    """HubSpot that falls over after some searches, until it is ``up`` again."""

    def __init__(self, portal: Any, searches: int) -> None:
        self.portal = portal
        self.searches = searches
        self.up = False

    def __call__(self, environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.searches -= environ["PATH_INFO"].endswith("/search")
        if self.searches < 0 and not self.up:
            start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
            return [b""]
        answer: Iterable[bytes] = self.portal(environ, start_response)
        return answer


def test_c17_a_pull_cut_short_inside_one_moment_goes_on_where_it_was(capped: Any) -> None:
    falling = Falls(capped.ma, 3)
    capped.wrap = lambda name, app: falling if name == "ma" else app
    capped.hub = capped.open()
    for number in range(3 * CAP):
        capped.ma.add_contact(**person(number))
    capped.tick(minutes=5)
    (run,) = jobs.pull(capped.hub, "ma", streams=["contacts"])
    assert run.state == "failed"
    assert CAP < run.counts["new"] == len(capped.leads()) - 1 < 3 * CAP
    falling.up = True
    assert read(jobs.pull(capped.hub, "ma", streams=["contacts"]), "contacts") < 2 * CAP
    assert len(capped.leads()) == 3 * CAP + 1


def test_c18_an_hours_changes_beyond_the_cap_are_read_by_the_next_poll(capped: Any) -> None:
    held = [capped.ma.add_contact(**person(number)) for number in range(3 * CAP)]
    capped.sync("ma")
    for own in held:
        capped.tick(minutes=1)
        capped.ma.set_property("contacts", own, "jobtitle", "部長")
    assert read(capped.sync("ma"), "contacts") == 3 * CAP
    assert sum(lead.fields.get("title") == "部長" for lead in capped.leads()) == 3 * CAP


def test_c19_what_the_index_shows_late_comes_with_its_ties(world: Any) -> None:
    own = in_step(world)["ma"]
    world.ma.portal.index.lag = timedelta(seconds=50)
    world.tick(minutes=10)
    world.ma.set_property("contacts", own, "jobtitle", "部長")
    world.ma.add_deal(contact_ids=[own], dealname="前からの商談")
    world.tick(seconds=55)  # both are shown now, and what follows is not
    late = world.ma.add_contact(**person(1))
    deal = world.ma.add_deal(contact_ids=[own, late], dealname="導入")
    world.tick(seconds=2)
    jobs.run_once(world.hub, ["ma"])
    assert [lead.fields["title"] for lead in world.leads()] == ["部長"]
    world.sync("ma")
    assert len(world.leads()) == 2
    found = lead_view(world.hub, world.lead(EMAIL)).deals
    assert {one.link_id for one in found} >= {f"ma/deals/{deal}"}
    assert {lead.stage for lead in world.leads()} == {"opportunity"}


def test_c20_every_company_is_there_and_the_numbers_say_so(capped: Any) -> None:
    for number in range(3 * CAP):
        capped.ma.add_company(name=f"株式会社第{number}商事", domain=f"c{number}.example")
    assert read(capped.sync("ma"), "companies") == 3 * CAP
    (ma,) = status(capped.hub, ["ma"]).connections
    assert ma.records["companies"] == len(capped.ma.table("objects:companies")) == 3 * CAP + 1
    names = "SELECT count(*) FROM account WHERE name LIKE '株式会社第%'"
    with capped.database.read() as tx:
        assert tx.rows(names)[0][0] == 3 * CAP
