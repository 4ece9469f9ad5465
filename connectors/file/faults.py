"""Codes of what can be wrong with a file or a row, and the error that carries one.

A fault of a whole file and a fault of one row are both a RecordRejected: the hub sets the file, or
the row, aside with the code, and goes on with the rest.
"""

from __future__ import annotations

from connectors.kit.errors import RecordRejected

FILE_TYPE = "FILE_TYPE"
FILE_TOO_LARGE = "FILE_TOO_LARGE"
FILE_TOO_MANY_ROWS = "FILE_TOO_MANY_ROWS"
FILE_TOO_WIDE = "FILE_TOO_WIDE"
FILE_UNDECODABLE = "FILE_UNDECODABLE"
FILE_NO_HEADER = "FILE_NO_HEADER"
FILE_NO_PERSON = "FILE_NO_PERSON"
FILE_BAD_QUOTES = "FILE_BAD_QUOTES"
FILE_BOMB = "FILE_BOMB"
FILE_PROTECTED = "FILE_PROTECTED"
FILE_BROKEN = "FILE_BROKEN"
FILE_NO_SHEET = "FILE_NO_SHEET"
FILE_COSTLY = "FILE_COSTLY"
FILE_LINK = "FILE_LINK"

ROW_QUOTES = "ROW_QUOTES"
ROW_CELLS = "ROW_CELLS"
ROW_UNDECODABLE = "ROW_UNDECODABLE"
ROW_CELL_TOO_LONG = "ROW_CELL_TOO_LONG"
ROW_NO_PERSON = "ROW_NO_PERSON"

ROW_MESSAGES = {
    ROW_QUOTES: "a quotation mark is opened and not closed, or stands inside a quoted cell: "
    'write it twice ("") inside quotes',
    ROW_CELLS: "has more filled cells than the header: a delimiter inside a cell needs quotes "
    "around the cell",
    ROW_UNDECODABLE: "holds bytes that are no text in the file's encoding: save the file again "
    "as UTF-8",
    ROW_CELL_TOO_LONG: "has a cell of more than 32,767 characters: shorten it",
    ROW_NO_PERSON: "has no e-mail address, no phone number, and no company with a name; a total or "
    "a note below the list can be ignored",
}
"""What to tell an operator about a row, per code."""


def refused(code: str, message: str) -> RecordRejected:
    """The error for a file that cannot be read as a whole."""
    return RecordRejected(message, status=None, code=code)
