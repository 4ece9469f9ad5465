"""What a simulator puts on the wire when it is served on loopback."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx

from connectors.kit.simulator import BaseSimulator


def test_a_served_answer_has_one_date_the_simulators_own() -> None:
    simulator = BaseSimulator(now=lambda: datetime(2020, 2, 29, 1, 2, 3, tzinfo=UTC))
    with simulator.serve() as url, httpx.Client(trust_env=False) as client:
        dates = client.get(f"{url}/anything").headers.get_list("date")
    simulator.close()

    assert dates == ["Sat, 29 Feb 2020 01:02:03 GMT"]
