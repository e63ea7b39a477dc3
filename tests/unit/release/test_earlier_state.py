"""What a resumed run compares with its first invocation."""

from __future__ import annotations

import re

from omninode_release.contract.schemas import resource
from omninode_release.models.config import ReleaseConfig
from omninode_release.release.earlier_state import (
    KEYS_MAY_CHANGE_UNTIL_TAG,
    REMEMBERED_KEYS_MAY_CHANGE,
)


def test_the_contract_names_each_key_that_may_change() -> None:
    text = resource("contract.yaml").read_text(encoding="utf-8")
    found = re.search(r"refuses a change to one, except to (.*) and, until TAG, (.*)\n", text)

    assert found is not None
    assert set(found[1].replace(" and ", ", ").split(", ")) == REMEMBERED_KEYS_MAY_CHANGE
    assert set(found[2].removesuffix('"').split(", ")) == KEYS_MAY_CHANGE_UNTIL_TAG
    named = REMEMBERED_KEYS_MAY_CHANGE | KEYS_MAY_CHANGE_UNTIL_TAG
    assert named - ReleaseConfig.model_fields.keys() == set()


def test_a_key_and_the_same_for_single_repositories_may_change_alike() -> None:
    keys = ReleaseConfig.model_fields
    for may_change in (REMEMBERED_KEYS_MAY_CHANGE, KEYS_MAY_CHANGE_UNTIL_TAG):
        assert {each for each in may_change if f"{each}_of" in keys} == {
            each.removesuffix("_of") for each in may_change if each.endswith("_of")
        }
