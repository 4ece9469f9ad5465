"""Business cards as records, as flat fields, and as they are described.

Names of fields are from memory in good part: a card is read leniently, and what it lacks gives no
value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.kit.base import FieldSpec, Record
from connectors.kit.body import flat, moment_of

Card = Mapping[str, Any]

STREAM = "bizCards"
TOKYO = ZoneInfo("Asia/Tokyo")
"""Where times without an offset are: Sansan is used in Japan. Times of v3 have one."""
COMPLETED = "completed"
PRIVATE = "private"
"""From memory: the type of a tag that only its maker sees; it is nobody else's business."""


def to_record(card: Card) -> Record:
    """The record of a card.

    It has no version: ``updatedTime`` is to the second, and whether a new ``personId`` moves it is
    not known. The hub tells two states of a card apart by their content.
    """
    return Record(
        stream=STREAM,
        external_id=str(card["id"]),
        payload=card,
        changed_at=moment_of(card.get("updatedTime"), TOKYO),
    )


def is_wanted(card: Card, *, since: datetime, own: bool) -> bool:
    """Whether a card is read: not one of before ``since``, and not one without a person on it.

    A card that is still being digitised counts once it has an e-mail address: the rest follows.
    """
    if card.get("isUserCard") and not own:
        return False
    registered = moment_of(card.get("registeredTime"), TOKYO)
    if registered is not None and registered < since:
        return False
    return card.get("entryStatus", COMPLETED) == COMPLETED or bool(card.get("email"))


def flatten(card: Card, campaign_tags: Sequence[str]) -> dict[str, Any]:
    """The card's fields by their names (the owner's as ``owner.email``), and what tags say.

    ``tagNames`` are the names of its tags; ``campaignTag`` is the first that begins like one of
    ``campaign_tags``.
    """
    names = list(dict.fromkeys(_tag_names(card.get("tags"))))
    starts = tuple(start.casefold() for start in campaign_tags)
    campaigns = [name for name in names if name.casefold().startswith(starts)]
    fields = {name: value for name, value in flat(card).items() if name != "tags"}
    fields |= {"tagNames": names} if "tags" in card else {}
    return fields | ({"campaignTag": campaigns[0]} if campaigns else {})


def _tag_names(tags: Any) -> Iterator[str]:
    for tag in tags if isinstance(tags, list) else ():
        if isinstance(tag, Mapping) and tag.get("type") != PRIVATE and tag.get("name"):
            yield str(tag["name"]).strip()


_TEXTS = {
    "lastName": "姓",
    "firstName": "名",
    "lastNameReading": "姓(カナ)",
    "firstNameReading": "名(カナ)",
    "companyName": "会社名",
    "departmentName": "部署名",
    "title": "役職",
    "postalCode": "郵便番号",
    "address": "住所",
    "prefecture": "都道府県",
    "city": "市区町村",
    "street": "番地",
    "building": "建物名",
    "memo": "メモ",
    "personId": "人物ID",
    "companyId": "会社ID",
    "entryStatus": "データ化の状態",
    "owner.id": "所有者のID",
    "owner.name": "所有者",
    "campaignTag": "展示会・施策のタグ",
}
_TYPED = {
    "email": ("メールアドレス", "email"),
    "tel": ("電話番号", "phone"),
    "mobile": ("携帯電話", "phone"),
    "fax": ("FAX", "phone"),
    "url": ("URL", "url"),
    "exchangeDate": ("名刺交換日", "date"),
    "registeredTime": ("名刺登録日時", "datetime"),
    "updatedTime": ("名刺更新日時", "datetime"),
    "owner.email": ("所有者のメールアドレス", "email"),
    "isUserCard": ("自分の名刺", "boolean"),
    "tagNames": ("タグ", "multipicklist"),
}


def field_specs() -> list[FieldSpec]:
    """A card's fields. Sansan has no call that describes them; none can be written."""
    texts = [FieldSpec(name, label, "text", writable=False) for name, label in _TEXTS.items()]
    typed = [
        FieldSpec(name, label, type_, writable=False) for name, (label, type_) in _TYPED.items()
    ]
    key = FieldSpec("id", "名刺ID", "text", required=True, writable=False, unique=True)
    return [key, *texts, *typed]
