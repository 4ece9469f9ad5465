"""Nobody can be read in what is seen from outside, whatever goes wrong."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from ruamel.yaml import YAML

from mapping.model import FIELDS
from sync.engine import finish
from sync.observe.logs import redactor_of
from tests.sync.observe.conftest import MARKS, PLUGINS, Glass, planted

RIGHT = {"x-signature": "right", "x-person": "zq-header", "cookie": "zq-cookie"}


def live(glass: Glass) -> None:
    """A life in which everything happens that can."""
    vendor = glass.vendor
    well, ill = planted("lead"), planted("lead", ill=True)
    vendor.holds({**well, "id": "zq-1"}, {**ill, "id": "zq-2@zq.example"})
    glass.work()
    vendor.holds({**well, "id": "zq-3", "explode": "flatten"}, {**well, "id": "zq-4"})
    glass.work()
    for mode in (
        "400",
        "401",
        "403",
        "404",
        "409",
        "418",
        "429",
        "500",
        "away",
        "pull",
        "refuse",
        "push",
    ):
        vendor.mode = mode
        vendor.holds(
            {**well, "id": f"zq-{mode}", "family_name": f"龘{mode}", "email": f"{mode}@zq.jp"}
        )
        with glass.database.write() as tx:
            tx.write("UPDATE connection SET state = 'active'")
            tx.write("UPDATE quota SET paused_until = NULL")
            tx.write("UPDATE outbox SET due_at = since")
        glass.work()
    vendor.mode = ""
    hooked(glass, well)
    glass.work()
    glass.work()
    for path in ("/healthz", "/readyz", "/metrics"):
        glass.get(path)


def hooked(glass: Glass, well: dict[str, Any]) -> None:
    """Webhooks: right ones, forged ones, and ones that make the hub fail."""
    path = "/hooks/crm/zq-path?email=zq@zq.example"

    def body(**more: Any) -> bytes:
        return orjson.dumps({**well, "id": f"zq-hook-{len(more)}", **more})

    answers = [
        glass.call(path, body(), RIGHT)[0],
        glass.call(path, body(explode="read"), RIGHT)[0],
        glass.call(path, body(explode="flatten", more=1), RIGHT)[0],
        glass.call(path, body(), {**RIGHT, "x-signature": "zq-forged"})[0],
        glass.call(path, body(), {**RIGHT, "x-signature": "explode"})[0],
        glass.call(path, b'{"zq": "zq-cut', RIGHT)[0],
        glass.call(path, b"[]", RIGHT)[0],
        glass.call(path, body(), RIGHT, method="PUT")[0],
        glass.call("/hooks/zq-nobody", body(), RIGHT)[0],
        glass.call("/zq-page?zq=zq", body(), RIGHT)[0],
        glass.call("/metrics", method="GET")[0],
    ]
    assert answers == [200, 200, 200, 401, 500, 400, 400, 405, 404, 404, 404]


def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the engine itself fail over some records, with words about whom."""
    real = finish.finish

    def finished(hub: Any, batch: Any, working: Any, result: Any) -> None:
        if "龘bug" in str(working.lead.fields):
            raise AssertionError(working.lead.fields)
        real(hub, batch, working, result)

    monkeypatch.setattr(finish, "finish", finished)


def test_no_planted_value_is_seen_anywhere(
    glass: Glass, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch)
    glass.vendor.holds({**planted("lead"), "id": "zq-bug", "family_name": "龘bug"})
    glass.work()
    live(glass)
    printed = capfd.readouterr()
    seen = {**glass.seen(), "printed": printed.out + printed.err}
    found = {where: sorted(set(MARKS.findall(text))) for where, text in seen.items()}
    assert found == {"log": [], "pages": [], "spans": [], "printed": []}
    # The same could be read, had it not been kept out, and the planted people are there.
    assert len(MARKS.findall(glass.plain.getvalue())) > 50
    with glass.database.read() as tx:
        ((fields,),) = tx.rows("SELECT fields FROM lead WHERE email = 'zq.email@zq.example'")
        codes = {row[0] for row in tx.rows("SELECT code FROM set_aside")}
        runs = {row[0] for row in tx.rows("SELECT code FROM run")}
    assert set(MARKS.findall(fields)) >= {"zq", "龘", "1987-06-05"}
    assert codes >= {"RECORD_REJECTED", "PAYLOAD_UNREADABLE", "BUG", "BAD_EMAIL"}
    assert runs >= {"AUTH_FAILED", "RATE_LIMITED", "UNAVAILABLE", "NO_ANSWER", "RECORD_REJECTED"}
    assert len(glass.spans.get_finished_spans()) > 50


def test_every_field_of_the_model_is_planted() -> None:
    maps = YAML(typ="safe").load((PLUGINS / "gossip" / "fields.yaml").read_text(encoding="utf-8"))
    streams = {"people": "lead", "companies": "account", "deals": "deal", "calls": "activity"}
    for stream, kind in streams.items():
        wanted = {name for name in FIELDS[kind] if not name.startswith("renkei_")}
        assert wanted <= set(maps[stream]["fields"])
        unread = {name for name, value in planted(kind).items() if not MARKS.search(str(value))}
        free = {name.replace(".", "_") for name in wanted} - unread
        assert len(free) >= len(wanted) / 3


@pytest.mark.parametrize("form", ["json"])
def test_what_went_wrong_can_be_read_and_a_record_be_followed(glass: Glass) -> None:
    glass.vendor.holds({**planted("lead"), "id": "zq-1", "explode": "flatten"})
    glass.work()
    glass.vendor.mode = "401"
    glass.work()
    hooked(glass, planted("lead"))
    lines = glass.lines()
    hashed = redactor_of(glass.hub).hashed("zq-1")
    events = [(line["event"], line.get("connection")) for line in lines]
    assert (f"crm/people/{hashed}: payload could not be read: KeyError", "crm") in events
    assert (f"sfa/people/{hashed}: payload could not be read: KeyError", "sfa") in events
    assert ("AuthFailed AUTH_FAILED", "crm") in events
    assert ('a webhook for connection "crm" was refused (BAD_SIGNATURE)', None) in events
    assert ("Exception in ASGI application", None) in events
    (unread, *_) = [line for line in lines if "payload could not be read" in line["event"]]
    assert (unread["job"], unread["stream"], unread["level"]) == ("pull", "people", "warning")
    with glass.database.read() as tx:
        assert tx.rows("SELECT kind FROM run WHERE id = ?", unread["run"]) == [("pull",)]
    (fault,) = [line["error"] for line in lines if line["event"].startswith("Exception in ASGI")]
    assert fault["class"] == "LookupError"
    assert re.search(r"gossip/__init__\.py:\d+ verify$", fault["frames"][-1])
