"""What can be wrong with a mapping: with the YAML an operator wrote, or with a value met in it."""

from __future__ import annotations

from collections.abc import Sequence

Path = tuple[str | int, ...]
"""The keys that lead to a place in a YAML document."""


class MappingError(Exception):
    """Something a mapping cannot do. ``code`` is the stable key under which it is stored.

    ``path`` leads to the place in the document, so that the configuration can name the file, line
    and column; ``hint`` says what would be right. Neither holds a person's data.
    """

    def __init__(self, code: str, message: str, *, path: Path = (), hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.path = path
        self.hint = hint

    def at(self, *keys: str | int) -> MappingError:
        """The same error, found below ``keys``."""
        return MappingError(self.code, self.message, path=(*keys, *self.path), hint=self.hint)


class MappingErrors(Exception):
    """Everything that is wrong with one document, so that an operator mends it in one go."""

    def __init__(self, errors: Sequence[MappingError]) -> None:
        self.errors = list(errors)
        super().__init__(
            "; ".join(
                f"{'.'.join(str(key) for key in error.path)}: {error.message}" for error in errors
            )
        )


class Unreadable(MappingError):
    """One value that cannot be turned into what its field holds; the rest of the record goes on."""
