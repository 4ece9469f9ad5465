"""The kintone connector: what it can do, each part told in its own module."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from connectors.kintone import hooks
from connectors.kintone.api import Kintone
from connectors.kintone.options import App, Options
from connectors.kintone.process import Process
from connectors.kintone.pull import Reader
from connectors.kintone.push import MOST, NOT_WRITABLE, PASSING, Writer
from connectors.kintone.translate import flat, translate
from connectors.kit.auth import ApiKey
from connectors.kit.base import (
    Answer,
    Change,
    FieldSpec,
    Hook,
    Identity,
    News,
    Option,
    Outcome,
    Page,
    Record,
    StageSpec,
    Status,
)
from connectors.kit.errors import AuthFailed, ContractBroken
from connectors.kit.session import Quota, Session, Wiring

NUMBERS = (
    FieldSpec("$id", "レコードID", "number", "__ID__", writable=False),
    FieldSpec("$revision", "リビジョン", "number", "__REVISION__", writable=False),
)
"""What every record has and no form names (kintone REST API spec, records)."""
TYPES: Mapping[str, str] = {
    "SINGLE_LINE_TEXT": "text",
    "MULTI_LINE_TEXT": "text",
    "RICH_TEXT": "text",
    "NUMBER": "number",
    "CALC": "number",
    "RECORD_NUMBER": "text",
    "DATE": "date",
    "DATETIME": "datetime",
    "CREATED_TIME": "datetime",
    "UPDATED_TIME": "datetime",
    "DROP_DOWN": "picklist",
    "RADIO_BUTTON": "picklist",
    "STATUS": "picklist",
    "CHECK_BOX": "multipicklist",
    "MULTI_SELECT": "multipicklist",
    "CATEGORY": "multipicklist",
    "FILE": "file",
    "USER_SELECT": "reference",
    "GROUP_SELECT": "reference",
    "ORGANIZATION_SELECT": "reference",
    "STATUS_ASSIGNEE": "reference",
    "CREATOR": "reference",
    "MODIFIER": "reference",
}
LINKS: Mapping[str, str] = {"MAIL": "email", "CALL": "phone", "WEB": "url"}
_LOOKED_UP = "lookup"


class Connector:
    """Reads and writes the apps of one kintone domain."""

    batch_size = MOST

    def __init__(self, options: Options, kintone: Kintone) -> None:
        self.options = options
        self.kintone = kintone
        self._apps = {options.stream(name): app for name, app in options.apps.items()}

    @property
    def session(self) -> Session:
        """The way to the domain."""
        return self.kintone.session

    def streams(self) -> Sequence[str]:
        """One stream for each app: ``records:leads``."""
        return list(self._apps)

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """What changed since the cursor; everything where there is none."""
        return self._reader(stream).pull(cursor)

    def fetch(self, stream: str, external_ids: Sequence[str]) -> Sequence[Record]:
        """These records as they are now."""
        return self._reader(stream).fetch(external_ids)

    def ids(self, stream: str) -> Iterator[str]:
        """Every id of the app."""
        return self._reader(stream).ids()

    def flatten(self, stream: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002 - alike for all
        """Field code to bare value."""
        return flat(payload)

    def push(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Write changes; those of several apps one app after the other."""
        outcomes: list[Outcome] = []
        written = 0
        for stream in dict.fromkeys(change.stream for change in changes):
            some = [change for change in changes if change.stream == stream]
            writer = Writer(self.kintone, self._app(stream))
            try:
                outcomes += writer.push(some)
            except PASSING as error:
                if not written:
                    raise
                outcomes += [
                    Outcome(one.key, Status.FAILED, one.external_id, error=error) for one in some
                ]
            written += writer.written
        return outcomes

    def verify(self, hook: Hook) -> Answer | None:
        """Nothing where the webhook's address holds the secret."""
        hooks.verify(self.options, hook)
        return None

    def read_hook(self, hook: Hook) -> News:
        """Which records a webhook is about."""
        return hooks.read(self.options, hook)

    def fields(self, stream: str) -> Sequence[FieldSpec]:
        """The app's fields, as its form has them now, and the numbers of every record."""
        form = self.kintone.form(self._app(stream), fresh=True)
        filled = {
            mapped["field"]
            for made in form.fields.values()
            for mapped in (made.get(_LOOKED_UP) or {}).get("fieldMappings", ())
        }
        return [*(_field(made, code in filled) for code, made in form.fields.items()), *NUMBERS]

    def stages(self, stream: str) -> Sequence[StageSpec]:
        """The statuses of process management, or the choices of the stage field."""
        app = self._app(stream)
        if app.status:
            names = self._process(app).states()
        else:
            made = self.kintone.form(app, fresh=True).fields.get(app.stage_field, {})
            names = [option.value for option in _options(made)]
        return [StageSpec(name, name, order) for order, name in enumerate(names)]

    def identify(self) -> Identity:
        """The domain, and what the credentials or the apps lack for the work."""
        missing: list[str] = []
        for name, app in self.options.apps.items():
            try:
                self.kintone.read("app", {"id": app.app})
                form = self.kintone.form(app, fresh=True)
            except AuthFailed as error:
                if error.code != "KINTONE_RIGHTS":
                    raise
                missing.append(f"{name}: view records of app {app.app}")
                continue
            key = form.fields.get(app.key_field or "", {})
            if app.key_field is not None and not key.get("unique"):
                missing.append(f"{name}: field {app.key_field} that prohibits duplicate values")
        return Identity(
            account=urlsplit(self.options.base_url).netloc,
            scopes_missing=tuple(missing),
            quota_left=self.session.quota.left,
            quota_max=self.session.quota.limit,
            clock_offset=self.session.clock_offset,
        )

    def _reader(self, stream: str) -> Reader:
        return Reader(self.kintone, self.options, self._app(stream), stream)

    def _process(self, app: App) -> Process:
        return Process(self.kintone, app, self.kintone.form(app).code_of("STATUS") or "")

    def _app(self, stream: str) -> App:
        try:
            return self._apps[stream]
        except KeyError as error:
            text = f'there is no kintone stream "{stream}"; apps: {", ".join(self._apps)}'
            raise ContractBroken(text, code="KINTONE_NO_STREAM") from error


