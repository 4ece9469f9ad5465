"""Reads one workbook from standard input and writes its rows to standard output, as JSON lines.

Run as a script in a process of its own with little memory and little time, because a workbook of
five kilobytes can ask for 500 GiB (one cell in the last row and column). It imports nothing of
ours. Formulas are never computed: their last saved values are read.

Arguments: sheet name or "" for the first visible one, most rows, most columns, bytes of memory,
seconds of processor time. First line out: {"sheet": name} or {"fault": code}; then a
[row number, cells] per filled row.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import sys

DONE, REFUSED, COSTLY = 0, 2, 3

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


def limit(memory: int, seconds: int) -> None:
    """Let the system end this process when it takes too much. Nothing where it cannot (Windows)."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def text(value: Cell) -> str:
    """A cell as people see it: whole numbers without a point, dates as ISO 8601."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time(0)
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    return str(value)


def main(arguments: list[str]) -> int:
    """DONE with rows on standard output, or REFUSED with one line that names the fault."""
    wanted, *numbers = arguments
    max_rows, max_columns, memory, seconds = map(int, numbers)
    limit(memory, seconds)
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    out = sys.stdout.buffer

    def say(value: object) -> None:
        out.write(json.dumps(value, ensure_ascii=True).encode() + b"\n")

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        visible = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible
        ]
        name = wanted or next(iter(visible or book.sheet_names), "")
        if name not in book.sheet_names:
            say({"fault": "FILE_NO_SHEET"})
            return REFUSED
        sheet = book.get_sheet_by_name(name)
    except PasswordError:
        say({"fault": "FILE_PROTECTED"})
        return REFUSED
    except (CalamineError, OSError, ValueError):
        say({"fault": "FILE_BROKEN"})
        return REFUSED
    if sheet.width > max_columns:
        say({"fault": "FILE_TOO_WIDE"})
        return REFUSED
    say({"sheet": name})
    left = max_rows
    for number, row in enumerate(sheet.iter_rows(), start=1):
        texts = [text(cell) for cell in row]
        if any(texts):
            say([number, texts])
            left -= 1
        if left < 0:
            return DONE  # one more than allowed: the caller counts them
    return DONE


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except MemoryError:
        raise SystemExit(COSTLY) from None
