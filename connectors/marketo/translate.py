"""Marketo's refusals as our errors, and values as Marketo writes them.

Adobe developer docs, "Error Codes". Nearly all of them come with a 200. Messages of the vendor hold
values that people typed, so only codes and names of our own fields are passed on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from connectors.kit.body import moment_of
from connectors.kit.errors import (
    AuthFailed,
    Conflict,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordGone,
    RecordRejected,
    Unavailable,
)
from connectors.kit.session import Reply, Response, shown_path

CENTRAL = ZoneInfo("America/Chicago")
"""The daily quota begins here at midnight; whether it follows summer time is unverified."""
RATE_WAIT = 20.0
"""Seconds in which 100 calls may be made."""
BUSY_WAIT = 5.0
"""Seconds to wait where ten requests are under way; ours to choose."""
EXPIRED = frozenset({"601", "602"})
PASSING = frozenset({"502", "604", "608", "611", "614", "713", "719"})
UNSURE = frozenset({"502", "604", "611", "713"})
"""After these a write may have happened: the docs say of 6xx that it has not, of others nothing."""
NOTHING = "702"
UNKNOWN_FIELD = "UNKNOWN_FIELD"
READ_ONLY_FIELD = "READ_ONLY_FIELD"
VALUE_REFUSED = "VALUE_REFUSED"
COMPANY_FIELDS = frozenset(
    {
        *("company", "site", "website", "mainPhone", "industry", "sicCode"),
        *("billingStreet", "billingCity", "billingState", "billingCountry", "billingPostalCode"),
        *("annualRevenue", "numberOfEmployees"),
    }
)
"""Fields of a lead that belong to its company and are not written through it (error 1021). Which
they are is from memory of the vendor's labels: the error does not name them."""
_QUOTED = re.compile(r"['‘’\"]([A-Za-z][A-Za-z0-9_]{0,99})['‘’\"]")
_CODE = re.compile(r"\d{3,4}")


def codes(body: Any) -> list[str]:
    """The codes of a refused request; empty for any other body."""
    if not isinstance(body, dict) or body.get("success") is not False:
        return []
    lines = [one for one in body.get("errors") or () if isinstance(one, dict)]
    return [str(one.get("code", "")) for one in lines]


def is_expired(response: Response) -> bool:
    """Whether an answer, which may well be a 200, says that the access token is used up."""
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return False
    return bool(EXPIRED & set(codes(body)))


def translate(reply: Reply) -> ConnectorError | None:
    """What an answer with an HTTP error means; None leaves it to the session."""
    where = f"Marketo {reply.method} {shown_path(reply.url)}"
    if reply.status in {413, 414}:
        return ContractBroken(f"{where} was refused ({reply.status}): our request is too large")
    if reply.status == 404:
        return ContractBroken(f"{where} does not exist: check base_url", status=404)
    return None


def refusal(body: Mapping[str, Any], where: str, now: datetime, *, reads: bool) -> ConnectorError:
    """The error of a request that was refused as a whole."""
    lines = [one for one in body.get("errors") or () if isinstance(one, dict)]
    said = codes(body)
    code = next((one for one in said if one not in {"", NOTHING}), "")
    shown = code if _CODE.fullmatch(code) else "no code"
    passing = _passing(code, f"{where} ({shown})", now, reads=reads)
    if passing is not None:
        return passing
    if code == "1006":
        names = _named(str(lines[said.index(code)].get("message", "")))
        if reads or not names:
            return ContractBroken(
                f"{where} ({shown}): a lead has no such field: check fields and hub_id_field",
                code="MARKETO_FIELD",
            )
        return rejected(UNKNOWN_FIELD, names)
    if code in {"1004", "1013"}:
        return RecordGone(f"{where} ({shown}): it is not there", status=200)
    if reads or not code.startswith("1"):
        return ContractBroken(
            f"{where} was refused ({shown}): our request or the connection's options are wrong",
            code="MARKETO_REFUSED",
        )
    return RecordRejected(f"{where} was refused ({shown})", status=200, code="MARKETO_REJECTED")


