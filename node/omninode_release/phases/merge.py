"""MERGE: the pull request squashed onto the base branch, or put through its merge queue.

Effect: the merge. Recognised by the forge saying so *and* the merge commit being on the fetched
base branch *and* carrying the new version; an exit code proves none of the three.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeVar

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.field_types import Sha
from omninode_release.phases.commit import CommitOutput
from omninode_release.phases.output import LateCommit, PhaseOutput
from omninode_release.phases.ports import WaitState, wait_for_own, wait_until
from omninode_release.phases.pull_request import PrOutput, advise_reopening
from omninode_release.phases.shared.last_look import look_unless_merged
from omninode_release.phases.shared.mergeable import find_obstacle, find_reason_to_wait
from omninode_release.phases.shared.merged_commits import find_merged_commits
from omninode_release.phases.shared.pinned_versions import wait_for_pinned
from omninode_release.phases.shared.pull_request_claim import hold_claim
from omninode_release.phases.shared.release_branch import (
    require_own_commit,
    require_planned_manifest,
)
from omninode_release.phases.shared.stale_plan import stale_error
from omninode_release.phases.shared.still_ours import require_still_ours
from omninode_release.text.forge_text import disarm

if TYPE_CHECKING:
    from collections.abc import Callable

    from omninode_release.models.forge import PullRequest
    from omninode_release.phases.ports import Context, Step

_ACTION = "merge"
_T = TypeVar("_T")


class MergeOutput(PhaseOutput):
    """The commit on the base branch that carries the new version."""

    merge_sha: Sha
    """Its id."""
    late: tuple[LateCommit, ...] = ()
    """Commits of the base branch since branching, and of the release branch by others."""
    head_sha: Sha | None = None
    """The release branch's commit that was merged; null in a state of an earlier version."""

    def summary(self) -> str:
        return f"as {self.merge_sha[:12]}"

    def find_commit(self) -> str | None:
        return self.merge_sha

    def late_commits(self) -> tuple[LateCommit, ...]:
        return self.late


OUTPUT = MergeOutput


def done(step: Step, ctx: Context) -> MergeOutput | None:
    pull = ctx.forge.pulls.view(step.evidence(PrOutput).number)
    if pull.state != "merged":
        return None
    return _prove_merge(step, ctx, pull)


def apply(step: Step, ctx: Context) -> MergeOutput:
    wait_for_pinned(step, ctx)
    seconds = ctx.config.timeouts.merge_minutes * 60
    watch = _PullRequestWatch(step, ctx, ctx.clock.monotonic() + seconds)
    with hold_claim(step, ctx, watch.number, action=_ACTION, seconds=seconds):
        return _merge(step, ctx, watch)


def find_merge(step: Step, ctx: Context) -> str | None:
    """The merge commit of the run, recorded or not yet. Raises PLAN_STALE for another's."""
    recorded, commit = step.recorded(MergeOutput), step.recorded(CommitOutput)
    if recorded is not None:
        return recorded.merge_sha
    pull = ctx.forge.pulls.find(step.branch, step.base) if commit is not None else None
    if pull is None or pull.state != "merged" or pull.number in step.withdrawn:
        return None
    require_own_commit(step, ctx, pull.head_sha)
    return pull.merge_sha


def _merge(step: Step, ctx: Context, watch: _PullRequestWatch) -> MergeOutput:
    while True:
        tip = ctx.clone.fetched_sha(step.base)
        ready = watch.until_ready()
        if ready.state == "merged" or ready.queue == "entered":
            break
        # The last look before the one thing that cannot be taken back: what is merged is the very
        # head that was looked at.
        others = look_unless_merged(step, ctx, ready)
        if others is None:
            break
        late = (f"Late-Commit: {disarm(each.words)}" for each in others)
        body = "\n".join([step.trailers, *late])
        subject = f"{step.subject} (#{ready.number})"
        try:
            ctx.forge.pulls.merge(ready.number, head_sha=ready.head_sha, subject=subject, body=body)
        except ReleaseError:
            now = ctx.forge.pulls.view(ready.number)
            if now.state == "open" and watch.left > 0 and _has_changed(step, ctx, ready, now, tip):
                continue
            if now.state != "merged":
                raise
        break
    return watch.until_merged(queued=ready.queue != "none")


def _has_changed(
    step: Step, ctx: Context, ready: PullRequest, now: PullRequest, tip: str | None
) -> bool:
    """True where what arrived is to be judged, and its checks are to be waited for.

    Where the base branch has left ``tip``, the forge works out anew what merges, and refuses
    meanwhile.
    """
    if now.head_sha != ready.head_sha or find_reason_to_wait(now, step.base):
        return True
    return tip != ctx.clone.fetch(step.base)


