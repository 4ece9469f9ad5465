"""A simulated kintone domain: its apps, who may do what, and how it stores and refuses.

Sources: kintone REST API spec (records, app/form/fields); cybozu developer network (common
specification of the REST API, authentication, limits). Error codes that neither names are the ones
the fact sheet marks as from memory; they are listed in the manifest.
"""

from __future__ import annotations

import base64
import string
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from connectors.kintone.simulator_form import Messages, leads_form, minute
from connectors.kit.simulator import (
    BaseSimulator,
    Endpoint,
    Refusal,
    Request,
    Response,
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
            raise self.no(
                "GAIA_IA02", "指定したAPIトークンは、アプリで生成されたトークンと異なります。"
            )
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
            raise self.no(
                "GAIA_IL23", "ゲストスペース内のアプリには、そのスペースのパスを使います。"
            )
        tokens = request.environ.get("kintone.tokens")
        if tokens is not None:
            rights = [
                granted["rights"]
                for granted in (self.table("tokens")[token] for token in tokens)
                if granted["app"] == held["id"]
            ]
            if not rights:
                raise self.no(
                    "GAIA_IA02", "指定したAPIトークンは、このアプリのものではありません。"
                )
            if not any(right in held_rights for held_rights in rights):
                raise self.no(
                    "GAIA_NO01", "このAPIトークンでは、指定したAPIを実行できません。", 403
                )
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

    def number(self, asked: Mapping[str, Any], name: str, default: int) -> int:
        """A parameter that must be a whole number, written as one or as text."""
        text = str(asked.get(name) if asked.get(name) not in (None, "") else default)
        if not text.isascii() or not text.isdigit():
            raise self.invalid({name: {"messages": ["整数で指定してください。"]}})
        return int(text)

    def needed(self, asked: Mapping[str, Any], *names: str) -> None:
        """Refuse a request that lacks one of these parameters."""
        missing = {name: {"messages": ["必須です。"]} for name in names if asked.get(name) is None}
        if missing:
            raise self.invalid(missing)
