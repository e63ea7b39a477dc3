"""What a gate token approves: the rows of one plan, and no others."""

from __future__ import annotations

import pytest

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.gate.token import approve_by_token
from omninode_release.models.commit import Level
from omninode_release.models.plan import Plan, PlanStatus, RepoPlan

TOKEN = "1740312612.000100:pair"  # noqa: S105 - a gate token of this example
ROW = RepoPlan(
    repo="alpha", tier=1, status=PlanStatus.RELEASE, current="1.0.0", new="1.1.0", bump=Level.MINOR
)


def test_a_token_goes_on_to_cover_the_plan_it_approved() -> None:
    plan = Plan(run_id="pair", entries=(ROW,))
    approved = approve_by_token(TOKEN, plan, ())

    assert approve_by_token(TOKEN, plan, (approved,)) is approved


def test_a_token_covers_no_plan_that_has_changed() -> None:
    approved = approve_by_token(TOKEN, Plan(run_id="pair", entries=(ROW,)), ())
    other = Plan(run_id="pair", entries=(ROW.model_copy(update={"new": "2.0.0"}),))

    with pytest.raises(ReleaseError) as caught:
        approve_by_token(TOKEN, other, (approved,))

    assert caught.value.code is ErrorCode.INVALID_GATE_TOKEN
