"""Webhooks that are refused are counted, and many of them are an incident."""

from __future__ import annotations

import http.client
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy.exc import OperationalError

from sync.engine.incidents.views import listed
from sync.store import hooks
from sync.web import server
from sync.workers import alerting
from sync.workers.bells import Bell, make_broker


def post(address: str, path: str, body: bytes, headers: dict[str, str]) -> int:
    line = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    try:
        line.request("POST", path, body=body, headers=headers)
        return line.getresponse().status
    finally:
        line.close()


def test_forged_webhooks_are_one_incident_and_few_of_them_none(relay: Any, clock: Any) -> None:
    hub, hook = relay.open(), relay.form_hook()
    with server.serve(hub, Bell(make_broker(""), "test")) as address:
        for _ in range(9):
            assert post(address, "/hooks/form", hook.body, {}) == 401
        assert post(address, "/hooks/nobody", hook.body, {}) == 404
        alerting.look(hub)
        assert listed(hub) == []
        assert post(address, "/hooks/form", hook.body, {}) == 401
    clock.pass_time(minutes=1)
    alerting.look(hub)
    (one,) = listed(hub)
    assert (one.row.key, one.row.facts) == (("hooks_refused", "form"), {"count": 10})


def test_a_webhook_that_could_not_be_stored_is_an_incident_once_it_can_be_noted(
    relay: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, hook = relay.open(), relay.form_hook()

    def fail(*_given: Any) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    with server.serve(hub, Bell(make_broker(""), "test")) as address, monkeypatch.context() as now:
        now.setattr(hooks, "put", fail)
        assert post(address, "/hooks/form", hook.body, dict(hook.headers)) == 503
    with monkeypatch.context() as now:
        now.setattr(alerting.runs, "set_if_before", fail)
        with pytest.raises(OperationalError):
            alerting.look(hub)
    alerting.look(hub)
    assert [one.row.key for one in listed(hub)] == [("hooks_not_stored", "form")]
