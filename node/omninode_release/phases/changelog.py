"""CHANGELOG: an entry for the new version from the conventional commits since the last tag.

Effect: the entry inserted, no old line lost; a changelog of another form, or of another tool, stays
as it is, and none is made beside it. Recognised by an entry for the version being there. Its date
is the day the run started, so that a resume writes the same.
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
from omninode_release.text.changelog_files import Changelog, find_changelog
from omninode_release.text.commits import decide
from omninode_release.text.manifest import MANIFEST
from omninode_release.text.news_fragments import TOWNCRIER


class ChangelogOutput(PhaseOutput):
    """The entry, as it stands in the file where that is ours to write."""

    path: Annotated[str, Field(examples=["CHANGELOG.md"])] | None
    """The changelog, relative to the repository; null where it is left as it is."""
    entry: Annotated[str, Field(examples=["### Added\n\n- Names.\n"])]
    """The entry's text."""
    reason: Annotated[str, Field(examples=["towncrier collects newsfragments into it"])] | None = (
        None
    )
    """Why nothing was written."""

    def summary(self) -> str:
        return self.path or f"not written: {self.reason}"

    def owned_files(self) -> tuple[str, ...]:
        return (self.path,) if self.path else ()


OUTPUT = ChangelogOutput


def done(step: Step, ctx: Context) -> ChangelogOutput | None:
    found = _find_changelog(step, ctx)
    text = ctx.files.read(found.path) if found.is_ours else None
    entry = find_entry(text, step.new) if text is not None else None
    return None if entry is None else ChangelogOutput(path=found.path, entry=entry)


def apply(step: Step, ctx: Context) -> ChangelogOutput:
    found = _find_changelog(step, ctx)
    text = _insert_entry(step, ctx, ctx.files.read(found.path) if found.is_ours else None)
    entry = find_entry(text, step.new)
    if entry is None:
        raise ReleaseError(
            ErrorCode.CHANGELOG_FAILED,
            f"the entry for {step.new} cannot be found again in {step.path}/{found.path}.",
        )
    if not found.is_ours:
        return ChangelogOutput(path=None, entry=entry, reason=f"{found.path}: {found.why}")
    ctx.files.write(found.path, text)
    return ChangelogOutput(path=found.path, entry=entry)


def _insert_entry(step: Step, ctx: Context, text: str | None) -> str:
    since = f"refs/omni-release/tags/{step.row.last_tag}" if step.row.last_tag else None
    base = step.evidence(WorktreeOutput).base_sha
    commits = ctx.clone.commits(base, since)
    return insert_entry(
        text,
        version=step.new,
        date=step.started_at.date(),
        changes=decide(commits, default_bump=ctx.config.default_bump).counted,
        pins=[f"{p.distribution}=={p.version}" for p in step.row.pins],
        compare=(step.row.last_tag, release_tags(step, ctx, base)[-1]),
    )


def _find_changelog(step: Step, ctx: Context) -> Changelog:
    paths = ctx.clone.paths(step.evidence(WorktreeOutput).base_sha)
    texts = {path: ctx.files.read(path) or "" for path in (MANIFEST, TOWNCRIER) if path in paths}
    return find_changelog(paths, texts)
