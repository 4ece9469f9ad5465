"""A lease is held by one, renewed while it is held, and free when its holder is gone."""

from __future__ import annotations

from typing import Any

import pytest

from sync.workers import leases
from sync.workers.leases import held


def test_a_lease_is_held_by_one(relay: Any) -> None:
    hub = relay.open()
    with held(hub, "pull:crm") as mine, held(hub, "pull:crm") as other:
        assert mine is not None
        assert other is None
    with held(hub, "pull:crm") as again:
        assert again is not None


def test_leases_of_two_names_do_not_meet(relay: Any) -> None:
    hub = relay.open()
    with held(hub, "pull:crm") as mine, held(hub, "pull:form") as other:
        assert mine is not None
        assert other is not None


def test_a_lease_whose_holder_went_away_is_free_after_its_time(relay: Any, clock: Any) -> None:
    hub = relay.open()
    with held(hub, "pull:crm") as mine:
        assert mine is not None
        clock.pass_time(seconds=31)
        with held(hub, "pull:crm") as other:
            assert other is not None
            mine.renew()
            assert mine.lost.is_set()
            other.renew()
            assert not other.lost.is_set()


def test_a_lease_that_is_renewed_is_kept(relay: Any, clock: Any) -> None:
    hub = relay.open()
    with held(hub, "pull:crm") as mine:
        assert mine is not None
        for _ in range(3):
            clock.pass_time(seconds=20)
            mine.renew()
        with held(hub, "pull:crm") as other:
            assert other is None


def test_a_thread_renews_it_and_notices_when_it_was_lost(
    relay: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.01)
    hub = relay.open()
    with held(hub, "pull:crm") as mine:
        assert mine is not None
        with hub.database.write() as tx:
            tx.write("UPDATE tick SET fence = fence + 1")
        assert mine.lost.wait(10)
