"""LINT: the repository's hooks pass over all of its files, by pre-commit or what else runs them.

Effect: none outward; always run again. Hooks that fail because they tidied files of this release
are run once more and must then pass, with version, pins, changelog entry and locks kept, and with
a manifest that means the same; anything else is for a person. Where there are no hooks, the
manifest is held to that, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

from packaging.utils import canonicalize_name
from pydantic import Field

from omninode_release.errors import ErrorCode, ReleaseError, typed_git
from omninode_release.models.field_types import RepoFile
from omninode_release.phases import lock
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.pin import PinOutput, Refusal, require_kept
from omninode_release.phases.shared.kept_files import find_lost_entry, list_locks, name_lock
from omninode_release.phases.shared.owned_files import (
    digest_file,
    list_foreign_changes,
    list_owned_files,
    require_only_owned,
)
from omninode_release.text.hook_output import explain_hooks, keep_failed
from omninode_release.text.locks.any_lock import is_same_lock, read_lock
from omninode_release.text.manifests.manifest import MANIFEST
from omninode_release.text.manifests.meaning import read_meaning, read_meaning_or_fault

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from omninode_release.adapters.tool_ports import HookRun
    from omninode_release.phases.ports import Context, Step
    from omninode_release.text.manifests.meaning import Fact


class HooksFailed(ReleaseError):
    """Hooks have found something, or what runs them did not get that far."""

    def __init__(self, message: str, *, hint: str, run: HookRun, is_judgement: bool) -> None:
        detail = "\n".join(keep_failed(run.output)[-_SHOWN_LINES:])
        super().__init__(ErrorCode.LINT_FAILED, message, hint=hint, detail=detail)
        self.hooks = run.failed
        self.reason = explain_hooks(run.output)
        """What was said, in one line."""
        self.is_judgement = is_judgement
        """True where a hook has found something: a commit on the release's branch can mend it."""


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
_Locks: TypeAlias = dict[str, str | None]
"""Path to text."""
_SHOWN_LINES = 30
_LOCKED_FROM = (MANIFEST, "setup.cfg", "setup.py")
"""What a lock may be made from beside lists of requirements."""


def done(step: Step, ctx: Context) -> LintOutput | None:
    del step, ctx  # spec, Idempotency Keys: always re-run
    return None


def find_no_hooks(step: Step, ctx: Context) -> str | None:
    """Why nothing is run over the worktree for this step; None where something is."""
    needed = ctx.hooks.configurations
    if not ctx.hooks.name:
        return "hooks: none"
    first = step.together[0].repo
    if first != step.repo and ctx.config.hooks_for(first) == ctx.config.hooks_for(step.repo):
        return f"it ran with {first}, in the same worktree"
    whole = ctx.files.inside("")
    if needed and not any(whole.exists(path) for path in needed):
        return f"no {needed[0]}"
    return None


def apply(step: Step, ctx: Context) -> LintOutput:
    require_only_owned(step, ctx)
    reason = find_no_hooks(step, ctx)
    if reason is not None:
        by = Refusal(ErrorCode.LINT_FAILED, "the steps before LINT", "find what takes it back")
        require_kept(step, ctx, by, read_meaning_or_fault(ctx.files.read))
        return LintOutput(ran=False, reason=reason)
    recorded = step.recorded(LintOutput)
    earlier = recorded.rewritten if recorded else ()  # tidied already, so nothing is rewritten now
    before = _digest_owned(step)
    locks = [_read_locks(each, ctx.beside(each)) for each in step.together]
    meant = [read_meaning(ctx.beside(each).files.read) for each in step.together]
    run = ctx.hooks.run_all(step.path)
    rewritten = tuple(path for path, now in _digest_owned(step).items() if now != before[path])
    if not run.passed and rewritten and not list_foreign_changes(step, ctx):
        run = ctx.hooks.run_all(step.path)
    if not run.passed:
        raise _hooks_error(step, ctx, run)
    for each, was_locked, was_meant in zip(step.together, locks, meant, strict=True):
        _require_kept(each, ctx.beside(each), was_locked, was_meant)
        _require_fitting_locks(each, ctx.beside(each), rewritten)
    return LintOutput(ran=True, rewritten=tuple(dict.fromkeys((*earlier, *rewritten))))


