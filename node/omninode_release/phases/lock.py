"""LOCK: ``uv.lock`` agrees with the new version and the pins.

Effect: the lock file rewritten; always run again, it is cheap and the index moves. A version
published minutes ago may not be visible yet, so "not found" for one of ours is waited out.
"""

from __future__ import annotations

import tomllib
from typing import Annotated

from packaging.utils import canonicalize_name
from pydantic import Field

from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.ports import LOCK_FILE, Context, Step, wait_until
from omninode_release.phases.worktree import WorktreeOutput


class LockOutput(PhaseOutput):
    """The lock file agrees with the manifest, or there is none to agree."""

    locked: bool
    """Whether there is a lock file, which agrees now."""
    reason: Annotated[str, Field(examples=["no uv.lock is tracked"])] | None = None
    """Why nothing was locked."""
    moved: tuple[Annotated[str, Field(examples=["httpx 0.27.0 -> 0.27.2"])], ...] = ()
    """Packages other than ours and the pinned ones whose locked version changed."""

    def summary(self) -> str:
        moved = f"; also moved: {', '.join(self.moved)}" if self.moved else ""
        return (self.reason or "uv.lock resolved") + moved

    def owned_files(self) -> tuple[str, ...]:
        return (LOCK_FILE,) if self.locked else ()


OUTPUT = LockOutput


def done(step: Step, ctx: Context) -> LockOutput | None:
    del step, ctx  # spec, Idempotency Keys: always re-run
    return None


def apply(step: Step, ctx: Context) -> LockOutput:
    if not ctx.checkout.tracked(LOCK_FILE):
        return LockOutput(locked=False, reason=f"no {LOCK_FILE} is tracked")
    before = _read_base_versions(step, ctx)
    _lock(step, ctx)
    after = _read_versions(ctx.files.read(LOCK_FILE), step)
    ours = canonicalize_name(step.distribution)
    if after.get(ours) != step.new:
        raise ReleaseError(
            ErrorCode.LOCK_FAILED,
            f"expected {ours} {step.new} in {step.path}/{LOCK_FILE}, found {after.get(ours)}.",
            hint=f"look at `uv lock` in {step.path}, then omni-release --resume {step.run_id}",
        )
    expected = {ours} | {canonicalize_name(pin.distribution) for pin in step.row.pins}
    moved = tuple(
        f"{name} {before.get(name, '(new)')} -> {after.get(name, '(gone)')}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name) and name not in expected
    )
    return LockOutput(locked=True, moved=moved)


def _read_base_versions(step: Step, ctx: Context) -> dict[str, str]:
    """The versions locked before this release; restores a file that a killed uv left torn."""
    data = ctx.clone.file(step.evidence(WorktreeOutput).base_sha, LOCK_FILE)
    text = None if data is None else data.decode("utf-8", errors="replace")
    if text is not None and _is_torn(ctx.files.read(LOCK_FILE)):
        ctx.files.write(LOCK_FILE, text)
    return _read_versions(text, step)


def _is_torn(text: str | None) -> bool:
    try:
        tomllib.loads(text or "")
    except tomllib.TOMLDecodeError:
        return True
    return not text


def _lock(step: Step, ctx: Context) -> None:
    pins = {str(canonicalize_name(p.distribution)): p.version for p in step.row.pins}
    failures: list[CommandFailed] = []

    def attempt() -> bool | None:
        try:
            ctx.resolver.lock(step.path, refresh=sorted(pins))
        except CommandFailed as error:
            failures.append(error)
            if _is_not_visible_yet(error.stderr, pins):
                return None
            raise
        return True

    answer = wait_until(
        attempt,
        what=f"{step.repo}: the index to show what this run published",
        seconds=ctx.config.timeouts.lock_minutes * 60,
        ctx=ctx,
    )
    if answer is None:
        raise failures[-1]


def _is_not_visible_yet(stderr: str, pins: dict[str, str]) -> bool:
    """True when uv did not find something that this run published, by uv's own wording."""
    words = " ".join(stderr.split())
    return any(
        f"no version of {name}=={version}" in words
        or f"{name} was not found in the package registry" in words  # its first release
        for name, version in pins.items()
    )


def _read_versions(text: str | None, step: Step) -> dict[str, str]:
    try:
        packages = tomllib.loads(text or "").get("package", [])
        return {package["name"]: str(package.get("version")) for package in packages}
    except (tomllib.TOMLDecodeError, AttributeError, KeyError, TypeError) as error:
        raise ReleaseError(
            ErrorCode.LOCK_FAILED, f"expected a uv lock file in {step.path}/{LOCK_FILE}: {error}."
        ) from error
