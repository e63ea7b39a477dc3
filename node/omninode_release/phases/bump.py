"""BUMP: the new version in pyproject.toml and in every literal ``__version__`` of the package.

Effect: those files, changed in their version values only. Recognised by each of them holding the
new version.
"""

from __future__ import annotations

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.field_types import RepoFile, Version
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.ports import Context, Step
from omninode_release.text.manifest import MANIFEST
from omninode_release.text.manifest_edit import bump_version
from omninode_release.text.version_files import bump_literal, guess_init_paths


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
    edits = {MANIFEST: (manifest, bump_version(manifest, step.new, where=where))}
    configured = ctx.config.version_files.get(step.repo, ())
    for path in (*guess_init_paths(manifest, step.repo), *configured):
        source = ctx.files.read(path)
        if source is None and path in configured:
            raise ReleaseError(
                ErrorCode.BUMP_FAILED,
                f"version_files of {step.repo} names {path}, which is not in {step.path}.",
            )
        if source is not None and bump_literal(source, "0") != source:
            edits[path] = (source, bump_literal(source, step.new))
    return edits
