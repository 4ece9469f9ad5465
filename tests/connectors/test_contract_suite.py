"""The contract suite over every connector of this repository."""

from connectors.testing.contract import *  # noqa: F403 - every check and fixture
