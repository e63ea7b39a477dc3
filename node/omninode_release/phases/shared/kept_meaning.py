"""Whether a package says of itself what was approved, once hooks or commands have been at it.

It may be laid out otherwise. Nothing but BUMP and PIN changes what it means, and they add nothing
(spec, Pin Policy).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from omninode_release.models.place import WHOLE
from omninode_release.phases.lock import LockOutput
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.text.manifests.meaning import (
    list_differences,
    read_meaning,
    read_meaning_or_fault,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from omninode_release.phases.ports import Context, Step
    from omninode_release.text.holders.ports import Read
    from omninode_release.text.manifests.meaning import Difference, Fact


@dataclass(frozen=True)
class Draft:
    """Files as a commit has them; what is written to them stays in memory."""

    commit: Read
    folder: str = ""
    texts: dict[str, str | None] = field(default_factory=dict)
    """What was written, by its path from the root."""

    def inside(self, folder: str) -> Draft:
        return Draft(self.commit, folder, self.texts)

    def read(self, path: str) -> str | None:
        outer = self._outer(path)
        return self.texts[outer] if outer in self.texts else self.commit(outer)

    def write(self, path: str, text: str) -> None:
        self.texts[self._outer(path)] = text

    def exists(self, path: str) -> bool:
        return self.read(path) is not None

    def remove(self, path: str) -> None:
        self.texts[self._outer(path)] = None

    def _outer(self, path: str) -> str:
        return str(PurePosixPath(self.folder, path))


def open_draft(step: Step, ctx: Context) -> Draft:
    """The package's files at the release branch, which may have fixes that people committed."""
    head = ctx.clone.branch_sha(step.branch) or step.evidence(WorktreeOutput).base_sha
    return open_draft_at(step, ctx, head)


def open_draft_at(step: Step, ctx: Context, revision: str) -> Draft:
    whole = ctx.clone.inside(WHOLE)
    return Draft(lambda path: whole.text(revision, path), step.place.folder)


def list_other_meaning(
    step: Step, ctx: Context, planned: Draft, before: Collection[Fact], *, may_make: bool
) -> list[Difference]:
    """What the package in the worktree says otherwise than ``planned``.

    What a program makes, such as a compiled list that the build reads, is LOCK's to change; it is
    held to what it said ``before``, or to nothing where it ``may_make`` it anew.
    """
    recorded = step.recorded(LockOutput)
    locked = recorded.owned_files() if recorded else ()

    def is_made(fact: Fact) -> bool:
        return fact.is_made or step.place.outer(fact.file) in locked

    wanted = [each for each in read_meaning(planned.read) if not is_made(each)]
    now = read_meaning_or_fault(ctx.files.read)
    if may_make:
        return list_differences(wanted, [each for each in now if not is_made(each)])
    return list_differences([*wanted, *filter(is_made, before)], now)
