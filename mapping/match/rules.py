"""What each piece of evidence counts, and from which score on two records are one person.

Points are log2 units: +1 doubles the odds. They were set on generated Japanese leads of seeds kept
apart from those they are judged by (docs/explanation/matching.md), and ``match.yaml`` may change
each of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

ACCEPT = 13.0
"""From this score on two records are one person, if something strong says so and nothing hard
speaks against it."""
REVIEW = 5.0
"""From this score up to ACCEPT a person decides; below, they are two."""
VETO = -2.0
"""Two clusters do not join across a pair that scores below this."""
LARGEST = 10
"""Records that may come together by themselves; more are left to a person."""
CUTS = (60, 20, 12, 8)
"""A key that more leads than this share finds nobody, and what it is the key of is common. By kind
of key: contacts of one person; a family name at a company; lines and local parts; names alone."""
HOT = CUTS[0]
"""As many accounts as a name is taken to be at whose key finds nobody."""
SHARED = 3
"""From so many family names on, a mailbox or a number is nobody's own."""

POINTS: Mapping[str, float] = MappingProxyType(
    {
        "mailbox": 14.0,
        "mobile": 14.0,
        "line": 8.0,
        "extension": 10.0,
        "local_part": 4.0,
        "mailbox_typo": 10.0,
        "name": 9.0,
        "name_common": 8.0,
        "name_close": 5.0,
        "name_swapped": 7.0,
        "name_short": 8.0,
        "reading": 7.0,
        "reading_common": 6.5,
        "reading_too": 1.5,
        "names_fit": 5.0,
        "family": 2.0,
        "family_new": 0.0,
        "homophone": -1.0,
        "may_sound": -3.0,
        "readings_unfit": -5.0,
        "names_differ": -11.0,
        "given_names_differ": -9.0,
        "families_differ": -7.0,
        "readings_differ": -9.0,
        "mailbox_fits": 3.0,
        "mailbox_unfit": -7.0,
        "mailboxes_differ": -8.0,
        "mailboxes_vary": -2.0,
        "mobiles_differ": -4.0,
        "account": 5.0,
        "account_by_name": 5.0,
        "other_company": -6.0,
        "sister_company": -4.0,
        "department": 1.5,
        "other_department": -2.0,
        "prefectures_differ": -1.5,
    }
)
"""What each piece of evidence counts; ``name`` falls to ``name_common`` with its accounts."""

WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "mailbox": ("個人のメールアドレスが一致", "the same personal mailbox"),
        "mobile": ("携帯番号が一致", "the same mobile number"),
        "line": ("電話番号が一致", "the same telephone line"),
        "extension": ("内線まで電話番号が一致", "the same line and extension"),
        "local_part": ("別ドメインで@の前が一致", "the same local part at another domain"),
        "mailbox_typo": ("打ち間違いとみられる同じメールアドレス", "the same mailbox, mistyped"),
        "name": ("氏名が一致", "the same name"),
        "name_close": ("氏名がほぼ一致", "nearly the same name"),
        "name_swapped": ("姓と名が逆で一致", "the same name, family and given swapped"),
        "name_short": ("略称・イニシャルとして一致", "a short form or initial of the same name"),
        "reading": ("氏名の読みが一致", "the same reading of the name"),
        "reading_too": ("読みも一致", "its reading agrees too"),
        "names_fit": ("氏名の表記は違うが合致しうる", "two spellings that may be one name"),
        "family": ("姓が一致", "the same family name"),
        "family_new": ("名は同じで姓が変わった", "the same given name, another family name"),
        "homophone": ("読みは同じで漢字が異なる", "one reading, other characters"),
        "may_sound": ("漢字は異なるが同音でありうる", "other characters that may sound the same"),
        "readings_unfit": ("読みが合わないとみられる", "a reading that does not seem to fit"),
        "names_differ": ("氏名が異なる", "another name"),
        "given_names_differ": ("名が異なる", "another given name"),
        "families_differ": ("姓が異なる", "another family name"),
        "readings_differ": ("氏名の読みが異なる", "another reading"),
        "mailbox_fits": ("メールアドレスが名に合う", "the mailbox fits the given name"),
        "mailbox_unfit": ("メールアドレスが名に合わない", "the mailbox is of another given name"),
        "mailboxes_differ": ("同じ会社で個人メールが異なる", "another mailbox at one company"),
        "mailboxes_vary": ("同じ会社の別のメールアドレス", "two mailboxes, one of them unnamed"),
        "mobiles_differ": ("携帯番号が異なる", "another mobile number"),
        "account": ("同じ会社", "the same account"),
        "account_by_name": ("会社名が一致", "the same company name"),
        "other_company": ("会社が異なる", "another company"),
        "sister_company": ("名前の似た別会社", "a sister company"),
        "department": ("部署が一致", "the same department"),
        "other_department": ("部署が異なる", "another department"),
        "prefectures_differ": ("都道府県が異なる", "another prefecture"),
    }
)
"""Each piece of evidence in Japanese and English."""

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "mailbox": "email",
        "mobile": "mobile",
        "line": "phone",
        "extension": "phone",
        "local_part": "email",
        "mailbox_typo": "email",
        "reading": "family_kana, given_kana",
        "reading_too": "family_kana, given_kana",
        "readings_differ": "family_kana, given_kana",
        "homophone": "full_name, family_kana, given_kana",
        "may_sound": "given_name, given_kana",
        "readings_unfit": "given_name, given_kana",
        "family": "family_name",
        "family_new": "family_name",
        "families_differ": "family_name",
        "given_names_differ": "given_name",
        "mailbox_fits": "email, given_name",
        "mailbox_unfit": "email, given_name",
        "mailboxes_differ": "email",
        "mailboxes_vary": "email",
        "mobiles_differ": "mobile",
        "account": "company",
        "account_by_name": "company",
        "other_company": "company",
        "sister_company": "company",
        "department": "department",
        "other_department": "department",
        "prefectures_differ": "prefecture",
    }
)
"""The fields that a piece of evidence is about; ``full_name`` where none is named here."""

STRONG = frozenset({"mailbox", "mailbox_typo", "mobile"})
"""What ties two records to one person; else it takes a name and an account (or a line)."""
NAMED = frozenset({"name", "name_swapped", "reading", "names_fit", "name_close", "name_short"})
PLACED = frozenset({"account", "account_by_name", "line", "extension", "local_part"})
HARD = frozenset(
    {
        "names_differ",
        "given_names_differ",
        "families_differ",
        "readings_differ",
        "mailboxes_differ",
        "mailbox_unfit",
        "may_sound",
        "readings_unfit",
    }
)
"""What keeps two records from being tied by themselves, whatever the sum."""


@dataclass(frozen=True, slots=True)
class Extra:
    """A further field that speaks for or against, as ``match.yaml`` names it.

    ``compare`` is one of ``mapping.match.extra.COMPARE``; ``same``, ``close`` and ``differ`` are
    points. ``tie`` makes it as good as a mailbox.
    """

    field: str
    compare: str
    same: float
    close: float = 0.0
    differ: float = 0.0
    tie: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that decides who is who."""

    points: Mapping[str, float] = field(default_factory=lambda: POINTS)
    accept: float = ACCEPT
    review: float = REVIEW
    veto: float = VETO
    largest: int = LARGEST
    extras: tuple[Extra, ...] = ()
    keys: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        """Fill what is not said with the points above."""
        unknown = set(self.points) - set(POINTS)
        if unknown:
            raise ValueError(f"no such evidence: {', '.join(sorted(unknown))}")
        if len(self.points) < len(POINTS):
            object.__setattr__(self, "points", {**POINTS, **self.points})


DEFAULT = Rules()
