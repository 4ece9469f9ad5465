from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.file import Options
from connectors.file.identity import row_id
from connectors.file.profiles import FIELD_NAMES, PROFILES, header_key
from connectors.file.simulator import HABITS, people
from connectors.kit.errors import RecordRejected

Read = Callable[..., list[dict[str, Any]]]
HEADER = "会社名,氏名,メールアドレス"
ROW = "青空製作所,山田太郎,taro@aozora.example"


@pytest.mark.parametrize("profile", list(HABITS))
def test_a_list_of_each_kind_is_recognised_and_gives_its_people(bench: Any, profile: str) -> None:
    persons = people(20, seed=7)
    bench.drop.write(profile, persons)
    records, _ = bench.pull()
    assert {record.payload["_profile"] for record in records} == {profile}
    flat = bench.flat(records)
    assert [row["email"] for row in flat] == [person["email"] for person in persons]
    assert [row["company"] for row in flat] == [person["company"] for person in persons]
    assert {row["channel"] for row in flat} == {PROFILES[profile].channel}


@pytest.mark.parametrize(
    "above",
    [
        "",
        "来場者リスト\n\n",
        "出力日時,2026/05/10 10:00\n件数,1\n",
        "このファイルには会社名と氏名が含まれます\n会社名,を確認してください\n",
        "\n" * 30,
        "第3回 製造業DX展\n\n抽出条件,すべて\n担当,営業企画\n,,\n",
    ],
)
def test_the_header_is_found_below_lines_of_text(read: Read, above: str) -> None:
    assert read(f"{above}{HEADER}\n{ROW}\n")[0]["full_name"] == "山田太郎"


def test_the_header_row_can_be_said(read: Read) -> None:
    text = f"氏名,会社名,電話番号,役職\n記入例,青空,03-0000-0000,部長\n{HEADER}\n{ROW}\n"
    rows = read(text, header_contains=["メールアドレス", "会社名"])
    assert [row["email"] for row in rows] == ["taro@aozora.example"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "FILE_NO_HEADER"),
        ("\n\n\n", "FILE_NO_HEADER"),
        ("青空製作所,山田太郎,taro@aozora.example\n", "FILE_NO_HEADER"),
        ("会社名,役職\n青空製作所,部長\n", "FILE_NO_PERSON"),
        ("氏名,役職\n山田太郎,部長\n", "FILE_NO_PERSON"),
    ],
)
def test_a_file_that_is_no_list_of_people_is_refused(read: Read, text: str, code: str) -> None:
    with pytest.raises(RecordRejected) as caught:
        read(text)
    assert caught.value.code == code
    assert "山田" not in str(caught.value)


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found(read: Read, delimiter: str) -> None:
    text = f"{HEADER}\n{ROW}\n".replace(",", delimiter)
    assert read(text, name="list.txt")[0]["company"] == "青空製作所"


def test_commas_in_a_text_above_do_not_make_the_delimiter(read: Read) -> None:
    text = "ご注意,個人情報,を含みます,取り扱い,に注意\n" * 5
    text += f"{HEADER};備考\n{ROW};a,b,c\n".replace("名,", "名;").replace("所,", "所;")
    text = text.replace("氏名;", "氏名;").replace("太郎,", "太郎;")
    assert read(text)[0]["note"] == "a,b,c"


@pytest.mark.parametrize(
    "header",
    [
        "メールアドレス",
        "ﾒｰﾙｱﾄﾞﾚｽ",
        "E-mail",
        "ｅ－ｍａｉｌ",
        "e_mail",
        "Email（必須）",
        "メール アドレス※",
        "EMAIL*",
    ],
)
def test_a_header_is_known_in_any_dress(read: Read, header: str) -> None:
    assert read(f"氏名,{header}\n山田,taro@aozora.example\n")[0]["email"] == "taro@aozora.example"


def test_no_alias_is_blank_or_claimed_by_two_fields_of_a_profile() -> None:
    for profile in PROFILES.values():
        claims: dict[str, str] = {}
        for field, keys in profile.aliases.items():
            for key in keys:
                assert key
                own = claims.setdefault(key, field)
                assert own == field or key in profile.aliases[own], (profile.name, key)


