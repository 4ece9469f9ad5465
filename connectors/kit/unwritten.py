"""A place in a new connector that is still to be written."""

from __future__ import annotations

import sys
from pathlib import Path

from connectors.kit.errors import ContractBroken


def unwritten(what: str) -> ContractBroken:
    """The error to raise in such a place: it says what to write, and in which file and line."""
    frame = sys._getframe(1)
    file = Path(frame.f_code.co_filename)
    return ContractBroken(
        f"write me: {what} ({file.parent.name}/{file.name}, line {frame.f_lineno})",
        code="UNWRITTEN",
    )