def _passing(code: str, where: str, now: datetime, *, reads: bool) -> ConnectorError | None:
    match code:
        case "601" | "602":
            return AuthFailed(
                f"{where} refused a new token: check the custom service and its API-only user",
                status=200,
            )
        case "603":
            return AuthFailed(
                f"{where} is not allowed: the role of the API-only user lacks a permission, or "
                "our address is not on the allowlist",
                status=200,
                code="FORBIDDEN",
            )
        case "606":
            return RateLimited(f"{where} met the rate limit", retry_after=RATE_WAIT, status=200)
        case "607":
            return RateLimited(
                f"{where}: the calls of the day are used up",
                retry_after=until_midnight(now),
                status=200,
                code="MARKETO_DAILY_QUOTA",
            )
        case "615":
            return RateLimited(
                f"{where}: the instance is busy with ten requests",
                retry_after=BUSY_WAIT,
                status=200,
                code="MARKETO_BUSY",
            )
        case _ if code in PASSING:
            unsure = not reads and code in UNSURE
            return Unavailable(f"{where} failed at Marketo", status=200, maybe_applied=unsure)
    return None


def until_midnight(now: datetime) -> float:
    """Seconds to the next beginning of the day in US Central time, and a minute more."""
    local = now.astimezone(CENTRAL)
    tomorrow = datetime.combine(local.date() + timedelta(days=1), time(), CENTRAL)
    return (tomorrow.astimezone(UTC) - now).total_seconds() + 60


def reason(reasons: Sequence[Mapping[str, Any]], names: Iterable[str]) -> ConnectorError:
    """The error of one record that was skipped; ``names`` are the fields that were sent."""
    first = reasons[0] if reasons else {}
    code = str(first.get("code", ""))
    sent = list(names)
    message = str(first.get("message", ""))
    named = tuple(dict.fromkeys(name for name in _QUOTED.findall(message) if name in sent))
    shown = code if _CODE.fullmatch(code) else "no code"
    where = f"Marketo lead ({shown})"
    match code:
        case "1004":
            return RecordGone(f"{where}: the lead was deleted or merged away", status=200)
        case "1005":
            return Conflict(f"{where}: the lead exists already", status=200)
        case "1006" if named:
            return rejected(UNKNOWN_FIELD, named)
        case "1007":
            return RecordRejected(
                f"{where}: several leads have this key: merge them at Marketo",
                status=200,
                code="MARKETO_AMBIGUOUS",
            )
        case "1008" | "1009" | "1010":
            return RecordRejected(
                f"{where}: the lead's partition is another, or closed to the API-only user: "
                "check the option partition",
                status=200,
                code="MARKETO_PARTITION",
            )
        case "1018" | "1021":
            owned = named or tuple(name for name in sent if name in COMPANY_FIELDS)
            if owned:
                return rejected(READ_ONLY_FIELD, owned)
    if named:
        return rejected(VALUE_REFUSED, named)
    return RecordRejected(f"{where} was skipped", status=200, code="MARKETO_SKIPPED")


def rejected(code: str, names: Sequence[str]) -> RecordRejected:
    """The error of fields that Marketo will not take, with what to do."""
    advice = {
        UNKNOWN_FIELD: "is no field of a lead: make it in Field Management or take it out of "
        "the map",
        READ_ONLY_FIELD: 'cannot be written through a lead: map it with "direction: pull"',
        VALUE_REFUSED: "was given a value that it does not take: check its type and the map",
    }[code]
    return RecordRejected(
        f"Marketo lead: {', '.join(names)} {advice}", status=200, code=code, fields=tuple(names)
    )


def _named(message: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_QUOTED.findall(message)))


def moment(text: object) -> datetime | None:
    """A time as Marketo writes it, in UTC: ``Z``, ``+0000`` and ``-05:00`` alike, or ``Z+0000``."""
    return moment_of(str(text).replace("Z+0000", "Z"), UTC) if text else None


def written(value: object) -> Any:
    """A value as Marketo takes it; null clears."""
    match value:
        case None | "":
            return None
        case bool() | int() | float() | str():
            return value
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return value.isoformat()
        case list() | tuple() | set() | frozenset():
            return ";".join(str(written(one)) for one in value)
        case _:
            return str(value)
