"""What a release decides of its commits, written down slowly and plainly.

It reads only the messages that `tests/support/histories.py` writes. Sets of ancestors and scans of
the whole list stand for every index and walk of the real one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from omninode_release.models.commit import Commit

MARKS = ("✨ ", ":sparkles: ", "[OMN-1] ")
LEVELS = ["patch", "minor", "major"]


class Told(NamedTuple):
    """One line of a changelog."""

    sha: str
    level: str
    type: str
    text: str
    pr: str
    explicit: bool


def decide_slowly(commits: list[Commit]) -> tuple[str | None, str | None, list[Told]]:
    """Level, the commit that decides, and what is told, newest first; the default is a patch."""
    above = find_innermost_merges(commits)
    titled = {each.sha for each in commits if find_title(each) is not None}
    undone = find_undone(commits, above)
    lines = {
        each.sha: told
        for each in commits
        if each.sha not in undone
        and not is_emptied(each, commits, above, undone)
        and (told := tell(each)) is not None
    }
    for each in reversed(commits):  # oldest first
        line = lines.get(each.sha)
        ups = all_above(each.sha, above)
        merge = next((up for up in ups if up in lines and up in titled), None)
        if line is None or merge is None:
            continue
        title = tell(next(up for up in commits if up.sha == merge))
        own = tell(each)
        assert title is not None
        assert own is not None
        if words_of(own) == words_of(title):
            del lines[each.sha]
            if LEVELS.index(line.level) > LEVELS.index(lines[merge].level):
                lines[merge] = line._replace(pr=title.pr)
        elif not own.type and not own.pr and own.level != "major":
            del lines[each.sha]
    all_told = [lines[each.sha] for each in commits if each.sha in lines]
    if not all_told:
        return None, None, []
    level = max((line.level for line in all_told), key=LEVELS.index)
    highest = [line for line in all_told if line.level == level]
    named = [line for line in highest if line.explicit] or highest
    return level, named[0].sha, all_told


# What a message says


def find_title(commit: Commit) -> str | None:
    """The subject, or the title of the pull request with its number; None of a silent merge."""
    first = commit.body.strip().split("\n")[0].strip()
    if commit.subject.startswith("Merge pull request #"):
        number = commit.subject.split()[3]
        if first:
            return f"{first} ({number})"
        return None if len(commit.parents) > 1 else commit.subject
    if commit.subject.startswith("Merge branch"):
        return None if len(commit.parents) > 1 else commit.subject
    return commit.subject


def read_title(title: str) -> tuple[str, bool, str, str]:
    """Type, whether it has a `!`, the text, and the number of the pull request."""
    while title.startswith(MARKS):
        title = title.split(" ", 1)[1]
    found = re.fullmatch(r"(.*?)( \(#\d+\))*", title)
    assert found is not None
    number = (found[2] or "").strip(" (#)")
    if quoted := re.fullmatch(r'(Revert|Reapply) "(.*)"', found[1]):
        return quoted[1].lower(), False, quoted[2], number
    kind, colon, text = found[1].partition(": ")
    kind = kind.split("(")[0] + ("!" if kind.endswith("!") and "(" in kind else "")
    if not colon or " " in kind:
        return "", False, found[1], number
    return kind.strip("!"), kind.endswith("!"), text, number


def is_broken(body: str) -> bool:
    body = re.sub(r"```.*?```", "", body.replace("\r\n", "\n"), flags=re.DOTALL)
    for paragraph in body.split("\n\n"):
        lines = paragraph.strip("\n").split("\n")
        for number, line in enumerate(lines):
            footer_before = number > 0 and re.match(r"(Refs|Closes)(: | #)", lines[number - 1])
            if re.match("BREAKING[ -]CHANGE:", line) and (number == 0 or footer_before):
                return True
    return False


def words_of(line: Told) -> str:
    plain = re.sub(r" \(#\d+\)", "", line.text).lower().rstrip(".")
    return f"{line.type} {plain}" if line.type in {"revert", "reapply"} else plain


def tell(commit: Commit) -> Told | None:
    title = find_title(commit)
    if title is None and not is_broken(commit.body):
        return None
    title = title or commit.subject
    kind, bang, text, number = read_title(title)
    broken = bang or is_broken(commit.body)
    plain = re.sub(r" \(#\d+\)", "", title)
    books = re.match(r"chore\(release\)|bump: version|Bump version:|v?\d+\.\d+\.\d+$", plain)
    if books and not broken:
        return None
    level = "major" if broken else "minor" if kind == "feat" else "patch"
    return Told(commit.sha, level, kind, text, number, broken or kind in {"feat", "fix"})


# What merges brought in


def find_innermost_merges(commits: list[Commit]) -> dict[str, str]:
    """A commit to the innermost merge that brought it to the base branch."""
    by_sha = {each.sha: each for each in commits}
    above: dict[str, str] = {}

    def visit(tip: str, there: set[str]) -> None:
        line = []
        while tip in by_sha and tip not in there:
            line.append(by_sha[tip])
            tip = by_sha[tip].parents[0]
        for merge in line:
            for other in merge.parents[1:]:
                before = there | find_ancestors(merge.parents[0], by_sha)
                for sha in find_ancestors(other, by_sha) - before:
                    above[sha] = merge.sha
                visit(other, before)

    if commits:
        visit(commits[0].sha, set())
    return above


def find_ancestors(sha: str, by_sha: dict[str, Commit]) -> set[str]:
    """A commit of the range and all of the range that it contains."""
    if sha not in by_sha:
        return set()
    return {sha}.union(*(find_ancestors(parent, by_sha) for parent in by_sha[sha].parents))


def all_above(sha: str, above: dict[str, str]) -> list[str]:
    """The merges above a commit, innermost first."""
    found = []
    while sha in above:
        sha = above[sha]
        found.append(sha)
    return found


def is_emptied(
    merge: Commit, commits: list[Commit], above: dict[str, str], undone: set[str]
) -> bool:
    """True when all that a merge brought in was taken back."""
    below = [
        each.sha
        for each in commits
        if len(each.parents) == 1 and merge.sha in all_above(each.sha, above)
    ]
    return bool(below) and all(sha in undone for sha in below)


# What reverts took back


def find_revert(commit: Commit) -> tuple[list[str], str, bool] | None:
    """Ids, subject and whether the commit itself stays."""
    ids = re.findall(r"^This reverts commit ([0-9a-f]{7,})", commit.body, re.MULTILINE)
    title = find_title(commit) or ""
    kind, bang, text, _ = read_title(re.sub(r" \(#\d+\)", "", title))
    if kind not in {"revert", "reapply"}:
        stays = bool(kind) or bang or is_broken(commit.body)
        return (ids, "", stays) if commit.body.startswith("This reverts commit") else None
    if not ids:
        ids = re.findall(r"^Refs: ([0-9a-f]{7,})", commit.body, re.MULTILINE)
    wanted = f'Revert "{text}"' if kind == "reapply" else text
    return ids, wanted, bang or is_broken(commit.body)


def find_undone(commits: list[Commit], above: dict[str, str]) -> set[str]:
    undone: set[str] = set()

    def take_back(sha: str) -> None:
        undone.add(sha)
        undone.update(each.sha for each in commits if sha in all_above(each.sha, above))

    for at, commit in enumerate(commits):
        revert = find_revert(commit)
        told_below = any(
            find_revert(each) is not None and commit.sha in all_above(each.sha, above)
            for each in commits
        )
        if revert is None or commit.sha in undone or told_below:
            continue
        ids, subject, stays = revert
        left = [each for each in commits[at + 1 :] if each.sha not in undone]
        if ids:
            targets = [each for sha in ids for each in left if each.sha.startswith(sha)]
        else:
            targets = [each for each in left if subject in names_of(each)][:1]
        for target in targets:
            take_back(target.sha)
        if len(targets) == max(len(ids), 1) and not stays:
            take_back(commit.sha)
    return undone


def names_of(commit: Commit) -> set[str]:
    """Its subjects, without numbers of pull requests."""
    names = (commit.subject, find_title(commit) or commit.subject)
    return {re.sub(r" \(#\d+\)", "", name) for name in names}
