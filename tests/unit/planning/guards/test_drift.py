"""A repository outside the tiers that depends on one inside is refused."""

from __future__ import annotations

import pytest

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.planning.guards.drift import refuse_drift
from omninode_release.planning.planner import Planner
from support.facts import an_organisation, some_facts
from support.repos import manifest


def test_a_stray_that_requires_ours_is_named_with_what_it_requires() -> None:
    strays = {"s": manifest("s", "1.0.0", "b>=1", "A"), "t": manifest("t", "1.0.0", "x")}
    org = an_organisation([some_facts("a"), some_facts("b")], outsiders=strays)

    with pytest.raises(ReleaseError) as caught:
        refuse_drift(org)

    assert caught.value.code is ErrorCode.GRAPH_DRIFT
    assert "(a, b), found s requires a, b." in caught.value.message


@pytest.mark.parametrize(
    "outsiders",
    [{}, {"s": manifest("s")}, {"known.git": manifest("s", "1.0.0", "a")}, {"s": "[project"}],
    ids=["none", "unrelated", "ignored", "unreadable"],
)
def test_others_are_no_drift(outsiders: dict[str, str]) -> None:
    refuse_drift(an_organisation([some_facts("a")], outsiders=outsiders, ignore=["known"]))


def test_a_stray_that_cannot_be_read_is_told_as_one() -> None:
    strays = {"broken": "[project", "fine": manifest("fine"), "left": "[project"}
    org = an_organisation([some_facts("a")], outsiders=strays, ignore=["left"])

    warnings = Planner(org.config, org.facts).plan("r", ["a"]).warnings

    told = [each.split()[0] for each in warnings if "there is no telling" in each]
    assert told == ["broken"]
