"""What reverts take back, in every form that git and the forges write."""

from __future__ import annotations

import pytest

from omninode_release.models.commit import Commit, Level
from omninode_release.text.commits import decide
from support.commits import commit

FEATURE = commit("feat: a (#36)", sha="a" * 40)
BY_SHA = f"This reverts commit {'a' * 40}."


@pytest.mark.parametrize(
    "revert",
    [
        pytest.param(commit('Revert "feat: a (#36)" (#37)', BY_SHA), id="by-id"),
        pytest.param(commit('Revert "reworded"', f"This reverts commit {'a' * 9}."), id="short-id"),
        pytest.param(commit('Revert "feat: a (#36)"'), id="by-subject"),
        pytest.param(commit('Revert "feat: a" (#37)', "Reverts x/y#36"), id="without-number"),
        pytest.param(commit('Revert "fea…" (#37)'), id="cut-by-the-forge"),
        pytest.param(commit("revert: feat: a"), id="conventional"),
        pytest.param(commit('[OMN-1] Revert "feat: a"'), id="with-a-ticket"),
    ],
)
def test_a_revert_and_its_target_cancel_out(revert: Commit) -> None:
    decision = decide([revert, commit("fix: b"), FEATURE], default_bump=Level.PATCH)

    assert decision.level is Level.PATCH
    assert [each.commit.subject for each in decision.counted] == ["fix: b"]


@pytest.mark.parametrize(
    "revert",
    [
        pytest.param(commit('Revert "feat: b"'), id="another-subject"),
        pytest.param(
            commit('Revert "feat: a"', f"This reverts commit {'b' * 40}."), id="another-id"
        ),
    ],
)
def test_a_revert_of_something_older_is_a_change_like_any(revert: Commit) -> None:
    assert len(decide([revert, FEATURE], default_bump=Level.PATCH).counted) == 2


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(commit('Revert "Revert "feat: a""', sha="c" * 40), id="nested"),
        pytest.param(
            commit('Reapply "feat: a"', f"This reverts commit {'b' * 40}.", sha="c" * 40), id="git"
        ),
        pytest.param(commit('Reapply "feat: a (#36)" (#39)', sha="c" * 40), id="squashed"),
    ],
)
def test_a_revert_of_the_revert_brings_the_change_back(again: Commit) -> None:
    revert = commit('Revert "feat: a"', BY_SHA, sha="b" * 40)

    decision = decide([again, revert, FEATURE], default_bump=Level.PATCH)

    assert decision.level is Level.MINOR
    assert [each.commit for each in decision.counted] == [FEATURE]


def test_a_third_revert_takes_it_away_again() -> None:
    first = commit('Revert "feat: a"', BY_SHA, sha="b" * 40)
    second = commit('Revert "Revert "feat: a""', f"This reverts commit {'b' * 40}.", sha="c" * 40)
    third = commit("revert: again", f"This reverts commit {'c' * 40}.", sha="d" * 40)

    assert decide([third, second, first, FEATURE], default_bump=Level.PATCH).level is None


def test_a_revert_of_two_of_which_one_is_old_stays() -> None:
    body = f"{BY_SHA}\nThis reverts commit {'9' * 40}."

    decision = decide([commit('Revert "both"', body), FEATURE], default_bump=Level.PATCH)

    assert [each.type for each in decision.counted] == ["revert"]


def test_the_newer_of_two_equal_subjects_is_the_one_reverted() -> None:
    old, new = commit("feat: a", sha="1" * 40), commit("feat: a", sha="2" * 40)

    decision = decide([commit("revert: feat: a"), new, old], default_bump=Level.PATCH)

    assert [each.commit for each in decision.counted] == [old]
