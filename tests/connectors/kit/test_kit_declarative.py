"""Connectors without code: what their YAML says is what they can do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from connectors.kit.base import (
    Change,
    Fetches,
    Flattens,
    Hook,
    Identifies,
    Pulls,
    Pushes,
    ReceivesWebhooks,
    Record,
    Status,
)
from connectors.kit.declarative import build
from connectors.kit.definition import Definition
from connectors.kit.errors import ContractBroken, RateLimited, RecordRejected, Unavailable
from connectors.kit.manifest import ManifestBroken, load_manifest, parse
from connectors.kit.session import Wiring, in_process
from connectors.kit.signatures import SCHEMES, sign
from connectors.kit.simulator import (
    BaseSimulator,
    Fault,
    Request,
    Response,
    json_response,
    route,
)
from connectors.kit.tokens import MemoryTokens

NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


class Lists(BaseSimulator):
    """Serves ``items`` in every style of paging, and takes people."""

    def __init__(self) -> None:
        super().__init__(now=lambda: NOW)
        self.items: list[dict[str, Any]] = []
        self.asked: list[dict[str, str]] = []
        self.foreign = ""
        self.answer: Callable[[], Response] | None = None

    @route("GET", "/list/<style>")
    def list(self, request: Request, style: str) -> Response:
        self.asked.append({**request.args, "key": request.headers.get("authorization", "")})
        if self.answer is not None:
            return self.answer()
        at = int(request.args.get("at", 1 if style == "page" else 0))
        start = (at - 1) * 2 if style == "page" else at
        found = self.items[start : start + 2]
        more = start + 2 < len(self.items)
        onward = f"{self.foreign or 'https://v.example'}/list/{style}?at={start + 2}"
        body = {"items": found, "next": str(start + 2) if more else None}
        if style == "link":
            body["next"] = onward if more else None
        headers = {"Link": f'<{onward}>; rel="next"'} if more and style == "header" else {}
        return json_response(body, headers=headers)

    @route("POST", "/people")
    def create(self, request: Request) -> Response:
        self.asked.append(orjson.loads(request.get_data()))
        return self.answer() if self.answer else json_response({"id": len(self.asked)}, 201)

    @route("PATCH", "/people/<person>")
    def update(self, request: Request, person: str) -> Response:
        self.asked.append(orjson.loads(request.get_data()))
        return json_response({"id": person})


def define(stream: dict[str, Any] | None = None, **changes: Any) -> Definition:
    content: dict[str, Any] = {
        "slug": "v",
        "name": "V",
        "kind": "form",
        "auth": {"scheme": "bearer"},
        "requests": {"base_url": "https://v.example", "zone": "Asia/Tokyo"},
        "streams": {
            "things": {
                "kind": "lead",
                "path": "/list/none",
                "records": "items",
                "external_id": "id",
                **(stream or {}),
            }
        },
        **changes,
    }
    return parse(Definition, content, Path("connector.yaml"))


def connect(definition: Definition, vendor: Lists, **options: Any) -> Any:
    built = build(definition)
    wiring = Wiring(
        "c", MemoryTokens(), transport=in_process(vendor), now=lambda: NOW, sleep=lambda _: None
    )
    return built.connect(built.options(api_token="himitsu", **options), wiring)


@pytest.fixture
def vendor() -> Lists:
    return Lists()


def numbered(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"id": number, **fields} for number in range(count)]


PAGING = {
    "cursor": {"style": "cursor", "parameter": "at", "next": "next"},
    "page": {"style": "page", "parameter": "at", "size": 2},
    "offset": {"style": "offset", "parameter": "at", "size": 2},
    "link": {"style": "link", "next": "next"},
    "header": {"style": "link", "next": "header"},
}


@pytest.mark.parametrize("style", PAGING)
@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
def test_every_style_of_paging_reads_everything_once(vendor: Lists, style: str, count: int) -> None:
    vendor.items = numbered(count)
    connector = connect(define({"path": f"/list/{style}", "paging": PAGING[style]}), vendor)
    pages = list(connector.pull("things", None))
    ids = [record.external_id for page in pages for record in page.records]
    assert ids == [str(number) for number in range(count)]
    assert {page.cursor for page in pages} <= {None}


def test_a_next_page_elsewhere_does_not_get_our_secret(vendor: Lists) -> None:
    vendor.items, vendor.foreign = numbered(5), "https://evil.example"
    connector = connect(define({"path": "/list/link", "paging": PAGING["link"]}), vendor)
    with pytest.raises(ContractBroken, match="another address"):
        list(connector.pull("things", None))
    assert len(vendor.asked) == 1


def test_a_durable_token_is_the_cursor_and_the_last_page_comes_again(vendor: Lists) -> None:
    vendor.items = numbered(5)
    paging = {**PAGING["cursor"], "durable": True}
    connector = connect(define({"path": "/list/cursor", "paging": paging}), vendor)
    pages = list(connector.pull("things", None))
    assert [page.cursor for page in pages] == ["2", "4", "4"]
    vendor.items = numbered(7)
    later = [item.external_id for page in connector.pull("things", "4") for item in page.records]
    assert later == ["4", "5", "6"]


def test_a_time_cursor_moves_to_the_latest_change_and_asks_with_overlap(vendor: Lists) -> None:
    spec = {"changed_at": "at", "since": {"parameter": "from", "overlap": 60}}
    vendor.items = [{"id": 1, "at": "2026-04-01 12:00:30"}, {"id": 2, "at": "2026/04/01 12:00:00"}]
    connector = connect(define(spec), vendor)
    pages = list(connector.pull("things", None))
    assert [page.cursor for page in pages] == [None, "2026-04-01T03:00:30+00:00"]
    list(connector.pull("things", pages[-1].cursor))
    assert vendor.asked[-1]["from"] == "2026-04-01T02:59:30Z"


def test_a_time_that_has_not_come_does_not_become_the_cursor(vendor: Lists) -> None:
    spec = {"changed_at": "at", "since": {"parameter": "from", "ascending": True}}
    vendor.items = [{"id": 1, "at": (NOW + timedelta(days=1)).isoformat()}]
    (page, *_) = connect(define(spec), vendor).pull("things", None)
    assert page.cursor == NOW.isoformat()


def test_the_operator_may_widen_the_overlap(vendor: Lists) -> None:
    spec = {"changed_at": "at", "since": {"parameter": "from", "format": "unix"}}
    connector = connect(define(spec), vendor, overlap=3600)
    list(connector.pull("things", NOW.isoformat()))
    assert vendor.asked[-1]["from"] == str(int(NOW.timestamp()) - 3600)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param({"items": "none"}, '"items"', id="no list"),
        pytest.param({"error": "down"}, '"items"', id="an error with 200"),
        pytest.param([], '"items"', id="no object"),
        pytest.param({"items": [{"name": "x"}]}, "no id", id="no id"),
        pytest.param({"items": ["x"]}, "no id", id="no objects"),
        pytest.param({"items": [{"id": 1, "at": "yesterday"}]}, "no time", id="no time"),
    ],
)
def test_an_answer_of_another_shape_breaks_the_contract(
    vendor: Lists, answer: Any, message: str
) -> None:
    vendor.answer = lambda: json_response(answer)
    with pytest.raises(ContractBroken, match=message):
        list(connect(define({"changed_at": "at"}), vendor).pull("things", None))


def test_a_list_that_is_null_is_empty(vendor: Lists) -> None:
    vendor.answer = lambda: json_response({"items": None})
    (page,) = connect(define(), vendor).pull("things", None)
    assert page.records == []


def test_a_cursor_of_another_kind_is_not_guessed_at(vendor: Lists) -> None:
    spec = {"changed_at": "at", "since": {"parameter": "from"}}
    with pytest.raises(ContractBroken, match="cursor"):
        list(connect(define(spec), vendor).pull("things", "page-7"))


def test_options_go_into_paths_as_one_piece_and_into_parameters_as_they_are(
    vendor: Lists,
) -> None:
    spec = {"path": "/list/{style}", "params": {"team": "{team}", "limit": 5, "all": True}}
    connector = connect(define(spec), vendor, style="a/../b", team="営業 一課")
    vendor.items = numbered(1)
    with pytest.raises(Exception, match="404"):
        list(connector.pull("things", None))
    connector = connect(define(spec), vendor, style="none", team="営業 一課")
    list(connector.pull("things", None))
    assert vendor.asked[-1]["team"] == "営業 一課"
    assert vendor.asked[-1]["limit"] == "5"


FULL: dict[str, Any] = {
    "push": {
        "create": {"method": "POST", "path": "/people", "wrap": "person"},
        "update": {"method": "PATCH", "path": "/people/{id}"},
    },
    "fetch": {"path": "/list/none"},
}


def test_a_connector_has_the_capabilities_of_its_yaml_and_no_others(vendor: Lists) -> None:
    bare = connect(define(), vendor)
    assert isinstance(bare, Pulls)
    assert isinstance(bare, Flattens)
    for capability in (Pushes, Fetches, ReceivesWebhooks, Identifies):
        assert not isinstance(bare, capability)
    full = connect(
        define(FULL, webhooks={"signature": "tally"}, identify={"path": "/me"}),
        vendor,
        webhook_secret="s",
    )
    for capability in (Pulls, Pushes, Fetches, ReceivesWebhooks, Identifies):
        assert isinstance(full, capability)


def test_a_create_is_wrapped_and_leaves_out_what_is_empty(vendor: Lists) -> None:
    connector = connect(define(FULL), vendor)
    (made,) = connector.push([Change("things", "k", {"mail": "a@x.example", "note": None})])
    assert vendor.asked == [{"person": {"mail": "a@x.example"}}]
    assert (made.key, made.status, made.external_id) == ("k", Status.CREATED, "1")


def test_an_update_sends_none_to_clear_a_field(vendor: Lists) -> None:
    connector = connect(define(FULL), vendor)
    (made,) = connector.push([Change("things", "k", {"note": None}, external_id="7")])
    assert vendor.asked == [{"note": None}]
    assert (made.status, made.external_id) == (Status.UPDATED, "7")


def test_a_batch_that_is_stopped_says_what_was_not_tried(vendor: Lists) -> None:
    connector = connect(define(FULL), vendor)
    changes = [Change("things", key, {"mail": key}) for key in "abcd"]
    vendor.faults.append(Fault("/people", response=json_response({}, 400)))
    vendor.faults.append(Fault("/people", after=True))
    outcomes = connector.push(changes)
    errors = [outcome.error for outcome in outcomes]
    assert [outcome.key for outcome in outcomes] == list("abcd")
    assert isinstance(errors[0], RecordRejected)
    assert isinstance(errors[1], Unavailable)
    assert errors[1].maybe_applied
    assert [getattr(error, "maybe_applied", None) for error in errors[2:]] == [False, False]
    assert len(vendor.asked) == 1


def test_a_batch_that_never_began_raises(vendor: Lists) -> None:
    connector = connect(define(FULL), vendor)
    slow = json_response({}, 429, {"retry-after": "60"})
    vendor.faults.append(Fault("/people", response=slow, times=9))
    with pytest.raises(RateLimited):
        connector.push([Change("things", "a", {})])


@pytest.mark.parametrize("body", [b"<html>", b"{}", b""])
def test_a_create_without_a_readable_answer_may_have_happened(vendor: Lists, body: bytes) -> None:
    vendor.answer = lambda: Response(body, 200)
    with pytest.raises(Unavailable) as caught:
        connect(define(FULL), vendor).push([Change("things", "a", {})])
    assert caught.value.maybe_applied


def test_a_refusal_names_code_and_fields_but_no_person(vendor: Lists) -> None:
    requests = {
        "base_url": "https://v.example",
        "errors": {"code": "error.type", "field": "error.at.name"},
    }
    body = {"error": {"type": "bad-value!", "at": [{"name": "mail"}, {"name": "a@x.example"}]}}
    vendor.faults.append(Fault("/people", response=json_response(body, 422)))
    connector = connect(define(FULL, requests=requests), vendor)
    (outcome,) = connector.push([Change("things", "a", {})])
    assert outcome.error.code == "V_BAD_VALUE"
    assert outcome.error.fields == ("mail",)
    assert "example" not in str(outcome.error)


def hooked(vendor: Lists) -> Any:
    definition = define(
        {"path": "/list/{forms}", "each": "forms"},
        options={"forms": {"type": "list", "description": "Forms."}},
        webhooks={"signature": "tally", "records": "items", "instance": "form"},
    )
    return connect(definition, vendor, forms=["f1", "f2"], webhook_secret="s")


def hook(body: dict[str, Any]) -> Hook:
    raw = orjson.dumps(body)
    return Hook("POST", "https://hub.example/x", sign(SCHEMES["tally"], "s", raw), raw, NOW)


def test_a_webhook_brings_records_of_its_instance(vendor: Lists) -> None:
    connector = hooked(vendor)
    assert connector.streams() == ["things:f1", "things:f2"]
    given = hook({"form": "f2", "items": [{"id": 1}, {"id": 2}]})
    assert connector.verify(given) is None
    news = connector.read_hook(given)
    assert [item.stream for item in news.records] == ["things:f2", "things:f2"]
    assert len(news.event_ids) == 1


def test_a_webhook_of_a_form_that_is_not_ours_is_accepted_and_empty(vendor: Lists) -> None:
    news = hooked(vendor).read_hook(hook({"form": "f3", "items": [{"id": 1}]}))
    assert news.records == ()
    assert news.event_ids


def test_no_secret_of_the_options_is_printed(vendor: Lists) -> None:
    options = build(define()).options(api_token="himitsu")
    assert "himitsu" not in repr(options) + str(options) + repr(connect(define(), vendor))
    with pytest.raises(ValidationError):
        build(define()).options(api_token="himitsu", api_tokn="x")


@pytest.mark.parametrize(
    ("stream", "changes", "message"),
    [
        ({"since": {"parameter": "x"}}, {}, "since needs changed_at"),
        ({"paging": {"style": "cursor", "parameter": "x"}}, {}, "needs next"),
        ({"paging": {"style": "page"}}, {}, "needs parameter"),
        ({"paging": {"style": "page", "parameter": "p", "durable": True}}, {}, "durable"),
        ({"paging": {"size_parameter": "n"}}, {}, "needs size"),
        ({"each": "forms"}, {}, "must be an option with type: list"),
        ({"recrods": "x"}, {}, 'did you mean "records"'),
        ({}, {"roles": ["crm"]}, "kind .one role. or roles"),
        ({}, {"webhooks": {"signature": "tely"}}, 'no scheme "tely"'),
        ({}, {"webhooks": {"signature": "tally", "stream": "x"}}, 'no stream "x"'),
        ({}, {"requests": {"base_url": "v.example"}}, "base_url"),
        ({}, {"requests": {"base_url": "https://v.example", "zone": "Tokyo"}}, "Asia/Tokyo"),
    ],
)
def test_a_definition_that_cannot_work_is_refused_in_words(
    stream: dict[str, Any], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ManifestBroken, match=message):
        define(stream, **changes)


def test_the_example_of_the_tutorial_is_a_whole_manifest() -> None:
    home = Path(__file__).parents[3] / "docs" / "tutorial" / "tayori"
    manifest = load_manifest(home / "connector.yaml")
    assert manifest.roles == ("form",)
    assert manifest.streams["answers"].deletes
    assert manifest.webhooks.style == "whole"


def test_a_deleted_mark_is_read_by_its_meaning(vendor: Lists) -> None:
    connector = connect(define({"deleted": "gone"}), vendor)
    for mark, meant in ((True, True), ("false", False), (0, False), ("2026-01-01", True)):
        record: Record = connector.record("things", {"id": 1, "gone": mark})
        assert record.deleted is meant
