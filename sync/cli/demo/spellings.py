"""How one person is written down differently in every system, as it is in life.

Width, case, legal form, spaces, kana and the variants of a character differ; nothing is misspelt.
"""

from __future__ import annotations

import random

from sync.cli.demo.people import Person

_WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
_VARIANTS = {"高橋": "髙橋", "渡辺": "渡邊", "斎藤": "齋藤", "山崎": "山﨑"}
_HALF_KANA = str.maketrans(
    dict(
        zip(
            "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワンョュャッー",
            "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝｮｭｬｯｰ",
            strict=True,
        )
    )
)
_VOICED = str.maketrans(
    {
        **{one: f"{plain}ﾞ" for one, plain in zip("ガギグゲゴザジズゼゾダヂヅデドバビブベボ",
            "ｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾊﾋﾌﾍﾎ", strict=True)},
        **{one: f"{plain}ﾟ" for one, plain in zip("パピプペポ", "ﾊﾋﾌﾍﾎ", strict=True)},
    }
)  # fmt: skip


class Pen:
    """One system's way of writing one person; the same each time it is asked."""

    def __init__(self, person: Person, system: str) -> None:
        self.person = person
        self.system = system

    def _one_of(self, field: str, *texts: str) -> str:
        chance = random.Random(f"{self.person.number} {self.system} {field}")  # noqa: S311
        return chance.choice(texts)

    def company(self) -> str:
        """The company with its legal form before, behind, short, or not at all."""
        core = self.person.company.core
        if self.person.english:
            return self._one_of(
                "company", f"{core} Ltd.", f"{core} Ltd", f"{core} Limited", f"{core.upper()} LTD."
            )
        return self._one_of(
            "company",
            f"株式会社{core}",
            f"株式会社{core}",
            f"株式会社　{core}",
            f"（株）{core}",
            f"(株){core}",
            f"㈱{core}",
        )

    def family(self) -> str:
        """The family name, now and then with the other form of a character."""
        name = self.person.family
        return self._one_of("family", name, name, _VARIANTS.get(name, name))

    def full_name(self) -> str:
        """The whole name in one field."""
        if self.person.english:
            return self.person.full_name
        return f"{self.family()}{self._one_of('full_name', ' ', '　')}{self.person.given}"

    def kana(self) -> str:
        """The reading, in katakana, half-width katakana or hiragana; nothing for English names."""
        if self.person.english:
            return ""
        text = f"{self.person.family_kana} {self.person.given_kana}"
        return self._one_of("kana", text, text.replace(" ", "　"), half(text), hiragana(text))

    def email(self) -> str:
        """The address as people type it: in any case."""
        address = self.person.email
        local, _, domain = address.partition("@")
        titled = ".".join(part.capitalize() for part in local.split("."))
        return self._one_of(
            "email", address, address, address, f"{titled}@{domain}", address.upper()
        )

    def phone(self) -> str:
        """The switchboard."""
        return self._written(self.person.company.phone, len(self.person.company.place[4]))

    def mobile(self) -> str:
        """Their own telephone, where they have one."""
        return self._written(self.person.mobile, 2) if self.person.mobile else ""

    def _written(self, number: str, area: int) -> str:
        digits = f"0{number.removeprefix('+81')}"
        first, last = digits[: area + 1], digits[-4:]
        middle = digits[area + 1 : -4]
        hyphens = f"{first}-{middle}-{last}"
        return self._one_of(
            "phone",
            hyphens,
            hyphens,
            hyphens.translate(_WIDE),
            digits,
            number,
            f"{first}({middle}){last}",
        )


def half(text: str) -> str:
    """Katakana in half width."""
    return text.translate(_VOICED).translate(_HALF_KANA)


def hiragana(text: str) -> str:
    """Katakana as hiragana."""
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in text)
