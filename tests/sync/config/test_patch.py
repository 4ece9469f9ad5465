"""The patch that is proposed closes the gaps, keeps what people wrote, and marks its guesses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.kit.base import FieldSpec, Option
from connectors.registry import Registry
from sync.config.description import Sheet, sheet_of
from sync.config.fieldcheck import stream_edits, stream_gaps
from sync.config.gaps import READ_CODES
from sync.config.guess import Edit
from sync.config.load import load
from sync.config.maps import maps_of
from sync.config.patch import Patch, proposed

Plant = Callable[[Mapping[str, str | bytes]], Path]
ENV = {
    "KINTONE_TOKEN": "x",
    "TYPEFORM_TOKEN": "x",
    "HUBSPOT_TOKEN": "x",
    "KINTONE_URL": "http://127.0.0.1:8080",
}
STREAM = "records:leads"
SOURCES = (
    "Webフォーム", "展示会", "ウェビナー", "名刺", "広告", "紹介", "テレアポ", "その他",
)  # fmt: skip
CONSENTS = ("許可", "拒否", "未確認")
STAGES = (
    "リード", "MQL", "架電中", "TQL", "SAL", "SQL", "商談", "受注", "失注",
    "ナーチャリング", "休眠", "対象外",
)  # fmt: skip


def picklist(name: str, *options: str | Option) -> FieldSpec:
    made = [Option(one, one) if isinstance(one, str) else one for one in options]
    return FieldSpec(name, name, "picklist", options=tuple(made))


def described(
    *,
    source: tuple[str | Option, ...] = SOURCES,
    consent: tuple[str | Option, ...] = CONSENTS,
    stage: tuple[str | Option, ...] = STAGES,
) -> Sheet:
    fields = (picklist("流入元", *source), picklist("メール配信", *consent))
    return sheet_of([*fields, picklist("ステージ", *stage)], [])


@dataclass
class Bench:
    """A directory with a CRM, whose map is patched against what the vendor is said to say."""

    plant: Plant
    registry: Registry
    files: dict[str, str] = field(default_factory=dict)

    def propose(self, sheet: Sheet) -> Patch | None:
        self.root = self.plant(self.files)
        self.config = load(self.root, env=ENV, registry=self.registry)
        made = stream_edits(self.config.connections["crm"], STREAM, self.map(), sheet)
        groups = [some for _, some in made if some]
        return proposed(self.config, "crm", self.registry.get("kintone"), groups)

    def map(self) -> Any:
        return maps_of(self.config, "crm", self.registry.get("kintone"))["records"]

    def after(self, patch: Patch) -> Any:
        """The map once the patch is applied."""
        patch.write()
        self.config = load(self.root, env=ENV, registry=self.registry)
        return self.map()

    def left(self, sheet: Sheet) -> list[tuple[str, str]]:
        some = stream_gaps(self.config.connections["crm"], STREAM, self.map(), sheet)
        return [(one.code, one.option) for one in some]


@pytest.fixture
def bench(plant: Plant, registry: Registry) -> Bench:
    return Bench(plant, registry)


def test_a_new_option_gets_a_line_in_a_new_file(bench: Bench) -> None:
    sheet = described(source=(*SOURCES, "共催セミナー"))
    patch = bench.propose(sheet)
    assert patch is not None
    assert patch.before is None
    assert "+        共催セミナー: seminar # check\n" in patch.diff
    assert patch.diff.startswith("--- /dev/null\n+++ b/fields/crm.yaml\n")
    channel = next(one for one in bench.after(patch).lines if one.field == "channel")
    assert channel.read("共催セミナー") == "seminar"
    assert channel.read("展示会") == "exhibition", "the default line was copied whole"
    assert channel.direction == "pull"
    assert bench.left(sheet) == []


def test_nothing_is_written_until_it_is_asked_for(bench: Bench) -> None:
    assert bench.propose(described(source=("謎",))) is not None
    assert not (bench.root / "fields").exists()


def test_a_map_that_is_total_has_no_patch(bench: Bench) -> None:
    assert bench.propose(described()) is None


def test_a_word_that_is_the_same_but_for_its_width_is_no_guess(bench: Bench) -> None:
    patch = bench.propose(described(source=(*SOURCES, "Ｗｅｂ フォーム")))
    assert patch is not None
    assert "+        Ｗｅｂ フォーム: form\n" in patch.diff


def test_what_nobody_can_guess_is_other_and_to_be_checked(bench: Bench) -> None:
    patch = bench.propose(described(source=(*SOURCES, "XYZ-9")))
    assert patch is not None
    assert "XYZ-9: other # check" in patch.diff


def test_a_second_option_of_one_meaning_does_not_change_what_is_written(bench: Bench) -> None:
    sheet = described(consent=(*CONSENTS, "許 可"))
    patch = bench.propose(sheet)
    assert patch is not None
    line = next(one for one in bench.after(patch).lines if one.field == "consent.email.marketing")
    assert line.read("許 可") == "granted"
    assert line.written("granted") == "許可"
    assert bench.left(sheet) == []


def test_a_new_stage_is_read_and_a_lost_one_is_not_written(bench: Bench) -> None:
    sheet = described(stage=(*(one for one in STAGES if one != "MQL"), "有望"))
    patch = bench.propose(sheet)
    assert patch is not None
    stage = bench.after(patch).stage
    assert stage.read["有望"] == ("inquiry",)
    assert "mql" not in stage.write
    assert patch.diff.count("# check") == 2
    assert bench.left(sheet) == []


def test_a_label_is_replaced_by_its_value_in_its_place(bench: Bench) -> None:
    bench.files["fields/crm.yaml"] = (
        "records:\n  stage:\n    field: ステータス\n    read:\n"
        "      商談中: [opportunity]   # as people call it\n      受注: [won]\n"
        "    write: {opportunity: 商談中}\n"
    )
    sheet = sheet_of(
        [picklist("ステータス", Option("negotiating", "商談中"), Option("受注", "受注"))], []
    )
    patch = bench.propose(sheet)
    assert patch is not None
    assert patch.after == (
        "records:\n  stage:\n    field: ステータス\n    read:\n"
        "      negotiating: [opportunity]   # as people call it\n      受注: [won]\n"
        "    write:\n      opportunity: negotiating\n"
    )


def test_a_value_for_which_the_vendor_has_another_option_is_written_so(bench: Bench) -> None:
    sheet = described(consent=("許可", "拒否する", "未確認"))
    patch = bench.propose(sheet)
    assert patch is not None
    line = next(one for one in bench.after(patch).lines if one.field == "consent.email.marketing")
    assert line.written("denied") == "拒否する"
    assert line.read("拒否する") == "denied"


OWN = """\
# our own map; asked of sales in April
records:
  fields:
    # where they come from
    channel:
      from: 流入元      # the drop-down
      direction: pull
      values:
        "Webフォーム": form   # quoted

        # fairs and the like
        展示会: exhibition
        ウェビナー: webinar
        名刺: business_card
        広告: ad
        紹介: referral
        テレアポ: cold_call
        その他: other

    # telephones
    phone: {from: 電話番号, as: phone}   # one line
  stage:
    read:
      有望: [mql]
