"""contract.yaml as a value: what it does not say is asked for by name."""

from __future__ import annotations

import pytest

from omninode_release.contract.load import load_contract
from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase


def test_a_code_that_is_not_explained_is_named() -> None:
    contract = load_contract().model_copy(update={"errors": ()})

    with pytest.raises(
        LookupError, match="does not explain BUMP_FAILED: see omni-release validate"
    ):
        contract.error(ErrorCode.BUMP_FAILED)


def test_a_phase_without_a_block_is_named() -> None:
    contract = load_contract().model_copy(update={"phases": ()})

    with pytest.raises(LookupError, match="has no phase BUMP: see omni-release validate"):
        contract.phase(Phase.BUMP)
