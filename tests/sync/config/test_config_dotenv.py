"""A .env file gives variables that the environment does not."""

from __future__ import annotations

from pathlib import Path

from sync.config.dotenv import dotenv
from sync.config.load import load


def test_the_usual_ways_of_writing_a_line_are_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "# tokens\nA=1\nexport B = two words\nC='#not a comment'\n"
        'D="x"\nE=y # why\nnonsense\nF=\n'
    )
    assert dotenv(tmp_path) == {
        "A": "1",
        "B": "two words",
        "C": "#not a comment",
        "D": "x",
        "E": "y",
        "F": "",
    }


def test_no_file_is_no_variables(tmp_path: Path) -> None:
    assert dotenv(tmp_path) == {}


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ZONE=Asia/Seoul\nHOST=http://a.example\n")
    (tmp_path / "renkei.yaml").write_text(
        "timezone: ${env:ZONE}\npublic_url: ${env:HOST}\nlanguage: en\n"
    )
    config = load(tmp_path, env={"ZONE": "Asia/Tokyo"})
    assert (config.hub.timezone, config.hub.public_url) == ("Asia/Tokyo", "http://a.example")
