"""Acting on a pull request that others may act on, too: claim it first, let go of it after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import Note
from omninode_release.phases.ports import Context, Step, wait_until


@contextmanager
def claimed(
    step: Step, ctx: Context, number: int, *, action: str, seconds: float
) -> Iterator[None]:
    """Hold the claim for what is done inside, however that ends.

    Waits ``seconds`` for somebody else to let go, then raises MERGE_FAILED.
    """
    holder = ""

    def ours() -> bool | None:
        nonlocal holder
        holder = ctx.claims.take(number, action) or ""
        return None if holder else True

    taken = wait_until(
        ours,
        what=f"{step.repo}: whoever acts on pull request {number}",
        seconds=seconds,
        ctx=ctx,
    )
    if taken is None:
        raise ReleaseError(
            ErrorCode.MERGE_FAILED,
            f"expected to be alone with pull request {number} of {step.repo} within"
            f" {seconds / 60:g} minutes, found it claimed by {holder}.",
            hint=f"wait for that to end, or end it, then omni-release --resume {step.run_id}",
        )
    try:
        yield
    finally:
        _let_go(step, ctx, number)


def _let_go(step: Step, ctx: Context, number: int) -> None:
    """Release; that it cannot be done is no failure of what was done."""
    try:
        ctx.claims.release(number)
    except ReleaseError as error:
        ctx.report(Note(f"{step.repo}: the claim was not released: {error.message}"))
