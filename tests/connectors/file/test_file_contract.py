from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import connectors.file
from connectors.file import Options, connect
from connectors.file.contract import rehearsal
from connectors.file.profiles import FIELD_NAMES, PROFILES
from connectors.file.simulator import HABITS, people
from connectors.kit.base import Record
from connectors.kit.manifest import load_manifest
from connectors.kit.session import Wiring
from connectors.kit.tokens import MemoryTokens
from mapping.fieldmap import compile_map

HERE = Path(connectors.file.__file__).parent
DOCS = HERE.parents[1] / "docs" / "reference" / "connectors" / "file.md"


def test_the_manifest_is_valid_and_says_what_a_file_cannot_do() -> None:
    manifest = load_manifest(HERE / "connector.yaml")
    assert manifest.slug == "file"
    assert list(manifest.streams) == ["rows"]
    assert {"push", "deletes", "simulator"} <= set(manifest.quality.exempt)


def test_the_default_field_map_reads_every_field_a_header_can_mean() -> None:
    fields = YAML(typ="safe").load((HERE / "fields.yaml").read_text("utf-8"))["rows"]["fields"]
    read: set[str] = set()
    for line in fields.values():
        read.update([line["from"]] if "from" in line else line.get("first") or line["concat"])
    assert FIELD_NAMES - {"email2"} <= read
    assert read - FIELD_NAMES == {"channel", "emails", "phones"}


def test_the_rehearsal_seeds_changes_and_is_pulled(tmp_path: Path) -> None:
    bench = rehearsal(tmp_path)
    connector = connect(Options.model_validate(bench.options), Wiring("bench", MemoryTokens()))

    def pull(cursor: str | None) -> tuple[dict[str, Record], str | None]:
        found = {}
        for page in connector.pull("rows", cursor):
            found.update({record.external_id: record for record in page.records})
            cursor = page.cursor
        return found, cursor

    bench.seed(7)
    before, cursor = pull(None)
    assert len(before) == 7
    assert bench.change_one is not None
    stream, changed = bench.change_one()
    after, cursor = pull(cursor)
    assert (stream, after.keys()) == ("rows", before.keys())
    news = [key for key, record in after.items() if record.version != before[key].version]
    assert news == [changed]
    bench.seed(5)
    assert len(pull(cursor)[0]) == 12


@pytest.mark.parametrize("option", sorted(Options.model_fields))
def test_every_option_is_described_and_documented(option: str) -> None:
    assert Options.model_fields[option].description
    assert f"`{option}`" in DOCS.read_text("utf-8")


@pytest.mark.parametrize("profile", sorted(HABITS))
def test_the_default_field_map_reads_a_list_of_each_kind_without_a_problem(
    bench: Any, profile: str
) -> None:
    field_map = compile_map(
        YAML(typ="safe").load((HERE / "fields.yaml").read_text("utf-8"))["rows"]
    )
    bench.drop.write(profile, people(30))
    records, _ = bench.pull()
    drafts = [field_map.read(flat) for flat in bench.flat(records)]
    assert [draft.problems for draft in drafts] == [()] * 30
    assert [draft.values["email"] for draft in drafts] == [p["email"] for p in people(30)]
    assert {draft.values["channel"] for draft in drafts} == {PROFILES[profile].channel}
    assert not [name for draft in drafts for name in draft.values if name.startswith("consent")]


@pytest.mark.parametrize(
    "written",
    [
        "2026/5/1",
        "2026-05-01 09:05:33",
        "2026年5月1日 9:05",
        "46143",
        "令和8年5月1日",
        "2026/5/1(金)",
    ],
)
def test_dates_as_lists_write_them_become_the_date(bench: Any, written: str) -> None:
    field_map = compile_map(
        YAML(typ="safe").load((HERE / "fields.yaml").read_text("utf-8"))["rows"]
    )
    bench.drop.drop("a.csv", f"氏名,会社名,来場日,配信停止\n山田,青空,{written},○\n".encode())
    draft = field_map.read(bench.flat(bench.pull()[0])[0])
    assert draft.values["occurred_on"] == "2026-05-01"
    assert draft.values["consent.email.marketing"] == "denied"
