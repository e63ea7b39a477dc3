"""The files of the worktree that a release owns, and the refusal to release any other.

What commands of the configuration change joins the release commit, by name.
"""

from __future__ import annotations

import hashlib
import shlex
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import CommandFailed, ErrorCode, ProgramFailed, ReleaseError, typed_git
from omninode_release.system.presence import is_file
from omninode_release.text.manifests.manifest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from omninode_release.adapters.tool_ports import Commands
    from omninode_release.models.phase import Phase
    from omninode_release.phases.output import PhaseOutput
    from omninode_release.phases.ports import Context, Step


def list_owned_files(step: Step) -> list[str]:
    """The files this release may change, as the evidence of earlier phases names them.

    Packages of one repository are released by one commit.
    """
    owned = [path for each in step.together for path in _list_own(each)]
    return list(dict.fromkeys(owned))


def _list_own(step: Step) -> list[str]:
    named = (path for output in step.outputs.values() for path in output.owned_files())
    own = [step.place.outer(MANIFEST)] if is_file(step.home / MANIFEST) else []
    return [*own, *named]


def require_only_owned(step: Step, ctx: Context) -> None:
    """Raise WORKTREE_DIRTY when the worktree has changes in files this release does not own."""
    foreign = sorted(set(list_foreign_changes(step, ctx)))
    if foreign:
        raise ReleaseError(
            ErrorCode.WORKTREE_DIRTY,
            f"expected only this release's files to be changed in {step.path},"
            f" found {', '.join(foreign)}.",
            hint=f"{typed_git(step.path, 'add', '--', *foreign)} &&"
            f" {typed_git(step.path, 'commit', '-m', 'fix: …')} (or remove them), then"
            f" omni-release --resume {step.run_id}",
        )


def digest_file(step: Step, path: str) -> str | None:
    """What tells one content of a file of the worktree from another; None where there is none.

    A file need not be text, and may be a link.
    """
    file = step.path / path
    if file.is_symlink():
        return f"link to {file.readlink()}"
    return hashlib.sha256(file.read_bytes()).hexdigest() if is_file(file) else None


def list_foreign_changes(step: Step, ctx: Context) -> list[str]:
    owned = set(list_owned_files(step))
    return [path for path in ctx.checkout.changes() if path not in owned]


def take_back_disowned(step: Step, ctx: Context, phase: Phase, output: PhaseOutput) -> None:
    """Undo what a phase has changed before, in files that its evidence names no longer.

    A corrected setting, or another version of the tool, may have it write elsewhere.
    """
    before = step.outputs.get(phase)
    if before is not None:
        take_back(step, ctx, phase, {*before.owned_files()} - {*output.owned_files()})


def take_back(step: Step, ctx: Context, phase: Phase, paths: Collection[str]) -> None:
    """Undo what a phase has changed in these files, but for those that another one changes, too."""
    gone = {*paths}
    for each in step.together if gone else ():
        others = (
            made for key, made in each.outputs.items() if (each.repo, key) != (step.repo, phase)
        )
        gone -= {
            each.place.outer(MANIFEST),
            *(path for made in others for path in made.owned_files()),
        }
    for path in sorted(gone.intersection(ctx.checkout.changes())):
        ctx.checkout.take_back(path)


class Failure(NamedTuple):
    """What one that fails is told as."""

    code: ErrorCode
    setting: str
    """The key that names it."""


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
    except ProgramFailed as error:
        said = error.detail if isinstance(error, CommandFailed) else ""
        raise ReleaseError(
            failure.code,
            f"expected `{shlex.join(argv)}` ({failure.setting}) to end with 0 in"
            f" {step.home}, found: {error.message}",
            hint=f"mend what it says, then omni-release --resume {step.run_id}",
            detail=said,
        ) from error


def _read_changes(step: Step, ctx: Context) -> dict[str, str | None]:
    """Every changed file to a digest of what is in it; None for one that is gone."""
    return {path: digest_file(step, path) for path in ctx.checkout.changes()}
