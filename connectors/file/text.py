"""Bytes to text: which encoding a list is in.

The order is fixed: byte order mark, ISO-2022-JP by its escapes, UTF-8, CP932, EUC-JP, each strict.
Statistical guessers call mostly-ASCII CP932 lists with 髙 or ① something Chinese. Many EUC-JP texts
are also valid CP932 (as rows of half-width katakana): where both fit, the one under which more
headers are known words wins, and the preview says that there was a choice. A single broken row
must not cost the file: where nothing fits strictly, the encoding with the fewest broken lines is
taken and those lines carry ``BROKEN``.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass

from connectors.file.faults import FILE_UNDECODABLE, refused

BROKEN = "\udcff"
"""Stands in a text for bytes that are none. A lone surrogate: no strict decoder makes it."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_JIS_ESCAPES = (b"\x1b$B", b"\x1b$@", b"\x1b(I")
_ORDER = ("utf-8", "cp932", "euc_jp")
_CP932_FILLERS = frozenset("\uf8f0\uf8f1\uf8f2\uf8f3")
"""What Python's CP932 decoder makes of the bytes A0 and FD-FF, which CP932 does not define."""
_BROKEN_SHARE = 0.1
_BROKEN_ALLOWED = 3
_ERRORS = "renkei.broken"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and how it was read. ``fitting`` are all encodings that fit strictly, best first."""

    text: str
    encoding: str
    fitting: tuple[str, ...]

    @property
    def ambiguous(self) -> bool:
        """Whether another encoding would have fitted too and read something else."""
        return len(self.fitting) > 1


def _mark(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return BROKEN, error.end
    raise error


codecs.register_error(_ERRORS, _mark)


def decode(raw: bytes, encoding: str, known: Callable[[str], int]) -> Decoded:
    """The text of a file.

    ``encoding`` is auto or a codec's name. ``known`` counts the familiar headers of a text; it is
    asked only where two encodings fit. Raises RecordRejected where no encoding makes sense of it.
    """
    if encoding != "auto":
        return _lenient(raw, (encoding,))
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return _lenient(raw, (name,))
    if any(escape in raw for escape in _JIS_ESCAPES):
        text = _strict(raw, "iso2022_jp_ext")
        if text is not None:
            return Decoded(text, "iso2022_jp_ext", ("iso2022_jp_ext",))
    text = _strict(raw, "utf-8")
    if text is not None:
        return Decoded(text, "utf-8", ("utf-8",))
    fitting = [(name, text) for name in _ORDER[1:] if (text := _strict(raw, name)) is not None]
    if not fitting:
        return _lenient(raw, _ORDER)
    fitting.sort(key=lambda pair: (-known(pair[1]), _private(pair[1])))
    return Decoded(fitting[0][1], fitting[0][0], tuple(name for name, _ in fitting))


def _private(text: str) -> int:
    """How many characters are an organisation's own (gaiji): few lists have any."""
    return sum("\ue000" <= char <= "\uf8ff" for char in text)


def _strict(raw: bytes, encoding: str) -> str | None:
    try:
        text = raw.decode(encoding)
    except UnicodeError:
        return None
    if encoding == "cp932" and not _CP932_FILLERS.isdisjoint(text):
        return None
    return text


def _lenient(raw: bytes, encodings: tuple[str, ...]) -> Decoded:
    read = [(name, _marked(raw, name)) for name in encodings]
    name, text = min(read, key=lambda pair: pair[1].count(BROKEN))
    if BROKEN not in text:
        return Decoded(text, name, (name,))
    lines = text.split("\n")
    broken = sum(BROKEN in line for line in lines)
    if broken > max(_BROKEN_ALLOWED, _BROKEN_SHARE * len(lines)):
        raise refused(
            FILE_UNDECODABLE,
            f"{broken} of {len(lines)} lines are no text in {' or '.join(encodings)}: "
            "say the file's encoding under options.encoding, or save it as UTF-8",
        )
    return Decoded(text, name, ())


def _marked(raw: bytes, encoding: str) -> str:
    try:
        text = raw.decode(encoding, _ERRORS)
    except (UnicodeError, ValueError) as error:
        raise refused(FILE_UNDECODABLE, f"the bytes are no text in {encoding}") from error
    if encoding == "cp932":
        for filler in _CP932_FILLERS:
            text = text.replace(filler, BROKEN)
    return text
