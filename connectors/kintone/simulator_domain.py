"""A simulated kintone domain: its apps, who may do what, and how it stores and refuses.

Sources: kintone REST API spec (records, app/form/fields); cybozu developer network (common
specification of the REST API, authentication, limits). Error codes that neither names are the ones
the fact sheet marks as from memory; they are listed in the manifest.
"""

from __future__ import annotations

import base64
import string
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from connectors.kintone.simulator_form import (
    BUILT_IN,
    LISTS,
    Messages,
    defaults,
    leads_form,
    minute,
    refusals,
    same,
    stored,
)
from connectors.kit.simulator import (
    BaseSimulator,
    Endpoint,
    Refusal,
    Request,
    Response,
    Table,
    json_response,
    route,
)

LEADS = 5
"""The app that is there from the start: リード管理."""
TOKEN = "rehearsal-token"  # noqa: S105 - the simulator's, opens nothing
RIGHTS = ("view", "add", "edit", "delete", "admin")
ADMINISTRATOR = "Administrator"
CONCURRENT = 100
"""Requests at once for a domain (cybozu developer network, limits of the REST API)."""
WRONG_PATH = "CB_NO01"
"""The code of a path that kintone does not have (unverified)."""


def api(method: str, resource: str) -> Callable[[Endpoint], Endpoint]:
    """Mark the answer to a resource, in the ordinary path and in a guest space's."""

    def mark(endpoint: Endpoint) -> Endpoint:
        guest = route(method, f"/k/guest/<int:space>/v1/{resource}.json")(endpoint)
        return route(method, f"/k/v1/{resource}.json")(guest)

    return mark


