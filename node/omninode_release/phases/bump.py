"""BUMP: the new version in pyproject.toml, in the package and in the files of ``version_files``.

Effect: those files, changed in their version values only; in the package that is a literal
``__version__``. Recognised by each of them holding the new version.
"""

from __future__ import annotations

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.field_types import RepoFile, Version
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.ports import Context, Step
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.text.manifest import MANIFEST, read_version
from omninode_release.text.manifest_edit import bump_version
from omninode_release.text.version_files import bump_literal, guess_init_paths
from omninode_release.text.version_holders import find_repeated, list_old_versions, write_version


class BumpOutput(PhaseOutput):
    """The version stands in these files (paths relative to the repository)."""

    version: Version
    """The new version."""
    files: tuple[RepoFile, ...]
    """Every file that holds it."""

    def summary(self) -> str:
        return f"{self.version} in {', '.join(self.files)}"

    def owned_files(self) -> tuple[str, ...]:
        return self.files


OUTPUT = BumpOutput


def done(step: Step, ctx: Context) -> BumpOutput | None:
    edits = _make_edits(step, ctx)
    if edits is None or any(old != new for old, new in edits.values()):
        return None
    return BumpOutput(version=step.new, files=tuple(edits))


def apply(step: Step, ctx: Context) -> BumpOutput:
    edits = _make_edits(step, ctx)
    if edits is None:
        raise ReleaseError(
            ErrorCode.BUMP_FAILED, f"expected a {MANIFEST} in {step.path}, found none."
        )
    # All edits are computed before the first is written: a refusal leaves the tree untouched.
    for path, (old, new) in edits.items():
        if old != new:
            ctx.files.write(path, new)
    return BumpOutput(version=step.new, files=tuple(edits))


def _make_edits(step: Step, ctx: Context) -> dict[str, tuple[str, str]] | None:
    """Text before and after for every file that holds the version."""
    manifest = ctx.files.read(MANIFEST)
    if manifest is None:
        return None
    where = f"{step.path}/{MANIFEST}"
    configured = ctx.config.version_files_of(step.repo)
    old = _read_old(step, ctx) if configured else set()
    also = old if MANIFEST in configured else ()
    edits = {MANIFEST: (manifest, bump_version(manifest, step.new, where=where, also=also))}
    for path in guess_init_paths(manifest, step.repo):
        source = ctx.files.read(path)
        if source is not None and bump_literal(source, "0") != source:
            edits[path] = (source, bump_literal(source, step.new))
    for path in configured:
        if path != MANIFEST:
            edits[path] = _edit_configured(step, ctx, path, old)
    return edits


def _read_old(step: Step, ctx: Context) -> set[str]:
    base = ctx.clone.file(step.evidence(WorktreeOutput).base_sha, MANIFEST)
    return {step.old, *list_old_versions(read_version(base or b""), step.row.last_tag)}


def _edit_configured(step: Step, ctx: Context, path: str, old: set[str]) -> tuple[str, str]:
    """A file of ``version_files`` before and after. Raises BUMP_FAILED where it holds none."""
    source = ctx.files.read(path)
    if source is None:
        found = f"which is not in {step.path}"
    elif find_repeated(path, source, old):
        found = "in which several places could be the version"
    else:
        new = write_version(path, source, old=old, new=step.new)
        if new is not None:
            return source, new
        found = f"in which nothing holds {' or '.join(sorted(old))}"
    raise ReleaseError(
        ErrorCode.BUMP_FAILED,
        f"version_files of {step.repo} names {path}, {found}.",
        hint=f"correct version_files.{step.repo} in the release configuration",
    )
