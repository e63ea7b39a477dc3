"""Running a program that locks until the index shows what this run published."""

from __future__ import annotations

from collections.abc import Callable

from omninode_release.errors import CommandFailed
from omninode_release.phases.ports import Context, Step, wait_until


def run_until_found(
    step: Step,
    ctx: Context,
    run: Callable[[], object],
    is_missing: Callable[[CommandFailed], bool],
) -> None:
    """Run until it ends well, for as long as ``is_missing`` says that something is to come.

    Raises CommandFailed, the last one.
    """
    failures: list[CommandFailed] = []

    def attempt() -> bool | None:
        try:
            run()
        except CommandFailed as error:
            failures.append(error)
            if is_missing(error):
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
