"""The options of the contract suite. Installed with Renkei as a pytest plugin, and nothing more."""

from __future__ import annotations

import pytest

for _module in ("bench", "hooks", "reading", "shape", "trouble", "writing"):
    pytest.register_assert_rewrite(f"connectors.testing.{_module}")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --connector and --connector-path."""
    group = parser.getgroup("renkei", "connectors of Renkei")
    group.addoption(
        "--connector",
        action="append",
        default=[],
        metavar="SLUG",
        help="run the contract over this connector only; may be given several times",
    )
    group.addoption(
        "--connector-path",
        action="append",
        default=[],
        metavar="DIR",
        help="a directory that is a connector, or holds connectors, beside the installed ones",
    )
