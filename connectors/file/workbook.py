"""Workbooks (XLSX, XLSM) to rows, without trusting them.

A workbook is a zip of XML: its table of contents is weighed first (bombs), then it is read in a
process with limits on memory and time (``workbook_reader``). The bytes that were weighed are the
bytes that are read; no file name reaches the reader.
"""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from connectors.file.delimited import HEADER_DEPTH, MAX_CELL, Row, too_many
from connectors.file.faults import (
    FILE_BOMB,
    FILE_BROKEN,
    FILE_COSTLY,
    FILE_NO_SHEET,
    FILE_PROTECTED,
    FILE_TOO_WIDE,
    ROW_CELL_TOO_LONG,
    refused,
)
from connectors.file.workbook_reader import COSTLY, DONE, REFUSED

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an old XLS begins, and a workbook with a password."""
MAX_MEMBERS = 1_000
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 100
_SMALL = 64 * 1024
"""Members up to this size may have any ratio: empty style tables pack a thousandfold."""
MAX_COLUMNS = 2_000

_FAULTS = {
    FILE_NO_SHEET: "the workbook has no sheet of the name in options.sheet",
    FILE_PROTECTED: "the workbook has a password: save it without one",
    FILE_BROKEN: "the workbook cannot be read: open it in a spreadsheet and save it as XLSX again",
    FILE_TOO_WIDE: f"the sheet has more than {MAX_COLUMNS} columns: delete the empty ones",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one workbook may take: bytes, seconds on the processor, seconds on a clock."""

    memory: int = 1536 * 1024 * 1024
    processor: int = 60
    clock: float = 120.0


def weigh(raw: bytes) -> None:
    """Refuse a zip that unpacks to too much, by its own table of contents; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, zlib.error, struct.error, ValueError, OSError) as error:
        raise refused(FILE_BROKEN, _FAULTS[FILE_BROKEN]) from error
    except (NotImplementedError, RuntimeError) as error:
        raise refused(FILE_PROTECTED, _FAULTS[FILE_PROTECTED]) from error
    unpacked = sum(member.file_size for member in members)
    swollen = any(
        member.file_size > _SMALL and member.file_size > MAX_RATIO * max(member.compress_size, 1)
        for member in members
    )
    if (
        len(members) > MAX_MEMBERS
        or unpacked > MAX_UNPACKED
        or unpacked > max(MAX_RATIO * len(raw), _SMALL)
        or swollen
    ):
        raise refused(
            FILE_BOMB,
            f"the workbook has {len(members)} parts of {unpacked} bytes in a file of {len(raw)}: "
            "too much to unpack safely; copy the list into a new workbook or save it as CSV",
        )


def read_workbook(
    raw: bytes, sheet: str | None, max_rows: int, limits: Limits = Limits()
) -> tuple[str, list[Row]]:
    """The sheet's name and every row of it that is not blank.

    Raises RecordRejected where the workbook is broken, locked, a bomb, or asks for too much.
    """
    if raw.startswith(OLE_MAGIC):
        raise refused(
            FILE_PROTECTED,
            "the workbook has a password or is an old XLS: save it as XLSX without a password",
        )
    weigh(raw)
    lines = _run(raw, sheet or "", max_rows, limits)
    head = orjson.loads(lines[0]) if lines else {"fault": FILE_BROKEN}
    if "fault" in head:
        code = str(head["fault"])
        raise refused(code, _FAULTS.get(code, _FAULTS[FILE_BROKEN]))
    rows = [_row(number, cells) for number, cells in map(orjson.loads, lines[1:])]
    filled = [row for row in rows if not row.blank()]
    if len(filled) > max_rows + HEADER_DEPTH:
        raise too_many(max_rows)
    return str(head["sheet"]), filled


def _row(number: int, cells: Sequence[str]) -> Row:
    long = any(len(cell) > MAX_CELL for cell in cells)
    return Row(number, cells, ROW_CELL_TOO_LONG if long else None)


def _run(raw: bytes, sheet: str, max_rows: int, limits: Limits) -> list[bytes]:
    script = Path(__file__).with_name("workbook_reader.py")
    numbers = (max_rows + HEADER_DEPTH, MAX_COLUMNS, limits.memory, limits.processor)
    command = [sys.executable, "-I", str(script), sheet, *map(str, numbers)]
    bare = {
        name: os.environ[name] for name in ("SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ
    }
    try:
        done = subprocess.run(  # noqa: S603 - our own script; the sheet's name is one argument
            command,
            input=raw,
            capture_output=True,
            timeout=limits.clock,
            check=False,
            env=bare,
        )
    except subprocess.TimeoutExpired as error:
        raise _costly(f"{limits.clock:.0f} seconds") from error
    if done.returncode == COSTLY or done.returncode < 0:
        raise _costly(f"{limits.memory // 2**20} MiB of memory")
    if done.returncode not in (DONE, REFUSED):
        raise refused(FILE_BROKEN, _FAULTS[FILE_BROKEN])
    return done.stdout.splitlines()


def _costly(what: str) -> Exception:
    return refused(
        FILE_COSTLY,
        f"the workbook could not be read within {what}: a cell may be filled far away from the "
        "list; copy the list into a new workbook or save it as CSV",
    )
