"""Process management, bulk requests and comments of the simulator.

Sources: kintone REST API spec (record/status, records/status, app/status, bulkRequest,
record/comment, record/comments). An action raises a record's revision by two. Requests in bulk run
in order and in one transaction: where one is refused, none has happened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from connectors.kintone.simulator_domain import api
from connectors.kintone.simulator_records import RecordsApi
from connectors.kit.simulator import Refusal, Request, Response, json_response

MOST_REQUESTS = 20
"""Requests of one bulkRequest (kintone REST API spec)."""
MOST_COMMENTS = 10
"""Comments of one answer (kintone REST API spec)."""
_BULK = re.compile(r"/k/(?:guest/(?P<space>\d+)/)?v1/(?P<name>records?(?:/status)?)\.json")


class ProcessApi(RecordsApi):
    """Answers to record/status, records/status, app/status, bulkRequest and comments."""

    @api("GET", "app/status")
    def get_status(self, request: Request, space: int | None = None) -> Response:
        """An app's states and actions; null where process management never was on."""
        asked = self.parameters(request)
        self.needed(asked, "app")
        app = self.allow(request, asked["app"], "view", space)
        process = app["process"]
        answer: dict[str, Any] = {"enable": False, "states": None, "actions": None}
        if process:
            answer = {
                "enable": True,
                "states": {
                    name: {
                        "name": name,
                        "index": str(index),
                        "assignee": {"type": "ONE", "entities": []},
                    }
                    for index, name in enumerate(process["states"])
                },
                "actions": [
                    {"name": name, "from": old, "to": new, "filterCond": ""}
                    for name, old, new in process["actions"]
                ],
            }
        return self.ok({**answer, "revision": str(app["revision"])})

    @api("PUT", "record/status")
    def put_status(self, request: Request, space: int | None = None) -> Response:
        """Take one action on one record; tells the app's webhook."""
        return self.ok(self.act_one(request, self.parameters(request), space))

    def act_one(self, request: Request, asked: Mapping[str, Any], space: int | None) -> Any:
        """What PUT record/status.json does."""
        self.needed(asked, "app", "id", "action")
        app = self.allow(request, asked["app"], "edit", space)
        row = self.act(app, asked, request.environ["kintone.who"])
        self.tell(app, "UPDATE_STATUS", row)
        return {"revision": str(row["revision"])}

    @api("PUT", "records/status")
    def put_statuses(self, request: Request, space: int | None = None) -> Response:
        """Take actions on records, all or none, without a webhook."""
        return self.ok(self.act_many(request, self.parameters(request), space))

    def act_many(self, request: Request, asked: Mapping[str, Any], space: int | None) -> Any:
        """What PUT records/status.json does."""
        self.needed(asked, "app", "records")
        app = self.allow(request, asked["app"], "edit", space)
        self.few(asked["records"], "更新")
        who = request.environ["kintone.who"]
        with self.whole():
            rows = [self.act(app, item, who) for item in asked["records"]]
        answers = [{"id": str(row["id"]), "revision": str(row["revision"])} for row in rows]
        return {"records": answers}

    def act(self, app: Mapping[str, Any], item: Mapping[str, Any], who: str) -> dict[str, Any]:
        """Take an action on a record and return its new row."""
        process = app["process"]
        if not process:
            raise self.no("GAIA_ST02", "プロセス管理機能が無効化されています。")
        row = self.find(app, item.get("id"))
        self.check_revision(row, item.get("revision"))
        to = next(
            (
                new
                for name, old, new in process["actions"]
                if name == item.get("action") and old == row["status"]
            ),
            None,
        )
        if to is None:
            raise self.no("GAIA_IL03", "ステータスの変更に失敗しました。")
        if process["choose_assignee"] and not item.get("assignee"):
            raise self.no("GAIA_SA01", "作業者を指定してください。")
        moved = self.store(app, row, {}, who)  # the action, and then the status: two revisions
        moved = {**moved, "revision": moved["revision"] + 1, "status": to}
        self.rows(app["id"])[str(row["id"])] = moved
        return moved

    @api("POST", "bulkRequest")
    def bulk(self, request: Request, space: int | None = None) -> Response:  # noqa: ARG002 - paths are inside
        """Up to twenty requests in one transaction."""
        asked = self.parameters(request)
        self.needed(asked, "requests")
        if len(asked["requests"]) > MOST_REQUESTS:
            message = f"一度に{MOST_REQUESTS}件までのリクエストを実行できます。"
            raise self.invalid({"requests": {"messages": [message]}})
        results: list[Any] = []
        try:
            with self.whole(), self.telling_at_the_end():
                for one in asked["requests"]:
                    results.append(self._run(request, one))
        except Refusal as refusal:
            failed: list[Any] = [{} for _ in asked["requests"]]
            failed[len(results)] = orjson.loads(refusal.response.get_data())
            return json_response({"results": failed}, refusal.response.status_code)
        return self.ok({"results": results})

    def _run(self, request: Request, one: Mapping[str, Any]) -> Any:
        match = _BULK.fullmatch(str(one.get("api")))
        called = {
            ("POST", "record"): self.add_one,
            ("PUT", "record"): self.put_one,
            ("PUT", "record/status"): self.act_one,
            ("POST", "records"): self.add_many,
            ("PUT", "records"): self.put_many,
            ("DELETE", "records"): self.delete_many,
            ("PUT", "records/status"): self.act_many,
        }.get((str(one.get("method")), match["name"] if match else ""))
        if called is None or match is None:
            raise self.invalid({"requests": {"messages": ["実行できないAPIです。"]}})
        space = int(match["space"]) if match["space"] else None
        return called(request, one.get("payload") or {}, space)

    @api("POST", "record/comment")
    def post_comment(self, request: Request, space: int | None = None) -> Response:
        """Add a comment to a record."""
        asked = self.parameters(request)
        self.needed(asked, "app", "record", "comment")
        app = self.allow(request, asked["app"], "view", space)
        row = self.find(app, asked["record"])
        if not asked["comment"].get("text"):
            raise self.invalid({"comment.text": {"messages": ["必須です。"]}})
        comments = self.table(f"comments:{app['id']}")
        made = self.next_id(f"comment:{app['id']}:{row['id']}")
        comments[f"{row['id']}:{made}"] = {
            "id": str(made),
            "record": row["id"],
            "text": asked["comment"]["text"],
            "createdAt": self.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creator": {
                "code": request.environ["kintone.who"],
                "name": self.name_of(request.environ["kintone.who"]),
            },
            "mentions": asked["comment"].get("mentions") or [],
        }
        return self.ok({"id": str(made)})

    @api("GET", "record/comments")
    def get_comments(self, request: Request, space: int | None = None) -> Response:
        """The comments of a record, the newest first."""
        asked = self.parameters(request)
        self.needed(asked, "app", "record")
        app = self.allow(request, asked["app"], "view", space)
        row = self.find(app, asked["record"])
        held = [
            {key: value for key, value in comment.items() if key != "record"}
            for comment in self.table(f"comments:{app['id']}").values()
            if comment["record"] == row["id"]
        ]
        held.sort(key=lambda one: int(one["id"]), reverse=asked.get("order", "desc") != "asc")
        start = self.number(asked, "offset", 0)
        count = min(self.number(asked, "limit", MOST_COMMENTS), MOST_COMMENTS)
        end = start + count
        return self.ok({"comments": held[start:end], "older": end < len(held), "newer": start > 0})

    @api("DELETE", "record/comment")
    def delete_comment(self, request: Request, space: int | None = None) -> Response:
        """Take a comment of one's own away."""
        asked = self.parameters(request)
        self.needed(asked, "app", "record", "comment")
        app = self.allow(request, asked["app"], "view", space)
        comments = self.table(f"comments:{app['id']}")
        if comments.pop(f"{asked['record']}:{asked['comment']}", None) is None:
            raise self.no("GAIA_RE02", "指定したコメントが存在しません。")
        return self.ok({})
