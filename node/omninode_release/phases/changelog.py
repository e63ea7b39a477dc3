"""CHANGELOG: an entry for the new version from the conventional commits since the last tag.

Effect: the entry in the file that the repository has for it, no old line lost; how it is written
depends on the kind of changelog (``phases/changelogs``). Recognised by an entry for the version
being there. Its date is the day the run started, so that a resume writes the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.phases.changelogs import KEEPERS, choose_keeper, find_kept, preview_entry
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.worktree import WorktreeOutput

if TYPE_CHECKING:
    from omninode_release.phases.changelogs.new_entries import WrittenEntry
    from omninode_release.phases.ports import Context, EntryContext, Step


class ChangelogOutput(PhaseOutput):
    """The entry, as it stands in the file where that is ours to write."""

    path: Annotated[str, Field(examples=["CHANGELOG.md"])] | None
    """The changelog, relative to the repository; null where it is left as it is."""
    entry: Annotated[str, Field(examples=["### Added\n\n- Names.\n"])]
    """The entry's text."""
    collected: tuple[Annotated[str, Field(examples=["news/12.feature.md"])], ...] = ()
    """The fragments that went into it, and away."""

    def summary(self) -> str:
        return self.path or "left as it is: the plan says why"

    def owned_files(self) -> tuple[str, ...]:
        return (*((self.path,) if self.path else ()), *self.collected)


OUTPUT = ChangelogOutput


def done(step: Step, ctx: Context) -> ChangelogOutput | None:
    base = step.evidence(WorktreeOutput).base_sha
    found = find_kept(step, ctx, base, ctx.files.read)
    written = choose_keeper(step, found).find(step, ctx, base, found)
    return None if written is None else _make_output(step, written)


def apply(step: Step, ctx: Context) -> ChangelogOutput:
    base = step.evidence(WorktreeOutput).base_sha
    found = find_kept(step, ctx, base, ctx.files.read)
    keeper = choose_keeper(step, found)
    if keeper is not KEEPERS["none"] and found.path not in ctx.clone.paths(base):
        _require_kept_by_git(step, ctx, found.path)
    return _make_output(step, keeper.write(step, ctx, base, found))


def _require_kept_by_git(step: Step, ctx: Context, path: str) -> None:
    """Raise CHANGELOG_FAILED for a new changelog that COMMIT could not add."""
    if ctx.checkout.ignores(path):
        raise ReleaseError(
            ErrorCode.CHANGELOG_FAILED,
            f"expected git to take the new {path} of {step.repo}, found it ignored.",
            hint=f"take it out of .gitignore on {step.base}, or write"
            f" changelog_of: {{{step.repo}: {{kind: none}}}} into the release configuration",
        )


def preview(step: Step, ctx: EntryContext) -> str | None:
    """The entry as it stands, or as this phase would write it on the planned commit; reads only."""
    recorded = step.recorded(ChangelogOutput)
    if recorded is not None:
        return recorded.entry
    return preview_entry(step, ctx)


def _make_output(step: Step, written: WrittenEntry) -> ChangelogOutput:
    return ChangelogOutput(
        path=None if written.path is None else step.place.outer(written.path),
        entry=written.entry,
        collected=step.outer(written.collected),
    )
