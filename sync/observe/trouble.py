"""An exception as a log may tell it: class, code and frames, never its message or a local value.

A message may hold what a vendor answered, and that may be about a person.
"""

from __future__ import annotations

import sys
import traceback
from functools import lru_cache
from pathlib import Path
from typing import Any

from sync.observe.redact import code_of

__all__ = ["lines", "told"]

FRAMES = 30
"""Frames that are told of one exception, at most: the innermost."""
DEPTH = 5
"""Causes of causes that are told, and exceptions of a group."""


def told(error: BaseException, depth: int = DEPTH) -> dict[str, Any]:
    """An exception as it is logged: ``class``, ``code``, ``status``, ``frames``, ``cause``."""
    found: dict[str, Any] = {"class": type(error).__name__}
    code, status = code_of(error), getattr(error, "status", None)
    if code != found["class"]:
        found["code"] = str(code)
    if isinstance(status, int):
        found["status"] = status
    walked = list(traceback.walk_tb(error.__traceback__))[-FRAMES:]
    found["frames"] = [
        f"{_place(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}"
        for frame, line in walked
    ]
    if isinstance(error, BaseExceptionGroup) and depth:
        found["group"] = [told(one, depth - 1) for one in error.exceptions[:DEPTH]]
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and depth:
        found["cause"] = told(before, depth - 1)
    return found


def lines(one: dict[str, Any], pad: str = "  ") -> list[str]:
    """The same for people: the outermost frame first, causes below."""
    code = " ".join(str(one[name]) for name in ("code", "status") if name in one)
    found = [f"{pad}{one['class']}{f' ({code})' if code else ''}"]
    found += [f"{pad}  {frame}" for frame in one["frames"]]
    for inner in one.get("group", ()):
        found += lines(inner, f"{pad}  ")
    if "cause" in one:
        found += [f"{pad}because of", *lines(one["cause"], pad)]
    return found


@lru_cache(maxsize=1024)
def _place(path: str) -> str:
    """A file by its place below where Python finds it: the way there may name a person."""
    file = Path(path)
    roots = sorted((Path(one) for one in sys.path if one), key=lambda one: -len(one.parts))
    for root in roots:
        if file.is_relative_to(root):
            return file.relative_to(root).as_posix()
    return "/".join(file.parts[-2:])
