"""Exit codes, and errors that are told in words instead of a traceback."""

from __future__ import annotations

from collections.abc import Mapping

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
    CHANGES: (
        "--dry-run or plan found something to write",
        "--dry-run または plan で書き込む変更が見つかった",
    ),
    SIGN_IN: ("a connection must be signed in again", "接続の再認証が必要"),
}
"""Every exit code, and what it means in English and Japanese."""


class Refused(Exception):
    """Something that cannot be done as asked: a code, its words, and what to type next.

    ``says`` fills the words of ``error.CODE`` in the catalogue; ``message`` replaces them.
    """

    def __init__(
        self,
        code: str,
        message: str,
        hint: str,
        next_command: str,
        exit_code: int,
        says: Mapping[str, object],
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.hint = hint
        self.next = next_command
        self.exit_code = exit_code
        self.says = says


def refused(
    code: str,
    *,
    message: str = "",
    hint: str = "",
    next: str = "",  # noqa: A002 - what to type next
    exit_code: int = USAGE,
    **says: object,
) -> Refused:
    """The error for a code of the catalogue, or with words of its own."""
    return Refused(code, message, hint, next, exit_code, says)
