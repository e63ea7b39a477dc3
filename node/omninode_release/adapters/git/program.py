"""The git program in one folder."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from omninode_release.adapters.git.answers import MOST_KEPT, Answers, is_of_ids
from omninode_release.adapters.git.remedies import find_git_remedy
from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError, typed_git
from omninode_release.errors.excerpt import show
from omninode_release.models.place import WHOLE
from omninode_release.system.presence import is_file, is_there

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from omninode_release.adapters.git.network import Patience
    from omninode_release.models.place import Place
    from omninode_release.system.process import Completed, Runner

REMOTE = "origin"
# A run that was killed leaves children, and its lock lasts as long as they do: none of them may be
# a repack or a daemon.
_QUIET = (
    *("-c", "gc.auto=0", "-c", "maintenance.auto=false"),
    *("-c", "core.fsmonitor=false", "-c", "advice.detachedHead=false"),
    # What a run writes into commits is in this encoding; git would believe another.
    *("-c", "i18n.commitEncoding=UTF-8"),
    # No folder that happens to look like a repository is one, and no address is a command.
    *("-c", "safe.bareRepository=explicit", "-c", "protocol.ext.allow=never"),
)
# A worktree holds the tree of its commit, and a change in it is a change: a clone may be sparse or
# believe its files without looking, and a new worktree would inherit that.
_WHOLE = ("-c", "core.sparseCheckout=false", "-c", "core.ignoreStat=false")
# What a clone has is read from the clone: an object that is missing is fetched from nowhere, by a
# git that knows the first variable (2.39.4), nor by an older one, which may use no protocol at all.
_LOCAL = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": ""}
NO_HOOKS = (
    *("-c", f"core.hooksPath={os.devnull}"),
    # Of settings, which the folder above says nothing of: git 2.54 has them, 2.55 the switch.
    *("-c", "hook.reference-transaction.enabled=false"),
    *("-c", "hook.post-index-change.enabled=false", "-c", "hook.post-checkout.enabled=false"),
)
"""For what is done before a person has approved: no program of the clone's or the user's is run."""
ANY_LINE_END = ("-c", "core.safecrlf=false")
"""A line end that git would change is none of ours: files are committed as hooks have left them."""
ADD_NAMED = (*ANY_LINE_END, "add", "--force", "--")
"""Of a file in a folder that is ignored git asks to be forced, though it knows the file."""


@dataclass(frozen=True)
class GitProgram:
    """A clone, or one worktree of it, and how git is run there."""

    path: Path
    run: Runner
    seconds: float = 120.0
    patience: Patience | None = None
    """How a remote is asked again; None: it is asked once."""
    place: Place = WHOLE
    """The package that is asked about: files are named as it has them, and others left out."""
    answers: Answers = field(default_factory=Answers, compare=False, repr=False)

    def inside(self, place: Place) -> Self:
        """The same repository for another of its packages, or for ``WHOLE``."""
        return replace(self, place=place)

    def at(self, path: Path) -> Self:
        """The same git in another working directory."""
        return replace(self, path=path)

    def __call__(
        self,
        *args: str,
        ok: tuple[int, ...] = (0,),
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
    ) -> Completed:
        """Run it. Raises CommandFailed, whose hint is what a person does about it, or TimedOut."""
        try:
            return self.run(
                ("git", *_QUIET, *_WHOLE, *self._name(), *args),
                cwd=self.path,
                timeout=self.seconds,
                ok=ok,
                env=env,
                stdin=stdin,
            )
        except CommandFailed as error:
            error.hint = find_git_remedy(error, REMOTE)
            raise

    def ask(self, *args: str, ok: tuple[int, ...] = (0,), stdin: str | None = None) -> Completed:
        """A question to the clone alone: no remote is asked, no hook is run, nothing is changed."""
        return self(*NO_HOOKS, *args, ok=ok, stdin=stdin, env=_LOCAL)

    def ask_once(
        self, *args: str, of: Iterable[str], ok: tuple[int, ...] = (0,), stdin: str | None = None
    ) -> Completed:
        """``ask``, and only once where every revision of ``of`` is an id: what it names stays so.

        A branch or a tag is asked for each time, so is an object that is not there yet, and so is
        what is too long to keep. Of the programs of a release this saves more than a third.
        """
        asked = (self.path, args, stdin)
        if asked in self.answers.given:
            return self.answers.given[asked]
        found = self.ask(*args, ok=ok, stdin=stdin)
        is_there = found.returncode == 0 and b" missing\n" not in found.raw
        if is_there and len(found.raw) <= MOST_KEPT and all(map(is_of_ids, of)):
            self.answers.given[asked] = found
        return found

    def _name(self) -> tuple[str, ...]:
        """A bare clone, by its name: git is not to find one by itself (safe.bareRepository)."""
        is_bare = not is_there(self.path / ".git") and is_file(self.path / "HEAD")
        return (f"--git-dir={self.path}",) if is_bare else ()

    def misunderstood(self, question: str, found: str) -> ReleaseError:
        """What git answered is not in the form it was asked for."""
        return ReleaseError(
            ErrorCode.SCAN_FAILED,
            f"expected git {question} in {self.path} to answer in its own form, found"
            f" {show(found, 200)}.",
            hint=typed_git(self.path, "fsck"),
        )


def lines_of(out: str) -> list[str]:
    """The lines of an answer of git's, each of which ends with a line feed and with nothing else.

    ``splitlines`` would split a name that holds U+2028, which git allows in a ref.
    """
    return out.split("\n")[:-1]


def date_environment(when: str) -> dict[str, str]:
    """Make git date a commit or tag with ``when``, ISO 8601."""
    return {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
