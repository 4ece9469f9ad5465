"""A lot that is leased goes out in calls of the vendor's size; one that fails fails alone."""

from __future__ import annotations

from typing import Any

from connectors.kit.errors import Unavailable

SATO = {"family": "佐藤", "company": "青空製作所", "status": "new", "mail": "yes"}


def test_what_was_written_before_a_call_failed_is_kept_and_the_rest_waits(shelves: Any) -> None:
    calls: list[int] = []

    def third_call_fails(changes: Any) -> None:
        calls.append(len(changes))
        if len(calls) == 3:
            raise Unavailable("down", maybe_applied=False)

    for number in range(45):
        person = {
            **SATO,
            "email": f"p{number}@aozora.example",
            "given": f"花子{number}",
            "title": "",
        }
        shelves.at["crm"].put(str(number), **person)
    shelves.at["sfa"].before = third_call_fails
    shelves.run()
    assert sum(calls) == 45  # each was tried once, in calls of ten at most
    assert len(shelves.at["sfa"].people) == 35  # all but the call that failed
    with shelves.database.read() as tx:
        ((linked,),) = tx.rows("SELECT count(*) FROM link WHERE connection = 'sfa'")
    assert linked == 35
    shelves.at["sfa"].before = lambda _: None
    shelves.tick(minutes=10)
    shelves.settle()
    assert len(shelves.at["sfa"].people) == 45
    assert len(shelves.at["sfa"].writes) == 45
