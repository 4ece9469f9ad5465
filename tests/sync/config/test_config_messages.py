"""Every code has its words in both languages, and none is left over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sync.config.findings import TEXTS
from sync.config.messages import MESSAGES, mapping_words, words
from sync.config.wording import EXPECTED, MAPPING

CONFIG = Path(__file__).parents[3] / "sync" / "config"
MAPPING_CODE = Path(__file__).parents[3] / "mapping"
TABLES = ("messages.py", "file_messages.py", "wording.py")


def sources(folder: Path, *, but: tuple[str, ...] = ()) -> str:
    files = [path for path in sorted(folder.glob("*.py")) if path.name not in but]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_every_code_has_words_and_every_word_is_used() -> None:
    code = sources(CONFIG, but=TABLES)
    assert {name for name in MESSAGES if f'"{name}"' not in code} == set()
    drifted = CONFIG.parent / "engine" / "drifted.py"
    findings = sources(CONFIG, but=(*TABLES, "choice_words.py", "findings.py"))
    findings += drifted.read_text(encoding="utf-8")
    assert {name for name in TEXTS if f'"{name}"' not in findings} == set()


@pytest.mark.parametrize("code", [*MESSAGES])
def test_both_languages_name_the_same_things(code: str) -> None:
    message, ja, hint, ja_hint = MESSAGES[code]
    told, todo = words(code, {}, "en")
    assert told
    assert set(re.findall(r"\{(\w+)\}", ja)) == set(re.findall(r"\{(\w+)\}", message))
    assert set(re.findall(r"\{(\w+)\}", ja_hint)) == set(re.findall(r"\{(\w+)\}", hint))
    assert not ja.isascii()
    assert "{" not in words(code, {}, "ja")[0]
    assert todo or hint.startswith("{")


def test_findings_are_in_both_languages() -> None:
    for message, ja, hint, ja_hint in TEXTS.values():
        names = re.findall(r"\{(\w+)\}", message)
        assert sorted(names) == sorted(re.findall(r"\{(\w+)\}", ja))
        assert bool(hint) == bool(ja_hint)
        assert not ja.isascii()


def test_the_codes_of_the_mapping_are_spoken_in_japanese() -> None:
    code = (MAPPING_CODE / "compile.py").read_text(encoding="utf-8")
    raised = set(re.findall(r'MappingError\(\s*"([A-Z_]+)"', code))
    assert raised <= set(MAPPING)
    told, todo = mapping_words("UNKNOWN_FIELD", '"x" is not', 'did you mean "fax"?', "ja")
    assert told == 'その項目はありません（"x" is not）'
    assert todo == "「fax」のことですか？"


def test_expectations_are_in_both_languages() -> None:
    for en, ja in EXPECTED.values():
        assert en.isascii()
        assert set(re.findall(r"\{(\w+)\}", en)) == set(re.findall(r"\{(\w+)\}", ja))