class Domain(BaseSimulator):
    """Apps, records, tokens and users. ``busy`` requests to come are told 429 (too many at once).

    ``nested_places``: where a batch of updates is refused, the places in ``errors`` are written
    ``records[0].record.X.value`` and not ``records[0].X.value``.
    """

    slug = "kintone"

    def __init__(
        self,
        *,
        path: Path | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int = 0,
    ) -> None:
        super().__init__(path=path, now=now, seed=seed)
        self.busy = 0
        self.nested_places = False
        if not self.table("apps"):
            self.add_app(LEADS, "リード管理", leads_form())
            self.add_token(TOKEN, LEADS)
            self.table("users")["sato"] = {"password": "rehearsal-password", "name": "佐藤 花子"}

    # ---- what is set up by hand ------------------------------------------------------------

    def add_app(
        self, app: int, name: str, form: Mapping[str, Any], guest_space: int | None = None
    ) -> None:
        """Make an app with this form (``simulator_form.form``)."""
        self.table("apps")[str(app)] = {
            "id": app,
            "name": name,
            "form": dict(form),
            "guest_space": guest_space,
            "revision": 1,
            "process": None,
            "created": minute(self.now()),
        }

    def change_form(self, app: int, form: Mapping[str, Any]) -> None:
        """Replace an app's form: a user renamed, added or removed fields."""
        held = self.table("apps")[str(app)]
        changed = {**held, "form": dict(form), "revision": held["revision"] + 1}
        self.table("apps")[str(app)] = changed

    def add_token(self, token: str, app: int, rights: tuple[str, ...] = RIGHTS) -> None:
        """Make an API token of one app."""
        self.table("tokens")[token] = {"app": app, "rights": list(rights)}

    def revoke(self) -> None:
        """Delete every API token and user."""
        for name in ("tokens", "users"):
            self.table(name).clear()

    # ---- who asks ----------------------------------------------------------------------------

    def admit(self, request: Request) -> None:
        """Too many at once, wrong headers, no or wrong credentials."""
        if self.busy > 0:
            self.busy -= 1
            headers = {
                "X-Cybozu-Error": "GAIA_TO04",
                "X-ConcurrencyLimit-Limit": str(CONCURRENT),
                "X-ConcurrencyLimit-Running": str(CONCURRENT + 1),
            }
            body = {"code": "GAIA_TO04", "id": self.error_id(), "message": "同時接続数の上限です。"}
            raise Refusal(json_response(body, 429, headers))
        override = request.headers.get("X-HTTP-Method-Override")
        if override and request.method == "POST":
            request.environ["REQUEST_METHOD"] = override
        if request.method == "GET" and request.headers.get("Content-Type"):
            raise self.no("CB_IL02", "不正なリクエストです。")
        password = request.headers.get("X-Cybozu-Authorization")
        if password is not None:
            request.environ["kintone.who"] = self._user(password)
            return
        given = request.headers.get("X-Cybozu-API-Token", "")
        tokens = [token.strip() for token in given.split(",") if token.strip()]
        if not tokens:
            raise self.no("CB_AU01", "ログインしてください。", 401)
        if len(tokens) > 9 or any(token not in self.table("tokens") for token in tokens):
            raise self.no("GAIA_IA02", "指定したAPIトークンは、アプリで生成されたトークンと異なります。")
        request.environ["kintone.tokens"] = tokens
        request.environ["kintone.who"] = ADMINISTRATOR

    def _user(self, header: str) -> str:
        try:
            login, _, password = base64.b64decode(header).decode().partition(":")
        except ValueError:
            login, password = "", ""
        user = self.table("users").get(login)
        if user is None or user["password"] != password:
            raise self.no("CB_WA01", "パスワード認証に失敗しました。", 401)
        return login

    def allow(self, request: Request, app: Any, right: str, space: int | None) -> dict[str, Any]:
        """The app, if whoever asks has this right on it."""
        held = self.table("apps").get(str(app))
        if held is None:
            raise self.no("GAIA_AP01", f"指定したアプリ（id: {app}）が見つかりません。", 404)
        if held["guest_space"] != space:
            raise self.no("GAIA_IL23", "ゲストスペース内のアプリには、そのスペースのパスを使います。")
        tokens = request.environ.get("kintone.tokens")
        if tokens is not None:
            rights = [
                granted["rights"]
                for granted in (self.table("tokens")[token] for token in tokens)
                if granted["app"] == held["id"]
            ]
            if not rights:
                raise self.no("GAIA_IA02", "指定したAPIトークンは、このアプリのものではありません。")
            if not any(right in held_rights for held_rights in rights):
                raise self.no("GAIA_NO01", "このAPIトークンでは、指定したAPIを実行できません。", 403)
        return held

    # ---- answers -----------------------------------------------------------------------------

    def ok(self, body: Any) -> Response:
        """A good answer, with the headers kintone adds."""
        running = {
            "X-ConcurrencyLimit-Limit": str(CONCURRENT),
            "X-ConcurrencyLimit-Running": "1",
        }
        return json_response(body, 200, running)

    def error_id(self) -> str:
        """An id as kintone puts into its errors."""
        return "".join(self.random.choices(string.ascii_letters + string.digits, k=20))

    def no(
        self, code: str, message: str, status: int = 400, errors: Messages | None = None
    ) -> Refusal:
        """A refusal in kintone's shape."""
        body: dict[str, Any] = {"code": code, "id": self.error_id(), "message": message}
        if errors is not None:
            body["errors"] = errors
        return Refusal(json_response(body, status, {"X-Cybozu-Error": code}))

    def invalid(self, errors: Messages) -> Refusal:
        """The refusal of wrong input."""
        return self.no("CB_VA01", "入力内容が正しくありません。", 400, errors)

    def refuse(self, request: Request, error: Any) -> Response:  # noqa: ARG002 - its base
        """A wrong path or method."""
        return self.no(WRONG_PATH, "指定したパスは見つかりません。", error.code or 404).response

    def parameters(self, request: Request) -> dict[str, Any]:
        """What was asked: the JSON body, or the query with ``fields[0]`` gathered into lists."""
        if request.content_length:
            body = request.get_json(silent=True)
            if not isinstance(body, dict):
                raise self.no("CB_IJ01", "不正なJSON文字列です。")
            return body
        found: dict[str, Any] = {}
        query = request.query_string.decode()
        for name, value in parse_qsl(query, keep_blank_values=True):
            if name.endswith("]") and "[" in name:
                found.setdefault(name.partition("[")[0], []).append(value)
            else:
                found[name] = value
        return found

    def needed(self, asked: Mapping[str, Any], *names: str) -> None:
        """Refuse a request that lacks one of these parameters."""
        missing = {name: {"messages": ["必須です。"]} for name in names if asked.get(name) is None}
        if missing:
            raise self.invalid(missing)

    # ---- records -----------------------------------------------------------------------------

    def rows(self, app: int) -> Table:
        """The records of an app. A row is replaced when it changes, never changed in place."""
        return self.table(f"records:{app}")

    @contextmanager
    def whole(self) -> Iterator[None]:
        """All of a request's changes to records, or none: a Refusal takes them back."""
        tables = [self.rows(int(app)) for app in self.table("apps")]
        before = [dict(table) for table in tables]
        try:
            yield
        except Refusal:
            for table, rows in zip(tables, before, strict=True):
                for key in [key for key in table if key not in rows]:
                    del table[key]
                for key, row in rows.items():
                    if table.get(key) is not row:
                        table[key] = row
            raise

    def find(self, app: Mapping[str, Any], record: Any) -> dict[str, Any]:
        """A record's row."""
        row = self.rows(app["id"]).get(str(record))
        if row is None:
            raise self.no("GAIA_RE01", f"指定したレコード（id: {record}）が見つかりません。", 404)
        return row

    def check_revision(self, row: Mapping[str, Any], revision: Any) -> None:
        """Refuse a stale revision; none, or -1, is not checked."""
        if revision not in (None, "", -1, "-1") and int(revision) != row["revision"]:
            raise self.no("GAIA_CO02", "指定したrevisionは最新ではありません。", 409)

    def messages(
        self,
        app: Mapping[str, Any],
        row: Mapping[str, Any] | None,
        cells: Mapping[str, Any],
        place: str,
    ) -> Messages:
        """What is wrong with writing ``cells`` to ``row`` (None: a new record)."""
        known = self.known(app, cells)
        base = defaults(app["form"]) if row is None else row["values"]
        own = None if row is None else row["id"]

        def taken(code: str, value: Any) -> bool:
            return any(
                held["id"] != own and same(held["values"].get(code) or "") == same(value)
                for held in self.rows(app["id"]).values()
            )

        return refusals(known, {**base, **known}, app["form"], taken, place)

    def known(self, app: Mapping[str, Any], cells: Mapping[str, Any]) -> dict[str, Any]:
        """The bare values of the cells that the form has; kintone ignores the others."""
        found = {}
        for code, cell in cells.items():
            if code in app["form"]:
                value = cell.get("value") if isinstance(cell, dict) else cell
                found[code] = stored(value, app["form"][code])
        return found

    def store(
        self,
        app: Mapping[str, Any],
        row: Mapping[str, Any] | None,
        cells: Mapping[str, Any],
        who: str,
    ) -> dict[str, Any]:
        """Write ``cells`` and return the new row; nothing is checked here."""
        moment = minute(self.now())
        known = self.known(app, cells)
        if row is None:
            process = app["process"]
            row = {
                "id": self.next_id(f"record:{app['id']}"),
                "revision": 0,
                "values": defaults(app["form"]),
                "created": moment,
                "creator": who,
                "status": process["states"][0] if process else "",
            }
        changed = {
            **row,
            "values": {**row["values"], **known},
            "revision": row["revision"] + 1,
            "updated": moment,
            "modifier": who,
        }
        self.rows(app["id"])[str(row["id"])] = changed
        return changed

    def bare(self, app: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
        """A record as the query language sees it: field code to value."""
        built_in = {
            "RECORD_NUMBER": str(row["id"]),
            "CREATED_TIME": row["created"],
            "UPDATED_TIME": row["updated"],
            "CREATOR": {"code": row["creator"]},
            "MODIFIER": {"code": row["modifier"]},
            "STATUS": row["status"],
        }
        codes = {
            code: built_in[made["type"]]
            for code, made in app["form"].items()
            if made["type"] in built_in and (made["type"] != "STATUS" or app["process"])
        }
        own = {"$id": str(row["id"]), "$revision": str(row["revision"])}
        return {**row["values"], **codes, **own}

    def cells(self, app: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
        """A record as kintone answers it: field code to type and value."""
        form = app["form"]
        answer: dict[str, Any] = {}
        for code, value in self.bare(app, row).items():
            kind = {"$id": "__ID__", "$revision": "__REVISION__"}.get(code)
            if kind is None and code not in form:
                continue  # the field was removed from the form
            kind = kind or form[code]["type"]
            if kind in ("CREATOR", "MODIFIER"):
                value = {"code": value["code"], "name": self._name(value["code"])}
            if kind in LISTS and kind.endswith("_SELECT") and kind != "MULTI_SELECT":
                codes = [item["code"] if isinstance(item, dict) else item for item in value]
                value = [{"code": one, "name": self._name(one)} for one in codes]
            answer[code] = {"type": kind, "value": value}
        return answer

    def types(self, app: Mapping[str, Any]) -> dict[str, str]:
        """Field code to type, as the query language needs it."""
        status = BUILT_IN["ステータス"]
        codes = {
            code: made["type"]
            for code, made in app["form"].items()
            if made["type"] != status or app["process"]
        }
        return {**codes, "$id": "__ID__"}

    def _name(self, login: str) -> str:
        user = self.table("users").get(login)
        return user["name"] if user else login
