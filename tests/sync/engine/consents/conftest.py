"""Somebody who may be written to in three systems, and systems that hold consent their own way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sync.config.model import PushConfig
from sync.engine.hub import open_hub
from tests.sync.engine.conftest import Shelves

MAIL, PHONE = "consent.email.marketing", "consent.phone.marketing"
SATO = {"email": "sato@aozora.example", "family": "佐藤", "given": "花子", "company": "青空製作所"}
ITO = {"email": "ito@chidori.example", "family": "伊藤", "given": "健", "company": "千鳥商会"}


@pytest.fixture
def known(shelves: Shelves) -> Shelves:
    """One mailable person in three systems."""
    shelves.at["crm"].put("1", **SATO, mail="yes")
    shelves.settle()
    return shelves


@pytest.fixture
def remade(shelves: Shelves) -> Callable[..., Shelves]:
    """The shelves with other lines in a field map, another push, or listed connections."""

    def build(
        lines: dict[str, Any] | None = None, listed: tuple[str, ...] = (), **push: Any
    ) -> Shelves:
        connections = dict(shelves.config.connections)
        if push:
            changed = PushConfig(stream="people", **push)
            connections["sfa"] = connections["sfa"].model_copy(update={"push": changed})
        fields = {name: {"people": {"fields": lines or {}}} for name in ("sfa",)}
        fields["ma"] = {
            "people": {
                "fields": {
                    "consent_at": {"from": "agreed", "as": "datetime", "direction": "pull"},
                    "custom.consent_text": {"from": "wording", "direction": "pull"},
                    "custom.consent_url": {"from": "page", "direction": "pull"},
                }
            }
        }
        config = shelves.config.model_copy(update={"fields": fields, "connections": connections})
        shelves.hub = open_hub(config, database=shelves.database)
        trust = replace(shelves.hub.trust, resubscribe=frozenset(listed))
        shelves.hub.__dict__["trust"] = trust
        return shelves

    return build


def copy(shelves: Shelves, connection: str) -> tuple[str, dict[str, Any]]:
    ((key, row),) = shelves.at[connection].people.items()
    return key, row
