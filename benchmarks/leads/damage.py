"""How telephone numbers, addresses and other cells look after people and spreadsheets had them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
HALF_KANA = dict(
    zip(
        "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンァィゥェォャュョッー",
        "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｧｨｩｪｫｬｭｮｯｰ",
        strict=True,
    )
)
VOICED = dict(
    zip("ガギグゲゴザジズゼゾダヂヅデドバビブベボヴ", "ｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾊﾋﾌﾍﾎｳ", strict=True)
)
HALF = str.maketrans(
    HALF_KANA
    | {kana: half + "ﾞ" for kana, half in VOICED.items()}
    | dict(zip("パピプペポ", ("ﾊﾟ", "ﾋﾟ", "ﾌﾟ", "ﾍﾟ", "ﾎﾟ"), strict=True))
)
HIRAGANA = str.maketrans({chr(code): chr(code - 0x60) for code in range(0x30A1, 0x30F7)})
HYPHENS = "‐‑–−ー－ｰ―"

PHONE_STYLES = (
    ("plain", 40),
    ("digits", 13),
    ("wide", 6),
    ("wide_hyphen", 3),
    ("brackets", 6),
    ("brackets_first", 2),
    ("dots", 3),
    ("spaces", 3),
    ("plus", 5),
    ("plus_zero", 2),
    ("country_first", 2),
    ("international", 1),
    ("no_zero", 5),
    ("float", 1),
    ("odd_hyphen", 4),
    ("label", 3),
    ("slash", 1),
)


@dataclass(slots=True)
class Pen:
    """Writes the cells of one record after another; ``marks`` names what was done to this one."""

    rng: random.Random
    hardness: float = 1.0
    marks: list[str] = field(default_factory=list)

    def chance(self, share: float, mark: str = "") -> bool:
        """Return True for this share of calls, and mark the record then.

        What leaves a mark is a hard case, as often as ``hardness`` wants it.
        """
        if self.rng.random() >= (share * self.hardness if mark else share):
            return False
        if mark:
            self.marks.append(mark)
        return True


def wide(text: str) -> str:
    """Return ASCII letters, digits and signs in full width."""
    return text.translate(WIDE)


def half_kana(text: str) -> str:
    """Return katakana in half width."""
    return text.translate(HALF)


def hiragana(text: str) -> str:
    """Return katakana as hiragana."""
    return text.translate(HIRAGANA)


# What people type where they have nothing to say, or will not say it.
NO_PHONE = ("なし", "-", "000-0000-0000", "0", "不明", "00-0000-0000", "同上", "03-0000-0000")
NO_EMAIL = ("なし", "-", "none", "test@test.com", "no@mail", "dummy@example.com", "未登録")

_STYLES, _WEIGHTS = zip(*PHONE_STYLES, strict=True)


def phone(pen: Pen, number: str, clean: float = 0.35) -> str:
    """Return a number such as ``03-3456-7890`` as a list may have it; ``clean`` stay so."""
    if not number or pen.chance(clean):
        return number
    style = pen.rng.choices(_STYLES, _WEIGHTS)[0]
    if style != "plain":
        pen.marks.append(f"phone_{style}")
    return styled(pen.rng, number, style)


def styled(rng: random.Random, number: str, style: str) -> str:
    """Return a number such as ``03-3456-7890`` in one of the styles of ``PHONE_STYLES``."""
    a, b, c = number.split("-")
    digits = a + b + c
    written = {
        "plain": number,
        "digits": digits,
        "wide": wide(number),
        "wide_hyphen": number.replace("-", "－"),
        "brackets": f"{a}({b}){c}",
        "brackets_first": f"({a}){b}-{c}",
        "dots": f"{a}.{b}.{c}",
        "spaces": f"{a} {b} {c}",
        "plus": f"+81-{a[1:]}-{b}-{c}",
        "plus_zero": f"+81 (0){a[1:]}-{b}-{c}",
        "country_first": f"81{digits[1:]}",
        "international": f"0081-{a[1:]}-{b}-{c}",
        "no_zero": digits[1:],
        "float": f"{digits[1:]}.0",
        "odd_hyphen": number.replace("-", rng.choice(HYPHENS)),
        "slash": f"{a}/{b}/{c}",
        "label": rng.choice(("TEL ", "TEL:", "℡", "電話：", "Tel. ", "T:")) + number,
    }
    return written[style]


def switchboard(pen: Pen, number: str) -> str:
    """Return a switchboard number, sometimes said to be one, sometimes nonsense."""
    if pen.chance(0.015, "phone_placeholder"):
        return pen.rng.choice(NO_PHONE)
    text = phone(pen, number)
    if pen.chance(0.14, "phone_said_to_be_main"):
        text += pen.rng.choice(("(代)", "（代表）", "(代表)", " 代表", "（代）"))
    return text


def with_extension(pen: Pen, number: str, extension: str) -> str:
    """Return a number with an extension, written in one of many ways."""
    pen.marks.append("phone_extension")
    text = phone(pen, number, clean=0.7)
    styles = (
        " 内線{}",
        "(内線{})",
        "（内{}）",
        " 内線：{}",
        " ext.{}",
        " ext {}",
        "内線 {}",
        " x{}",
        "#{}",
    )
    return text + pen.rng.choice(styles).format(extension)


def two_numbers(pen: Pen, one: str, other: str) -> str:
    """Return two numbers in one cell."""
    pen.marks.append("phone_two_in_one")
    between = pen.rng.choice((" / ", "、", "・", "\n", ", ", " または ", "／"))
    return phone(pen, one, 0.7) + between + phone(pen, other, 0.7)


def email(pen: Pen, address: str, hand: float = 0.5) -> str:
    """Return an address as it was copied or typed; ``hand`` says how much of it was by hand."""
    if not address:
        return ""
    rng = pen.rng
    if pen.chance(0.014 * hand, "email_placeholder"):
        return rng.choice(NO_EMAIL)
    if pen.chance(0.056 * hand, "email_typo"):
        return typo(rng, address)
    if rng.random() > 0.3 * hand:
        return address
    local, _, domain = address.partition("@")
    kind = rng.choices(
        ("case", "upper", "wide", "mailto", "display", "tag", "dot", "space", "angle", "wide_at"),
        (26, 8, 10, 7, 9, 7, 6, 14, 6, 4),
    )[0]
    pen.marks.append(f"email_{kind}")
    return {
        "case": f"{local.title()}@{domain}",
        "upper": address.upper(),
        "wide": wide(address),
        "mailto": f"mailto:{address}",
        "display": f'"{local.split(".")[0].title()}" <{address}>',
        "tag": f"{local}+{rng.choice(('seminar', 'news', 'dl', 'expo2024'))}@{domain}",
        "dot": address + ".",
        "space": rng.choice((f" {address}", f"{address} ", f"{address}　", f"{local} @{domain}")),
        "angle": f"<{address}>",
        "wide_at": f"{local}＠{domain}",
    }[kind]


def typo(rng: random.Random, address: str) -> str:
    """Return an address with one slip, most of them in the domain."""
    local, _, domain = address.partition("@")
    head, _, tail = domain.partition(".")
    slips = [f"{local}@{_swap(rng, head)}.{tail}", f"{local}@{_drop(rng, head)}.{tail}"]
    if tail == "co.jp":
        slips += [f"{local}@{head}.{t}" for t in ("co,jp", "cojp", "co.jo", "co.j", "ne.jp")]
    if domain == "gmail.com":
        slips = [f"{local}@{d}" for d in ("gmial.com", "gmai.com", "gmail.co", "gmaill.com")]
    if domain == "yahoo.co.jp":
        slips += [f"{local}@{d}" for d in ("yaho.co.jp", "yahoo.ne.jp", "yahoo.co.jo")]
    if len(local) > 4 and rng.random() < 0.3:
        slips = [f"{_swap(rng, local)}@{domain}", f"{_drop(rng, local)}@{domain}"]
    return rng.choice(slips)


def _swap(rng: random.Random, text: str) -> str:
    if len(text) < 4:
        return text + text[-1]
    at = rng.randrange(1, len(text) - 2)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _drop(rng: random.Random, text: str) -> str:
    if len(text) < 4:
        return text + text[-1]
    at = rng.randrange(1, len(text) - 1)
    return text[:at] + text[at + 1 :]


def number13(pen: Pen, number: str) -> str:
    """Return a corporate number as lists have it: with a T, hyphens, in full width, as a float."""
    if not number or pen.chance(0.75):
        return number
    pen.marks.append("corporate_number_form")
    return pen.rng.choice(
        (
            f"T{number}",
            wide(number),
            f"{number[0]}-{number[1:5]}-{number[5:9]}-{number[9:]}",
            f"{number}.0",
            f"法人番号:{number}",
            f" {number}",
        )
    )


def website(pen: Pen, domain: str) -> str:
    """Return a web address of a domain, in the ways it is copied."""
    if not domain:
        return ""
    styles = (
        "https://www.{}/", "https://www.{}", "http://www.{}/", "www.{}", "{}", "https://{}/",
        "https://www.{}/contact/index.html", "HTTPS://WWW.{}/", "https://www.{}/?utm_source=expo",
    )  # fmt: skip
    return pen.rng.choice(styles).format(domain)


def postal(pen: Pen, code: str) -> str:
    """Return a postal code with and without its sign, in full width, without the hyphen."""
    if pen.chance(0.6):
        return code
    return pen.rng.choice((f"〒{code}", wide(code), code.replace("-", ""), f"〒 {code}"))


def address(pen: Pen, text: str, prefecture: str) -> str:
    """Return an address: without its prefecture, with kanji numerals, in full width, cut short."""
    out = text
    if prefecture in out and pen.chance(0.25, "address_without_prefecture"):
        out = out.replace(prefecture, "", 1)
    if pen.chance(0.2):
        out = wide(out)
    elif pen.chance(0.15):
        head, _, rest = out.partition("-")
        block, _, house = rest.partition("-")
        out = f"{head}丁目{block}番{house}" if house else out
    return out.split(" ")[0] if pen.chance(0.2) else out
