"""The level of a range of commits, and what of it is told."""

from __future__ import annotations

import pytest

from omninode_release.models.commit import Commit, Level
from omninode_release.text.commits.commit_range import decide
from support.commits import History, commit


def test_the_highest_level_wins_and_its_newest_commit_is_the_reason() -> None:
    range_ = [commit("fix: d"), commit("feat: c"), commit("docs: b"), commit("feat: a")]

    decision = decide(range_, default_bump=Level.PATCH)

    assert decision.level is Level.MINOR
    assert decision.commit == range_[1]
    assert [each.commit for each in decision.counted] == range_


def test_merges_and_bookkeeping_count_for_nothing() -> None:
    range_ = [
        commit("Merge branch 'next'", merge=True),
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
    assert decide(range_, default_bump=Level.PATCH)[:3] == (None, None, ())


def test_the_commit_that_names_the_level_is_the_reason_before_one_that_has_it_by_default() -> None:
    range_ = [commit("chore: c"), commit("prose"), commit("fix: b"), commit("fix: a")]

    assert decide(range_, default_bump=Level.PATCH).commit == range_[2]
    assert decide(range_[:2], default_bump=Level.PATCH).commit == range_[0]


def test_a_feature_is_the_reason_before_a_default_that_is_minor() -> None:
    range_ = [commit("docs: b"), commit("feat: a")]

    assert decide(range_, default_bump=Level.MINOR).commit == range_[1]


def test_bookkeeping_with_a_breaking_mark_counts() -> None:
    decision = decide([commit("chore(release)!: drop the old wheels")], default_bump=Level.PATCH)

    assert decision.level is Level.MAJOR


PULL = "Merge pull request #6 from o/branch\n\n"


def tell(history: History) -> tuple[Level | None, list[str]]:
    decision = decide(history.commits, default_bump=Level.PATCH)
    return decision.level, [
        f"{each.type}: {each.description}" + (f" (#{each.pr})" if each.pr else "")
        for each in decision.counted
    ]


def test_a_title_decides_over_commits_without_a_type() -> None:
    history = History()
    history.merge(f"{PULL}feat!: a new format", "wip", "more")

    assert tell(history) == (Level.MAJOR, ["feat: a new format (#6)"])
    reason = decide(history.commits, default_bump=Level.PATCH).commit
    assert reason is not None
    assert reason.subject == "feat!: a new format (#6)"


def test_a_title_in_the_subject_of_a_merge_decides() -> None:
    history = History()
    history.merge("feat: ask for the key (#6)", "Ask for the key")

    assert tell(history) == (Level.MINOR, ["feat: ask for the key (#6)"])


def test_a_title_and_a_commit_that_say_the_same_are_told_once() -> None:
    history = History()
    history.merge(
        f"{PULL}feat(cli): ask for the key", "test: that it asks", "feat: Ask for the key."
    )

    assert tell(history) == (Level.MINOR, ["feat: ask for the key (#6)", "test: that it asks"])


def test_the_higher_of_a_title_and_a_commit_that_say_the_same_is_told() -> None:
    history = History()
    made = history.merge(f"{PULL}Ask for the key", "feat!: ask for the key", "fix: a slip")

    assert tell(history) == (Level.MAJOR, ["feat: ask for the key (#6)", "fix: a slip"])
    assert decide(history.commits, default_bump=Level.PATCH).commit != made


def test_a_commit_below_a_title_counts_by_its_type() -> None:
    history = History()
    history.merge(f"{PULL}fix: a slip", "feat: a flag", "wip", "A pull request of a branch (#5)")

    level, told = tell(history)

    assert level is Level.MINOR
    assert told == ["fix: a slip (#6)", ": A pull request of a branch (#5)", "feat: a flag"]


def test_a_merge_of_a_branch_says_nothing_and_leaves_its_commits() -> None:
    history = History()
    history.merge("Merge branch 'x'", "wip", "fix: a slip")

    assert tell(history) == (Level.PATCH, ["fix: a slip", ": wip"])


def test_a_merge_of_a_branch_that_breaks_something_counts_and_tells_nothing_else() -> None:
    history = History()
    history.merge("Merge branch 'x'\n\nBREAKING CHANGE: the format", "wip", "fix: a slip")

    assert tell(history) == (Level.MAJOR, [": Merge branch 'x'", "fix: a slip", ": wip"])


def test_a_title_tells_what_an_untitled_merge_below_it_brought_in() -> None:
    history = History()
    inner = history.add("Try", on=history.tip)
    branch = history.add("Start", on=history.tip)
    side = history.add("Merge branch 'x' into branch", inner.sha, on=branch.sha)
    history.add(f"{PULL}feat: a flag", side.sha)

    assert tell(history) == (Level.MINOR, ["feat: a flag (#6)"])


def test_titles_of_nested_merges_that_say_the_same_are_told_once_with_what_is_below() -> None:
    history = History()
    work = history.add("feat: a flag", on=history.tip)
    inner = history.add("Merge pull request #5 from o/x\n\nA flag", work.sha, on=history.tip)
    history.add(f"{PULL}A flag", inner.sha)

    assert tell(history) == (Level.MINOR, ["feat: a flag (#6)"])


def test_the_merge_of_a_release_tells_nothing_of_what_it_brought_in() -> None:
    history = History()
    history.merge(f"{PULL}Release v0.3.0", "Add a flag")

    assert tell(history) == (Level.PATCH, [": Add a flag"])


def test_a_branch_that_took_the_base_in_is_told_by_its_own_title_only() -> None:
    history = History()
    branch = history.add("wip", on=history.tip)
    history.add("Mend the base")
    updated = history.add("Merge branch 'main' into branch", history.tip, on=branch.sha)
    history.add(f"{PULL}feat: a flag", updated.sha)

    assert tell(history) == (Level.MINOR, ["feat: a flag (#6)", ": Mend the base"])


def test_a_title_and_a_revert_of_the_same_words_are_both_told() -> None:
    history = History()
    history.merge(f"{PULL}feat: a flag", "wip", 'Revert "a flag"')

    assert tell(history) == (Level.MINOR, ["feat: a flag (#6)", "revert: a flag"])


def test_a_title_with_an_emoji_says_the_same_without() -> None:
    history = History()
    history.merge(f"{PULL}✨ A flag", "feat: a flag")

    assert tell(history) == (Level.MINOR, ["feat: a flag (#6)"])
