"""Whether what a release pins can be installed: it cannot be taken back, and nothing may follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.forge import Availability
from omninode_release.phases.ports import WaitState, wait_until

if TYPE_CHECKING:
    from omninode_release.models.plan import PlannedPin
    from omninode_release.phases.ports import Context, Step


def wait_for_pinned(step: Step, ctx: Context) -> None:
    """Wait until the index offers every version that the release requires and this run published.

    ``--skip-pypi-wait`` goes on without the version itself, and not with what requires it. Raises
    PYPI_TIMEOUT, which the phase ends with under a code of its own.
    """
    # Of a package in the same repository the files come after the merge.
    for pin in step.row.pins:
        if not pin.together:
            _wait_for(step, ctx, pin)


def _wait_for(step: Step, ctx: Context, pin: PlannedPin) -> None:
    expect, answer = ctx.config.publish_for(pin.repo).expect, Availability("unknown")
    wanted = f"{pin.distribution} {pin.version}, which {step.repo} {step.new} requires,"

    def look() -> Literal[True] | None:
        nonlocal answer
        answer = ctx.index.look(pin.distribution, pin.version, expect=expect)
        refuse_withdrawn(step, answer, wanted=wanted)
        return True if answer.state == "available" else None

    there = wait_until(
        look,
        what=f"{pin.distribution} {pin.version}, which {step.repo} requires, on the package index",
        seconds=ctx.wait_minutes * 60,
        step=step,
        ctx=ctx,
        find_state=lambda: WaitState(answer.words),
    )
    if there is None:
        raise ReleaseError(
            ErrorCode.PYPI_TIMEOUT,
            f"expected {wanted} on the package index within {ctx.wait_minutes:g} minutes, found it"
            f" {answer.words}.",
            hint=f"look at the workflow run of {pin.repo}, then omni-release --resume"
            f" {step.run_id}",
        )


def refuse_withdrawn(step: Step, answer: Availability, *, wanted: str) -> None:
    """Raise PUBLISH_FAILED where every file of ``wanted`` is yanked."""
    if not answer.withdrawn:
        return
    raise ReleaseError(
        ErrorCode.PUBLISH_FAILED,
        f"expected {wanted} on the package index, found it {answer.words}.",
        hint=f"take the yank back on the index, then omni-release --resume {step.run_id}; or"
        f" omni-release abandon {step.run_id}, and a fresh run releases what is above it",
    )
