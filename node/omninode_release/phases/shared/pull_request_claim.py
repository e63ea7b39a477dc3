"""Acting on a pull request that other runs may act on, too: claim it first, release it after."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import Note
from omninode_release.phases.ports import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.phases.ports import Context, Step


@contextmanager
def hold_claim(
    step: Step, ctx: Context, number: int, *, action: str, seconds: float
) -> Iterator[None]:
    """Hold the claim for what is done inside, however that ends.

    Waits ``seconds`` for another holder to release it, then raises MERGE_FAILED.
    """
    holder = ""

    def take_it() -> bool | None:
        nonlocal holder
        holder = ctx.claims.take(number, action) or ""
        return None if holder else True

    taken = wait_until(
        take_it,
        what=f"another run that acts on pull request {number}",
        seconds=seconds,
        step=step,
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
        _release_claim(step, ctx, number)


def _release_claim(step: Step, ctx: Context, number: int) -> None:
    """Release the claim; a failure to do so is a note, for what was claimed for is done."""
    try:
        ctx.claims.release(number)
    except ReleaseError as error:
        ctx.report(Note(f"{step.repo}: the claim was not released: {error.message}"))
