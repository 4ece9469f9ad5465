"""What a connected check found: a line for people, and where in the YAML to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from sync.config.choice_words import CHOICE_TEXTS, DRIFT_TEXTS
from sync.config.maps import default_document, fields_file
from sync.config.model import Config
from sync.config.positions import Document, Keys, read_document

if TYPE_CHECKING:
    from connectors.registry import Installed

State = Literal["ok", "note", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a connected check.

    ``topic`` is reachable, identity, scopes, quota, clock, or fields. ``file``, ``line`` and
    ``column`` are set where a line of YAML is to be mended: in the operator's directory, or in the
    map that comes with a connector ("kintone/fields.yaml (default map)").
    """

    topic: str
    state: State
    code: str
    message: str
    hint: str = ""
    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: " if self.file else ""
        return f"{self.state:<7} {place}{self.message}" + (f" ({self.hint})" if self.hint else "")


class Sources:
    """The YAML that a connection's field maps come from."""

    def __init__(self, config: Config, name: str, installed: Installed) -> None:
        self.config = config
        self.name = name
        self.installed = installed

    @property
    def language(self) -> str:
        """The language that findings are told in."""
        return self.config.hub.language

    @cached_property
    def own(self) -> Document | None:
        """The operator's file, where there is one."""
        path = fields_file(self.config.root, self.name)
        return read_document(path) if path.is_file() else None

    @cached_property
    def default(self) -> Document | None:
        """The connector's default."""
        return default_document(self.installed)

    @cached_property
    def connection(self) -> Document:
        """The connection's own file."""
        return read_document(self.config.root / "connections" / f"{self.name}.yaml")

    def is_own(self, path: Keys) -> bool:
        """Whether the operator wrote the line, and not the connector."""
        return self.own is not None and self.own.holds(path)

    def finding(
        self,
        state: State,
        code: str,
        paths: Sequence[Keys],
        *,
        word: str = "",
        near: str = "",
        **says: Any,
    ) -> Finding:
        """A finding at the first of the paths that is written, operator's file first.

        ``word``: the text to point at within the value.
        """
        message, hint = said(code, self.language, near=near, **says)
        for path in paths:
            for document in (self.own, self.default):
                if document is not None and document.holds(path):
                    place = document.text_place(path, word) if word else document.key_place(path)
                    file = self._name(document)
                    return Finding(
                        "fields", state, code, message, hint, file, place.line, place.column
                    )
        place = self.connection.key_place(("push", "stream"))
        file = self._name(self.connection)
        return Finding("fields", state, code, message, hint, file, place.line, place.column)

    def _name(self, document: Document) -> str:
        path, root = document.path.resolve(), self.config.root.resolve()
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
        kind = "既定のマップ" if self.language == "ja" else "default map"
        return f"{self.installed.slug}/{path.name} ({kind})"


TEXTS: dict[str, tuple[str, str, str, str]] = {
    "REACHABLE": ("reachable", "接続できます", "", ""),
    "UNREACHABLE": (
        "not reachable: {why}",
        "接続できません: {why}",
        "Check base_url, the network and the vendor's status page.",
        "base_url、ネットワーク、相手側の稼働状況を確認してください。",
    ),
    "AUTHORISED": ("authorised as {account}", "{account} として認証されました", "", ""),
    "REFUSED": (
        "the vendor refuses the credentials: {why}",
        "認証情報が拒否されました: {why}",
        "Renew the secret that connections/{name}.yaml refers to, or sign in again.",
        "connections/{name}.yaml が参照する秘密の値を更新するか、再度サインインしてください。",
    ),
    "SCOPES": ("no scope is missing", "不足している権限はありません", "", ""),
    "SCOPES_MISSING": (
        "scopes missing: {missing}",
        "権限が不足しています: {missing}",
        "Grant them at the vendor, then check again.",
        "相手側で権限を付与してから、もう一度確認してください。",
    ),
    "QUOTA": ("quota: {left} of {most} left", "API の残り回数: {left}／{most}", "", ""),
    "QUOTA_LOW": (
        "quota: only {left} of {most} left",
        "API の残り回数がわずかです: {left}／{most}",
        "Read less often, or ask the vendor for more.",
        "取得の間隔を延ばすか、上限の引き上げを検討してください。",
    ),
    "CLOCK": ("clock offset {offset} s", "時計のずれ {offset} 秒", "", ""),
    "CLOCK_OFF": (
        "the vendor's clock is {offset} s off ours",
        "相手側と時計が {offset} 秒ずれています",
        "Set this host's clock by NTP.",
        "このホストの時計を NTP で合わせてください。",
    ),
    "NOT_SAID": ("the vendor does not say", "相手側からは分かりません", "", ""),
    "NOT_DESCRIBED": (
        "the fields could not be asked for: {why}",
        "項目を取得できませんでした: {why}",
        "Check again later.",
        "時間をおいて再度確認してください。",
    ),
    "NO_VENDOR_FIELD": (
        '{stream} has no field "{name}"',
        "{stream} に項目「{name}」がありません",
        "Make it there, or name another in fields/{connection}.yaml.",
        "相手側に項目を作るか、fields/{connection}.yaml で別の項目を指定してください。",
    ),
    "READ_ONLY": (
        '"{name}" of {stream} cannot be written',
        "{stream} の「{name}」には書き込めません",
        "Add direction: pull to the line.",
        "その行に direction: pull を足してください。",
    ),
    "REQUIRED": (
        '{stream} requires "{name}", and no line writes it',
        "{stream} の必須項目「{name}」に書き込む行がありません",
        "Map it in fields/{connection}.yaml, or set push: create: false.",
        "fields/{connection}.yaml で割り当てるか、push: create: false にしてください。",
    ),
    "NO_KEY_FIELD": (
        "{stream} has no unique field that is written: leads could be created twice",
        "{stream} に一意の項目がなく、リードが二重に作成されるおそれがあります",
        "Make a unique text field there and map renkei_id to it.",
        "相手側に重複禁止の文字列項目を作り、renkei_id を割り当ててください。",
    ),
    "NO_STREAM": (
        'the connection has no stream "{stream}"',
        "この接続にストリーム「{stream}」はありません",
        "Its streams: {known}.",
        "使えるストリーム: {known}",
    ),
    **CHOICE_TEXTS,
    **DRIFT_TEXTS,
}
"""Code → (message, Japanese message, hint, Japanese hint)."""


def said(code: str, language: str, *, near: str = "", **says: Any) -> tuple[str, str]:
    """The message and the hint of a finding."""
    place = 1 if language == "ja" else 0
    row = TEXTS[code]
    message, hint = row[place].format(**says), row[place + 2].format(**says)
    if near:
        hint = f"「{near}」のことですか？" if place else f'Did you mean "{near}"?'
    return message, hint
