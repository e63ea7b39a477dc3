"""uv.lock, by ``uv lock``.

A version published minutes ago may not be visible yet, so "not found" for one of ours is waited
out; one that uv says it keeps out is not.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError, typed
from omninode_release.models.place import Place
from omninode_release.phases.locks.changes import LockResult, compare_locks
from omninode_release.phases.locks.wait_for_index import run_until_found
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.text.formats.toml_document import try_parse_toml
from omninode_release.text.locks.choice import UV_LOCK
from omninode_release.text.locks.uv_lock import (
    SETTINGS_FILE,
    UNLOCKED,
    find_foreign_settings,
    find_kept_out,
    read_uv_settings,
    read_versions,
)
from omninode_release.text.manifests.manifest import MANIFEST
from omninode_release.text.uv_output import explain_uv, find_python_limit, is_filtered, is_not_found
from omninode_release.text.versions.version import is_same

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omninode_release.phases.ports import Context, Step


def write(step: Step, ctx: Context) -> LockResult:
    """The lock with the new version and the pins. Raises LOCK_FAILED."""
    step, ctx = go_to_lock(step, ctx)
    base = _read_base(step, ctx)
    before = read_versions(base, f"{step.home}/{UV_LOCK}")
    ours = canonicalize_name(step.distribution)
    # As it stands now: a person may have mended it in the worktree.
    if ours not in read_versions(ctx.files.read(UV_LOCK), f"{step.home}/{UV_LOCK}"):
        raise _stub_error(step, ours)
    _lock(step, ctx)
    text = ctx.files.read(UV_LOCK)
    after = read_versions(text, f"{step.home}/{UV_LOCK}")
    locked = after.get(ours)
    # Of a package whose version is dynamic uv locks none.
    if locked != UNLOCKED and not is_same(str(locked), step.new):
        raise ReleaseError(
            ErrorCode.LOCK_FAILED,
            f"expected {ours} {step.new} in {step.home}/{UV_LOCK}, found {locked}.",
            hint=f"look at what {_typed_lock(step)} says, then omni-release --resume {step.run_id}",
        )
    pinned = {str(canonicalize_name(pin.distribution)) for pin in step.row.pins}
    beside = {str(canonicalize_name(each.distribution)) for each in step.companions}
    require_cutoff_admits(step, ctx, pinned)
    _require_own_settings(step, ctx, text, base)
    moved = compare_locks(before, after, pinned | beside | {ours})
    return LockResult((step.place.outer(UV_LOCK),), tuple(moved))


def go_to_lock(step: Step, ctx: Context) -> tuple[Step, Context]:
    """Where the lock stands that has the package: a workspace's is at the root of all members."""
    if not step.place.folder or ctx.checkout.tracked(UV_LOCK):
        return step, ctx
    ours = canonicalize_name(step.distribution)
    for folder in PurePosixPath(step.place.folder).parents:
        there = replace(step, place=Place(str(folder).removeprefix(".")))
        around = ctx.beside(there)
        # One that has nothing of the package is another project's. A killed uv may have torn it.
        text = around.clone.text(step.evidence(WorktreeOutput).base_sha, UV_LOCK) or ""
        if around.checkout.tracked(UV_LOCK) and ours in read_versions(text, UV_LOCK):
            return there, around
    return step, ctx


def _read_base(step: Step, ctx: Context) -> str | None:
    """The lock before this release; restores a file that a killed uv left torn."""
    text = ctx.clone.text(step.evidence(WorktreeOutput).base_sha, UV_LOCK)
    if text is not None and not try_parse_toml(ctx.files.read(UV_LOCK)):
        ctx.files.write(UV_LOCK, text)
    return text


def _typed_lock(step: Step) -> str:
    return typed(("uv", "lock", "--project", str(step.home)))


def _stub_error(step: Step, ours: str) -> ReleaseError:
    return ReleaseError(
        ErrorCode.LOCK_FAILED,
        f"expected {ours} in {step.home}/{UV_LOCK}, found a lock without it: everything in it"
        " would be resolved anew, unseen.",
        hint=f"{_typed_lock(step)}, review that and commit it, then omni-release --resume"
        f" {step.run_id}",
    )


def _lock(step: Step, ctx: Context) -> None:
    pins = {str(canonicalize_name(p.distribution)): p.version for p in step.row.pins}
    refresh = sorted({*pins, *step.released})

    try:
        run_until_found(
            step,
            ctx,
            lambda: ctx.resolver.lock(step.home, refresh=refresh),
            is_not_found,
            lock="uv",
        )
    except CommandFailed as error:
        raise _lock_error(step, pins, error) from error


def _lock_error(step: Step, pins: Iterable[str], error: CommandFailed) -> ReleaseError:
    hidden = [name for name in pins if is_filtered(error.stderr, name)]
    if hidden:
        return _kept_out_error(step, hidden, error.detail)
    limit = find_python_limit(error.stderr)
    hint = limit and (
        f"{limit}: raise requires-python of {step.repo} to that, commit that, then omni-release"
        f" --resume {step.run_id}"
    )
    return ReleaseError(
        ErrorCode.LOCK_FAILED,
        f"expected `uv lock` to resolve in {step.home}, found: {explain_uv(error.stderr)}.",
        hint=hint,
        detail=error.detail,
    )


def require_cutoff_admits(step: Step, ctx: Context, distributions: Iterable[str]) -> None:
    """Raise LOCK_FAILED where ``exclude-newer`` keeps out what this run publishes.

    A folder of wheels has no dates and uv applies no cutoff to it; on an index it does. To exempt
    our own names for one ``uv lock`` does not help: uv writes the exemption into the lock, and
    ``uv lock --check`` refuses that wherever it does not stand in the settings.
    """
    hidden = find_kept_out(ctx.files.read(UV_LOCK), distributions, ctx.clock.now())
    if hidden:
        raise _kept_out_error(step, hidden)


def _kept_out_error(step: Step, hidden: Sequence[str], detail: str = "") -> ReleaseError:
    exempt = ", ".join(f"{name} = false" for name in hidden)
    return ReleaseError(
        ErrorCode.LOCK_FAILED,
        f"expected uv to see what this run releases ({', '.join(hidden)}), found that the setting"
        f" exclude-newer keeps it out of {step.home}/{UV_LOCK} until it is old enough.",
        hint=f"add exclude-newer-package = {{ {exempt} }} beside exclude-newer ([tool.uv] of"
        f" {MANIFEST}, or {SETTINGS_FILE}) in {step.home}, commit that, then omni-release --resume"
        f" {step.run_id}",
        detail=detail,
    )


def _require_own_settings(step: Step, ctx: Context, text: str | None, base: str | None) -> None:
    """Raise LOCK_FAILED where the lock was made with settings that only this machine has."""
    own = read_uv_settings(ctx.files.read(MANIFEST), ctx.files.read(SETTINGS_FILE))
    found = find_foreign_settings(text, base, own)
    if found:
        names = " and ".join(found)
        variables = " and ".join(f"UV_{name.upper().replace('-', '_')}" for name in found)
        says = " and ".join(f"{name} {value}" for name, value in found.items())
        raise ReleaseError(
            ErrorCode.LOCK_FAILED,
            f"expected uv to lock {step.repo} as its own settings say, found {says} from outside of"
            f" the repository in {step.home}/{UV_LOCK}: `uv lock --check` would refuse that lock"
            " elsewhere.",
            hint=f"unset {variables} and take {names} out of the uv.toml that is yours for this"
            f" release, or put it into {step.repo}; then omni-release --resume {step.run_id}",
        )
