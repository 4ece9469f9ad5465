"""Lists in files: business cards, exhibition visitors, seminar guests, exports of other systems.

What is odd about files: nobody promises anything. A list has no ids, so a row is known by its own
values (e-mail and name, else company and name) and is the same record in whatever file it comes
again. It has no clock, so a file counts as saved when the file system says so. Its encoding, its
delimiter, the row its header is in and the meaning of its columns are guessed, shown by
``preview`` and can be said in the options. It may be half written, so it must have rested. It may
be made to hurt: workbooks are weighed before they are unpacked and read in a process of their own,
links are refused, formulas are never computed. A row that is missing from a later list is not a
deletion, and a list never grants a consent.

A row or a file that cannot be read becomes a record whose flat fields hold ``_error`` with a code,
so that it is set aside where people see it and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from connectors.file.options import Options
from connectors.file.preview import Notice, Preview, preview
from connectors.file.pull import Connector
from connectors.kit.base import Page
from connectors.kit.session import Wiring
from connectors.kit.tokens import MemoryTokens

__all__ = ["Connector", "Notice", "Options", "Preview", "connect", "open_file", "preview"]


def connect(options: Options, wiring: Wiring) -> Connector:
    """A connector for one drop folder."""
    return Connector(options, wiring)


def open_file(path: str | Path, options: Options) -> Iterator[Page]:
    """Every row of one file, wherever it lies; for a one-off import without a hub's wiring."""
    return Connector(options, Wiring("file", MemoryTokens())).pull_file(path)
