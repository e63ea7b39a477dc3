"""What a later step would refuse is refused in the plan."""

from __future__ import annotations

from typing import Any

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.models.plan import PlanStatus
from omninode_release.planning.planner import Planner
from support.facts import an_organisation, some_facts
from support.repos import manifest


@pytest.mark.parametrize(
    ("facts", "code", "part"),
    [
        pytest.param(
            {"manifest": manifest("b", "1.0.0", "a @ https://x.invalid/a.whl")},
            *("PIN_FAILED", 'b/pyproject.toml, line 10 ("a @ https://x.invalid/a.whl",)'),
            id="a-pin",
        ),
        pytest.param(
            {"missing_version_files": ("v.py",)}, "BUMP_FAILED", "b names v.py", id="a-file"
        ),
        pytest.param(
            {"blocking_branch": "release"}, "WORKTREE_CONFLICT", "branch -m release", id="a-branch"
        ),
        pytest.param(
            {"blocking_branch": "release on the remote"},
            *("WORKTREE_CONFLICT", "push origin FETCH_HEAD"),
            id="a-remote-branch",
        ),
    ],
)
def test_what_a_later_step_would_refuse_is_refused_in_the_plan(
    facts: dict[str, Any], code: str, part: str
) -> None:
    org = an_organisation([some_facts("a")], [some_facts("b", "1.0.0", "a", **facts)])

    row = Planner(org.config, org.facts).plan("release-1", ["a", "b"]).entry("b")

    assert (row.status, row.error_code) == (PlanStatus.ERROR, ErrorCode(code))
    assert part in (row.error or "")
