"""Find what reverts in a range took back: it counts for nothing, and neither does the revert."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.text.commits.breaking_footers import has_breaking_footer
from omninode_release.text.commits.merges import give_title
from omninode_release.text.commits.subject import read_subject, strip_prs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from omninode_release.models.commit import Commit
    from omninode_release.text.commits.merges import Merges

_ID = r"[0-9a-f]{7,64}\b"
_IDS = rf"{_ID}(?:(?:, and |,? and |, ){_ID})*"
_VERB = re.compile("revert|reapply", re.IGNORECASE)
# `, reversing changes made to …` of a merge and `(subject, date)` of --reference are left over.
_REVERTED = re.compile(rf"^This reverts commits? ({_IDS})", re.MULTILINE)
_REFS = re.compile(r"^Refs?:[ \t]+(.+)$", re.MULTILINE)
# A number without a letter is a ticket.
_REF = re.compile(rf"\b(?=[0-9]*[a-f]){_ID}")


class _Revert(NamedTuple):
    ids: tuple[str, ...]
    """Commits that the body names, as long as it writes them; the subject counts without them."""
    subject: str
    keeps: bool
    """True when the commit has a mark or a type of its own: it stays, whatever it took back."""


def find_undone(commits: Sequence[Commit], merges: Merges) -> set[str]:
    """Commits that reverts in the same range took back, and those reverts, newest first.

    Newest first is what makes a revert of a revert come out right: it removes the younger revert
    before that one can remove anything. With a merge goes all that it brought in. A revert stays
    when it names something outside the range, or has a mark or a type of its own.
    """
    reverts = {at: revert for at, each in enumerate(commits) if (revert := _read_revert(each))}
    if not reverts:
        return set()
    # The commits of a pull request say what is reverted more exactly than its title.
    told_below = merges.find_all_above(commits[at].sha for at in reverts)
    targets = _Targets(commits)
    for at, revert in reverts.items():
        sha = commits[at].sha
        if sha in targets.undone or sha in told_below:
            continue
        gone = [commits[target].sha for target in targets.find(revert, at)]
        if len(gone) == max(len(revert.ids), 1) and not revert.keeps:
            gone.append(sha)
        for each in gone:
            targets.undone.update((each, *merges.find_all_below(each)))
    return targets.undone


def _read_revert(commit: Commit) -> _Revert | None:
    """What a commit takes back; None for one that is no revert.

    Git's sentence at the head of the body is enough: `git revert --reference` and people write a
    subject of their own. Further down, it is the log of a squashed branch.
    """
    if not _VERB.search(commit.subject) and not _VERB.search(commit.body):
        return None  # nearly always
    body = commit.body.lstrip().replace("\r\n", "\n")
    subject = read_subject(strip_prs(give_title(commit).subject))
    by_subject = subject.types in {("revert",), ("reapply",)}
    if not by_subject and not _REVERTED.match(body):
        return None
    ids = _split_ids(_REVERTED.findall(body))
    marked = subject.bang or has_breaking_footer(body)
    if not by_subject:
        return _Revert(ids, "", marked or bool(subject.types))
    ids = ids or _split_ids(_REF.findall(" ".join(_REFS.findall(body))))
    what = subject.description
    return _Revert(ids, f'Revert "{what}"' if "reapply" in subject.types else what, marked)


def _split_ids(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sha for text in texts for sha in re.findall(_ID, text)))


class _Targets:
    """The commits of a range by id and by subject, for looking up ever older ones."""

    def __init__(self, commits: Sequence[Commit]) -> None:
        self.undone: set[str] = set()
        self._commits = commits
        self._at = {commit.sha: at for at, commit in enumerate(commits)}
        self._ids = sorted(self._at)
        self._by_subject: dict[str, deque[int]] = {}
        for at, commit in enumerate(commits):
            for subject in {strip_prs(commit.subject), strip_prs(give_title(commit).subject)}:
                self._by_subject.setdefault(subject, deque()).append(at)
        self._subjects = sorted(self._by_subject)

    def find(self, revert: _Revert, after: int) -> list[int]:
        """Where each commit that is named stands, if it is older than ``after`` and still there.

        By id where the body has one; by subject where not, because a squash rewrites the body.
        """
        if revert.ids:
            places = [self._find_id(sha, after) for sha in revert.ids]
            return [place for place in places if place is not None]
        same = [self._find_subject(each, after) for each in self._match_subjects(revert.subject)]
        return sorted(place for place in same if place is not None)[:1]

    def _find_id(self, short: str, after: int) -> int | None:
        for sha in _starting_with(short, self._ids):
            if self._at[sha] > after and sha not in self.undone:
                return self._at[sha]
        return None

    def _match_subjects(self, wanted: str) -> Iterable[str]:
        """Equal but for pull request numbers; a forge cuts long titles and ends them in "…"."""
        if wanted.endswith("…"):
            return _starting_with(wanted[:-1], self._subjects)
        return {wanted} & self._by_subject.keys()

    def _find_subject(self, subject: str, after: int) -> int | None:
        """The newest one left; what is newer or gone is needed no more, for reverts get older."""
        places = self._by_subject[subject]
        while places and (places[0] <= after or self._commits[places[0]].sha in self.undone):
            places.popleft()
        return places[0] if places else None


def _starting_with(prefix: str, texts: Sequence[str]) -> Iterator[str]:
    """Those of the sorted ``texts`` that start with ``prefix``."""
    for at in range(bisect_left(texts, prefix), len(texts)):
        if not texts[at].startswith(prefix):
            return
        yield texts[at]
