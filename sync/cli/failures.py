"""Exit codes, and errors that are told in words instead of a traceback."""

from __future__ import annotations

from dataclasses import dataclass

OK = 0
ERROR = 1
USAGE = 2
PARTIAL = 3
CHANGES = 4
SIGN_IN = 5

EXIT_CODES: dict[int, tuple[str, str]] = {
    OK: ("done", "完了"),
    ERROR: ("an error, or stopped by Ctrl-C", "エラー、または Ctrl-C による中断"),
    USAGE: ("wrong usage, or a mistake in the configuration", "使い方または設定の誤り"),
    PARTIAL: ("done in part: something failed or was set aside", "一部完了（失敗・保留あり）"),
    CHANGES: ("--dry-run found something to write", "--dry-run で書き込む変更が見つかった"),
    SIGN_IN: ("a connection must be signed in again", "接続の再認証が必要"),
}
"""Every exit code, and what it means in English and Japanese."""


@dataclass(frozen=True)
class Refused(Exception):
    """Something that cannot be done as asked: a code, the words for it, and what to type next.

    ``key`` names the words in the catalogue, ``says`` fills them; ``message`` replaces them.
    """

    code: str
    key: str = ""
    message: str = ""
    hint: str = ""
    next: str = ""
    exit_code: int = USAGE
    says: tuple[tuple[str, object], ...] = ()


def refused(
    code: str,
    key: str = "",
    *,
    message: str = "",
    hint: str = "",
    next: str = "",  # noqa: A002 - what to type next
    exit_code: int = USAGE,
    **says: object,
) -> Refused:
    """The error for a code of the catalogue (``error.CODE`` where no key is given)."""
    return Refused(
        code, key or f"error.{code}", message, hint, next, exit_code, tuple(says.items())
    )
