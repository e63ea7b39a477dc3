"""What a person sees: the plan, one line per event, the end of a run, the list of runs.

Everything shown is plain text and every foreign word in it (commit subjects above all) loses its
control characters first: a subject must not move the cursor of the person who approves a release.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from omninode_release.errors import ErrorCode, ReleaseError, typed
from omninode_release.events import (
    Event,
    GatePassed,
    Note,
    PlanReady,
    Rehearsing,
    RepoDone,
    RepoStarted,
    StepDone,
    StepFailed,
    StepStarted,
    Verified,
    Waiting,
)
from omninode_release.models.check import Check
from omninode_release.models.phase import PhaseState
from omninode_release.models.plan import Plan, PlanStatus, RepoPlan, short_hash
from omninode_release.models.result import ModelSkillResult, ResultDetail, ResultStatus
from omninode_release.models.state import RunState
from omninode_release.text.control_characters import plain
from omninode_release.text.durations import write_duration
from omninode_release.text.pin_lines import describe_pins
from omninode_release.text.verification_line import describe_verification

_SHOW_SECONDS_FROM = 1.0
_SHOW_ALIKE = 5


@dataclass
class Console:
    """Prints events as lines."""

    out: TextIO
    verbose: bool = False

    def __call__(self, event: Event) -> None:
        for line in render_event(event, verbose=self.verbose):
            print(line, file=self.out, flush=True)

    def command(self, argv: Sequence[str], cwd: Path) -> None:
        """Show a program about to be run, as a person would type it."""
        # One write: a scan asks several repositories at once.
        self.out.write(f"  $ (cd {shlex.quote(str(cwd))} && {plain(typed(argv))})\n")
        self.out.flush()


def render_event(event: Event, *, verbose: bool = False) -> Iterator[str]:  # noqa: C901 - one case each
    """An event as a person reads it; some are told only when asked for."""
    match event:
        case PlanReady(plan=plan):
            yield from render_plan(plan)
        case Rehearsing():
            yield f"Rehearsing {event.number} of {event.of}: {event.repo}: lock, build"
        case GatePassed():
            yield ""
            yield f"Gate: approved by {plain(event.by)}, plan {short_hash(event.plan_hash)}"
        case RepoStarted():
            yield ""
            yield (
                f"[{event.number}/{event.of}] {event.repo}"
                f" {event.old_version} → {event.new_version}"
            )
        case StepStarted():
            if verbose:
                yield f"  {event.phase:<10} …"
        case StepDone():
            yield _render_step(event)
        case StepFailed():
            yield f"  {event.phase:<10} FAILED {event.error.code}"
        case RepoDone():
            what = "is released" if event.published else "is tagged; not on the index yet"
            yield f"  {'DONE':<10} {event.repo} {event.new_version} {what}"
        case Verified():
            python = f"  (Python {event.python})" if event.python else ""
            took = _describe_seconds(event.seconds)
            yield ""
            yield f"{plain(describe_verification(event.found))}{python}{took}"
        case Waiting():
            left = write_duration(event.seconds_left)
            yield f"  waiting for {plain(event.what)} ({left} left)"
        case Note():
            yield f"note: {plain(event.text)}"


def _render_step(event: StepDone) -> str:
    already = "  (already there)" if event.already else ""
    took = _describe_seconds(event.seconds)
    return f"  {event.phase:<10} {plain(event.summary)}{already}{took}"


def _describe_seconds(seconds: float) -> str:
    return f"  ({seconds:.0f} s)" if seconds >= _SHOW_SECONDS_FROM else ""


def render_plan(plan: Plan) -> Iterator[str]:
    """The plan table and what a reader needs below it."""
    rows = [
        (
            row.repo,
            str(row.tier),
            row.current or "?",
            row.new or "-",
            str(row.bump or "-"),
            str(row.commits),
            _describe_status(row),
        )
        for row in plan.entries
    ]
    yield f"Release plan {plan.run_id}"
    yield ""
    header = ("repo", "tier", "current", "new", "bump", "commits", "status")
    yield from render_table(header, rows, right={"commits"})
    yield from _render_section(
        "Decided by", (_describe_decision(row) for row in plan.entries if row.bump)
    )
    yield from _render_section(
        "Pins",
        (f"{row.repo}: {plain(describe_pins(row))}" for row in plan.entries if row.pins),
    )
    yield from _render_section(
        "Cannot be released",
        (f"{row.error_code} {row.repo}: {plain(row.error or '')}" for row in plan.errors),
    )
    skipped = [row.repo for row in plan.entries if row.status is PlanStatus.SKIP]
    yield from _render_section("Nothing to release", skipped)
    yield from _render_section("Warnings", (plain(warning) for warning in plan.warnings))
    yield from _render_section("Seen, not used", _describe_seen(plan))
    yield ""
    yield f"Plan hash {short_hash(plan.plan_hash)} ({plan.plan_hash})"


def _describe_seen(plan: Plan) -> Iterator[str]:
    """Each thing with the reason; of many alike the first few."""
    shown: Counter[tuple[str, str]] = Counter()
    for each in plan.seen:
        alike = (each.repo, each.kind)
        shown[alike] += 1
        if shown[alike] <= _SHOW_ALIKE:
            yield f"{each.repo}: {each.kind} {plain(each.what)}: {plain(each.why)}"
    for (repo, kind), number in shown.items():
        if number > _SHOW_ALIKE:
            yield f"{repo}: {number - _SHOW_ALIKE} more of kind {kind}; --json lists all"


def _describe_status(row: RepoPlan) -> str:
    match row.status:
        case PlanStatus.ERROR:
            return str(row.error_code)
        case PlanStatus.SKIP:
            return "skip: nothing to release"
        case PlanStatus.RELEASE | PlanStatus.DONE:
            return str(row.status)


def _describe_decision(row: RepoPlan) -> str:
    if row.forced:
        return f"{row.repo}: {row.bump} by --bump"
    if row.decided_by is None:
        return f"{row.repo}: {row.bump}"
    return f"{row.repo}: {row.bump} by {row.decided_by.sha[:12]} {plain(row.decided_by.subject)}"


def _render_section(title: str, lines: Iterable[str]) -> Iterator[str]:
    lines = list(lines)
    if lines:
        yield ""
        yield f"{title}:"
        yield from (f"  {line}" for line in lines)


def render_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Iterable[str] = ()
) -> Iterator[str]:
    """Columns as wide as their widest cell, two spaces between, indented by two."""
    right = set(right)
    widths = [max(len(cell) for cell in column) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):
        cells = (
            cell.rjust(width) if name in right else cell.ljust(width)
            for cell, width, name in zip(row, widths, header, strict=True)
        )
        yield ("  " + "  ".join(cells)).rstrip()


def render_summary(result: ModelSkillResult) -> Iterator[str]:
    """The end of a run: what became of each repository (spec, SUMMARY)."""
    details = [d for d in result.details if d.error_code is not ErrorCode.NOTHING_TO_RELEASE]
    if result.status is ResultStatus.DRY_RUN:
        return
    if result.status is ResultStatus.FAILED and not result.details:
        return  # nothing was planned, so there is nothing to sum up
    yield ""
    if details:
        rows = [
            (
                d.repo,
                f"{d.old_version or '?'} → {d.new_version or '?'}",
                f"#{d.pr_number}" if d.pr_number else "-",
                d.tag or "-",
                d.pypi_status or "-",
                _describe_end(d),
            )
            for d in details
        ]
        yield from render_table(("repo", "old → new", "PR", "tag", "PyPI", "state"), rows)
        yield ""
    counts = (
        f"{result.repos_succeeded} released, {result.repos_failed} failed,"
        f" {result.repos_blocked} blocked, {result.repos_skipped} skipped"
    )
    yield f"{result.status} {result.run_id}: {counts}"


def _describe_end(detail: ResultDetail) -> str:
    if detail.error_code is None:
        return detail.phase.value
    if detail.error_code is ErrorCode.TIER_BLOCKED:
        return "blocked"
    return detail.error_code.value


def render_error(error: ReleaseError) -> Iterator[str]:
    """A failure: the code, what was expected and found, a program's last words, what to type."""
    first, *others = error.message.splitlines() or [""]
    yield f"{error.code}: {plain(first)}"
    yield from map(plain, others)
    if error.detail:
        yield ""
        yield from (f"    {plain(line)}" for line in error.detail.splitlines())
        yield ""
    if error.hint:
        yield f"Next: {plain(error.hint)}"


