"""Sansan: business cards. Each card is a lead; nothing can be written.

What is odd here:

- There is no sandbox and no public description of v3.2; what is from memory is in connector.yaml.
- A key is a user's and sees what that user may see: take one who may see every card.
- A card is registered when it is scanned and typed in by people minutes to hours later. Until then
  it is ``processing`` and empty; it comes once it is completed, which moves its update time. One
  that already has an e-mail address comes at once.
- Cards are asked for by windows of time (``pull`` says how). Cards of before ``since`` are left
  out also where they change, for a sweep that does not list them would take them for deleted.
- A deleted card leaves no trace: only a sweep over all ids finds it.
- Several cards are one human's (``personId``, Sansan's own grouping), and every colleague who
  exchanged cards with them has one. Each is a record of its own; the hub finds the person by
  e-mail, mobile, or name and company. A card that is grouped anew has another ``personId``.
- Having somebody's card is no consent: the default map says nothing of consent.
- Ten requests a second for a key; how long to wait is in the body of a 429, not in its headers. How
  much of a contract's daily allowance is left is not said.
- Public clients differ in whether the page token comes with the query or alone: we send both, and
  the token alone where that is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from datetime import time as clock_time
from typing import Any
from urllib.parse import quote

from connectors.kit.auth import ApiKey
from connectors.kit.base import FieldSpec, Identity, Page, Record, StageSpec
from connectors.kit.errors import ContractBroken
from connectors.kit.session import Session, Wiring
from connectors.sansan.cards import (
    STREAM,
    TOKYO,
    Card,
    field_specs,
    flatten,
    is_wanted,
    to_record,
)
from connectors.sansan.options import Options
from connectors.sansan.pull import Body, Cursor, begun, cards_of, walk
from connectors.sansan.translate import translate

__all__ = ["Connector", "Options", "connect"]

VERSION = "/v3.2"
"""The version that public clients speak; v2 is older and has other names."""


class Connector:
    """One key: reads the cards its user may see."""

    def __init__(self, options: Options, session: Session, wiring: Wiring) -> None:
        self.options = options
        self.session = session
        self._wiring = wiring
        self._token_alone = False
        self._since = datetime.combine(options.since, clock_time.min, TOKYO)

    def streams(self) -> list[str]:
        """One: the cards."""
        return [STREAM]

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """Cards by their registration at first, then by their last change."""
        _ours(stream)
        held = begun(
            Cursor.load(cursor),
            since=self._since,
            now=self._wiring.now(),
            overlap=self.options.overlap,
        )
        for cards, at in self._walk(held):
            yield Page([to_record(card) for card in cards if self._wanted(card)], at.dump())

    def fetch(self, stream: str, external_ids: Sequence[str]) -> list[Record]:
        """These cards again; one that is gone, or that the user may not see, is deleted."""
        _ours(stream)
        return [self._fetch(card_id) for card_id in external_ids]

    def ids(self, stream: str) -> Iterator[str]:
        """The id of every card that was registered since ``since``."""
        _ours(stream)
        start = begun(Cursor(), since=self._since, now=self._wiring.now(), overlap=0)
        for cards, _ in self._walk(start):
            yield from (str(card["id"]) for card in cards)

    def flatten(self, stream: str, payload: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """The card's fields, and what its tags say."""
        return flatten(payload, self.options.campaign_tags)

    def fields(self, stream: str) -> list[FieldSpec]:
        """A card's fields, as far as they are known; none can be written."""
        _ours(stream)
        return field_specs()

    def stages(self, stream: str) -> list[StageSpec]:  # noqa: ARG002 - a card has no stages
        """None: a card has no stage."""
        return []

    def identify(self) -> Identity:
        """Whose key it is, by id; an address is told only where there is nothing else."""
        me = _object(self.session.get(f"{VERSION}/me").json())
        user = me.get("item") or me.get("data") or me
        found = user if isinstance(user, Mapping) else me
        account = found.get("id") or found.get("name") or self.session.connection
        return Identity(f"Sansan ({account})", clock_offset=self.session.clock_offset)

    def _wanted(self, card: Card) -> bool:
        return is_wanted(card, since=self._since, own=self.options.own_cards)

    def _walk(self, start: Cursor) -> Iterator[tuple[Sequence[Card], Cursor]]:
        return walk(self._page, start, window=timedelta(days=self.options.window_days))

    def _page(self, window: Mapping[str, str], token: str | None) -> Body | None:
        """A page of cards; None where the vendor does not take the token in either way."""
        query = {
            **window,
            "range": self.options.range,
            "entryStatus": "all",
            "includeTags": "true",
            "limit": str(self.options.page_size),
        }
        if token is None:
            return self._ask(query)
        ways = [{"nextPageToken": token}, {**query, "nextPageToken": token}]
        for way in ways[:1] if self._token_alone else reversed(ways):
            reply = self.session.get(f"{VERSION}/bizCards", params=way, accept=(400,))
            if reply.status != 400:
                self._token_alone = way is ways[0]
                return _object(reply.json())
        return None

    def _ask(self, query: Mapping[str, str]) -> Body:
        return _object(self.session.get(f"{VERSION}/bizCards", params=query).json())

    def _fetch(self, card_id: str) -> Record:
        path = f"{VERSION}/bizCards/{quote(card_id, safe='')}"
        reply = self.session.get(path, params={"includeTags": "true"}, accept=(404,))
        if reply.status == 404:
            return Record(STREAM, card_id, {}, deleted=True)
        body = _object(reply.json())
        (card,) = cards_of({"data": [body.get("item") or body.get("data") or body]})
        return to_record(card)


def connect(options: Options, wiring: Wiring) -> Connector:
    """A connector for one key."""
    session = wiring.session(
        base_url=options.base_url,
        auth=ApiKey("x-sansan-api-key", options.api_key.get_secret_value()),
        throttle=wiring.throttle(options.requests_per_second),
        translate=translate,
        headers={"x-sansan-app-id": options.app_id} if options.app_id else {},
    )
    return Connector(options, session, wiring)


def _ours(stream: str) -> None:
    if stream != STREAM:
        raise ContractBroken(f'Sansan has no stream "{stream}"; its one stream is {STREAM}')


def _object(body: Any) -> Mapping[str, Any]:
    if isinstance(body, Mapping):
        return body
    raise ContractBroken("Sansan answered with JSON that is no object", code="SANSAN_SHAPE")
