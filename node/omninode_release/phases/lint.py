"""LINT: the repository's hooks pass over all of its files, by pre-commit or what else runs them.

Effect: none outward; always run again. Hooks that fail because they tidied files of this release
are run once more and must then pass; anything else is for a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from omninode_release.errors import ErrorCode, ReleaseError, split_lines, typed_git
from omninode_release.models.field_types import RepoFile
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.shared.owned_files import (
    digest_file,
    list_foreign_changes,
    list_owned_files,
    require_only_owned,
)

if TYPE_CHECKING:
    from omninode_release.adapters.tool_ports import HookRun
    from omninode_release.phases.ports import Context, Step


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
    if run.passed:
        return LintOutput(ran=True, rewritten=earlier)
    rewritten = tuple(path for path, now in _digest_owned(step).items() if now != before[path])
    if not rewritten or list_foreign_changes(step, ctx):
        raise _hooks_error(step, ctx, run)
    again = ctx.hooks.run_all(step.path)
    if not again.passed:
        raise _hooks_error(step, ctx, again)
    return LintOutput(ran=True, rewritten=tuple(dict.fromkeys((*earlier, *rewritten))))


def _digest_owned(step: Step) -> dict[str, str | None]:
    return {path: digest_file(step, path) for path in list_owned_files(step)}


def _hooks_error(step: Step, ctx: Context, run: HookRun) -> ReleaseError:
    names = ", ".join(run.failed) or f"{ctx.hooks.name} itself"
    hooks = "pre-commit hook" if ctx.hooks.name == "pre-commit" else f"hook of {ctx.hooks.name}"
    foreign = list_foreign_changes(step, ctx)
    rewrote = (
        f"; it rewrote {', '.join(foreign)}, which this release does not own" if foreign else ""
    )
    # Where no hook failed, the network or the configuration did: there may be nothing to commit.
    fix = (
        f"fix it there on branch {step.branch}, commit the fix with"
        if run.failed
        else f"mend what the output names; commit a fix on branch {step.branch} with"
    )
    return ReleaseError(
        ErrorCode.LINT_FAILED,
        f"expected every {hooks} to pass in {step.path}, found {names} failing{rewrote}.",
        # Named files: a bare commit takes nothing along, and -a what the run itself has changed.
        hint=f"{fix} {typed_git(step.path, 'commit', '-m', 'fix: …', '--', 'FILES')}, then"
        f" omni-release --resume {step.run_id}",
        detail="\n".join(split_lines(run.output)[-30:]),
    )
