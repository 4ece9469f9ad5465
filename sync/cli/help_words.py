"""The help in Japanese: the English of each verb and option, and what it is called here."""

from __future__ import annotations

import inspect
from typing import Any

__all__ = ["JA", "texts", "translated"]

JA: dict[str, str] = {}


def texts(command: Any) -> list[str]:
    """Every text of a command's help, and of those below it."""
    found = [one for one in (command.help, getattr(command, "epilog", None)) if one]
    found += [one.help for one in command.params if getattr(one, "help", None)]
    for below in getattr(command, "commands", {}).values():
        found += texts(below)
    return [inspect.cleandoc(one) for one in found]


def translated(command: Any) -> None:
    """Have a command, and those below it, help in Japanese."""
    for holder in (command, *command.params):
        for name in ("help", "epilog", "short_help"):
            text = getattr(holder, name, None)
            if text:
                setattr(holder, name, JA.get(inspect.cleandoc(text), text))
    for below in getattr(command, "commands", {}).values():
        translated(below)
