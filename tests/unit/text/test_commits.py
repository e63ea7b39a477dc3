"""The level of a range of commits, and what of it is told."""

from __future__ import annotations

import pytest

from omninode_release.models.commit import Commit, Level
from omninode_release.text.commits import decide
from support.commits import commit


def test_the_highest_level_wins_and_its_newest_commit_is_the_reason() -> None:
    range_ = [commit("fix: d"), commit("feat: c"), commit("docs: b"), commit("feat: a")]

    decision = decide(range_, default_bump=Level.PATCH)

    assert decision.level is Level.MINOR
    assert decision.commit == range_[1]
    assert [each.commit for each in decision.counted] == range_


def test_merges_and_bookkeeping_count_for_nothing() -> None:
    range_ = [
        commit("feat!: a merge of much", merge=True),
        commit("release: core v0.2.0"),
        commit("fix: a"),
    ]

    decision = decide(range_, default_bump=Level.PATCH)

    assert decision.level is Level.PATCH
    assert [each.commit.subject for each in decision.counted] == ["fix: a"]


@pytest.mark.parametrize(
    "range_",
    [
        pytest.param([], id="empty"),
        pytest.param([commit("Merge pull request #1", merge=True)], id="merges"),
        pytest.param([commit("release: a v1.0.0"), commit("m", merge=True)], id="both"),
    ],
)
def test_without_work_there_is_no_level(range_: list[Commit]) -> None:
    assert decide(range_, default_bump=Level.PATCH) == (None, None, ())


def test_bookkeeping_with_a_breaking_mark_counts() -> None:
    decision = decide([commit("chore(release)!: drop the old wheels")], default_bump=Level.PATCH)

    assert decision.level is Level.MAJOR
