from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.file import Options
from connectors.kit.errors import RecordRejected

Read = Callable[..., list[dict[str, Any]]]

PLAIN = ("会社名", "氏名", "メールアドレス", "備考")
FORM = ("会社名（必須）", "お名前", "フリガナ", "E-mail", "電話番号")
CARDS = ("会社名", "部署名", "役職", "氏名", "e-mail", "TEL会社", "名刺交換日")

AOZORA = ("株式会社青空製作所", "山田太郎", "taro@aozora.example", "展示会で名刺を交換")
NEC = ("㈱髙島屋敷物流", "髙橋①子", "ichi@takashima.example", "№１ Ⅲ期 ㎡単価")
HALF = ("ｶ)ﾐﾅﾄﾌﾞﾂﾘｭｳ", "ﾀﾅｶ ｼﾞﾛｳ", "jiro@minato.example", "ﾒｰﾙ希望")
WAVE = ("ABC～XYZ商会", "山﨑－花子", "hana@abc.example", "―∥￥￠￡￢")
ASCII_MOSTLY = ("Acme Inc.", "髙田 Ken", "ken@acme.example", "call back ①")
SPARE = ("合同会社すずらん", "齋藤さくら", "sakura@suzuran.example", "表ソ能力予定十申込")
FORM_ROW = ("北斗技研", "五十嵐 翔", "イガラシ ショウ", "sho@hokuto.example", "011-123-4567")
CARD_ROW = (
    "さくら精機",
    "営業部",
    "課長",
    "森 健一",
    "mori@seiki.example",
    "052-123-4567",
    "2026/05/10",
)
QUOTED = ("ひかり、商事, 株式会社", "久保田\n由美子", "yumi@hikari.example", '"急ぎ"')

SAMPLES = [
    *[
        (header, row, encoding)
        for header, row in [(PLAIN, AOZORA), (PLAIN, SPARE), (FORM, FORM_ROW), (CARDS, CARD_ROW)]
        for encoding in ("utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16", "iso2022_jp")
    ],
    *[
        (PLAIN, row, encoding)
        for row in (NEC, HALF, WAVE, ASCII_MOSTLY, QUOTED)
        for encoding in ("utf-8-sig", "cp932")
    ],
    (PLAIN, HALF, "euc_jp"),
    (PLAIN, QUOTED, "euc_jp"),
]


def _csv(*rows: tuple[str, ...]) -> str:
    return "".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n" for row in rows
    )


@pytest.mark.parametrize(("header", "row", "encoding"), SAMPLES)
def test_a_list_reads_the_same_in_every_encoding(
    read: Read, header: tuple[str, ...], row: tuple[str, ...], encoding: str
) -> None:
    flat = read(_csv(header, row).encode(encoding))
    assert len(flat) == 1
    reading = " ".join(flat[0].get(name, "") for name in ("family_kana", "given_kana"))
    assert set(row) <= {*flat[0].values(), reading}


def test_there_are_at_least_thirty_samples() -> None:
    assert len(SAMPLES) >= 30


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp932", "cp932"),
        ("euc_jp", "euc_jp"),
        ("utf-16", "utf-16"),
        ("iso2022_jp", "iso2022_jp_ext"),
    ],
)
def test_the_preview_says_the_encoding(bench: Any, encoding: str, said: str) -> None:
    path = bench.drop.drop("list.csv", _csv(PLAIN, AOZORA).encode(encoding))
    assert bench.connector().preview(path).encoding == said


def test_text_that_fits_two_encodings_is_decided_by_its_headers_and_announced(bench: Any) -> None:
    # Most bytes of these words lie in A1-DF, which CP932 reads as half-width katakana.
    raw = "会社名,氏名,E-mail\r\n花子会社,小林太郎,a@b.example\r\n".encode("euc_jp")
    assert "ﾂﾀﾏｺ" in raw.decode("cp932")
    seen = bench.connector().preview(bench.drop.drop("list.csv", raw))
    assert seen.encoding == "euc_jp"
    assert seen.rows[0]["氏名"] == "小林太郎"
    assert next(notice.code for notice in seen.notices) == "ENCODING_AMBIGUOUS"


def test_known_headers_decide_where_both_readings_look_like_words(bench: Any) -> None:
    raw = "氏名,電話\r\n小林太郎,03-5550-0001\r\n".encode("euc_jp")
    assert not [char for char in raw.decode("cp932") if "\ue000" <= char <= "\uf8ff"]
    assert bench.connector().preview(bench.drop.drop("a.csv", raw)).encoding == "euc_jp"


def test_where_nothing_decides_it_is_cp932(bench: Any) -> None:
    raw = "name,company,email\r\nﾔﾏﾀﾞ,ｱｵｿﾞﾗﾝ,a@b.example\r\n".encode("cp932")
    assert raw.decode("euc_jp")
    seen = bench.connector().preview(bench.drop.drop("a.csv", raw))
    assert seen.rows[0]["name"] == "ﾔﾏﾀﾞ"
    assert "ENCODING_AMBIGUOUS" in [notice.code for notice in seen.notices]


def test_half_width_katakana_in_cp932_is_not_taken_for_euc(read: Read) -> None:
    raw = "氏名,会社名,メール\r\nﾔﾏﾀﾞ ﾀﾛｳ,ｱｵｿﾞﾗ,a@b.example\r\n".encode("cp932")
    assert read(raw)[0]["full_name"] == "ﾔﾏﾀﾞ ﾀﾛｳ"


def test_an_operator_may_say_the_encoding(read: Read) -> None:
    raw = "Company,Name,Email\nMüller GmbH,Jörg Weiß,jw@mueller.example\n".encode("cp1252")
    assert read(raw, encoding="cp1252")[0]["company"] == "Müller GmbH"


@pytest.mark.parametrize("name", ["rot13", "base64", "klingon", "unicode"])
def test_an_encoding_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="unknown encoding"):
        Options(path="in", encoding=name)


def test_one_broken_row_does_not_cost_the_list(bench: Any) -> None:
    rows = [f"青空製作所,山田{n},taro{n}@aozora.example,".encode("cp932") for n in range(40)]
    rows[7] += b"\x83\xff\x81"
    raw = b"\r\n".join([",".join(PLAIN).encode("cp932"), *rows])
    bench.drop.drop("list.csv", raw)
    records, _ = bench.pull()
    bad = [record for record in records if "_error" in record.payload]
    assert len(records) == 40
    assert [(r.payload["_error"], r.payload["_row"]) for r in bad] == [("ROW_UNDECODABLE", 9)]
    assert bench.connector().preview(bench.folder / "list.csv").encoding == "cp932"


def test_bytes_that_are_no_text_are_refused(read: Read) -> None:
    noise = bytes(range(128, 256)) * 40
    with pytest.raises(RecordRejected, match=r"options\.encoding") as caught:
        read(b"\n".join(noise[at : at + 37] for at in range(0, len(noise), 37)))
    assert caught.value.code == "FILE_UNDECODABLE"


def test_the_bytes_cp932_does_not_define_are_no_cp932(read: Read) -> None:
    assert read("会社名,氏名,メール\nA,é,a@b.example\n".encode())[0]["full_name"] == "é"
    with pytest.raises(RecordRejected) as caught:
        read(b"\xa0\xfd\xfe\xff\n" * 20)
    assert caught.value.code == "FILE_UNDECODABLE"
