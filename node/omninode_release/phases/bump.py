"""BUMP: the new version where the repository holds it, and in the files of ``version_files``.

Effect: those files, changed in their version values only; in the package that is a literal
``__version__``, beside a Cargo.toml the entry of its crate in Cargo.lock. Recognised by each of
them holding the new version. Where the tag alone says the version nothing is written.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.field_types import RepoFile, Version
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.text.holders.bump_tools import SETTINGS, find_named
from omninode_release.text.holders.ports import Source
from omninode_release.text.holders.registry import find_held, write_held
from omninode_release.text.holders.version_files import bump_literal, guess_init_paths
from omninode_release.text.holders.version_holders import edit_version_file, list_old_versions
from omninode_release.text.locks.cargo_lock import (
    CRATE,
    bump_crates,
    find_cargo_lock,
    find_released_crates,
    list_crates_below,
)
from omninode_release.text.manifest_edit import bump_version
from omninode_release.text.manifests.manifest import (
    MANIFEST,
    find_manifest,
    parse_manifest,
    read_declared,
    read_manifest,
)
from omninode_release.text.versions.version import complete_version, is_same

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from omninode_release.phases.ports import Context, Step
    from omninode_release.text.holders.bump_tools import Named
    from omninode_release.text.holders.ports import Held


class BumpOutput(PhaseOutput):
    """The version stands in these files (paths relative to the repository)."""

    version: Version
    """The new version."""
    files: tuple[RepoFile, ...]
    """Every file that holds it; none where the tag alone says it."""

    def summary(self) -> str:
        return f"{self.version} in {', '.join(self.files) or 'the tag, and in no file'}"

    def owned_files(self) -> tuple[str, ...]:
        return self.files


OUTPUT = BumpOutput


def done(step: Step, ctx: Context) -> BumpOutput | None:
    edits = _make_edits(step, ctx)
    if any(old != new for old, new in edits.values()):
        return None
    return BumpOutput(version=step.new, files=step.outer(edits))


def apply(step: Step, ctx: Context) -> BumpOutput:
    edits = _make_edits(step, ctx)
    # All edits are computed before the first is written: a refusal leaves the tree untouched.
    for path, (old, new) in edits.items():
        if old != new:
            ctx.files.write(path, new)
    return BumpOutput(version=step.new, files=step.outer(edits))


def list_outdated(step: Step, ctx: Context) -> list[str]:
    """The files that are to hold the new version and do not."""
    return [path for path, (old, new) in _make_edits(step, ctx).items() if old != new]


def _make_edits(step: Step, ctx: Context) -> dict[str, tuple[str, str]]:
    """Text before and after for every file that holds the version."""
    manifest = find_manifest(ctx.files.read)
    if manifest is None:
        raise ReleaseError(
            ErrorCode.BUMP_FAILED,
            f"expected a {MANIFEST} in {step.home}, found none.",
            hint=f"put it back there, then omni-release --resume {step.run_id}",
        )
    held = read_manifest(manifest, where=f"{step.home}/{MANIFEST}", read=ctx.files.read).held
    configured = ctx.config.version_files_of(step.repo)
    old = _read_old(step, ctx) if configured else []
    edits = _edit_held(step, ctx, held, also=old if MANIFEST in configured else ())
    for path in guess_init_paths(manifest, step.repo) if not held.by_tag else ():
        source = ctx.files.read(path)
        if source is not None and bump_literal(source, "0") != source:
            edits[path] = (source, bump_literal(_after(edits, path) or source, step.new))
    named = _read_named(step, ctx) if configured else ()
    for path in configured:
        if path != MANIFEST:
            source, edited = ctx.files.read(path), _after(edits, path)
            edits[path] = _edit_configured(step, path, source, edited, old=old, named=named)
    edits |= _edit_cargo_locks(step, ctx, edits)
    _require_version(step, lambda path: _after(edits, path) or ctx.files.read(path))
    return edits


def _require_version(step: Step, read: Callable[[str], str | None]) -> None:
    """Raise BUMP_FAILED where a build would not read the new version: two edits met in a place."""
    where = f"{step.home}/{MANIFEST}"
    held = find_held(Source(parse_manifest(find_manifest(read) or "", where=where), read, where))
    if not held.by_tag and not is_same(held.literal, step.new):
        raise ReleaseError(
            ErrorCode.BUMP_FAILED,
            f"expected {step.new} in {step.home}/{held.path} after its edits, found"
            f" {held.literal}.",
            hint=f"correct version_files.{step.repo} in the release configuration",
        )


def _edit_held(
    step: Step, ctx: Context, held: Held, *, also: Collection[str]
) -> dict[str, tuple[str, str]]:
    """The file that decides the version; the manifest only where it holds one."""
    edits = {}
    is_here = held.path == MANIFEST and not held.by_tag
    if is_here or also:
        where, manifest = f"{step.home}/{MANIFEST}", ctx.files.read(MANIFEST) or ""
        after = bump_version(manifest, step.new, where=where, is_here=is_here, also=also)
        edits[MANIFEST] = (manifest, after)
    if held.path != MANIFEST:
        before = ctx.files.read(held.path) or ""
        after = write_held(held, before, step.new, where=f"{step.home}/{held.path}")
        edits[held.path] = (before, after)
    return edits


def _edit_cargo_locks(
    step: Step, ctx: Context, edits: Mapping[str, tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    written = [path for path in edits if path.rpartition("/")[2] == CRATE]
    if not written:
        return {}
    base, new = step.evidence(WorktreeOutput).base_sha, complete_version(step.new)
    paths = ctx.clone.paths(base)
    crates: list[str] = []
    for path in written:
        below = (ctx.clone.text(base, each) or "" for each in list_crates_below(path, paths))
        crates += find_released_crates(edits[path][1], below, new)
    locks = {}
    for lock in dict.fromkeys(find_cargo_lock(path, paths) for path in written):
        source = ctx.files.read(lock) if lock and crates else None
        if lock and source is not None:
            locks[lock] = (source, bump_crates(source, crates, new, where=lock))
    return locks


def _after(edits: Mapping[str, tuple[str, str]], path: str) -> str | None:
    return edits[path][1] if path in edits else None


def _read_old(step: Step, ctx: Context) -> list[str]:
    base = step.evidence(WorktreeOutput).base_sha
    declared = read_declared(partial(ctx.clone.file, base))
    written = declared.held.literal if declared else None
    return list_old_versions(written, step.row.last_tag, current=step.old, new=step.new)


def _read_named(step: Step, ctx: Context) -> tuple[Named, ...]:
    """What a bump tool names, read as the plan does."""
    base = step.evidence(WorktreeOutput).base_sha
    there = [each for each in ctx.clone.paths(base) if each in SETTINGS]
    return find_named({path: ctx.clone.text(base, path) for path in there}.get)


def _edit_configured(
    step: Step,
    path: str,
    source: str | None,
    edited: str | None,
    *,
    old: Collection[str],
    named: Collection[Named],
) -> tuple[str, str]:
    """A file of ``version_files`` before and after. Raises BUMP_FAILED where it holds none."""
    found, new = f"which is not in {step.home}", step.new
    if source is not None:
        try:
            return source, edit_version_file(path, source, edited, old=old, new=new, named=named)
        except ValueError as error:
            found = str(error)
    raise ReleaseError(
        ErrorCode.BUMP_FAILED,
        f"version_files of {step.repo} names {path}, {found}.",
        hint=f"correct version_files.{step.repo} in the release configuration",
    )
