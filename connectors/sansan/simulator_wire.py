"""The wire of the simulated Sansan: routes, key, limits and refusals of the Open API v3.2.

There is no public description of v3.2. Paths, ``data``/``hasMore``/``nextPageToken``, the limit of
300 and ``retry_after`` in the body are from public clients; parameter names, the widest window and
the shape of refusals are from memory. What is from memory is listed in connector.yaml.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
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

DEFAULT_KEY = "0123456789abcdef0123456789abcdef"
ME = {"id": "USR0001", "name": "見本 連携", "email": "renkei@mihon.example"}
MOST_CARDS = 300
"""Cards of one page (public clients ask for 300)."""
WIDEST_WINDOW = timedelta(days=366)
"""From memory: a window may not be wider than about a year."""
PERIODS = (("registeredFrom", "registeredTo"), ("updatedFrom", "updatedTo"))
RANGES = frozenset({"me", "all"})
ENTRY_STATUSES = frozenset({"completed", "processing", "all"})
SEARCHED = ("companyName", "personName", "email", "tel")
JPEG = b"\xff\xd8\xff\xe0" + b"\x00\x10JFIF\x00" + b"\xff\xd9"
Row = Mapping[str, Any]


def refusal(status: int, code: str, description: str, **more: Any) -> Refusal:
    """A refusal in the shape of v3 (from memory)."""
    body = {"error": [{"code": code, "description": description}], **more}
    return Refusal(json_response(body, status))


def stamp(moment: datetime) -> str:
    """A moment as the vendor writes it: UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Wire(BaseSimulator):
    """What Sansan answers over HTTP. ``Simulator`` adds how cards get into it."""

    slug = "sansan"

    def __init__(
        self,
        *,
        path: Path | None,
        now: Callable[[], datetime],
        seed: int,
        key: str,
        rate: int | None,
        daily: int | None,
        token_alone: bool,
    ) -> None:
        super().__init__(path=path, now=now, seed=seed)
        self.key = key
        self.may_use_api = True
        self.me_id = str(ME["id"])
        self.cards = self.table("cards")
        self.tags = self.table("tags")
        self.token_alone = token_alone
        self._windows = [
            Window(limit, seconds) for limit, seconds in ((rate, 1.0), (daily, 86_400.0)) if limit
        ]

    def admit(self, request: Request) -> None:
        """Check the key, the right to use the API, and the rate."""
        if not self.key or request.headers.get("X-Sansan-Api-Key") != self.key:
            raise refusal(401, "UNAUTHORIZED", "the API key is not valid")
        if not self.may_use_api:
            raise refusal(403, "FORBIDDEN", "the use of the API is not allowed")
        for window in self._windows:
            if not window.take(self.now()):
                wait = 1 if window.seconds <= 1 else 3600
                raise refusal(429, "TOO_MANY_REQUESTS", "slow down", retry_after=wait)

    def refuse(self, request: Request, error: HTTPException) -> Response:
        """A wrong path or method, in the vendor's shape."""
        return refusal(error.code or 500, "NOT_FOUND", request.path).response

    @route("GET", "/v3.2/me")
    def me(self, request: Request) -> Response:  # noqa: ARG002 - a route
        """The user whose key it is."""
        return json_response(ME)

    @route("GET", "/v3.2/bizCards")
    def list_cards(self, request: Request) -> Response:
        """A page of the cards registered or updated in a window, both ends included."""
        query = self._query(request)
        name, begin, end = _window(query)
        wanted = _choice(query, "entryStatus", ENTRY_STATUSES, "completed")
        found = [
            card
            for card in self._in_range(query)
            if begin <= _moment(card[name], name) <= end and wanted in (card["entryStatus"], "all")
        ]
        return self._page(found, query, by=name)

    @route("GET", "/v3.2/bizCards/search")
    def search_cards(self, request: Request) -> Response:
        """A page of the cards that match; no window is needed."""
        query = self._query(request)
        asked = {name: query[name] for name in SEARCHED if query.get(name)}
        if not asked:
            raise refusal(400, "INVALID_PARAMETER", f"give one of {', '.join(SEARCHED)}")
        found = [card for card in self._in_range(query) if _matches(card, asked)]
        return self._page(found, query, by="registeredTime")

    @route("GET", "/v3.2/bizCards/<card_id>")
    def get_card(self, request: Request, card_id: str) -> Response:  # noqa: ARG002 - a route
        """One card, with its tags."""
        return json_response({"item": self._card(card_id)})

    @route("GET", "/v3.2/bizCards/<card_id>/image")
    def get_image(self, request: Request, card_id: str) -> Response:  # noqa: ARG002 - a route
        """The picture of a card."""
        self._card(card_id)
        return Response(JPEG, content_type="image/jpeg")

    @route("GET", "/v3.2/persons/<person_id>")
    def get_person(self, request: Request, person_id: str) -> Response:  # noqa: ARG002 - a route
        """A person: the card that was exchanged last stands for all of theirs."""
        held = [card for card in self.cards.values() if card["personId"] == person_id]
        if not held:
            raise refusal(404, "NOT_FOUND", "there is no such person")
        head = max(held, key=lambda card: (str(card["exchangeDate"]), str(card["id"])))
        return json_response({"item": {"id": person_id, "headBizCard": head}})

    @route("GET", "/v3.2/tags")
    def list_tags(self, request: Request) -> Response:  # noqa: ARG002 - a route
        """Every tag."""
        return json_response({"data": list(self.tags.values()), "hasMore": False})

    def _card(self, card_id: str) -> dict[str, Any]:
        if card_id not in self.cards:
            raise refusal(404, "NOT_FOUND", "there is no such card, or the user may not see it")
        return self.cards[card_id]

    def _in_range(self, query: Mapping[str, str]) -> Iterable[dict[str, Any]]:
        every = _choice(query, "range", RANGES, "me") == "all"
        return [card for card in self.cards.values() if every or card["owner"]["id"] == self.me_id]

    def _query(self, request: Request) -> dict[str, str]:
        """The parameters; those a page token stands for where it comes alone."""
        given = request.args.to_dict()
        token = given.pop("nextPageToken", None)
        if token is None:
            return given
        try:
            asked, after = orjson.loads(urlsafe_b64decode(token.encode()))
        except (Base64Error, ValueError):
            raise refusal(400, "INVALID_PARAMETER", "nextPageToken is not valid") from None
        if given and (self.token_alone or given != asked):
            raise refusal(400, "INVALID_PARAMETER", "nextPageToken is of another request")
        return {**asked, "_after": after}

    def _page(self, found: list[dict[str, Any]], query: dict[str, str], *, by: str) -> Response:
        after = query.pop("_after", "")
        size = _limit(query)
        place = {f"{card[by]} {card['id']}": card for card in found}
        rest = sorted(key for key in place if key > after)
        tagged = query.get("includeTags") == "true"
        shown = [place[key] if tagged else _bare(place[key]) for key in rest[:size]]
        more = len(rest) > size
        token = urlsafe_b64encode(orjson.dumps([query, rest[size - 1]])).decode() if more else None
        return json_response({"data": shown, "hasMore": more, "nextPageToken": token})


