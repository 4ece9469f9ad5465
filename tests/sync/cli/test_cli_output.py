"""What people see: the main outputs as text, ids and times blotted out."""

from __future__ import annotations

import re
from typing import Any

from sync.cli.tables import cut, plain, width

LEAD = "lead1@kaisha1.example"


def blotted(text: str) -> str:
    text = re.sub(r"\b(ld|run)_[0-9a-v]{26}", r"\1_ID", text)
    text = re.sub(r"\b[0-9a-f]{32}\b", "TOKEN", text)
    text = re.sub(r"(records:leads)/\d+", r"\1/N", text)
    text = re.sub(r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\dZ?", "TIME", text)
    text = re.sub(r"\d+\.\d$", "S.S", text, flags=re.MULTILINE)
    return re.sub(r" {3,}", "  ", text)


def seen(office: Any, *words: str) -> str:
    return blotted(office.type(*words).out)


def test_a_first_run(office: Any) -> None:
    office.form.seed(3)
    office.crm.seed(2)
    assert (
        seen(office, "run")
        == """\
crm records:leads pull: succeeded; 2 read, 2 created
form responses:sHiRyo01 pull: succeeded; 3 read, 3 created
lists rows pull: succeeded; nothing new
crm records:leads push: succeeded; 3 created, 2 updated
connection  stream  job  state  read  created  updated  unchanged  set aside  seconds
crm  records:leads  pull  succeeded  2  2  0  0  0  S.S
form  responses:sHiRyo01  pull  succeeded  3  3  0  0  0  S.S
lists  rows  pull  succeeded  0  0  0  0  S.S
crm  records:leads  push  succeeded  3  2  0  0  S.S
"""
    )
    assert (
        seen(office, "run")
        == """\
crm records:leads pull: succeeded; 5 read, 5 unchanged
form responses:sHiRyo01 pull: succeeded; 3 read, 3 unchanged
lists rows pull: succeeded; nothing new
connection  stream  job  state  read  created  updated  unchanged  set aside  seconds
crm  records:leads  pull  succeeded  5  0  0  5  0  S.S
form  responses:sHiRyo01  pull  succeeded  3  0  0  3  0  S.S
lists  rows  pull  succeeded  0  0  0  0  S.S
"""
    )


def test_how_it_stands_in_both_languages(kept: Any) -> None:
    assert (
        seen(kept, "status")
        == """\
leads: 9
stage  leads
Inquiry  9  ████████████████████████

connection  connector  state  records  owed  set aside  last run
crm  kintone  active  9  0  0  TIME succeeded
form  typeform  active  5  0  0  TIME succeeded
lists  file  active  0  0  0  TIME succeeded
"""
    )
    assert (
        seen(kept, "status", "--lang", "ja")
        == """\
リード: 9 件
ステージ  件数
リード  9  ████████████████████████

接続  コネクタ  状態  レコード数  書込待ち  保留  最後の実行
crm  kintone  稼働中  9  0  0  TIME 成功
form  typeform  稼働中  5  0  0  TIME 成功
lists  file  稼働中  0  0  0  TIME 成功
"""
    )


def test_a_lead(kept: Any) -> None:
    assert (
        seen(kept, "lead", LEAD)
        == """\
鈴木 太郎  株式会社みどり物流  ld_ID
Inquiry  TIME  cycle 1

field  value
E-mail  lead1@kaisha1.example
All e-mail addresses  lead1@kaisha1.example
Phone  +81312340001
All phone numbers  +81312340001
Full name  鈴木 太郎
Family name  鈴木
Given name  太郎
Company  株式会社みどり物流
Channel  form
Lead source  google
Campaign  2026-spring
First touch at  TIME
First touch channel  form
First touch source  google
Interest  デモのご相談
Consent: e-mail, marketing  unknown

connection  record  state  first seen
form  responses:sHiRyo01/TOKEN  live  TIME
crm  records:leads/N  live  TIME
activities: 1
→ renkei explain ld_ID
"""
    )


def test_why_a_lead_is_what_it_is(synced: Any) -> None:
    synced.type("lead", LEAD, "--set", "company=みどり物流")
    synced.type("lead", LEAD, "--stage", "recycled", "--reason", "時期が先")
    assert (
        seen(synced, "explain", LEAD, "company")
        == """\
field  value  said by  when  why
Company  ✓  みどり物流  by hand (tanaka)  TIME  edited by hand
  ✗  株式会社みどり物流  form/responses:sHiRyo01/TOKEN  TIME  lost: edited by hand
brought by: edited by hand (TIME)
"""
    )
    assert (
        seen(synced, "explain", LEAD, "stage", "--lang", "ja")
        == """\
ステージ  開始  決めた側  理由
リード  TIME  form
ナーチャリング  TIME  手動（tanaka）  時期が先
"""
    )
    assert (
        seen(synced, "explain", LEAD, "match")
        == """\
record  first seen  why it is this lead
form/responses:sHiRyo01/TOKEN  TIME  nobody like it was known
crm/records:leads/N  TIME  created by Renkei
"""
    )
    assert (
        seen(synced, "run", "--dry-run")
        == """\
crm: 0 to create, 1 to update
action  lead  record  fields
update  ld_ID  crm/records:leads/N  ステージ, 会社名, 失注理由
"""
    )


def test_a_mistake_is_shown_where_it_stands(office: Any) -> None:
    office.write("connections/crm.yaml", "connector: kintonne\n")
    typed = office.type("check")
    assert (typed.out, typed.code) == ("", 2)
    assert (
        typed.err
        == """\
connections/crm.yaml:1:12: there is no connector "kintonne" [UNKNOWN_CONNECTOR]
    1 | connector: kintonne
      |            ^
      = Did you mean "kintone"?

mistakes: 1
"""
    )


def test_an_error_ends_with_the_command_to_type(kept: Any) -> None:
    typed = kept.type("lead", LEAD, "--stage", "mql")
    assert (
        typed.err
        == """\
error [REASON_NEEDED]: a stage set by hand needs --reason; it stays in the history
  → renkei lead lead1@kaisha1.example --stage mql --reason "…"
"""
    )


def test_kanji_take_two_columns() -> None:
    assert plain(("名前", "n"), [("田中", "1"), ("Smith", "12")], [1]) == (
        "名前    n\n田中    1\nSmith  12"
    )


def test_a_long_text_is_cut_by_columns_and_not_by_characters() -> None:
    assert cut("株式会社青空製作所", 9) == "株式会社…"
    assert width(cut("株式会社青空製作所", 9)) == 9
    assert cut("short", 9) == "short"
