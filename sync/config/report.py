"""Collects mistakes, gives each its words and its line, and blots out secrets in what is shown."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mapping.errors import MappingError
from sync.config.errors import ConfigError, ConfigErrors, Severity
from sync.config.messages import mapping_words, words
from sync.config.positions import Document, Fault, Place

_TELLING = re.compile(
    r"""((?:token|secret|password|passphrase|private_key|api_?key|credential)\w*["']?\s*:\s*)
        (?!\s*["']?\$\{)(\S.*)""",
    re.VERBOSE | re.IGNORECASE,
)
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_BLOT = "•••"


class Report:
    """The mistakes of one reading. The first at a place stands for all there."""

    def __init__(self, root: Path, language: str) -> None:
        self.root = root
        self.language = language
        self._found: dict[tuple[str, int, int], ConfigError] = {}
        self._secrets: dict[str, set[str]] = {}

    def add(
        self,
        document: Document | Path,
        place: Place,
        code: str,
        *,
        severity: Severity = "error",
        **says: Any,
    ) -> None:
        """Note a mistake; ``says`` fills the words of its code (``near``: what was meant)."""
        message, hint = words(code, says, self.language)
        self._note(document, place, code, message, hint, severity)

    def add_faults(self, document: Document, faults: Iterable[Fault]) -> None:
        """Note what reading or interpolating found."""
        for fault in faults:
            message, hint = words(fault.code, fault.says, self.language)
            self._note(document, fault.place, fault.code, message, hint, "error", blot=True)

    def add_mapping(self, document: Document, place: Place, error: MappingError) -> None:
        """Note a mistake that the mapping found."""
        message, hint = mapping_words(error.code, error.message, error.hint, self.language)
        self._note(document, place, error.code, message, hint, "error")

    def blot(self, document: Document, secret: str) -> None:
        """Keep a secret that stands in a file out of every line that is shown of it."""
        if secret.strip():
            self._secrets.setdefault(self._name(document), set()).update(
                line for line in secret.splitlines() if line.strip()
            )

    def errors(self) -> list[ConfigError]:
        """Everything noted, by file and line."""
        return sorted(self._blotted(error) for error in self._found.values())

    def raise_any(self) -> None:
        """ConfigErrors, unless all that was noted are warnings."""
        found = [error for error in self.errors() if error.severity == "error"]
        if found:
            raise ConfigErrors(found)

    def _note(
        self,
        document: Document | Path,
        place: Place,
        code: str,
        message: str,
        hint: str,
        severity: Severity,
        *,
        blot: bool = False,
    ) -> None:
        lines = document.lines if isinstance(document, Document) else []
        source = lines[place.line - 1] if place.line <= len(lines) else ""
        if code in ("UNKNOWN_KEY", "DUPLICATE_KEY"):
            source = _key_only(source, place.column)
        if blot:  # nothing is known yet of which values are secret
            source = _TELLING.sub(rf"\1{_BLOT}", source)
        source = _UNSEEN.sub("�", source.replace("\t", "→"))
        error = ConfigError(
            file=self._name(document),
            line=place.line,
            column=place.column,
            code=code,
            message=message,
            hint=hint,
            source=source,
            severity=severity,
        )
        self._found.setdefault((error.file, error.line, error.column), error)

    def _blotted(self, error: ConfigError) -> ConfigError:
        source = error.source
        for secret in sorted(self._secrets.get(error.file, ()), key=len, reverse=True):
            source = source.replace(secret.strip(), "•" * len(secret.strip()))
        if source == error.source:
            return error
        return ConfigError(
            error.file,
            error.line,
            error.column,
            error.code,
            error.message,
            error.hint,
            source,
            error.severity,
        )

    def _name(self, document: Document | Path) -> str:
        path = document.path if isinstance(document, Document) else document
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return str(path)


def _key_only(source: str, column: int) -> str:
    """A line up to a key: what stands behind a mistyped key may be a secret."""
    colon = source.find(":", column - 1)
    return f"{source[: colon + 1]} …" if 0 <= colon < len(source.rstrip()) - 1 else source


def near(name: Any, known: Iterable[Any]) -> str:
    """The known word that was probably meant, or nothing."""
    candidates = [str(one) for one in known]
    wanted = str(name)
    by_case = {one.casefold().replace("-", "_"): one for one in candidates}
    same = by_case.get(wanted.casefold().replace("-", "_"))
    if same is not None:
        return same
    letters = [one for one in candidates if sorted(one) == sorted(wanted)]
    close = letters or difflib.get_close_matches(wanted, candidates, n=1)
    return close[0] if close else ""


def listed(known: Iterable[Any]) -> str:
    """Words for a sentence."""
    return ", ".join(str(one) for one in known) or "–"


def text_at(data: Any, *keys: str) -> str | None:
    """A text below some keys, where there is one."""
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data if isinstance(data, str) else None