def connect(options: Options, wiring: Wiring) -> Connector:
    """A connector for the domain in ``options``."""
    session = wiring.session(
        base_url=options.base_url.rstrip("/"),
        auth=ApiKey(*options.proof()),
        headers=options.headers(),
        throttle=wiring.throttle(options.requests_per_second),
        translate=translate,
        read_quota=_counter(options.requests_per_day, wiring.now),
    )
    return Connector(options, Kintone(session, wiring.now, options.guest_space))


def _counter(
    limit: int, now: Callable[[], datetime]
) -> Callable[[Mapping[str, str]], Quota | None]:
    """Counts our requests of the day, which begins at 09:00 in Japan: midnight in UTC.

    kintone does not say what is left; what others use of it is not seen from here.
    """
    used: dict[date, int] = {}

    def count(headers: Mapping[str, str]) -> Quota:  # noqa: ARG001 - nothing there says it
        today = now().date()
        spent = used.get(today, 0) + 1
        used.clear()
        used[today] = spent
        return Quota(left=max(limit - spent, 0), limit=limit, counted=True)

    return count


def _field(made: Mapping[str, Any], filled: bool) -> FieldSpec:
    kind = made["type"]
    length = made.get("maxLength")
    return FieldSpec(
        name=made["code"],
        label=made.get("label") or made["code"],
        type=LINKS.get(made.get("protocol", ""), TYPES.get(kind, "other")),
        vendor_type=kind,
        required=bool(made.get("required")),
        writable=kind not in NOT_WRITABLE and not filled,
        unique=bool(made.get("unique")),
        max_length=int(length) if length else None,
        options=tuple(_options(made)),
    )


def _options(made: Mapping[str, Any]) -> list[Option]:
    options = made.get("options") or {}
    listed = sorted(options, key=lambda value: int(options[value].get("index") or 0))
    return [Option(value, options[value].get("label") or value) for value in listed]
