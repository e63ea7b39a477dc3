"""The decision held against a slow and plain one, on generated histories."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from omninode_release.models.commit import Level
from omninode_release.text.commits.commit_range import decide
from support.commits import History
from support.histories import histories
from support.slow_decision import decide_slowly


@settings(
    derandomize=True,
    max_examples=300,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(histories())
def test_the_decision_is_that_of_the_slow_one(history: History) -> None:
    level, sha, told = decide_slowly(history.commits)

    decision = decide(history.commits, default_bump=Level.PATCH)

    assert decision.level == level
    assert (decision.commit.sha if decision.commit else None) == sha
    assert [
        (each.commit.sha, str(each.level), str(each.pr or "")) for each in decision.counted
    ] == [(line.sha, line.level, line.pr) for line in told]
