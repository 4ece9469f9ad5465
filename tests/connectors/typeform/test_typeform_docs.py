"""The reference page says every option and every code, and its mapping example works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import connectors.typeform
from connectors.typeform import OAuthApp, Options
from mapping.fieldmap import compile_map, merge_documents

HOME = Path(connectors.typeform.__file__).parent
PAGE = HOME.parents[1] / "docs" / "reference" / "connectors" / "typeform.md"
CODES = {
    code
    for file in HOME.glob("*.py")
    for code in re.findall(r'code="(TYPEFORM_\w+)"', file.read_text(encoding="utf-8"))
}


@pytest.mark.parametrize(
    "name",
    sorted(
        {*Options.model_fields, *(f"oauth.{name}" for name in OAuthApp.model_fields)} - {"oauth"}
    ),
)
def test_an_option_is_on_the_page(name: str) -> None:
    assert f"| `{name}` |" in PAGE.read_text(encoding="utf-8")


def test_every_code_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert CODES
    assert sorted(code for code in CODES if f"`{code}`" not in text) == []


def test_the_mapping_example_can_be_laid_over_the_default_map() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (example,) = [block for block in blocks if block.startswith("responses:")]
    yaml = YAML(typ="safe")
    default = yaml.load((HOME / "fields.yaml").read_text(encoding="utf-8"))["responses"]
    laid_over = merge_documents(default, yaml.load(example)["responses"])
    read = compile_map(laid_over).read({"topic.ref": "demo", "your_name": "渡辺 花子"})
    assert read.values["interest"] == "デモ"
    assert read.values["full_name"] == "渡辺 花子"
