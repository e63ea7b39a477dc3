"""What reverts take back, in every form that git and the forges write."""

from __future__ import annotations

import pytest

from omninode_release.models.commit import Commit, Level
from omninode_release.text.commits.commit_range import decide
from support.commits import History, commit

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
        pytest.param(commit("revert: the new one", f"Refs: {'a' * 40}"), id="conventional-by-ref"),
        pytest.param(commit("revert: it", f"Why.\n\nRefs: #3, {'a' * 9}"), id="short-ref"),
        pytest.param(commit("revert: feat: a", "Refs: 1234567"), id="a-number-is-no-id"),
        pytest.param(commit("⏪ revert: feat: a"), id="with-an-emoji"),
        pytest.param(
            commit("Go back", f"This reverts commit {'a' * 9} (feat: a, 2026-02-25)."),
            id="reference",
        ),
        pytest.param(commit('Revert "x"', f"Why.\r\n\r\n{BY_SHA}\r\n"), id="crlf"),
        pytest.param(commit("revert(core): something", BY_SHA), id="conventional-by-id"),
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


def test_a_revert_of_two_takes_both_back() -> None:
    other = commit("feat: b", sha="b" * 40)
    one_by_one = f"{BY_SHA}\n\nThis reverts commit {'b' * 40}."
    together = f"This reverts commits {'b' * 9} and {'a' * 9}."

    for body in (one_by_one, together):
        revert = commit('Revert "both"', body)
        assert decide([revert, other, FEATURE], default_bump=Level.PATCH).level is None


def test_a_fix_that_takes_a_commit_back_stays_itself() -> None:
    decision = decide([commit("fix: go back", BY_SHA), FEATURE], default_bump=Level.PATCH)

    assert decision.level is Level.PATCH
    assert [each.type for each in decision.counted] == ["fix"]


def test_the_log_of_a_squashed_branch_takes_nothing_back() -> None:
    squash = commit("feat: c", f"* Try\n\n* Revert\n\n{BY_SHA}")

    assert len(decide([squash, FEATURE], default_bump=Level.PATCH).counted) == 2


@pytest.mark.parametrize("subject", ["revert!: feat: a", "revert(core)!: feat: a"])
def test_a_revert_with_a_breaking_mark_stays(subject: str) -> None:
    decision = decide([commit(subject), FEATURE], default_bump=Level.PATCH)

    assert decision.level is Level.MAJOR
    assert [each.type for each in decision.counted] == ["revert"]


def test_a_revert_of_bookkeeping_and_the_bookkeeping_count_for_nothing() -> None:
    range_ = [commit('Revert "chore(release): 1.2.0"'), commit("chore(release): 1.2.0")]

    assert decide(range_, default_bump=Level.PATCH).level is None


def count(history: History) -> list[str]:
    counted = decide(history.commits, default_bump=Level.PATCH).counted
    return [each.commit.subject for each in counted]


MERGES = ["Merge branch 'x'", "Merge pull request #6 from o/x\n\nfeat: a flag", "feat: a flag (#6)"]


@pytest.mark.parametrize("message", MERGES)
def test_the_revert_of_a_merge_takes_all_back_that_it_brought_in(message: str) -> None:
    history = History()
    merge = history.merge(message, "feat: one", "feat: two")
    history.add("fix: b")
    body = f"This reverts commit {merge.sha}, reversing\nchanges made to {merge.parents[0]}."
    history.add(f'Revert "{merge.subject}"\n\n{body}')

    assert count(history) == ["fix: b"]


@pytest.mark.parametrize("message", MERGES)
def test_a_merge_is_found_by_subject_too(message: str) -> None:
    history = History()
    merge = history.merge(message, "feat: one")
    history.add(f'Revert "{merge.subject}" (#9)')

    assert count(history) == []


def test_a_merge_is_found_by_the_title_of_its_pull_request() -> None:
    history = History()
    history.merge(MERGES[1], "feat: one")
    history.add('Revert "feat: a flag" (#9)\n\nReverts o/r#6')

    assert count(history) == []


@pytest.mark.parametrize("message", MERGES)
def test_the_revert_of_the_revert_of_a_merge_brings_all_back(message: str) -> None:
    history = History()
    merge = history.merge(message, "feat: one")
    before = count(history)
    body = f"This reverts commit {merge.sha}, reversing\nchanges made to {merge.parents[0]}."
    revert = history.add(f'Revert "{merge.subject}"\n\n{body}')
    history.add(f'Reapply "{merge.subject}"\n\nThis reverts commit {revert.sha}.')

    assert count(history) == before


def test_a_merged_revert_of_a_merge_leaves_nothing() -> None:
    history = History()
    merge = history.merge(MERGES[1], "feat: one")
    body = f"This reverts commit {merge.sha}, reversing\nchanges made to {merge.parents[0]}."
    history.merge(
        'Merge pull request #9 from o/revert-6\n\nRevert "feat: a flag"',
        f'Revert "feat: a flag"\n\n{body}',
    )

    assert count(history) == []


def test_a_merged_revert_is_told_by_its_title_where_its_commits_do_not() -> None:
    history = History()
    history.merge(MERGES[1], "feat: one")
    history.merge('Merge pull request #9 from o/y\n\nRevert "feat: a flag"', "Take it out again")

    assert count(history) == []


def test_a_title_goes_with_the_last_of_its_commits() -> None:
    history = History()
    first = history.add("feat: one", on=history.tip)
    second = history.add("wip", on=first.sha)
    history.add(MERGES[1], second.sha)
    history.add(f"Out\n\nThis reverts commit {first.sha}.")
    assert count(history) == ["feat: a flag (#6)"]

    history.add(f"Out, too\n\nThis reverts commit {second.sha}.")

    assert count(history) == []


def test_a_reverted_merge_takes_the_reverts_in_it_along() -> None:
    history = History()
    feature = history.add("feat: old")
    merge = history.merge("Merge branch 'x'", f"Out\n\nThis reverts commit {feature.sha}.")
    history.add(f"Back\n\nThis reverts commit {merge.sha}, reversing\nchanges made to x.")

    assert count(history) == ["feat: old"]