def _require_kept(step: Step, ctx: Context, locks: _Locks, meant: Collection[Fact]) -> None:
    """Raise LINT_FAILED where hooks took back what this release wrote; they may tidy it."""
    by, mend = f"every {_name_hook(ctx)}", _mend(step)
    require_kept(step, ctx, Refusal(ErrorCode.LINT_FAILED, by, mend), meant)
    lost = [*find_lost_entry(step, ctx), *_find_lost_locks(step, ctx, locks)]
    if lost:
        raise ReleaseError(
            ErrorCode.LINT_FAILED,
            f"expected {by} to keep what this release wrote in {step.path}, found"
            f" {', '.join(lost)}.",
            hint=f"{mend}, then omni-release --resume {step.run_id}",
        )


def _require_fitting_locks(step: Step, ctx: Context, rewritten: Collection[str]) -> None:
    """Raise LINT_FAILED where LOCK makes others of what hooks left, LOCK_FAILED where it cannot."""
    setting, whole = ctx.config.lock_for(step.repo), ctx.files.inside("")
    by_command = setting is not None and not isinstance(setting, str)  # with options of its own
    left = _read_locks(step, ctx)
    read = {*left, *step.outer(_LOCKED_FROM), *_list_pinned_files(step)}
    if by_command or not left or read.isdisjoint(rewritten):
        return
    lock.apply(step, ctx)
    for path, text in left.items():
        if not is_same_lock(name_lock(step, path), text, whole.read(path)):
            raise ReleaseError(
                ErrorCode.LINT_FAILED,
                f"expected every {_name_hook(ctx)} to leave {path} and {MANIFEST} in {step.path} as"
                " they fit each other, found that the lock is another once it is made anew.",
                hint=f"{_mend(step)}, then omni-release --resume {step.run_id}",
            )
        whole.write(path, text or "")  # as hooks lay it out


def _list_pinned_files(step: Step) -> tuple[str, ...]:
    recorded = step.recorded(PinOutput)
    return recorded.owned_files() if recorded else ()


def _find_lost_locks(step: Step, ctx: Context, before: _Locks) -> Iterator[str]:
    """What is locked otherwise than before the hooks, of this package and of its pins."""
    names = (step.distribution, *(pin.distribution for pin in step.row.pins))
    now = _read_locks(step, ctx)
    for path, text in before.items():
        kind = name_lock(step, path)
        if now[path] == text:
            continue
        left, wanted = read_lock(kind, now[path], path), read_lock(kind, text, path)
        for name in map(str, map(canonicalize_name, names)):
            if left.get(name) != wanted.get(name):
                yield f"{name} {left.get(name, 'missing')} in {path}, not {wanted.get(name)}"


def _read_locks(step: Step, ctx: Context) -> _Locks:
    whole = ctx.files.inside("")
    return {path: whole.read(path) for path in list_locks(step)}


def _digest_owned(step: Step) -> dict[str, str | None]:
    return {path: digest_file(step, path) for path in list_owned_files(step)}


def _name_hook(ctx: Context) -> str:
    return "pre-commit hook" if ctx.hooks.name == "pre-commit" else f"hook of {ctx.hooks.name}"


def _hooks_error(step: Step, ctx: Context, run: HookRun) -> HooksFailed:
    own_command = not ctx.hooks.configurations
    names = "it" if own_command else ", ".join(run.failed) or f"{ctx.hooks.name} itself"
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
    return HooksFailed(
        f"expected every {_name_hook(ctx)} to pass in {step.path}, found {names} failing{rewrote}.",
        hint=f"{fix}, then omni-release --resume {step.run_id}",
        run=run,
        is_judgement=own_command or bool(run.failed),
    )


def _mend(step: Step) -> str:
    return f"mend the hook on branch {step.branch}, {_commit(step)}"


def _commit(step: Step) -> str:
    # Named files: a bare commit takes nothing along, and -a what the run itself has changed.
    commit = typed_git(step.path, "commit", "-m", "fix: …", "--", "FILES")
    return f"commit the fix with {commit}"