def render_checks(checks: Sequence[Check]) -> Iterator[str]:
    """One line a check, and below it what to type where it is not fine."""
    words = {"ok": "ok", "warning": "warning", "failed": "FAILED", "unknown": "unknown"}
    cells = [(words[each.state], each.subject, each.name) for each in checks]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for check, cell in zip(checks, cells, strict=True):
        start = "  ".join(word.ljust(width) for word, width in zip(cell, widths, strict=True))
        hint = f" → {plain(check.hint)}" if check.hint else ""
        yield f"{start}  {plain(check.text)}{hint}"


def render_run(state: RunState, *, running: int | None = None) -> Iterator[str]:
    """One run, from its state file; ``running`` is the process that is at it."""
    yield f"Run {state.run_id}: {state.status}"
    started, last = state.started_at, state.updated_at
    yield f"  started {started:%Y-%m-%d %H:%M:%S} UTC, last step {last:%Y-%m-%d %H:%M:%S} UTC"
    if state.gate:
        who = f" by {state.gate.approver}" if state.gate.approver else ""
        yield f"  gate: {state.gate.decision}{who} ({state.gate.provider})"
    if state.verify:
        yield f"  {plain(describe_verification(state.verify))}"
    rows = [
        (name, str(r.tier), f"{r.old_version} → {r.new_version}",
         _describe_progress(r.completed_phase, r.error_code),
         f"#{r.pr_number}" if r.pr_number else "-", r.tag or "-")
        for name, r in state.repos.items()
    ]  # fmt: skip
    yield ""
    yield from render_table(("repo", "tier", "old → new", "state", "PR", "tag"), rows)
    failed = [
        f"{name}: {plain(r.error)}"
        for name, r in state.repos.items()
        if r.error and r.error_code is not ErrorCode.TIER_BLOCKED
    ]
    yield from _render_section("Failed", failed)
    if running is not None:
        yield ""
        yield f"It is running (pid {running})."
    elif state.status != "completed":
        yield ""
        yield f"Next: omni-release --resume {state.run_id}"


def _describe_progress(phase: PhaseState, code: ErrorCode | None) -> str:
    if code is ErrorCode.TIER_BLOCKED:
        return "blocked"
    return f"{code} after {phase}" if code else phase.value
