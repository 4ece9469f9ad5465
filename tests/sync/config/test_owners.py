"""The hub does not start where somebody else's package has one of its names."""

from __future__ import annotations

import pytest

from sync.config.owners import NameTaken, check_owners


def test_this_environment_is_ours() -> None:
    check_owners()


def test_a_stranger_with_one_of_our_names_is_named() -> None:
    with pytest.raises(NameTaken, match=r'"sync" also comes with sync-tools.*uninstall sync-tools'):
        check_owners({"connectors": ["renkei"], "sync": ["renkei", "sync-tools"]})