def test_names_and_addresses_in_parts_are_kept_in_parts(read: Read) -> None:
    text = (
        "姓,名,セイ,メイ,会社名,都道府県,市区町村,番地,ビル名,携帯,FAX,法人番号,URL,E-mail\n"
        "山田,太郎,ヤマダ,タロウ,青空,東京都,千代田区,丸の内1-1,青空ビル3F,090-1234-0001,03-1234-0002,"
        "1234567890123,https://aozora.example,t@aozora.example\n"
    )
    assert read(text)[0] == {
        "family_name": "山田",
        "given_name": "太郎",
        "family_kana": "ヤマダ",
        "given_kana": "タロウ",
        "company": "青空",
        "prefecture": "東京都",
        "city": "千代田区",
        "street": "丸の内1-1",
        "building": "青空ビル3F",
        "mobile": "090-1234-0001",
        "fax": "03-1234-0002",
        "corporate_number": "1234567890123",
        "website": "https://aozora.example",
        "email": "t@aozora.example",
        "channel": "import",
    }


def test_a_column_that_means_nothing_to_us_keeps_its_header(read: Read) -> None:
    flat = read(f"{HEADER},ご予算,channel\n{ROW},500万円,電車\n")[0]
    assert flat["ご予算"] == "500万円"
    assert flat["channel"] == "import"
    assert flat["channel (2)"] == "電車"


def test_an_operator_may_name_columns(read: Read) -> None:
    text = f"{HEADER},御担当,連絡用アドレス\n{ROW},鈴木,suzuki@aozora.example\n"
    flat = read(text, columns={"full_name": "御担当", "email": ["無い列", "連絡用アドレス"]})[0]
    assert flat["full_name"] == "鈴木"
    assert flat["email"] == "suzuki@aozora.example"
    assert flat["氏名"] == "山田太郎"


def test_a_column_can_only_be_named_for_a_field_there_is() -> None:
    with pytest.raises(ValidationError, match="unknown field emial"):
        Options(path="in", columns={"emial": "メール"})


def test_a_second_column_of_the_same_name_is_kept(read: Read) -> None:
    flat = read("氏名,メール,電話番号,電話番号,\n山田,a@b.example,03-1234-0001,03-1234-0002,x\n")[0]
    assert (flat["phone"], flat["電話番号 (2)"]) == ("03-1234-0001", "03-1234-0002")


def test_what_the_operator_says_of_the_whole_list_fills_the_gaps(read: Read) -> None:
    text = f"{HEADER},展示会名,来場日\n{ROW},製造業DX展,2026/05/10\n北斗,鈴木,s@hokuto.example,,\n"
    said = {
        "campaign": "春の展示会",
        "occurred_on": "2026-05-12",
        "lead_source": "紹介会社",
        "channel": "purchased_list",
    }
    first, second = read(text, **said)
    assert (first["campaign"], first["occurred_on"]) == ("製造業DX展", "2026/05/10")
    assert (second["campaign"], second["occurred_on"]) == ("春の展示会", "2026-05-12")
    assert {row["channel"] for row in (first, second)} == {"purchased_list"}
    assert {row["lead_source"] for row in (first, second)} == {"紹介会社"}


@pytest.mark.parametrize(
    ("header", "cell", "field", "value"),
    [
        ("来場日", "２０２６／０５／１０", "occurred_on", "2026/05/10"),
        ("来場日", "2026/5/10(日)", "occurred_on", "2026/5/10"),
        ("来場日", "2026年5月10日", "occurred_on", "2026年5月10日"),
        ("来場日", "46152", "occurred_on", "2026-05-10"),
        ("来場日", "46152.75", "occurred_on", "2026-05-10"),
        ("来場日", "令和8年5月10日", "occurred_on", "2026-05-10"),
        ("来場日", "R8.5.10", "occurred_on", "2026-05-10"),
        ("来場日", "令和元年5月1日", "occurred_on", "2019-05-01"),
        ("来場日", "そのうち", "occurred_on", "そのうち"),
        ("電話番号", "312345678", "phone", "0312345678"),
        ("携帯", "9012345678", "mobile", "09012345678"),
        ("電話番号", "+81-3-1234-5678", "phone", "+81-3-1234-5678"),
        ("電話番号", '="0312345678"', "phone", "0312345678"),
        ("郵便番号", "600001", "postal_code", "0600001"),
        ("郵便番号", "1000001", "postal_code", "1000001"),
        ("フリガナ", "ヤマダ　タロウ", "family_kana", "ヤマダ"),
        ("フリガナ", "ヤマダタロウ", "full_kana", "ヤマダタロウ"),
        ("タグ", "展示会, 重要／VIP", "tags", ["展示会", "重要／VIP"]),
        ("参加状況", "出席", "attendance", "attended"),
        ("参加状況", "欠席", "attendance", "absent"),
        ("参加状況", "途中退出", "attendance", "途中退出"),
        ("配信停止", "○", "mail_optout", "denied"),
        ("配信停止", "1", "mail_optout", "denied"),
        ("配信停止", "不明な印", "mail_optout", "denied"),
        ("配信停止", "0", "mail_optout", None),
        ("配信停止", "希望", "mail_optout", None),
        ("配信停止", "", "mail_optout", None),
        ("備考", "'=1+1", "note", "=1+1"),
        ("備考", "'75年モデル", "note", "'75年モデル"),
        ("備考", "=HYPERLINK(1)", "note", "=HYPERLINK(1)"),
    ],
)
def test_cells_are_repaired(read: Read, header: str, cell: str, field: str, value: Any) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    assert read(f"{HEADER},{header}\n{ROW},{quoted}\n")[0].get(field) == value


