"""Everything is said in Japanese and in English, and help starts fast."""

from __future__ import annotations

import re
import string
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import typer

import sync.cli
from sync.cli.app import app
from sync.cli.help_words import JA, texts
from sync.cli.label_words import LABELS
from sync.cli.words import WORDS

HEAVY = ("sqlalchemy", "pydantic", "httpx", "rich", "starlette", "dramatiq", "ruamel", "alembic")
SOURCES = [
    path
    for path in Path(sync.cli.__file__).parent.glob("*.py")
    if not path.name.endswith("words.py")
]


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same() -> None:
    half = [key for key, (ja, en) in WORDS.items() if bool(ja) != bool(en)]
    other = [key for key, (ja, en) in WORDS.items() if places(ja) != places(en)]
    assert (half, other) == ([], [])


def test_no_word_is_in_two_files() -> None:
    tables = [
        (
            path.stem,
            set(re.findall(r'^    "([a-z_]+\.\w+)": \(', path.read_text("utf-8"), re.MULTILINE)),
        )
        for path in Path(sync.cli.__file__).parent.glob("*words.py")
    ]
    tables.append(("labels", set(LABELS)))
    twice = [
        (one, other, *sorted(ours & theirs))
        for (one, ours), (other, theirs) in combinations(tables, 2)
        if ours & theirs
    ]
    assert twice == []


def test_every_word_that_is_said_is_in_the_catalogue() -> None:
    groups = {key.partition(".")[0] for key in WORDS}
    asked = set()
    for path in SOURCES:
        source = path.read_text(encoding="utf-8")
        asked |= set(re.findall(r'(?:words|say|note)\(\s*"([a-z_]+\.[\w]+)"', source))
        asked |= set(re.findall(r'"(column\.\w+)"', source))
        asked |= {f"error.{code}" for code in re.findall(r'refused\(\s*"([A-Z_]+)"', source)}
    assert len(asked) > 100
    assert asked <= WORDS.keys(), sorted(asked - WORDS.keys())
    assert {key.partition(".")[0] for key in asked} <= groups


def test_every_word_of_the_catalogue_is_said() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    dynamic = {f"{name}." for name in re.findall(r"""f["'](\w+)\.\{""", source)} | {"error."}
    unsaid = [key for key in WORDS if not re.search(f"[\"']{re.escape(key)}[\"']", source)]
    assert [key for key in unsaid if f"{key.partition('.')[0]}." not in dynamic] == []


def test_every_help_text_is_there_in_japanese() -> None:
    spoken = texts(typer.main.get_command(app))
    assert [text for text in spoken if text not in JA] == []


def test_no_japanese_help_is_left_over() -> None:
    assert sorted(JA.keys() - set(texts(typer.main.get_command(app)))) == []


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from sync.cli.app import run; code = run(['--help']);"
        "print(code, *sorted(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    exit_code, *modules = ran.stdout.splitlines()[-1].split()
    assert exit_code == "0"
    assert [name for name in modules if name.partition(".")[0] in HEAVY] == []


def test_help_speaks_japanese() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "import sync.cli; sync.cli.main()", "run", "--help", "--lang", "ja"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "取得・名寄せ・書き込みを1回実行します。" in ran.stdout


def test_every_command_that_is_named_exists() -> None:
    root = Path(__file__).parents[3]
    verbs: Any = typer.main.get_command(app)
    wrong = []
    for path in [*root.glob("sync/**/*.py"), *root.glob("docs/**/*.md"), root / "README.md"]:
        named = re.findall(r"(?<!b)[\"`]renkei ([a-z]+)(?: ([a-z]+))?", path.read_text("utf-8"))
        for verb, word in named:
            found = verbs.commands.get(verb)
            if found is None or (
                word and hasattr(found, "commands") and word not in found.commands
            ):
                wrong.append((path.name, verb, word))
    assert wrong == []
