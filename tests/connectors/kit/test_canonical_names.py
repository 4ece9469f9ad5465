"""The contract's list of canonical names is that of the model it may not import."""

import pytest

from connectors.kit.base import Kind
from connectors.testing import canonical
from mapping import model
from mapping.stages import STAGES


@pytest.mark.parametrize("kind", Kind)
def test_the_contract_knows_the_fields_of_the_model(kind: Kind) -> None:
    assert canonical.FIELDS[kind] == set(model.FIELDS[kind.value])


def test_the_contract_knows_the_stages_of_the_model() -> None:
    assert set(STAGES) == canonical.STAGES
