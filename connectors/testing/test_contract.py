"""Where ``pytest --pyargs connectors.testing`` finds the contract."""

from connectors.testing.contract import *  # noqa: F403 - every check and fixture
