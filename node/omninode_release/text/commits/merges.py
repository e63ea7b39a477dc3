"""What a merge says, and what it brought in.

The title of the pull request speaks for a merge: the subject where the forge puts it there, else
the first line below `Merge pull request #6 from …`. Without one, as in `Merge branch 'x'`, a merge
says nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.text.commits.breaking_footers import has_breaking_footer
from omninode_release.text.commits.subject import read_subject, strip_trailing_prs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from omninode_release.models.commit import Commit

_NUMBER = r"[0-9]{1,18}"
# Gitea and Azure write the title here, GitHub and Bitbucket below.
_PULL_REQUEST = re.compile(
    rf"""
      merge \s pull \s request \s [#](?P<github>{_NUMBER}) \s from \s .*
    | merged \s in \s .* \s \(pull \s request \s [#](?P<bitbucket>{_NUMBER})\)
    | merge \s pull \s request \s '(?P<title_a>.*)' \s \([#](?P<gitea>{_NUMBER})\) \s from \s .*
    | merged \s pr \s (?P<azure>{_NUMBER}): \s* (?P<title_b>.+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_GITLAB = re.compile(r"merge branch '.*' into .*", re.IGNORECASE)
_GITLAB_NUMBER = re.compile(rf"^See merge request \S*!({_NUMBER})\s*$", re.MULTILINE)
_MERGE = re.compile(
    r"merge (?:(?:remote-tracking )?branch(?:es)?|tags?|commits?|pull request)\b", re.IGNORECASE
)
# Any other word before the colon of a merge's own subject may be the name of a branch.
_TYPES = {"build", "chore", "ci", "deps", "docs", "feat", "fix", "perf", "reapply", "refactor"}
_TYPES |= {"release", "revert", "security", "style", "test", "tests"}


def give_title(commit: Commit) -> Commit:
    """The commit with the title of its pull request as subject, where its message has one.

    Forges let a squash keep the message of a merge, so one parent is enough.
    """
    if commit.subject.lstrip()[:5].lower() != "merge":
        return commit
    subject = " ".join(commit.subject.split())
    first = next((line.strip() for line in commit.body.split("\n") if line.strip()), "")
    if found := _PULL_REQUEST.fullmatch(subject):
        title = found["title_a"] or found["title_b"] or first
        number = found["github"] or found["bitbucket"] or found["gitea"] or found["azure"]
    elif _GITLAB.fullmatch(subject) and (see := _GITLAB_NUMBER.search(commit.body)):
        title, number = ("" if first == see[0].strip() else first), see[1]
    else:
        return commit
    if not title:
        return commit
    numbered = title.endswith(f"(#{number})")
    return commit._replace(subject=title if numbered else f"{title} (#{number})")


def says_nothing(commit: Commit) -> bool:
    """True for a merge, with its title given, that neither names a change nor breaks anything."""
    return commit.is_merge and has_silent_subject(commit) and not has_breaking_footer(commit.body)


def has_silent_subject(merge: Commit) -> bool:
    """True for a merge, with its title given, whose subject is not that of a change."""
    title = " ".join(merge.subject.split())
    if _MERGE.match(title):
        return True
    subject = read_subject(title)
    numbered = strip_trailing_prs(title) != title
    return not (numbered or subject.bang or _TYPES.intersection(subject.types))


class Merges(NamedTuple):
    """Which merge brought a commit to the base branch: of nested ones the innermost."""

    above: dict[str, str]
    """A commit to the merge that brought it in; commits of the base branch itself are missing."""
    below: dict[str, list[str]]
    """A merge to what it brought in, without what merges among these did."""

    def find_all_below(self, sha: str) -> Iterator[str]:
        """Everything that the merge, and the merges it brought in, brought in."""
        waiting = [sha]
        while waiting:
            found = self.below.get(waiting.pop(), [])
            yield from found
            waiting += found

    def find_all_above(self, shas: Iterable[str]) -> set[str]:
        """Every merge that brought in one of the commits."""
        found: set[str] = set()
        for sha in shas:
            merge = self.above.get(sha)
            while merge is not None and merge not in found:
                found.add(merge)
                merge = self.above.get(merge)
        return found


def trace_merges(commits: Sequence[Commit]) -> Merges:
    """What each merge of a range, given newest first, brought in: its other side.

    The line of first parents is the base branch. Its merges are visited oldest first, so that a
    commit belongs to the first one that brought it in; each other side is a line of its own.
    """
    merges = Merges({}, {})
    if not any(commit.is_merge for commit in commits):
        return merges
    by_sha = {commit.sha: commit for commit in commits}
    seen: set[str] = set()
    waiting: list[tuple[str, str | None]] = [(commit.sha, None) for commit in reversed(commits)]
    while waiting:
        sha, merge = waiting.pop()
        while sha in by_sha and sha not in seen:
            seen.add(sha)
            if merge is not None:
                merges.above[sha] = merge
                merges.below.setdefault(merge, []).append(sha)
            parents = by_sha[sha].parents
            waiting += [(other, sha) for other in reversed(parents[1:])]
            sha = parents[0] if parents else ""
    return merges
