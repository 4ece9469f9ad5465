"""The wire of the simulated Typeform: its routes, tokens, limits and refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from werkzeug.exceptions import HTTPException

from connectors.kit.simulator import (
    BaseSimulator,
    Refusal,
    Request,
    Response,
    Window,
    json_response,
    route,
)
from connectors.typeform import simulator_query as query
from connectors.typeform.simulator_query import refusal, stamp

DEFAULT_TOKEN = "tfp_rehearsal"  # noqa: S105 - the simulator's own
SCOPES = (
    "accounts:read",
    "forms:read",
    "responses:read",
    "responses:write",
    "webhooks:read",
    "webhooks:write",
)
ACCESS_LIFETIME = 604_800
"""Seconds an OAuth access token lives: a week (vendor docs, applications)."""
MOST_FORMS = 200


class Wire(BaseSimulator):
    """What an account answers over HTTP. ``Simulator`` adds how people and answers get into it."""

    slug = "typeform"

    def __init__(
        self,
        *,
        path: Path | None,
        now: Callable[[], datetime],
        seed: int,
        token: str,
        rate: int | None,
        refused: int,
    ) -> None:
        super().__init__(path=path, now=now, seed=seed)
        self.token = token
        self.refused = refused
        self.scopes = set(SCOPES)
        self.forms = self.table("forms")
        self.responses = self.table("responses")
        self.webhooks = self.table("webhooks")
        self.apps = self.table("apps")
        self.grants = self.table("grants")
        self._window = Window(rate, 1.0) if rate else None

    def admit(self, request: Request) -> None:
        """Check the token, then the rate (webhook requests are not limited)."""
        if request.path == "/oauth/token":
            return
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not self._is_good(given):
            code = "AUTHENTICATION_ERROR" if self.refused == 403 else "AUTHENTICATION_FAILED"
            raise refusal(self.refused, code, "The access token is incorrect")
        limited = self._window is not None and "/webhooks" not in request.path
        if limited and self._window is not None and not self._window.take(self.now()):
            body = {"code": "RATE_LIMITED", "description": "Too many requests"}
            raise Refusal(json_response(body, 429, {"Retry-After": "1"}))

    def _is_good(self, token: str) -> bool:
        if self.token and token == self.token:
            return True
        grant = next((row for row in self.grants.values() if row["access_token"] == token), None)
        return grant is not None and self.now().timestamp() < grant["until"]

    def _need(self, scope: str) -> None:
        """Refuse a token without the scope. Unverified: the code of that refusal."""
        if scope not in self.scopes:
            raise refusal(403, "FORBIDDEN", f"The token lacks the scope {scope}")

    def refuse(self, request: Request, error: HTTPException) -> Response:
        """The vendor's shape of a wrong path, method or body."""
        codes = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
        code = codes.get(error.code or 500, "BAD_REQUEST")
        return json_response({"code": code, "description": request.path}, error.code or 500)

    def _form(self, form_id: str) -> dict[str, Any]:
        if form_id not in self.forms:
            raise refusal(404, "FORM_NOT_FOUND", f"Non existing form with uid {form_id}")
        return self.forms[form_id]

    # -- OAuth --------------------------------------------------------------------------------

    @route("POST", "/oauth/token")
    def exchange(self, request: Request) -> Response:
        """Trade a refresh token or an authorization code, each once, for a new pair."""
        form = request.form
        app = self.apps.get(form.get("client_id", ""))
        if app is None or app["secret"] != form.get("client_secret"):
            return json_response({"error": "invalid_client"}, 401)
        kinds = {"refresh_token": "refresh_token", "authorization_code": "code"}
        kind = kinds.get(form.get("grant_type", ""))
        if kind is None:
            return json_response({"error": "unsupported_grant_type"}, 400)
        if kind == "code" and not form.get("redirect_uri"):
            return json_response({"error": "invalid_request"}, 400)
        held = self.grants.get(form.get(kind, ""))
        if held is not None and held.get("kind", "refresh_token") != kind:
            held = None
        if held is None or held["used"] or held["client_id"] != form["client_id"]:
            return json_response({"error": "invalid_grant"}, 400)
        self.grants[str(held["refresh_token"])] = held | {"used": True}
        fresh = self.grant(form["client_id"])
        return json_response(
            {
                "access_token": fresh["access_token"],
                "refresh_token": fresh["refresh_token"],
                "expires_in": ACCESS_LIFETIME,
                "token_type": "bearer",
                "scope": " ".join(["offline", *sorted(self.scopes)]),
            }
        )

    def allow(self, client_id: str) -> str:
        """A user consents; returns the code that the browser brings back."""
        code = f"{self.random.getrandbits(160):040x}"
        self.grants[code] = {
            "client_id": client_id,
            "access_token": "",
            "refresh_token": code,
            "kind": "code",
            "until": 0.0,
            "used": False,
        }
        return code

    def grant(self, client_id: str) -> dict[str, Any]:
        """A new pair of tokens for an app whose user has signed in."""
        grant = {
            "client_id": client_id,
            "access_token": f"{self.random.getrandbits(160):040x}",
            "refresh_token": f"{self.random.getrandbits(160):040x}",
            "until": self.now().timestamp() + ACCESS_LIFETIME,
            "used": False,
        }
        self.grants[str(grant["refresh_token"])] = grant
        return grant

    # -- account and forms --------------------------------------------------------------------

    @route("GET", "/me")
    def me(self, request: Request) -> Response:  # noqa: ARG002 - a route
        """Whose token it is."""
        self._need("accounts:read")
        return json_response(
            {"alias": "見本商事 営業企画", "email": "ops@mihon.example", "language": "ja"}
        )

    @route("GET", "/forms")
    def list_forms(self, request: Request) -> Response:
        """A page of the account's forms; ``sort_by`` and ``order_by`` as at the vendor."""
        self._need("forms:read")
        size = query.whole_number(request.args, "page_size", 10, MOST_FORMS)
        page = query.whole_number(request.args, "page", 1, 10_000)
        newest = request.args.get("order_by", "desc") == "desc"
        search = request.args.get("search", "").lower()
        held = [row for row in self.forms.values() if search in str(row["title"]).lower()]
        rows = sorted(held, key=lambda row: int(row["seq"]), reverse=newest)
        items = [
            {
                "id": row["id"],
                "title": row["title"],
                "created_at": stamp(row["created"]),
                "last_updated_at": stamp(row["created"]),
                "self": {"href": f"https://api.typeform.com/forms/{row['id']}"},
            }
            for row in rows[(page - 1) * size : page * size]
        ]
        return json_response(_listing(items, len(rows), size))

    @route("GET", "/forms/<form_id>")
    def get_form(self, request: Request, form_id: str) -> Response:  # noqa: ARG002 - a route
        """One form with its questions."""
        self._need("forms:read")
        form = self._form(form_id)
        shown = {name: form[name] for name in ("id", "title", "fields", "hidden")}
        return json_response(shown | {"type": "form", "settings": {"language": "ja"}})

    # -- responses ----------------------------------------------------------------------------

    @route("GET", "/forms/<form_id>/responses")
    def list_responses(self, request: Request, form_id: str) -> Response:
        """A page of a form's answers, newest first unless asked otherwise."""
        self._need("responses:read")
        self._form(form_id)
        args = request.args.to_dict()
        size = query.whole_number(args, "page_size", query.DEFAULT_PAGE, query.MOST_RESPONSES)
        found = query.find(self._visible(form_id), args, self.random)
        fields = set(filter(None, args.get("fields", "").split(",")))
        items = [_with_answers_to(fields, item(row)) for row in found[:size]]
        return json_response(_listing(items, len(found), size))

    @route("DELETE", "/forms/<form_id>/responses")
    def delete_responses(self, request: Request, form_id: str) -> Response:
        """Delete answers by id; ids that do not exist are passed over."""
        self._need("responses:write")
        self._form(form_id)
        listed = request.args.get("included_response_ids") or request.args.get("included_tokens")
        if not listed:
            raise query.invalid("included_response_ids", "included_response_ids is required")
        for token in listed.split(","):
            if self.responses.get(token, {}).get("form_id") == form_id:
                del self.responses[token]
        return json_response({}, 200)

    def _visible(self, form_id: str) -> Iterator[dict[str, Any]]:
        now = self.now().timestamp()
        for row in self.responses.values():
            if row["form_id"] == form_id and row["visible_at"] <= now:
                yield row

    # -- webhooks -----------------------------------------------------------------------------

    @route("GET", "/forms/<form_id>/webhooks")
    def list_webhooks(self, request: Request, form_id: str) -> Response:  # noqa: ARG002 - a route
        """The form's webhooks."""
        self._need("webhooks:read")
        self._form(form_id)
        return json_response({"items": [row for _, row in self.hooks_of(form_id)]})

    @route("GET", "/forms/<form_id>/webhooks/<tag>")
    def get_webhook(self, request: Request, form_id: str, tag: str) -> Response:  # noqa: ARG002
        """One webhook."""
        self._need("webhooks:read")
        return json_response(self._webhook(form_id, tag))

    @route("PUT", "/forms/<form_id>/webhooks/<tag>")
    def put_webhook(self, request: Request, form_id: str, tag: str) -> Response:
        """Make or replace a webhook; ``enabled`` is off where it is left out.

        Without a URL one that is there is switched on or off, which the vendor's client does.
        """
        self._need("webhooks:write")
        self._form(form_id)
        body = request.get_json()
        if isinstance(body, dict) and "url" not in body and f"{form_id}/{tag}" in self.webhooks:
            body = {**self.webhooks[f"{form_id}/{tag}"], **body}
        url = body.get("url") if isinstance(body, dict) else None
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise refusal(400, "VALIDATION_ERROR", "url is no URL", field="url", **{"in": "body"})
        key = f"{form_id}/{tag}"
        held = self.webhooks.get(key, {})
        now = stamp(self.now().timestamp())
        row = {
            "id": held.get("id") or f"{self.random.getrandbits(48):012x}",
            "form_id": form_id,
            "tag": tag,
            "url": url,
            "enabled": bool(body.get("enabled", False)),
            "verify_ssl": bool(body.get("verify_ssl", False)),
            "event_types": body.get("event_types") or {"form_response": True},
            "created_at": held.get("created_at") or now,
            "updated_at": now,
            **({"secret": body["secret"]} if body.get("secret") else {}),
        }
        self.webhooks[key] = row
        return json_response(row)

    @route("DELETE", "/forms/<form_id>/webhooks/<tag>")
    def delete_webhook(self, request: Request, form_id: str, tag: str) -> Response:  # noqa: ARG002
        """Remove a webhook."""
        self._need("webhooks:write")
        self._webhook(form_id, tag)
        del self.webhooks[f"{form_id}/{tag}"]
        return Response(status=204)

    def _webhook(self, form_id: str, tag: str) -> dict[str, Any]:
        self._form(form_id)
        held = self.webhooks.get(f"{form_id}/{tag}")
        if held is None:
            raise refusal(404, "WEBHOOK_NOT_FOUND", f"Non existing webhook {tag}")
        return held

    def hooks_of(self, form_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The form's webhooks with the keys they are kept under."""
        return ((key, row) for key, row in self.webhooks.items() if row["form_id"] == form_id)


def _listing(items: list[dict[str, Any]], total: int, size: int) -> dict[str, Any]:
    return {"total_items": total, "page_count": -(-total // size), "items": items}


def _with_answers_to(fields: set[str], shown: dict[str, Any]) -> dict[str, Any]:
    """A response with the answers to some questions only, named by id; all where none is named."""
    kept = [one for one in shown["answers"] if not fields or one["field"]["id"] in fields]
    return {**shown, "answers": kept}


def item(row: Mapping[str, Any]) -> dict[str, Any]:
    """One response as the Responses API shows it."""
    ids = dict.fromkeys(("landing_id", "token", "response_id"), row["token"])
    submitted = row["submitted_at"]
    return {
        **ids,
        "response_type": row["type"],
        "landed_at": stamp(row["landed_at"]),
        **({"submitted_at": stamp(submitted)} if submitted is not None else {}),
        "metadata": {
            "user_agent": "Mozilla/5.0",
            "platform": "other",
            "referer": f"https://mihon.typeform.com/to/{row['form_id']}",
            "network_id": "7c1",
            "browser": "default",
        },
        "hidden": row["hidden"],
        "calculated": {"score": 0},
        "answers": row["answers"],
    }