@pytest.mark.parametrize(
    ("header", "cells", "kana"),
    [
        ("フリガナ", "ヤマダ　タロウ", {"family_kana": "ヤマダ", "given_kana": "タロウ"}),
        ("フリガナ", "ヤマダタロウ", {"full_kana": "ヤマダタロウ"}),
        ("フリガナ", "ホセ ルイス サトウ", {"full_kana": "ホセ ルイス サトウ"}),
        (
            "フリガナ,セイ",
            "ヤマダ タロウ,ヤマダ",
            {"family_kana": "ヤマダ", "given_kana": "タロウ"},
        ),
        (
            "フリガナ,セイ",
            "ヤマダ タロウ,ヤマタ",
            {"family_kana": "ヤマタ", "given_kana": "タロウ", "full_kana": "ヤマダ タロウ"},
        ),
    ],
)
def test_a_reading_is_said_once_in_two_fields_where_it_has_two_words(
    read: Read, header: str, cells: str, kana: dict[str, str]
) -> None:
    flat = read(f"{HEADER},{header}\n{ROW},{cells}\n")[0]
    assert {name: value for name, value in flat.items() if name.endswith("_kana")} == kana


def test_a_company_and_a_reading_are_a_person(read: Read) -> None:
    flat = read("会社名,フリガナ,役職\n青空,ヤマダ タロウ,部長\n青空,,部長\n")
    assert [row.get("family_kana") for row in flat] == ["ヤマダ", None]
    assert flat[1]["_error"] == "ROW_NO_PERSON"


def test_rows_are_known_by_their_reading_where_the_operator_says_so() -> None:
    assert row_id({"full_kana": "ヤマダタロウ"}, ["full_kana"]) == row_id(
        {"family_kana": "ﾔﾏﾀﾞ", "given_kana": "タロウ"}, ["full_kana"]
    )


def test_leading_zeros_are_left_alone_where_the_operator_says_so(read: Read) -> None:
    text = f"{HEADER},電話番号\n{ROW},312345678\n"
    assert read(text, restore_zeros=False)[0]["phone"] == "312345678"


def test_several_addresses_in_a_cell_are_all_kept(read: Read) -> None:
    flat = read("氏名,メール,メール2\n山田,a@x.example; mailto:b@x.example,c@x.example\n")[0]
    assert flat["email"] == "a@x.example"
    assert flat["emails"] == ["a@x.example", "b@x.example", "c@x.example"]


def test_what_is_no_address_is_passed_on_to_be_set_aside(read: Read) -> None:
    assert read("氏名,会社名,メール\n山田,青空,なし\n")[0]["email"] == "なし"


def test_eight_tags_are_the_columns_marked_with_a_one(bench: Any) -> None:
    person = {**people(1)[0], "tag": "1", "connected": "1", "doubtful": "1"}
    bench.drop.write("eight", [person])
    records, _ = bench.pull()
    flat = bench.flat(records)[0]
    assert flat["tags"] == ["展示会2026"]
    assert flat["doubtful"] == "1"
    assert "Eightでつながっている人" not in flat


def test_a_list_never_grants_a_consent() -> None:
    assert not [name for name in FIELD_NAMES if name.startswith("consent")]


def test_a_profile_knows_its_own_columns_better(read: Read) -> None:
    text = f"{HEADER},申込日時,開催日,セミナー名\n{ROW},2026/04/01,2026/05/10,入門講座\n"
    assert read(text)[0]["occurred_on"] == "2026/05/10"


def test_a_space_before_a_quotation_mark_is_no_part_of_the_cell(read: Read) -> None:
    flat = read('会社名, "氏名", "メール"\n"青空, 製作所", "山田", "a@b.example"\n')[0]
    assert (flat["full_name"], flat["email"]) == ("山田", "a@b.example")


def test_a_header_key_of_signs_alone_is_not_lost() -> None:
    assert header_key("〒") == "〒"
    assert header_key("E-mail（必須）") == header_key("ｅｍａｉｌ")
