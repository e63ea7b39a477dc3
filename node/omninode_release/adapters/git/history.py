"""Questions about the commits of a clone: which there are, and what they changed."""

from __future__ import annotations

import re
from sys import intern
from typing import TYPE_CHECKING

from omninode_release.adapters.git.contents import Contents, list_packages
from omninode_release.adapters.git.inside import (
    PackageHistory,
    find_foreign,
    leave_out,
    list_brought,
)
from omninode_release.adapters.git.program import REMOTE
from omninode_release.models.commit import Commit
from omninode_release.models.place import WHOLE, Place
from omninode_release.text.manifests.manifest import MANIFEST, read_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_COMMIT = re.compile("\x01[0-9a-f]{40,64}")


class History(Contents):
    """The clone's commits, read by name and never through a working tree."""

    def commits(self, base: str, since: str | None, *without: str) -> list[Commit]:
        """Commits of ``since..base`` (all of history without ``since``), newest first.

        Those that a revision of ``without`` contains are left out.
        """
        span = f"{since}..{base}" if since else base
        return self.list_commits(span, *(f"^{each}" for each in without))

    def list_commits(self, *revisions: str) -> list[Commit]:
        """Commits by git's own words for which, newest first."""
        out = self.ask_once(
            "rev-list",
            "--no-commit-header",
            "--topo-order",
            "--encoding=UTF-8",
            "--format=%H%x1f%P%x1f%an <%ae>%x1f%B%x00",
            *revisions,
            "--",
            of=revisions,
        ).stdout
        records = (record for record in out.split("\0\n") if record.strip("\0\n"))
        try:
            return [_parse_commit(record) for record in records]
        except ValueError as error:
            raise self.misunderstood("rev-list", str(error)) from None

    def commits_inside(self, base: str, since: str | None, *without: str) -> list[Commit]:
        """Those of ``commits`` that changed the package; a merge by what it brought in."""
        return [*self.history_inside(base, since, *without).commits]

    def history_inside(self, base: str, since: str | None, *without: str) -> PackageHistory:
        """The same, with what came of the other commits."""
        found = self.commits(base, since, *without)
        if self.place == WHOLE or not found:
            return PackageHistory(tuple(found))
        changed = self.changed_paths(base, since, *without)
        released = (*([since] if since else []), *without)
        ours = self.find_changing(found, changed, base, released)
        return leave_out(found, {each.sha for each in found} - ours)

    def find_changing(
        self,
        commits: Sequence[Commit],
        changed: Mapping[str, Sequence[str]],
        base: str,
        released: Iterable[str],
    ) -> set[str]:
        """Those of ``commits`` (newest first, with what each changed) that changed the package.

        Of a package that has moved since it was ``released``, also what changed it where it was;
        and of a package that was, nothing of a history that was merged in since to another place.
        """
        released = [*released]
        ours = self._list_inside(self.place, commits, changed)
        foreign = find_foreign(commits) if released else set()
        if foreign:
            brought = list_brought(commits, foreign, changed)
            ours -= {sha for sha in foreign if brought.isdisjoint(changed.get(sha, ()))}
        return ours | self._find_before_move(commits, changed, base, released)

    @staticmethod
    def _list_inside(
        place: Place, commits: Iterable[Commit], changed: Mapping[str, Sequence[str]]
    ) -> set[str]:
        return {
            each.sha
            for each in commits
            if any(place.inner(path) is not None for path in changed.get(each.sha, ()))
        }

    def _find_before_move(
        self,
        commits: Sequence[Commit],
        changed: Mapping[str, Sequence[str]],
        base: str,
        released: Iterable[str],
    ) -> set[str]:
        """What changed the package elsewhere, where its releases had it, before it came here.

        It may have stood in other places in between.
        """
        manifest = self.place.outer(MANIFEST)
        if not self.place.folder or not any(
            manifest in changed.get(each.sha, ()) for each in commits
        ):  # as nearly always
            return set()
        places = [self.find_place(revision, base) for revision in released]
        if not places or self.place in places:
            return set()
        name, before = read_name(self.file(base, MANIFEST) or b""), places[0]
        passed = {folder for paths in changed.values() for folder in list_packages(paths)}
        found: set[str] = set()
        for folder in {before.folder, *passed} - {self.place.folder}:
            place = Place(folder, tuple(each for each in before.apart if each != folder))
            inside = self._list_inside(place, commits, changed)
            there = self.inside(place).files((sha, MANIFEST) for sha in inside)
            found |= {sha for (sha, _), data in there.items() if read_name(data) == name}
        return found

    def find_place(self, revision: str, base: str) -> Place:
        """Where ``revision`` has the package that ``base`` has here; here, if nothing tells."""
        whole = self.inside(WHOLE)
        there = list_packages(whole.paths(revision)) if self.place.folder else []
        name = read_name(self.file(base, MANIFEST) or b"")
        if not there or self.place.folder in there or name is None:
            return self.place
        texts = {each: Place(each).outer(MANIFEST) for each in there}
        read = whole.files((revision, path) for path in texts.values())
        found = [
            each for each in there if read_name(read.get((revision, texts[each]), b"")) == name
        ]
        if len(found) != 1:
            return self.place
        here = list_packages(whole.paths(base))
        return Place(found[0], tuple(each for each in there if each in here and each != found[0]))

    def commits_nowhere_else(self, branch: str) -> list[Commit]:
        """The commits of a branch that no other ref of the clone leads to, newest first."""
        ref = f"refs/heads/{branch}"
        # --all would count the HEAD of the branch's own worktree, too.
        others = ("--single-worktree", f"--exclude={ref}", "--all")
        return self.list_commits(ref, "--not", *others)

    def changed_paths(self, base: str, since: str | None, *without: str) -> dict[str, list[str]]:
        """By commit of ``commits``, the files of the whole repository that it changed."""
        revisions = (f"{since}..{base}" if since else base, *(f"^{each}" for each in without))
        out = self.ask_once(
            "log",
            *("--format=%x01%H", "--name-only", "-z", "--diff-merges=first-parent", "--root"),
            *("--no-show-signature", "--no-renames", "--no-relative", "--no-ext-diff"),
            *revisions,
            "--",
            of=revisions,
        ).stdout
        found: dict[str, list[str]] = {}
        paths: list[str] = []
        for word in (each.removeprefix("\n") for each in out.split("\0")):
            if _COMMIT.fullmatch(word):
                paths = found[word[1:]] = []
            elif word:
                paths.append(word)
        return found

    def fork_point(self, branch: str, base: str) -> str:
        """Where a branch of ours left the remote's base branch."""
        return self.ask("merge-base", f"refs/heads/{branch}", f"refs/remotes/{REMOTE}/{base}").line

    def roots(self, commit: str) -> list[str]:
        """The commits that its history begins with."""
        out = self.ask_once("rev-list", "--max-parents=0", commit, "--", of=[commit]).stdout
        return out.split()


def _parse_commit(record: str) -> Commit:
    """A commit of what git printed; a name that stands in many is kept once."""
    sha, parents, rest = record.strip("\0\n").split("\x1f", 2)
    # An author may have our separator in the name, and no `>`: git takes that out.
    author, end, message = rest.partition(">\x1f")
    if not end:
        raise ValueError(f"no author in {rest!r}")
    return make_commit(intern(sha), map(intern, parents.split()), intern(f"{author}>"), message)


def make_commit(sha: str, parents: Iterable[str], author: str, message: str) -> Commit:
    subject, _, body = message.lstrip("\n").partition("\n")
    return Commit(sha, tuple(parents), subject.strip(), body.strip("\n"), author)