@dataclass
class _PullRequestWatch:
    """Waits for one pull request, and remembers what it saw between two looks at it."""

    step: Step
    ctx: Context
    deadline: float
    why: str = ""
    """What the pull request waited for at the last look."""
    since: dict[str, float] = field(default_factory=dict)
    """When it was first seen what may pass by itself."""
    updated: set[str] = field(default_factory=set)
    """Head commits the base branch was merged into."""
    without_entry_since: float | None = None
    """A queue's entry is gone a moment before the forge says merged."""

    @property
    def number(self) -> int:
        return self.step.evidence(PrOutput).number

    def until_ready(self) -> PullRequest:
        """The pull request once it can be merged, or has been: by a person, or before a crash."""
        ready = self._wait(self._find_ready, what=f"the checks of pull request {self.number}")
        if ready is None:
            minutes = self.ctx.config.timeouts.merge_minutes
            raise _merge_error(
                self.step,
                f"after {minutes:g} minutes {self.why or 'it could not be merged yet'}",
                remedy=f"see {self.url} for what is missing",
            )
        return ready

    def until_merged(self, *, queued: bool) -> MergeOutput:
        merged = self._wait(
            lambda: self._find_merged(queued=queued),
            what=f"the merge of pull request {self.number}",
        )
        if merged is None:
            why = f"the forge took the merge and did not carry it out in time: {self.why}"
            raise _merge_error(self.step, why, remedy=f"see {self.url}")
        return merged

    def _wait(self, probe: Callable[[], _T | None], *, what: str) -> _T | None:
        return wait_until(
            probe,
            what=what,
            seconds=self.left,
            step=self.step,
            ctx=self.ctx,
            find_state=lambda: WaitState(self.why, self.url),
        )

    def _find_ready(self) -> PullRequest | None:
        self.ctx.claims.keep(self.number, _ACTION)
        pull = self.ctx.forge.pulls.view(self.number)
        if pull.state == "merged" or pull.queue == "entered":
            return pull
        if pull.state == "closed":
            raise self._closed_error("it is closed")
        stopped = find_obstacle(pull, self.step.base)
        if stopped is not None and (not stopped.may_pass or self._has_lasted(stopped.why)):
            if pull.base != self.step.base:  # a branch that is renamed takes it along
                require_still_ours(self.step, self.ctx)
            raise _merge_error(self.step, stopped.why, remedy=stopped.remedy, detail=stopped.detail)
        if pull.behind and pull.head_sha not in self.updated:
            self.updated.add(pull.head_sha)
            if look_unless_merged(self.step, self.ctx, pull) is None:
                return self.ctx.forge.pulls.view(self.number)
            self.ctx.forge.pulls.update_branch(self.number, head_sha=pull.head_sha)
        why = stopped.why if stopped else find_reason_to_wait(pull, self.step.base)
        why = why or self._explain_no_checks(pull)
        self.why = why or self.why
        return pull if why is None else None

    def _explain_no_checks(self, pull: PullRequest) -> str | None:
        """Checks begin some seconds after a push; until then, late looks the same as never."""
        if pull.checks_reported:
            return None
        return None if self._has_lasted(pull.head_sha) else "no check has reported yet"

    def _has_lasted(self, what: str) -> bool:
        """True when it was first seen so long ago that checks had time to begin since."""
        now = self.ctx.clock.monotonic()
        since = self.since.setdefault(what, now)
        return now - since >= self.ctx.config.timeouts.checks_grace_seconds

    def _find_merged(self, *, queued: bool) -> MergeOutput | None:
        self.ctx.claims.keep(self.number, _ACTION)
        pull = self.ctx.forge.pulls.view(self.number)
        if pull.state == "merged":
            return _prove_merge(self.step, self.ctx, pull)
        if pull.state == "closed":
            raise self._closed_error("it was closed unmerged")
        self.why = f"it is {'in the merge queue' if pull.queue == 'entered' else 'open'}"
        if queued and self._is_put_out(pull):
            said = f" ({pull.put_out})" if pull.put_out else ""
            why = f"the merge queue put it out again{said}"
            raise _merge_error(self.step, why, remedy=f"see {pull.url}")
        return None

    def _closed_error(self, why: str) -> ReleaseError:
        return _merge_error(self.step, why, remedy=advise_reopening(self.step, self.ctx, self.url))

    def _is_put_out(self, pull: PullRequest) -> bool:
        """True when the queue has no entry of it, and had time to say that it is merged."""
        now = self.ctx.clock.monotonic()
        if pull.queue == "entered":
            self.without_entry_since = None
            return False
        if self.without_entry_since is None:
            self.without_entry_since = now
        return now - self.without_entry_since >= self.ctx.config.timeouts.own_grace_seconds

    @property
    def url(self) -> str:
        return self.step.evidence(PrOutput).url

    @property
    def left(self) -> float:
        """How many seconds are left to merge it."""
        return self.deadline - self.ctx.clock.monotonic()


def _prove_merge(step: Step, ctx: Context, pull: PullRequest) -> MergeOutput:
    if pull.base != step.base:
        raise stale_error(
            step, f"expected {pull.url} to be merged into {step.base}, found it in {pull.base}."
        )
    sha = pull.merge_sha
    if sha is None or not _is_fetched(step, ctx, sha):
        raise _merge_error(
            step,
            f"the forge says merged, but {sha or 'what it made'} is not on {step.base}",
            remedy=f"see what became of {step.base}",
        )
    require_planned_manifest(step, ctx, sha, of=sha)
    late = find_merged_commits(step, ctx, sha, pull.head_sha).late
    return MergeOutput(merge_sha=sha, head_sha=pull.head_sha, late=late)


def _is_fetched(step: Step, ctx: Context, sha: str) -> bool:
    """True once the base branch contains the merge: another server of the forge may not know it."""

    def look() -> Literal[True] | None:
        tip = ctx.clone.fetch(step.base)
        return True if ctx.clone.is_ancestor(sha, tip) else None

    what = f"{sha[:12]}, which the forge says is merged, on {step.base}"
    return wait_for_own(look, what=what, step=step, ctx=ctx) is not None


def _merge_error(step: Step, why: str, *, remedy: str = "", detail: str = "") -> ReleaseError:
    url = step.evidence(PrOutput).url
    mend = f"mend it on branch {step.branch} (worktree {step.path}) and commit there"
    return ReleaseError(
        ErrorCode.MERGE_FAILED,
        f"expected {url} to merge into {step.base}, but {why}.",
        hint=f"{remedy or mend}, then omni-release --resume {step.run_id}",
        detail=detail,
    )
