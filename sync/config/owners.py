"""Who owns our package names in this environment: ``connectors``, ``mapping`` and ``sync``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import packages_distributions

NAMES = ("connectors", "mapping", "sync")
OURS = "renkei"


class NameTaken(Exception):
    """Another distribution brings a package that has one of our names."""


def check_owners(owners: Mapping[str, Sequence[str]] | None = None) -> None:
    """Refuse to start where another distribution would be imported in our place.

    Raises NameTaken with what to uninstall. ``owners`` is top-level name → distributions; default:
    those of this environment.
    """
    found = packages_distributions() if owners is None else owners
    for name in NAMES:
        strangers = sorted({one for one in found.get(name, ()) if one.lower() != OURS})
        if strangers:
            raise NameTaken(
                f'the package "{name}" also comes with {", ".join(strangers)}, which could be '
                f"imported in Renkei's place: install Renkei into an environment of its own, or "
                f"uninstall {strangers[0]}"
            )
