"""CHANGELOG: an entry for the new version from the conventional commits since the last tag.

Effect: the entry inserted, no old line lost; a changelog of another form, or of another tool, stays
as it is, and none is made beside it. Recognised by an entry for the version being there. Its date
is the day the run started, so that a resume writes the same.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.plan import PlannedPin, RepoPlan
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.ports import Context, Step
from omninode_release.phases.shared.tag_names import release_tags
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.text.changelog import find_entry, insert_entry
from omninode_release.text.changelog_files import Changelog, find_changelog
from omninode_release.text.commits import decide
from omninode_release.text.manifest import MANIFEST
from omninode_release.text.news_fragments import TOWNCRIER
from omninode_release.text.pin_lines import describe_requirement


class ChangelogOutput(PhaseOutput):
    """The entry, as it stands in the file where that is ours to write."""

    path: Annotated[str, Field(examples=["CHANGELOG.md"])] | None
    """The changelog, relative to the repository; null where it is left as it is."""
    entry: Annotated[str, Field(examples=["### Added\n\n- Names.\n"])]
    """The entry's text."""

    def summary(self) -> str:
        return self.path or "left as it is: the plan says why"

    def owned_files(self) -> tuple[str, ...]:
        return (self.path,) if self.path else ()


OUTPUT = ChangelogOutput
_TELLING = (MANIFEST, TOWNCRIER)
"""Files that say where news goes."""


def done(step: Step, ctx: Context) -> ChangelogOutput | None:
    found = _find_changelog(step, ctx)
    text = ctx.files.read(found.path) if found.is_ours else None
    entry = find_entry(text, step.new) if text is not None else None
    return None if entry is None else ChangelogOutput(path=found.path, entry=entry)


def apply(step: Step, ctx: Context) -> ChangelogOutput:
    found = _find_changelog(step, ctx)
    base = step.evidence(WorktreeOutput).base_sha
    text = _add_entry(step, ctx, base, ctx.files.read(found.path) if found.is_ours else None)
    entry = find_entry(text, step.new)
    if entry is None:
        raise ReleaseError(
            ErrorCode.CHANGELOG_FAILED,
            f"the entry for {step.new} cannot be found again in {step.path}/{found.path}.",
        )
    if not found.is_ours:
        return ChangelogOutput(path=None, entry=entry)
    ctx.files.write(found.path, text)
    return ChangelogOutput(path=found.path, entry=entry)


def preview(step: Step, ctx: Context) -> str | None:
    """The entry as it stands, or as this phase would write it on the planned commit; reads only."""
    recorded = step.recorded(ChangelogOutput)
    if recorded is not None:
        return recorded.entry
    base = step.row.base_sha or ""
    paths = ctx.clone.paths(base)
    texts = {path: _read_at(ctx, base, path) or "" for path in _TELLING if path in paths}
    found = find_changelog(paths, texts)
    text = _read_at(ctx, base, found.path) if found.is_ours else None
    return find_entry(_add_entry(step, ctx, base, text), step.new)


def _read_at(ctx: Context, commit: str, path: str) -> str | None:
    data = ctx.clone.file(commit, path)
    return data.decode("utf-8", errors="replace") if data is not None else None


def _add_entry(step: Step, ctx: Context, base: str, text: str | None) -> str:
    """The changelog with an entry for what ``base`` has and the last release has not."""
    commits = step.commits_to_release(ctx, base)
    return insert_entry(
        text,
        version=step.new,
        date=step.started_at.date(),
        changes=decide(commits, default_bump=ctx.config.default_bump).counted,
        pins=[_describe_pin(pin, step.row) for pin in step.row.pins],
        compare=(step.row.last_tag, release_tags(step, ctx, base)[-1]),
    )


def _describe_pin(pin: PlannedPin, row: RepoPlan) -> str:
    """The requirement, and where it is all that is released, from what that comes."""
    cause = f" (cascaded from {pin.repo})" if pin.repo in row.cascaded_from else ""
    return f"{describe_requirement(pin)}{cause}"


def _find_changelog(step: Step, ctx: Context) -> Changelog:
    paths = ctx.clone.paths(step.evidence(WorktreeOutput).base_sha)
    texts = {path: ctx.files.read(path) or "" for path in _TELLING if path in paths}
    return find_changelog(paths, texts)
