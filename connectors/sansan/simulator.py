"""A simulated Sansan: business cards that are scanned, digitised, tagged, regrouped and deleted.

Cards are planted with ``scan``. At the vendor people type a card in: until ``digitise`` it is
``processing`` and shows little. A deleted card leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.sansan.simulator_wire import DEFAULT_KEY, ME, Wire, stamp

__all__ = ["DEFAULT_KEY", "Simulator"]

TOKYO = ZoneInfo("Asia/Tokyo")
TYPED = (
    "lastName",
    "firstName",
    "lastNameReading",
    "firstNameReading",
    "departmentName",
    "title",
    "email",
    "mobile",
    "companyName",
    "postalCode",
    "address",
    "prefecture",
    "city",
    "street",
    "building",
    "tel",
    "fax",
    "url",
)
"""What is read off a card; empty until the card is digitised."""


class Simulator(Wire):
    """One company's Sansan, seen by the user of ``key``.

    ``rate`` is requests a second and ``daily`` requests a day, None for no limit. ``token_alone``:
    the page token must come without the other parameters, as one of the public clients sends it.
    """

    def __init__(
        self,
        *,
        path: Path | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int = 0,
        key: str = DEFAULT_KEY,
        rate: int | None = 10,
        daily: int | None = None,
        token_alone: bool = False,
    ) -> None:
        super().__init__(
            path=path,
            now=now,
            seed=seed,
            key=key,
            rate=rate,
            daily=daily,
            token_alone=token_alone,
        )

    def scan(
        self,
        *,
        at: datetime | None = None,
        exchanged: date | None = None,
        person: str | None = None,
        owner: dict[str, str] | None = None,
        digitised: bool = True,
        own: bool = False,
        tags: tuple[str, ...] = (),
        **typed: str,
    ) -> str:
        """Scan a card and return its id. ``typed`` is what stands on it, by the vendor's names.

        ``person`` is the person it is grouped with (default: one of its own). ``own`` is a user's
        own card. Raises ValueError for a name the vendor does not have.
        """
        unknown = sorted(set(typed) - {*TYPED, "memo"})
        if unknown:
            raise ValueError(f"a card has no {', '.join(unknown)}")
        with self.lock:
            moment = at or self.now()
            number = self.next_id("card")
            card_id = f"BC{number:08d}"
            shown = {name: typed.get(name, "") if digitised else "" for name in TYPED}
            self.cards[card_id] = {
                "id": card_id,
                "personId": person or f"P{number:08d}",
                "companyId": f"C{sum(typed.get('companyName', '').encode()):06d}",
                "exchangeDate": (exchanged or moment.astimezone(TOKYO).date()).isoformat(),
                "registeredTime": stamp(moment),
                "updatedTime": stamp(moment),
                "entryStatus": "completed" if digitised else "processing",
                "owner": dict(owner or ME),
                **shown,
                "memo": typed.get("memo", ""),
                "isUserCard": own,
                "tags": [self._tag(name) for name in tags],
            }
            return card_id

    def digitise(self, card_id: str, **typed: str) -> None:
        """The vendor's people have typed the card in; its update time moves."""
        self.edit(card_id, entryStatus="completed", **typed)

    def edit(self, card_id: str, **fields: Any) -> None:
        """Somebody corrects a card; its update time moves."""
        with self.lock:
            changed = {**fields, "updatedTime": stamp(self.now())}
            self.cards[card_id] = self.cards[card_id] | changed

    def tag(self, card_id: str, *names: str) -> None:
        """Put public tags on a card."""
        with self.lock:
            held = self.cards[card_id]["tags"]
            self.edit(card_id, tags=[*held, *(self._tag(name) for name in names)])

    def regroup(self, card_id: str, person: str) -> None:
        """Sansan takes a card to be another person's."""
        self.edit(card_id, personId=person)

    def delete(self, card_id: str) -> None:
        """Delete a card; nothing tells of it."""
        with self.lock:
            del self.cards[card_id]

    def revoke(self) -> None:
        """Make the key invalid."""
        self.key = ""

    def _tag(self, name: str) -> dict[str, str]:
        for tag in self.tags.values():
            if tag["name"] == name:
                return dict(tag)
        made = {"id": f"T{self.next_id('tag'):04d}", "name": name, "type": "public"}
        self.tags[made["id"]] = made
        return dict(made)