# the end
"""


def test_comments_quotes_and_blank_lines_stay_where_they_are(bench: Bench) -> None:
    bench.files["fields/crm.yaml"] = OWN
    patch = bench.propose(described(source=(*SOURCES, "共催")))
    assert patch is not None
    added = "        その他: other\n"
    assert patch.after == OWN.replace(added, f"{added}        共催: other # check\n")
    assert [line for line in patch.diff.splitlines() if line.startswith("-")] == [
        "--- a/fields/crm.yaml"
    ]


@pytest.mark.parametrize(
    "own",
    [
        pytest.param("records:\n  fields:\n    note: メモ\n", id="another line only"),
        pytest.param("records: {fields: {note: メモ}}  # short\n", id="all on one line"),
        pytest.param(
            "records:\n    fields:\n        note: メモ   # four spaces\n", id="four spaces"
        ),
        pytest.param("# nothing yet\n", id="only a comment"),
        pytest.param("records:\n  fields:\n", id="an empty key"),
        pytest.param(
            "records:  # ours\n  fields: {  # short\n    note: メモ, # a note\n    fax: '#1' }\n",
            id="braces over lines",
        ),
        pytest.param("records:\n  fields:\n    note: メモ  # no end", id="no newline at the end"),
        pytest.param("# head\r\nrecords:\r\n  fields: {}\r\n", id="Windows"),
        pytest.param("accounts:\n  fields:\n    name: 会社\n# end\n", id="another stream"),
    ],
)
def test_any_layout_takes_a_patch_and_keeps_its_comments(bench: Bench, own: str) -> None:
    bench.files["fields/crm.yaml"] = own
    sheet = described(source=(*SOURCES, "共催"))
    patch = bench.propose(sheet)
    assert patch is not None
    bench.after(patch)
    assert bench.left(sheet) == []
    comments = re.findall(r"(?:^|(?<=\s))#.*", own.replace("\r", ""), re.MULTILINE)
    assert [one for one in comments if one not in patch.after] == []


def test_the_line_ends_of_a_file_stay(bench: Bench) -> None:
    bench.files["fields/crm.yaml"] = OWN.replace("\n", "\r\n")
    patch = bench.propose(described(source=(*SOURCES, "共催")))
    assert patch is not None
    patch.write()
    written = (bench.root / "fields" / "crm.yaml").read_bytes()
    assert written.count(b"\n") == written.count(b"\r\n") == OWN.count("\n") + 1


def test_edits_that_would_break_the_map_are_left_out_and_the_others_are_not(bench: Bench) -> None:
    sheet = described(source=(*SOURCES, "共催"))
    bench.propose(sheet)
    bad = [Edit(("records", "stage", "read", "有望"), ("no_such_stage",))]
    good = [Edit(("records", "stage", "read", "見込み"), ("mql",))]
    patch = proposed(bench.config, "crm", bench.registry.get("kintone"), [bad, good])
    assert patch is not None
    assert "見込み: [mql]" in patch.after
    assert "有望" not in patch.after


WORDS = st.text(st.sampled_from("aあ展示会ｗＷ#: '\"{[-?&*!|>%@`yes1.0NO~"), min_size=1, max_size=8)
OPTIONS = st.lists(
    st.builds(Option, WORDS.map(str.strip).filter(bool), WORDS, st.booleans()), max_size=6
).map(lambda some: tuple({one.value: one for one in some}.values()))


@given(source=OPTIONS, consent=OPTIONS, stage=OPTIONS, own=st.sampled_from(["", OWN]))
@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_whatever_the_options_are_called_the_patched_map_reads_them_all(
    bench: Bench, source: Any, consent: Any, stage: Any, own: str
) -> None:
    bench.files = {"fields/crm.yaml": own} if own else {"fields/crm.yaml": "records: {}\n"}
    sheet = described(
        source=source,
        consent=(*CONSENTS, *(one for one in consent if one.value not in CONSENTS)),
        stage=(*STAGES, *(one for one in stage if one.value not in STAGES)),
    )
    patch = bench.propose(sheet)
    if patch is not None:
        bench.files = {"fields/crm.yaml": patch.after}
        again = bench.propose(sheet)
        assert again is None or not again.diff
    assert [one for one in bench.left(sheet) if one[0] in READ_CODES] == []
