"""Commands of the configuration: what they change joins the release commit, by name."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import CommandFailed, ReleaseError, TimedOut
from omninode_release.phases.shared.owned_files import digest_file, list_owned_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.adapters.tool_ports import Commands
    from omninode_release.errors import ErrorCode
    from omninode_release.phases.ports import Context, Step


class Failure(NamedTuple):
    """What one that fails is told as."""

    code: ErrorCode
    setting: str
    """The key that names it, per repository."""


def run_commands(
    step: Step,
    ctx: Context,
    runner: Commands,
    commands: Sequence[Sequence[str]],
    *,
    known: Sequence[str] | None,
    failure: Failure,
) -> tuple[str, ...]:
    """Run them in order; the files they changed. Raises ``failure``.

    ``known`` is what an earlier time was recorded to have changed. Without a record the worktree is
    new, or holds what a killed or failed time left: all of that is theirs. With one, a file that
    they do not change now may be a person's, and LINT refuses it.
    """
    before = {} if known is None else _read_changes(step, ctx)
    for argv in commands:
        _run(step, runner, argv, failure)
    after = _read_changes(step, ctx)
    changed = {path for path, now in after.items() if path not in before or before[path] != now}
    changed |= {path for path in known or () if path in after}
    others = {*list_owned_files(step)} - {*(known or ())}
    return tuple(sorted(changed - others))


def _run(step: Step, runner: Commands, argv: Sequence[str], failure: Failure) -> None:
    try:
        runner.run_in(step.home, argv)
    except (CommandFailed, TimedOut) as error:
        said = error.detail if isinstance(error, CommandFailed) else ""
        raise ReleaseError(
            failure.code,
            f"expected `{shlex.join(argv)}` ({failure.setting}.{step.repo}) to end with 0 in"
            f" {step.home}, found: {error.message}",
            hint=f"mend what it says, then omni-release --resume {step.run_id}",
            detail=said,
        ) from error


def _read_changes(step: Step, ctx: Context) -> dict[str, str | None]:
    """Every changed file to a digest of what is in it; None for one that is gone."""
    return {each.path: digest_file(step, each.path) for each in ctx.checkout.changes()}
