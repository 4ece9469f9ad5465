"""The reference page of field maps says what the code does, and leaves no operator out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from mapping.document import LineSpec, StageSpec
from mapping.examples import run_examples
from mapping.fieldmap import compile_map

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/field-maps.md").read_text(encoding="utf-8")
BLOCKS: list[dict[str, Any]] = [
    YAML(typ="safe").load(block) for block in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.S | re.M)
]
DEFAULT_MAPS = sorted(ROOT.glob("connectors/*/fields.yaml"))


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: "-".join(block["fields"]))
def test_the_examples_of_the_page_come_out_as_it_says(block: dict[str, Any]) -> None:
    failed = [result for result in run_examples(block) if not result.ok]
    assert failed == []


def test_every_operator_is_shown_on_the_page() -> None:
    shown = {
        operator
        for block in BLOCKS
        for line in block["fields"].values()
        for operator in (line if isinstance(line, dict) else {"from": line})
    }
    assert shown == {info.alias or name for name, info in LineSpec.model_fields.items()}


def test_every_key_of_a_stage_is_explained_on_the_page() -> None:
    section = PAGE.partition("\n## stage\n")[2].partition("\n## ")[0]
    assert [name for name in StageSpec.model_fields if f"`{name}`" not in section] == []


def test_every_operator_has_examples_that_run() -> None:
    assert sum(len(run_examples(block)) for block in BLOCKS) >= 30


@pytest.mark.parametrize("path", DEFAULT_MAPS, ids=lambda path: path.parent.name)
def test_a_connectors_default_map_compiles_and_its_examples_hold(path: Path) -> None:
    document = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    assert document
    for stream in document.values():
        assert compile_map(stream).lines
        assert [result for result in run_examples(stream) if not result.ok] == []
