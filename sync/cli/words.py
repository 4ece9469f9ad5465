"""Everything the command line says, in Japanese and English."""

from __future__ import annotations

LANGUAGES = ("ja", "en")
DEFAULT_LANGUAGE = "en"

WORDS: dict[str, tuple[str, str]] = {}
