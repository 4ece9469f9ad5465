"""The registry: finds what is there, lists what is broken, and imports nothing it need not."""

import shutil
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import connectors.registry
from connectors.registry import ConnectorBroken, UnknownConnector, find

HERE = Path(__file__).parent
TAYORI = HERE.parents[2] / "docs" / "tutorial" / "tayori"
MANIFEST = """
slug: {slug}
name: X
roles: [crm]
description: {{en: "X."}}
auth: {{schemes: [none]}}
streams: {{things: {{kind: lead, pull: true}}}}
"""


def package(directory: Path, slug: str, code: str, name: str = "") -> Path:
    home = directory / (name or slug)
    home.mkdir(parents=True)
    (home / "connector.yaml").write_text(MANIFEST.format(slug=slug), encoding="utf-8")
    (home / "__init__.py").write_text(code, encoding="utf-8")
    return home


def test_an_operators_directory_is_found_with_all_its_parts() -> None:
    registry = find([TAYORI])
    found = registry.get("tayori")
    assert "tayori" in registry
    assert found.declared
    assert found.options(api_token="t", form_ids=["f"]).base_url == "https://api.tayori.example"
    assert found.simulator is not None
    assert found.simulator.slug == "tayori"
    assert found.rehearsal is not None
    assert found.field_map == TAYORI / "fields.yaml"
    assert found.origin == str(TAYORI)


def test_a_directory_of_connectors_may_hold_packages_and_single_files(tmp_path: Path) -> None:
    package(tmp_path, "alpha", "class Options: ...\ndef connect(options, wiring): ...\n")
    shutil.copy(TAYORI / "connector.yaml", tmp_path / "tayori.yaml")
    shutil.copy(TAYORI / "fields.yaml", tmp_path / "tayori.fields.yaml")
    (tmp_path / "tayori.starter.yaml").write_text("options: {}\n", encoding="utf-8")
    registry = find([tmp_path])
    assert registry.broken == []
    assert {"alpha", "tayori"} <= set(registry.slugs())
    assert registry.get("alpha").options.__name__ == "Options"
    tayori = registry.get("tayori")
    assert tayori.field_map == tmp_path / "tayori.fields.yaml"
    assert tayori.starter == tmp_path / "tayori.starter.yaml"
    assert registry.get("alpha").starter is None
    assert tayori.simulator is None
    assert tayori.rehearsal is None
    assert tayori.connect is not None


def test_a_broken_manifest_is_listed_and_stops_nobody(tmp_path: Path) -> None:
    home = package(tmp_path, "alpha", "")
    (home / "connector.yaml").write_text("slug: alpha\nnaem: X\n", encoding="utf-8")
    package(tmp_path, "beta", "")
    registry = find([tmp_path])
    assert "beta" in registry
    (broken,) = registry.broken
    assert broken.slug == "alpha"
    assert 'did you mean "name"' in broken.message
    with pytest.raises(ConnectorBroken, match="naem"):
        registry.get("alpha")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import no_such_module", "ModuleNotFoundError"),
        ("1 / 0", "ZeroDivisionError"),
        ("def connect(", "SyntaxError"),
        ("class Options: ...", "does not export connect"),
    ],
)
def test_a_connector_whose_code_is_broken_is_told_when_it_is_used(
    tmp_path: Path, code: str, message: str
) -> None:
    package(tmp_path, "alpha", code)
    registry = find([tmp_path])
    assert registry.broken == []
    found = [item for item in registry.check() if item.slug == "alpha"]
    assert len(found) == 1
    assert message in found[0].message
    with pytest.raises(ConnectorBroken):
        _ = registry.get("alpha").connect


def test_finding_imports_no_vendor_code(tmp_path: Path) -> None:
    package(tmp_path, "alpha", "raise SystemExit('imported')")
    assert find([tmp_path]).get("alpha").manifest.name == "X"


def test_the_second_of_a_doubled_slug_is_broken_and_the_first_stays(tmp_path: Path) -> None:
    package(tmp_path, "alpha", "", name="one")
    package(tmp_path, "alpha", "", name="two")
    registry = find([tmp_path])
    assert registry.get("alpha").home == tmp_path / "one"
    (broken,) = registry.broken
    assert broken.origin == str(tmp_path / "two")
    assert str(tmp_path / "one") in broken.message


def test_an_unknown_slug_names_the_nearest(tmp_path: Path) -> None:
    package(tmp_path, "alpha", "")
    with pytest.raises(UnknownConnector, match='did you mean "alpha"'):
        find([tmp_path]).get("alhpa")


def test_a_directory_that_is_not_there_is_listed(tmp_path: Path) -> None:
    (broken,) = find([tmp_path / "no"]).broken
    assert "no such directory" in broken.message


def test_an_installed_package_is_found_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "class Options: ...\nconnect = 'c'\n"
    package(tmp_path, "alpha", code, name="acme_renkei_alpha")
    points = [
        EntryPoint("alpha", "acme_renkei_alpha", "renkei.connectors"),
        EntryPoint("gone", "acme_renkei_gone", "renkei.connectors"),
        EntryPoint("gone.deep", "acme_renkei_gone.deep", "renkei.connectors"),
    ]
    monkeypatch.setattr(connectors.registry, "entry_points", lambda group: points)
    monkeypatch.syspath_prepend(str(tmp_path))
    registry = find()
    assert "acme_renkei_alpha" not in sys.modules
    assert registry.get("alpha").connect == "c"
    assert registry.get("alpha").origin == "entry point alpha = acme_renkei_alpha"
    assert [item.slug for item in registry.broken] == ["gone", "gone.deep"]
    del sys.modules["acme_renkei_alpha"]


def test_a_directory_that_moves_is_loaded_anew(tmp_path: Path) -> None:
    for place, value in (("a", 1), ("b", 2)):
        package(tmp_path / place, "alpha", f"connect = {value}\nclass Options: ...\n")
        assert find([tmp_path / place]).get("alpha").connect == value


def test_our_own_connectors_are_all_whole() -> None:
    assert find().broken == []


def test_listing_connectors_is_fast_because_it_imports_no_http_client() -> None:
    slow = "('httpx', 'werkzeug', 'jwt', 'pytest')"
    code = (
        "import sys; from connectors.registry import find; find().slugs();"
        f"print([name for name in {slow} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
