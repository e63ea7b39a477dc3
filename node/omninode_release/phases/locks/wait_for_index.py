"""Running a program that locks until the index shows what this run published."""

from __future__ import annotations

from posixpath import relpath
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError
from omninode_release.phases.ports import wait_until
from omninode_release.text.manifests.manifest import MANIFEST
from omninode_release.text.versions.version import write_pre_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from omninode_release.models.lock import LockName
    from omninode_release.models.plan import PlannedPin
    from omninode_release.phases.ports import Context, Step


def run_until_found(
    step: Step,
    ctx: Context,
    run: Callable[[], object],
    is_missing: Callable[[str, str, str], bool],
    *,
    lock: LockName,
) -> None:
    """Run until it ends well, for as long as something is to come that this run has published.

    ``is_missing`` answers that of what the program printed, a name and a version. Raises
    CommandFailed, the last one, and LOCK_FAILED for what is published only after this lock is made.
    """
    failures: list[CommandFailed] = []

    def attempt() -> bool | None:
        try:
            run()
        except CommandFailed as error:
            failures.append(error)
            for pin in step.row.pins:
                if is_missing(error.stderr, str(canonicalize_name(pin.distribution)), pin.version):
                    if pin.together:
                        raise _too_early(step, ctx, pin, error, lock) from error
                    return None
            # What is pinned may require what the index shows late.
            if any(is_missing(error.stderr, *each) for each in step.released.items()):
                return None
            raise
        return True

    answer = wait_until(
        attempt,
        what="the index to show what this run published",
        seconds=ctx.config.timeouts.lock_minutes * 60,
        step=step,
        ctx=ctx,
    )
    if answer is None:
        raise failures[-1]


def _too_early(
    step: Step, ctx: Context, pin: PlannedPin, error: CommandFailed, lock: LockName
) -> ReleaseError:
    """Packages of one repository are published after their locks are merged, not before."""
    folder = relpath(ctx.config.place_of(pin.repo).folder or ".", step.place.folder or ".")
    otherwise = (
        f'write {pin.distribution} = {{ path = "{folder}" }} under [tool.uv.sources] of'
        f" {step.home}/{MANIFEST}, which is not published and takes nothing from its pin"
        if lock == "uv"
        else f"write lock_of: {{{step.repo}: none}} into the release configuration, and lock"
        f" {step.repo} by hand once both are out"
    )
    return ReleaseError(
        ErrorCode.LOCK_FAILED,
        f"expected the lock of {step.home} to take {pin.distribution} {pin.version} from its folder"
        " of the same repository, found that it takes it from an index, which has it only once"
        " both are merged.",
        hint=f"{_say_apart(step, ctx, pin)}{otherwise}",
        detail=error.detail,
    )


def _say_apart(step: Step, ctx: Context, pin: PlannedPin) -> str:
    """The two runs that release them one after the other; what is in lockstep takes one."""
    if ctx.config.pin_rule(step.repo, pin.repo) == "lockstep":
        return ""
    pre = write_pre_option(step.new)
    return f"omni-release {pin.repo}{pre}, and when that is out omni-release {step.repo}{pre}; or "
