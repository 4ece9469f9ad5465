"""Typeform: a stream is one form, its records are the answers, and nothing can be written.

What is odd here:

- The Responses API lags: answers of about the last 30 minutes may be missing, and they appear out
  of order. A pull therefore begins ``overlap`` seconds (an hour) before the last answer seen.
  Webhooks bring answers at once and whole, so subscribe them; the pull then only proves that
  nothing was lost. ``fetch`` cannot tell an answer that is not visible yet from a deleted one.
- The default page is 25, newest first. We ask oldest first and go on by time (``pull`` says why).
- An answer never changes. A partial one may grow and may later be completed under the same token.
- Deleted answers leave no trace: only a sweep over all ids finds them.
- Two requests a second for the whole account, whatever the number of forms and of workers.
- A webhook is switched off at once by an answer of 404 or 410: a form we do not read is accepted
  and passed over. Signatures have no timestamp; the hub's de-duplication is the replay guard.
- An OAuth refresh token works once. The new one is saved before anything else happens.
- A bad token is a 403 by the vendor's docs and a 401 in the field: both are understood.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.kit.auth import Auth, Bearer, RefreshToken
from connectors.kit.base import (
    Answer,
    FieldSpec,
    Hook,
    Identity,
    News,
    Page,
    Record,
    StageSpec,
)
from connectors.kit.errors import AuthFailed, ConnectorError, ContractBroken
from connectors.kit.paging import offset_pages
from connectors.kit.session import Session, Wiring
from connectors.kit.signatures import SCHEMES, verify
from connectors.typeform.answers import field_specs, flatten
from connectors.typeform.options import OAuthApp, Options
from connectors.typeform.pull import PARTIAL_OVERLAP, Cursor, LaneName, walk
from connectors.typeform.records import form_of, read_hook, stream_of, to_record
from connectors.typeform.translate import token_expired, translate

__all__ = ["Connector", "OAuthApp", "Options", "connect"]

REQUESTS_PER_SECOND = 2
"""Of the whole account, Create and Responses API together (Typeform developer docs)."""
FORMS_PER_PAGE = 200
IDS_PER_REQUEST = 100
"""Tokens in one ``included_response_ids``; the vendor names no limit, a URL has one."""


class Connector:
    """One Typeform account: reads answers, hears webhooks, describes forms."""

    def __init__(self, options: Options, session: Session, wiring: Wiring) -> None:
        self.options = options
        self.session = session
        self._wiring = wiring
        self._titles: dict[str, str] = {}

    def streams(self) -> list[str]:
        """A stream per form that is read; asks the vendor for the forms where none are listed."""
        return [stream_of(form_id) for form_id in self.options.forms or self._discover()]

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """New answers, oldest first. Partial ones come first, so that completed ones win."""
        form_id = form_of(stream)
        held = Cursor.load(cursor)
        lanes: list[LaneName] = ["partial", "completed"] if self.options.partial else ["completed"]
        for name in lanes:
            for step in self._walk(form_id, name, held):
                moved = (
                    replace(held, completed=step.lane)
                    if name == "completed"
                    else replace(held, partial=step.lane)
                )
                if step.items or moved != held:
                    yield Page(self._records(form_id, step.items), moved.dump(), step.total)
                held = moved

    def fetch(self, stream: str, external_ids: Sequence[str]) -> list[Record]:
        """These answers again. One that is not seen counts as deleted, even if it is only late."""
        form_id = form_of(stream)
        found: dict[str, Record] = {}
        for start in range(0, len(external_ids), IDS_PER_REQUEST):
            some = external_ids[start : start + IDS_PER_REQUEST]
            query = {
                "included_response_ids": ",".join(some),
                "page_size": len(some),
                "response_type": "partial,completed" if self.options.partial else "completed",
            }
            items = self._ask(form_id, query).get("items") or []
            found |= {record.external_id: record for record in self._records(form_id, items)}
        gone = (Record(stream, key, {}, deleted=True) for key in external_ids if key not in found)
        return [*found.values(), *gone]

    def ids(self, stream: str) -> Iterator[str]:
        """The token of every answer that can be seen; answers of the last hour may be missing."""
        form_id = form_of(stream)
        lanes: list[LaneName] = ["partial", "completed"] if self.options.partial else ["completed"]
        for name in lanes:
            for step in self._walk(form_id, name, Cursor()):
                yield from (str(item["token"]) for item in step.items)

    def flatten(self, stream: str, payload: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Answers by the ref of their question, with hidden fields and the submission's own."""
        return flatten(payload)

    def fields(self, stream: str) -> list[FieldSpec]:
        """The form's questions, hidden fields and variables."""
        return field_specs(self._form(form_of(stream)))

    def stages(self, stream: str) -> list[StageSpec]:  # noqa: ARG002 - a form has no stages
        """None: an answer has no stage."""
        return []

    def verify(self, hook: Hook) -> Answer | None:
        """Return where one of the secrets signed the body; there is no handshake."""
        verify(SCHEMES["typeform"], hook, self.options.secrets, self._wiring.now())
        return None

    def read_hook(self, hook: Hook) -> News:
        """The answer a webhook carries, whole; nothing for a form that is not read."""
        forms = frozenset(self.options.forms)
        return read_hook(hook, forms=forms, partial=self.options.partial)

    def subscribe(self, url: str) -> None:
        """Put our webhook on every form that is read; switches it on again where it was off."""
        if not self.options.secrets:
            raise ConnectorError(
                f'connection "{self.session.connection}" has no webhook_secrets: Typeform would '
                "send webhooks that nobody can check; set one and subscribe again",
                code="TYPEFORM_NO_SECRET",
            )
        events = {"form_response": True, "form_response_partial": self.options.partial}
        for stream in self.streams():
            self.session.put(
                f"/forms/{form_of(stream)}/webhooks/{self.options.webhook_tag}",
                json={
                    "url": url,
                    "enabled": True,
                    "secret": self.options.secrets[0],
                    "verify_ssl": url.startswith("https://"),
                    "event_types": events,
                },
                safe=True,
            )

    def identify(self) -> Identity:
        """The account's name, and the scopes that reads of each kind show to be missing."""
        missing: list[str] = []
        account = self._try("accounts:read", "/me", missing)
        forms = self._try("forms:read", "/forms", missing, page_size=1)
        some = [*self.options.forms, *(str(form["id"]) for form in forms.get("items") or ())][:1]
        for form_id in some:
            self._try("responses:read", f"/forms/{form_id}/responses", missing, page_size=1)
            if self.options.secrets:
                self._try("webhooks:read", f"/forms/{form_id}/webhooks", missing)
        name = account.get("alias") or account.get("user_id") or self.session.connection
        return Identity(str(name), tuple(missing), clock_offset=self.session.clock_offset)

    def _walk(self, form_id: str, name: LaneName, cursor: Cursor) -> Iterator[Any]:
        overlap = self.options.overlap
        return walk(
            lambda query: self._ask(form_id, query),
            name,
            getattr(cursor, name),
            overlap=max(overlap, PARTIAL_OVERLAP) if name == "partial" else overlap,
            size=self.options.page_size,
            now=self._wiring.now(),
        )

    def _ask(self, form_id: str, query: Mapping[str, Any]) -> Mapping[str, Any]:
        return _object(self.session.get(f"/forms/{form_id}/responses", params=query).json())

    def _records(self, form_id: str, items: Sequence[Mapping[str, Any]]) -> list[Record]:
        if items and form_id not in self._titles:
            self._form(form_id)
        return [to_record(form_id, self._titles[form_id], item) for item in items]

    def _form(self, form_id: str) -> Mapping[str, Any]:
        form = _object(self.session.get(f"/forms/{form_id}").json())
        self._titles[form_id] = str(form.get("title") or "")
        return form

    def _discover(self) -> list[str]:
        """Every form of the account, the oldest first, so that new ones do not shift the pages."""

        def fetch(page: int) -> Mapping[str, Any]:
            query = {"page_size": FORMS_PER_PAGE, "sort_by": "created_at", "order_by": "asc"}
            return _object(self.session.get("/forms", params={**query, "page": page}).json())

        pages = offset_pages(
            fetch,
            lambda body: len(body.get("items") or ()),
            size=FORMS_PER_PAGE,
            start=1,
            step=1,
            what="Typeform's list of forms",
        )
        forms = [form for body in pages for form in body.get("items") or ()]
        self._titles |= {str(form["id"]): str(form.get("title") or "") for form in forms}
        return list(dict.fromkeys(str(form["id"]) for form in forms))

    def _try(self, scope: str, path: str, missing: list[str], **query: Any) -> Mapping[str, Any]:
        """The answer, or nothing where the scope is missing, which is noted."""
        try:
            return _object(self.session.get(path, params=query).json())
        except AuthFailed as error:
            if error.code != "TYPEFORM_FORBIDDEN":
                raise
            missing.append(scope)
            return {}


def connect(options: Options, wiring: Wiring) -> Connector:
    """A connector for one account."""
    session = wiring.session(
        base_url=options.base_url,
        auth=_auth(options, wiring),
        throttle=wiring.throttle(REQUESTS_PER_SECOND),
        translate=translate,
    )
    return Connector(options, session, wiring)


def _auth(options: Options, wiring: Wiring) -> Auth:
    if options.oauth is not None:
        app = options.oauth
        return RefreshToken(
            wiring,
            f"{options.base_url.rstrip('/')}/oauth/token",
            app.client_id,
            app.client_secret.get_secret_value(),
            app.refresh_token.get_secret_value(),
            extra={"scope": app.scope} if app.scope else {},
            expired=token_expired,
        )
    return Bearer(options.token.get_secret_value() if options.token is not None else "")


def _object(body: Any) -> Mapping[str, Any]:
    if isinstance(body, Mapping):
        return body
    raise ContractBroken("Typeform answered with JSON that is no object", code="TYPEFORM_SHAPE")
