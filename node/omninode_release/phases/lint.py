"""LINT: the repository's hooks pass over all of its files, by pre-commit or what else runs them.

Effect: none outward; always run again. Hooks that fail because they tidied files of this release
are run once more and must then pass, with version, pins, changelog entry and locks kept; anything
else is for a person.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from omninode_release.errors import ErrorCode, ReleaseError, typed_git
from omninode_release.models.field_types import RepoFile
from omninode_release.phases import changelog, lock
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.pin import require_kept
from omninode_release.phases.shared.owned_files import (
    digest_file,
    list_foreign_changes,
    list_owned_files,
    require_only_owned,
)
from omninode_release.text.hook_output import keep_failed
from omninode_release.text.locks.choice import UV_LOCK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.adapters.tool_ports import HookRun
    from omninode_release.phases.ports import Context, Step


class HooksFailed(ReleaseError):
    """A hook has found something: a commit on the release's branch can mend it."""


class LintOutput(PhaseOutput):
    """Every hook passed, or there is no hook to pass."""

    ran: bool
    """Whether there are hooks, all of which passed."""
    reason: Annotated[str, Field(examples=["no .pre-commit-config.yaml"])] | None = None
    """Why no hook ran."""
    rewritten: tuple[RepoFile, ...] = ()
    """Files of this release that hooks rewrote before they passed."""

    def summary(self) -> str:
        tidied = f"; hooks tidied {', '.join(self.rewritten)}" if self.rewritten else ""
        return (self.reason or "every hook passed") + tidied


OUTPUT = LintOutput


def done(step: Step, ctx: Context) -> LintOutput | None:
    del step, ctx  # spec, Idempotency Keys: always re-run
    return None


def apply(step: Step, ctx: Context) -> LintOutput:
    require_only_owned(step, ctx)
    needed = ctx.hooks.configurations
    if not ctx.hooks.name:
        return LintOutput(ran=False, reason="hooks: none")
    first = step.together[0].repo
    if first != step.repo and ctx.config.hooks_for(first) == ctx.config.hooks_for(step.repo):
        return LintOutput(ran=False, reason=f"it ran with {first}, in the same worktree")
    whole = ctx.files.inside("")
    if needed and not any(whole.exists(path) for path in needed):
        return LintOutput(ran=False, reason=f"no {needed[0]}")
    recorded = step.recorded(LintOutput)
    earlier = recorded.rewritten if recorded else ()  # tidied already, so nothing is rewritten now
    before = _digest_owned(step)
    run = ctx.hooks.run_all(step.path)
    rewritten = tuple(path for path, now in _digest_owned(step).items() if now != before[path])
    if not run.passed and rewritten and not list_foreign_changes(step, ctx):
        run = ctx.hooks.run_all(step.path)
    if not run.passed:
        raise _hooks_error(step, ctx, run)
    by, mend = f"every {_name_hook(ctx)}", f"mend the hook on branch {step.branch}, {_commit(step)}"
    for each in step.together if rewritten else ():
        beside = ctx.beside(each)
        require_kept(each, beside, by, ErrorCode.LINT_FAILED, mend=mend)
        lost = [
            *_find_lost_entry(each, beside, rewritten),
            *_find_lost_locks(each, beside, rewritten),
        ]
        if lost:
            raise ReleaseError(
                ErrorCode.LINT_FAILED,
                f"expected {by} to keep what this release wrote in {step.path}, found"
                f" {' and '.join(lost)}.",
                hint=f"{mend}, then omni-release --resume {step.run_id}",
            )
    return LintOutput(ran=True, rewritten=tuple(dict.fromkeys((*earlier, *rewritten))))


def _find_lost_entry(step: Step, ctx: Context, rewritten: Sequence[str]) -> Iterator[str]:
    recorded = step.recorded(changelog.OUTPUT)
    if recorded and recorded.path in rewritten and changelog.done(step, ctx) is None:
        yield f"{recorded.path} without the entry of {step.new}"


def _find_lost_locks(step: Step, ctx: Context, rewritten: Sequence[str]) -> Iterator[str]:
    """A uv.lock that uv does not take as hooks left it; uv rewrites no other.

    What other programs lock may have been tidied, and they would write it as before.
    """
    recorded = step.recorded(lock.OUTPUT)
    owned = recorded.owned_files() if recorded else ()
    left = {
        path: digest_file(step, path)
        for path in owned
        if path in rewritten and PurePosixPath(path).name == UV_LOCK
    }
    if left:
        lock.apply(step, ctx)
    for path, digest in left.items():
        if digest_file(step, path) != digest:
            yield f"{path} without what was locked"


def _digest_owned(step: Step) -> dict[str, str | None]:
    return {path: digest_file(step, path) for path in list_owned_files(step)}


def _name_hook(ctx: Context) -> str:
    return "pre-commit hook" if ctx.hooks.name == "pre-commit" else f"hook of {ctx.hooks.name}"


def _hooks_error(step: Step, ctx: Context, run: HookRun) -> ReleaseError:
    names = ", ".join(run.failed) or f"{ctx.hooks.name} itself"
    foreign = list_foreign_changes(step, ctx)
    rewrote = (
        f"; it rewrote {', '.join(foreign)}, which this release does not own" if foreign else ""
    )
    # Where no hook failed, the network or the configuration did: there may be nothing to commit.
    fix = (
        f"fix it there on branch {step.branch}, {_commit(step)}"
        if run.failed
        else f"mend what the output names; on branch {step.branch} {_commit(step)}"
    )
    # Where what runs them failed itself, none of them has judged the release.
    kind = HooksFailed if run.failed or not ctx.hooks.configurations else ReleaseError
    return kind(
        ErrorCode.LINT_FAILED,
        f"expected every {_name_hook(ctx)} to pass in {step.path}, found {names} failing{rewrote}.",
        hint=f"{fix}, then omni-release --resume {step.run_id}",
        detail="\n".join(keep_failed(run.output)[-30:]),
    )


def _commit(step: Step) -> str:
    # Named files: a bare commit takes nothing along, and -a what the run itself has changed.
    commit = typed_git(step.path, "commit", "-m", "fix: …", "--", "FILES")
    return f"commit the fix with {commit}"
