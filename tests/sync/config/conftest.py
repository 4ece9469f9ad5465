"""An operator's directory to spoil: the smallest that loads, and the variables it refers to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from connectors.registry import Registry, find
from sync.config.load import ConfigErrors, load

Plant = Callable[[Mapping[str, str | bytes]], Path]

ENV = {
    "KINTONE_TOKEN": "kintone-token-in-tests",
    "TYPEFORM_TOKEN": "tfp_in_tests",
    "HUBSPOT_TOKEN": "pat-in-tests",
    "KINTONE_URL": "https://example.cybozu.com",
}
BASE = {
    "renkei.yaml": "language: en\n",
    "connections/form.yaml": "connector: typeform\noptions: {token: '${env:TYPEFORM_TOKEN}'}\n",
    "connections/ma.yaml": "connector: hubspot\noptions: {token: '${env:HUBSPOT_TOKEN}'}\n",
    "connections/crm.yaml": (
        "connector: kintone\n"
        "options:\n"
        "  base_url: ${env:KINTONE_URL}\n"
        "  api_tokens: ['${env:KINTONE_TOKEN}']\n"
        "  apps: {leads: {app: 5}}\n"
        "push:\n"
        "  stream: records:leads\n"
    ),
}


@pytest.fixture(scope="session")
def registry() -> Registry:
    return find()


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Writes the base directory with some files written anew."""

    def write(files: Mapping[str, str | bytes]) -> Path:
        root = tmp_path / "operator"
        for name, text in {**BASE, **files}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return root

    return write


@pytest.fixture
def errors_of(registry: Registry) -> Callable[[Path], ConfigErrors]:
    """What is wrong with a directory."""

    def read(root: Path) -> ConfigErrors:
        with pytest.raises(ConfigErrors) as caught:
            load(root, env=ENV, registry=registry)
        return caught.value

    return read
