"""Every commit since a release, with the level it asks for and the rule that says so."""

from __future__ import annotations

from sys import intern
from typing import TYPE_CHECKING

from omninode_release.models.plan_file import JudgedCommit
from omninode_release.text.commits.breaking_footers import has_breaking_footer
from omninode_release.text.commits.commit_range import decide

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.models.commit import Commit, Level
    from omninode_release.text.commits.meaning import CommitMeaning


def judge_history(commits: Sequence[Commit], default_bump: Level) -> Iterator[JudgedCommit]:
    """Each commit of a range, in its order; those that do not count say why."""
    decision = decide(commits, default_bump=default_bump)
    counted = {each.commit.sha: each for each in decision.counted}
    for commit in commits:
        meaning = counted.get(commit.sha)
        yield JudgedCommit(
            sha=commit.sha,
            subject=meaning.commit.subject if meaning else commit.subject,
            level=meaning.level if meaning else None,
            rule=intern(_name_rule(meaning)) if meaning else decision.passed_over[commit.sha],
        )


def _name_rule(meaning: CommitMeaning) -> str:
    """The rule by which a commit has its level."""
    if meaning.breaking and has_breaking_footer(meaning.commit.body):
        return f"the footer BREAKING CHANGE asks for {meaning.level}"
    if meaning.breaking:
        return f"the ! of its subject asks for {meaning.level}"
    if meaning.is_explicit:
        return f"the type {meaning.type} asks for {meaning.level}"
    what = f"the type {meaning.type} has" if meaning.type else "without a type it has"
    return f"{what} the level that default_bump names, {meaning.level}"
