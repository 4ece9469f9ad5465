"""The simulated Sansan answers as public clients expect, and refuses what the vendor would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from connectors.sansan.simulator import DEFAULT_KEY, Simulator
from connectors.sansan.simulator_wire import ME

KEY = {"X-Sansan-Api-Key": DEFAULT_KEY}
CARDS = "/v3.2/bizCards"
MARCH = {"registeredFrom": "2026-03-01T00:00:00Z", "registeredTo": "2026-04-01T00:00:00Z"}
ALL = {**MARCH, "range": "all"}
PERSON: dict[str, Any] = {
    "lastName": "伊藤",
    "firstName": "恵",
    "companyName": "さくら商事株式会社",
}


@pytest.fixture
def http(simulator: Simulator) -> Client:
    return Client(simulator)


def ask(http: Client, path: str = CARDS, **query: Any) -> TestResponse:
    return http.get(path, headers=KEY, query_string=query)


def ids(reply: TestResponse) -> list[str]:
    assert reply.status_code == 200, reply.text
    assert reply.json is not None
    return [card["id"] for card in reply.json["data"]]


def code(reply: TestResponse) -> tuple[int, str]:
    assert reply.json is not None
    return reply.status_code, reply.json["error"][0]["code"]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({}, id="no window"),
        pytest.param({"registeredFrom": "2026-03-01T00:00:00Z"}, id="half a window"),
        pytest.param(
            {**MARCH, "updatedFrom": "2026-03-01T00:00:00Z", "updatedTo": "2026-03-02T00:00:00Z"},
            id="two windows",
        ),
        pytest.param({**MARCH, "registeredTo": "2026-02-01T00:00:00Z"}, id="backwards"),
        pytest.param({**MARCH, "registeredTo": "2027-04-01T00:00:00Z"}, id="more than a year"),
        pytest.param({**MARCH, "registeredTo": "2026-04-01T00:00:00"}, id="no zone"),
        pytest.param({**MARCH, "registeredTo": "明日"}, id="no time"),
        pytest.param({**ALL, "limit": "301"}, id="a page too large"),
        pytest.param({**ALL, "limit": "many"}, id="no number"),
        pytest.param({**ALL, "range": "some"}, id="an unknown range"),
        pytest.param({**ALL, "entryStatus": "done"}, id="an unknown status"),
        pytest.param({**ALL, "nextPageToken": "x"}, id="a token that is none"),
    ],
)
def test_a_wrong_query_is_refused(http: Client, query: dict[str, str]) -> None:
    assert code(ask(http, **query)) == (400, "INVALID_PARAMETER")


def test_a_list_is_of_one_users_completed_cards_without_tags_unless_asked_otherwise(
    http: Client, simulator: Simulator
) -> None:
    mine = simulator.scan(tags=("展示会",), **PERSON)
    theirs = simulator.scan(owner={"id": "USR9", "name": "他人", "email": "o@m.example"}, **PERSON)
    waiting = simulator.scan(digitised=False, **PERSON)

    assert ids(ask(http, **MARCH)) == [mine]
    assert ids(ask(http, **ALL)) == [mine, theirs]
    assert ids(ask(http, **ALL, entryStatus="all")) == [mine, theirs, waiting]
    assert ids(ask(http, **ALL, entryStatus="processing")) == [waiting]
    plain, tagged = ask(http, **MARCH), ask(http, **MARCH, includeTags="true")
    assert plain.json is not None
    assert tagged.json is not None
    assert "tags" not in plain.json["data"][0]
    assert tagged.json["data"][0]["tags"] == [{"id": "T0001", "name": "展示会", "type": "public"}]


def test_a_card_that_is_being_digitised_shows_nothing_that_stands_on_it(
    http: Client, simulator: Simulator
) -> None:
    card = simulator.scan(digitised=False, **PERSON)
    reply = ask(http, f"{CARDS}/{card}")
    assert reply.json is not None
    assert (reply.json["item"]["lastName"], reply.json["item"]["entryStatus"]) == ("", "processing")


def test_the_update_moves_a_card_to_another_window(
    http: Client, simulator: Simulator, clock: Any
) -> None:
    card = simulator.scan(**PERSON)
    clock.pass_time(days=2)
    simulator.tag(card, "重点")
    window = {"updatedFrom": "2026-04-02T00:00:00Z", "updatedTo": "2026-04-04T00:00:00Z"}
    assert ids(ask(http, **window)) == [card]
    window = {"updatedFrom": "2026-03-30T00:00:00Z", "updatedTo": "2026-04-02T00:00:00Z"}
    assert ids(ask(http, **window)) == []


def test_a_page_token_goes_on_with_its_query_and_with_no_other(
    http: Client, simulator: Simulator
) -> None:
    made = [simulator.scan(**PERSON) for _ in range(5)]
    first = ask(http, **ALL, limit=2)
    assert first.json is not None
    token = first.json["nextPageToken"]
    assert (ids(first), first.json["hasMore"]) == (made[:2], True)
    simulator.delete(made[0])
    assert ids(ask(http, **ALL, limit=2, nextPageToken=token)) == made[2:4]
    alone = ask(http, nextPageToken=token)
    assert ids(alone) == made[2:4]
    assert alone.json is not None
    last = ask(http, nextPageToken=alone.json["nextPageToken"])
    assert last.json is not None
    assert (ids(last), last.json["hasMore"], last.json["nextPageToken"]) == (
        made[4:],
        False,
        None,
    )
    assert code(ask(http, **MARCH, limit=2, nextPageToken=token)) == (400, "INVALID_PARAMETER")


def test_cards_are_searched_without_a_window(http: Client, simulator: Simulator) -> None:
    card = simulator.scan(**PERSON, email="ito@sakura.example", tel="03-1234-5678")
    simulator.scan(lastName="田中", companyName="港工業")
    search = f"{CARDS}/search"
    for asked in (
        {"companyName": "さくら商事"},
        {"personName": "伊藤 恵"},
        {"email": "ito@sakura.example"},
        {"tel": "03-1234-5678", "companyName": "さくら"},
    ):
        assert ids(ask(http, search, range="all", limit=300, **asked)) == [card], asked
    assert code(ask(http, search, range="all")) == (400, "INVALID_PARAMETER")


def test_a_person_is_the_card_that_was_exchanged_last(
    http: Client, simulator: Simulator, clock: Any
) -> None:
    late = simulator.scan(person="P1", title="部長", **PERSON)
    simulator.scan(person="P1", exchanged=clock().date().replace(year=2020), **PERSON)
    reply = ask(http, "/v3.2/persons/P1")
    assert reply.json is not None
    assert reply.json["item"]["headBizCard"]["id"] == late
    assert code(ask(http, "/v3.2/persons/P2")) == (404, "NOT_FOUND")


def test_a_card_has_a_picture_and_the_company_its_tags(http: Client, simulator: Simulator) -> None:
    card = simulator.scan(tags=("展示会", "重点"), **PERSON)
    picture = ask(http, f"{CARDS}/{card}/image")
    assert (picture.content_type, picture.data[:2]) == ("image/jpeg", b"\xff\xd8")
    tags = ask(http, "/v3.2/tags")
    assert tags.json is not None
    assert [tag["name"] for tag in tags.json["data"]] == ["展示会", "重点"]


def test_who_asks_is_checked_first(http: Client, simulator: Simulator) -> None:
    assert code(http.get("/v3.2/me", headers={"X-Sansan-Api-Key": "x" * 32})) == (
        401,
        "UNAUTHORIZED",
    )
    assert http.get("/v3.2/me").status_code == 401
    assert ask(http, "/v3.2/me").json == ME
    simulator.may_use_api = False
    assert code(ask(http, "/v3.2/me")) == (403, "FORBIDDEN")


@pytest.mark.parametrize("path", [f"{CARDS}/BC404", f"{CARDS}/BC404/image", "/v3.2/bizcards"])
def test_what_is_not_there_is_a_404(http: Client, path: str) -> None:
    assert code(ask(http, path)) == (404, "NOT_FOUND")


def test_the_eleventh_request_of_a_second_is_refused_with_the_wait_in_the_body(clock: Any) -> None:
    simulator = Simulator(now=clock)
    http = Client(simulator)
    statuses = [ask(http, "/v3.2/me").status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    refused = ask(http, "/v3.2/me")
    assert refused.json is not None
    assert refused.json["retry_after"] == 1
    assert "retry-after" not in refused.headers
    clock.pass_time(seconds=1)
    assert ask(http, "/v3.2/me").status_code == 200
    simulator.close()


def test_cards_survive_a_restart(tmp_path: Path, clock: Any) -> None:
    first = Simulator(path=tmp_path / "s.db", now=clock)
    card = first.scan(**PERSON)
    first.close()
    again = Simulator(path=tmp_path / "s.db", now=clock)
    assert again.cards[card]["lastName"] == "伊藤"
    assert again.scan(**PERSON) != card
    again.close()


def test_a_card_has_only_what_the_vendor_has(simulator: Simulator) -> None:
    with pytest.raises(ValueError, match="nickname"):
        simulator.scan(nickname="めぐ")
