"""All checks of the contract, under one name: ``from connectors.testing.contract import *``."""

from connectors.testing.bench import bench, installed, pytest_generate_tests
from connectors.testing.hooks import *  # noqa: F403 - a list of checks
from connectors.testing.reading import *  # noqa: F403
from connectors.testing.shape import *  # noqa: F403
from connectors.testing.trouble import *  # noqa: F403
from connectors.testing.writing import *  # noqa: F403

_ = (bench, installed, pytest_generate_tests)
