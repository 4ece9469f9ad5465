"""Who is alive on this host: a dead one's leases are freed, a living one's never are."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from sync.engine.processes import Presence, enter, release_dead

ROUNDS = 150


def test_a_dead_ones_file_is_found_and_a_living_ones_stays(relay: Any) -> None:
    hub = relay.open()
    mine = enter(hub)
    home = hub.config.root / ".renkei" / "processes"
    (home / "p1_dead").touch()
    assert release_dead(hub) == ["p1_dead"]
    assert [path.name for path in home.iterdir()] == [mine.name]
    mine.leave()


def test_those_who_look_for_the_dead_at_once_do_not_trip_each_other(relay: Any) -> None:
    hub = relay.open()
    home = hub.config.root / ".renkei" / "processes"
    home.mkdir(parents=True)
    errors: list[BaseException] = []

    def look() -> None:
        try:
            for _ in range(ROUNDS):
                release_dead(hub)
        except OSError as error:
            errors.append(error)

    lookers = [threading.Thread(target=look) for _ in range(4)]
    for thread in lookers:
        thread.start()
    while any(thread.is_alive() for thread in lookers):
        (home / "p1_dead").touch()
    assert errors == []


def test_nobody_takes_one_that_begins_for_dead(relay: Any) -> None:
    hub = relay.open()
    home = hub.config.root / ".renkei" / "processes"
    home.mkdir(parents=True)
    over = threading.Event()
    found: list[str] = []

    def look() -> None:
        while not over.is_set():
            found.extend(release_dead(hub))

    looker = threading.Thread(target=look)
    looker.start()
    try:
        for number in range(ROUNDS * 4):
            presence = Presence(home, f"p{number}_alive")
            assert Path(home, presence.name).exists()
            presence.leave()
    finally:
        over.set()
        looker.join()
    # One that leaves may be seen between its two last steps; it holds nothing by then.
    assert all(not (home / name).exists() for name in found)
