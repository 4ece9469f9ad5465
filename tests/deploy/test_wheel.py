"""The wheel in an environment of its own: what the image starts is healthy, and stops."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
PATIENCE = 60


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel in it; what it depends on is borrowed from the tests' own."""
    place = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    wheel = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*wheel, "--wheel-dir", str(place), str(ROOT)], check=True, timeout=120)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place / "env")], check=True)
    (found,) = place.glob("*.whl")
    (packages,) = (place / "env").glob("lib/python*/site-packages")
    target = ["install", "--no-deps", "--no-index", "--target", str(packages), str(found)]
    subprocess.run([*pip, *target], check=True, timeout=120)
    # A path in a .pth is looked into after the environment's own, and its .pth files are not read.
    (packages / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return place


def words_of(instruction: str) -> list[str]:
    """The list of words of one of the Dockerfile's instructions."""
    text = DOCKERFILE.replace("\\\n", " ")
    found = re.findall(rf"^{instruction}\b[^\[\n]*(\[.*\])$", text, re.MULTILINE)
    return [str(word) for word in json.loads(found[-1])]


def renkei(home: Path, *words: str) -> list[str]:
    """What is typed, in the wheel's environment."""
    start = "from sync.cli import main; main()"
    return [str(home / "env/bin/python"), "-c", start, *words]


def surroundings(home: Path, hub: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "RENKEI_DIR": str(hub),
        "HOME": str(home),
        "LANG": "C.UTF-8",
    }


def test_what_the_image_starts_is_healthy_and_stops_gently(home: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "renkei.yaml").write_text(f"listen: 127.0.0.1:{port}\nlanguage: en\n")
    ran = subprocess.run(
        renkei(home, "connectors", "list", "--json"),
        env=surroundings(home, tmp_path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    slugs = {json.loads(line).get("slug") for line in ran.stdout.splitlines()}
    assert slugs >= {path.parent.name for path in ROOT.glob("connectors/*/connector.yaml")}
    with subprocess.Popen(
        renkei(home, *words_of("CMD")),
        env=surroundings(home, tmp_path),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as hub:
        assert hub.stdout is not None
        address = hub.stdout.readline().split()[-1]
        try:
            program, *words = words_of("HEALTHCHECK")
            assert program == "renkei"
            asked = renkei(home, *words)
            subprocess.run(asked, env=surroundings(home, tmp_path), check=True, timeout=PATIENCE)
            with urlopen(f"{address}/readyz", timeout=PATIENCE) as answer:
                assert json.load(answer) == {"ready": True, "reason": None}
        finally:
            hub.send_signal(signal.SIGTERM)
        said, _ = hub.communicate(timeout=PATIENCE)
        assert (hub.returncode, said.splitlines()[-1]) == (0, "stopped; nothing is lost")
    assert list((tmp_path / ".renkei/processes").iterdir()) == []
