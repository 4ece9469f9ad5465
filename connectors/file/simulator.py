"""A generator instead of a simulator: writes the files that people really drop into folders.

There is no wire format to speak, but there are habits: an exhibition's visitor list comes in CP932
below some lines of text, Eight exports UTF-8 with a byte order mark and a column per tag, Sansan
quotes every cell, a seminar tool writes tab-separated text. Each file appears at once and whole,
and as if it had rested a minute.
"""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from connectors.file.simulator_people import Person, numbered, people

__all__ = ["HABITS", "Habit", "Simulator", "people"]

RESTED = 60.0
"""Seconds that a written file seems to have rested."""


@dataclass(frozen=True, slots=True)
class Habit:
    """How one kind of list is written: (header, field) columns, and lines above the header."""

    columns: Sequence[tuple[str, str]]
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    above: Sequence[str] = ()
    quoting: Literal[0, 1] = csv.QUOTE_MINIMAL
    suffix: str = ".csv"


HABITS: Mapping[str, Habit] = {
    "exhibition": Habit(
        (
            ("No.", "no"),
            ("来場者番号", "vendor_id"),
            ("来場日時", "occurred_on"),
            ("会社名", "company"),
            ("部署", "department"),
            ("役職", "title"),
            ("氏名", "full_name"),
            ("フリガナ", "full_kana"),
            ("メールアドレス", "email"),
            ("電話番号", "phone"),
            ("郵便番号", "postal_code"),
            ("住所", "address"),
            ("アンケート1:導入時期", "timing"),
        ),
        encoding="cp932",
        above=("来場者リスト ①日目～③日目", "個人情報を含みます。取り扱いにご注意ください。", ""),
    ),
    "eight": Habit(
        (
            ("会社名", "company"),
            ("部署名", "department"),
            ("役職", "title"),
            ("氏名", "full_name"),
            ("e-mail", "email"),
            ("郵便番号", "postal_code"),
            ("住所", "address"),
            ("TEL会社", "phone"),
            ("TEL部門", "phone_department"),
            ("TEL直通", "phone_direct"),
            ("Fax", "fax"),
            ("携帯電話", "mobile"),
            ("URL", "website"),
            ("名刺交換日", "occurred_on"),
            ("Eightでつながっている人", "connected"),
            ("再データ化中の名刺", "incomplete"),
            ("'?'を含んだデータ", "doubtful"),
            ("展示会2026", "tag"),
        ),
    ),
    "sansan": Habit(
        (
            ("名刺ID", "vendor_id"),
            ("会社名", "company"),
            ("部署", "department"),
            ("役職", "title"),
            ("姓", "family_name"),
            ("名", "given_name"),
            ("姓フリガナ", "family_kana"),
            ("名フリガナ", "given_kana"),
            ("e-mail", "email"),
            ("郵便番号", "postal_code"),
            ("住所", "address"),
            ("TEL", "phone"),
            ("携帯電話", "mobile"),
            ("URL", "website"),
            ("名刺交換日", "occurred_on"),
            ("タグ", "tags"),
        ),
        quoting=csv.QUOTE_ALL,
    ),
    "seminar": Habit(
        (
            ("受付番号", "vendor_id"),
            ("申込日時", "occurred_on"),
            ("セミナー名", "campaign"),
            ("お名前（必須）", "full_name"),
            ("フリガナ", "full_kana"),
            ("会社名（必須）", "company"),
            ("部署名", "department"),
            ("メールアドレス（必須）", "email"),
            ("電話番号", "phone"),
            ("参加/欠席", "attendance"),
        ),
        encoding="utf-8",
        delimiter="\t",
        suffix=".tsv",
    ),
    "generic": Habit(
        (
            ("Company", "company"),
            ("Last Name", "family_name"),
            ("First Name", "given_name"),
            ("Email", "email"),
            ("Phone", "phone"),
            ("Job Title", "title"),
        ),
        encoding="utf-8",
    ),
}


class Simulator:
    """Writes lists into a drop folder. ``write`` again with the same name replaces the file."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        self.folder = folder
        self.seed = seed
        self._files = 0
        folder.mkdir(parents=True, exist_ok=True)

    def plant(self, count: int, profile: str = "exhibition") -> Path:
        """A new list of so many new people."""
        self._files += 1
        persons = people(count, seed=self.seed * 1_000 + self._files)
        return self.write(profile, persons, name=f"{profile}-{self._files:03}")

    def write(
        self,
        profile: str,
        persons: Sequence[Person],
        *,
        name: str | None = None,
        encoding: str | None = None,
    ) -> Path:
        """A list of these people in the habit of ``profile``, in its usual encoding or another."""
        habit = HABITS[profile]
        raw = render(habit, persons).encode(encoding or habit.encoding, "replace")
        return self.drop(f"{name or profile}{habit.suffix}", raw)

    def drop(self, name: str, raw: bytes) -> Path:
        """Put bytes into the folder, at once and as if they had rested."""
        target = self.folder / name
        waiting = self.folder / f".{name}.part"
        waiting.write_bytes(raw)
        rested = time.time() - RESTED
        os.utime(waiting, (rested, rested))
        waiting.replace(target)
        return target


def render(habit: Habit, persons: Sequence[Person]) -> str:
    """The text of a list, lines above the header included."""
    text = io.StringIO()
    for line in habit.above:
        text.write(f"{line}\r\n")
    writer = csv.writer(
        text, delimiter=habit.delimiter, quoting=habit.quoting, lineterminator="\r\n"
    )
    writer.writerow([header for header, _ in habit.columns])
    for person in numbered(persons):
        writer.writerow([person.get(field, "") for _, field in habit.columns])
    return text.getvalue()
