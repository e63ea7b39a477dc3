"""CHANGELOG: an entry for the new version from the conventional commits since the last tag.

Effect: the entry inserted, no old line lost. Recognised by an entry for the version being there.
Its date is the day the run started, so that a resume writes the same.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.ports import Context, Step
from omninode_release.phases.shared.tag_names import release_tags
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.text.changelog import find_entry, insert_entry
from omninode_release.text.commits import decide

NAMES = ("CHANGELOG.md", "CHANGES.md", "HISTORY.md", "docs/CHANGELOG.md")


class ChangelogOutput(PhaseOutput):
    """The entry as it stands in the file."""

    path: Annotated[str, Field(examples=["CHANGELOG.md"])]
    """The changelog, relative to the repository."""
    entry: Annotated[str, Field(examples=["## [1.5.0] - 2026-02-25\n\n### Added\n\n- Names.\n"])]
    """The entry's text, heading included."""

    def summary(self) -> str:
        return self.path

    def owned_files(self) -> tuple[str, ...]:
        return (self.path,)


OUTPUT = ChangelogOutput


def done(step: Step, ctx: Context) -> ChangelogOutput | None:
    path = _find_changelog(ctx)
    text = ctx.files.read(path)
    entry = find_entry(text, step.new) if text is not None else None
    return None if entry is None else ChangelogOutput(path=path, entry=entry)


def apply(step: Step, ctx: Context) -> ChangelogOutput:
    path = _find_changelog(ctx)
    base = step.evidence(WorktreeOutput).base_sha
    text = _add_entry(step, ctx, base, ctx.files.read(path))
    entry = find_entry(text, step.new)
    if entry is None:
        raise ReleaseError(
            ErrorCode.CHANGELOG_FAILED,
            f"the entry for {step.new} cannot be found again in {step.path}/{path}.",
        )
    ctx.files.write(path, text)
    return ChangelogOutput(path=path, entry=entry)


def preview(step: Step, ctx: Context) -> str | None:
    """The entry as it stands, or as this phase would write it on the planned commit; reads only."""
    recorded = step.recorded(ChangelogOutput)
    if recorded is not None:
        return recorded.entry
    base = step.row.base_sha or ""
    found = (ctx.clone.file(base, name) for name in NAMES)
    data = next((each for each in found if each is not None), None)
    text = data.decode("utf-8", errors="replace") if data is not None else None
    return find_entry(_add_entry(step, ctx, base, text), step.new)


def _add_entry(step: Step, ctx: Context, base: str, text: str | None) -> str:
    """The changelog with an entry for what ``base`` has and the last release has not."""
    since = f"refs/omni-release/tags/{step.row.last_tag}" if step.row.last_tag else None
    commits = ctx.clone.commits(base, since)
    return insert_entry(
        text,
        version=step.new,
        date=step.started_at.date(),
        changes=decide(commits, default_bump=ctx.config.default_bump).counted,
        pins=[f"{p.distribution}=={p.version}" for p in step.row.pins],
        compare=(step.row.last_tag, release_tags(step, ctx, base)[-1]),
    )


def _find_changelog(ctx: Context) -> str:
    return next((name for name in NAMES if ctx.files.exists(name)), NAMES[0])