def _bare(card: Row) -> dict[str, Any]:
    return {name: value for name, value in card.items() if name != "tags"}


def _window(query: Mapping[str, str]) -> tuple[str, datetime, datetime]:
    """The time that is asked about and its two ends; refused where they are no window."""
    given = [pair for pair in PERIODS if any(name in query for name in pair)]
    if len(given) != 1 or not all(name in query for name in given[0]):
        raise refusal(400, "INVALID_PARAMETER", "give one pair of from and to")
    first, last = given[0]
    begin, end = _moment(query[first], first), _moment(query[last], last)
    if begin > end or end - begin > WIDEST_WINDOW:
        raise refusal(400, "INVALID_PARAMETER", f"{first} and {last} are no window of a year")
    return f"{first.removesuffix('From')}Time", begin, end


def _moment(text: str, name: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise refusal(400, "INVALID_PARAMETER", f"{name} is no time") from None
    if found.tzinfo is None:
        raise refusal(400, "INVALID_PARAMETER", f"{name} names no zone")
    return found


def _choice(query: Mapping[str, str], name: str, known: frozenset[str], default: str) -> str:
    value = query.get(name, default)
    if value not in known:
        raise refusal(400, "INVALID_PARAMETER", f"{name} is one of {', '.join(sorted(known))}")
    return value


def _limit(query: Mapping[str, str]) -> int:
    text = query.get("limit", "100")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_CARDS:
        raise refusal(400, "INVALID_PARAMETER", f"limit is a number from 1 to {MOST_CARDS}")
    return int(text)


def _matches(card: Row, asked: Mapping[str, str]) -> bool:
    said = {
        **{name: str(card.get(name) or "") for name in ("companyName", "email", "tel")},
        "personName": f"{card.get('lastName') or ''}{card.get('firstName') or ''}",
    }
    return all(value.replace(" ", "") in said[name] for name, value in asked.items())
