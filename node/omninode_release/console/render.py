"""What a person sees: the plan, one line per event, the end of a run, the list of runs.

Everything shown is plain text and every foreign word in it (commit subjects above all) loses its
control characters first: a subject must not move the cursor of the person who approves a release.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from omninode_release.console.render_plan import render_plan
from omninode_release.console.table import render_table
from omninode_release.errors import ErrorCode, split_lines, typed
from omninode_release.events import (
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
    Working,
)
from omninode_release.models.plan import short_hash
from omninode_release.models.result import ResultStatus
from omninode_release.text.control_characters import plain
from omninode_release.text.durations import write_duration
from omninode_release.text.fold import fold_line
from omninode_release.text.run_summary import UNVERIFIED, count_ends, describe_verification

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from omninode_release.errors import ReleaseError
    from omninode_release.events import Event
    from omninode_release.models.check import Check
    from omninode_release.models.result import ModelSkillResult, ResultDetail

_SHOW_SECONDS_FROM = 1.0


@dataclass
class Console:
    """Prints events as lines."""

    out: TextIO
    verbose: bool = False
    width: int | None = None
    """Where lines are folded; None where a line may have any length."""
    hide: Callable[[str], str] = str
    """Takes secrets out of a line, which may stand over two once it is folded."""

    def __call__(self, event: Event) -> None:
        for line in render_event(event, verbose=self.verbose, width=self.width):
            for piece in fold_line(self.hide(line), self.width):
                print(piece, file=self.out, flush=True)

    def command(self, argv: Sequence[str], cwd: Path) -> None:
        """Show a program about to be run, as a person would type it."""
        # One write: a scan asks several repositories at once.
        self.out.write(f"  $ (cd {shlex.quote(str(cwd))} && {plain(typed(argv))})\n")
        self.out.flush()


def render_event(event: Event, *, verbose: bool = False, width: int | None = None) -> Iterator[str]:  # noqa: C901 - one case each
    """An event as a person reads it; some are told only when asked for."""
    match event:
        case PlanReady(plan=plan, rules=rules):
            yield from render_plan(plan, width=width, rules=rules)
        case Rehearsing():
            yield f"Rehearsing {event.number} of {event.of}: {event.repo}: lock, lint, build"
        case GatePassed():
            yield ""
            yield f"Gate: approved by {plain(event.by)}, plan {short_hash(event.plan_hash)}"
        case RepoStarted():
            yield ""
            yield (
                f"[{event.number}/{event.of}] {event.repo}"
                f" {event.old_version} → {event.new_version}"
            )
        case StepStarted() | Working():
            if verbose:
                yield _render_begun(event)
        case StepDone():
            yield _render_step(event)
        case StepFailed():
            yield f"  {event.phase:<10} FAILED {event.error.code}"
        case RepoDone():
            yield f"  {'DONE':<10} {event.repo} {event.new_version} {_describe_done(event)}"
        case Verified():
            python = f"  (Python {event.python})" if event.python else ""
            took = _describe_seconds(event.seconds)
            yield ""
            yield f"{plain(describe_verification(event.found))}{python}{took}"
        case Waiting():
            yield _render_waiting(event)
        case Note():
            yield f"note: {plain(event.text)}"


def _describe_done(event: RepoDone) -> str:
    if event.published:
        return "is released"
    return "is tagged; not on the index yet" if event.publishes else "is tagged, to publish nothing"


def _render_begun(event: StepStarted | Working) -> str:
    return f"  {event.phase:<10} …" if isinstance(event, StepStarted) else plain(event.what)


def _render_waiting(event: Waiting) -> str:
    left = write_duration(event.seconds_left)
    link = f" {plain(event.link)}" if event.link else ""
    return f"  waiting for {plain(event.subject)} ({left} left){link}"


def _render_step(event: StepDone) -> str:
    already = "  (already there)" if event.already else ""
    took = _describe_seconds(event.seconds)
    name = f"{event.repo}: " if event.shared else ""
    return f"  {event.phase:<10} {name}{plain(event.summary)}{already}{took}"


def _describe_seconds(seconds: float) -> str:
    return f"  ({seconds:.0f} s)" if seconds >= _SHOW_SECONDS_FROM else ""


def render_summary(result: ModelSkillResult, *, width: int | None = None) -> Iterator[str]:
    """The end of a run: what became of each repository (spec, SUMMARY)."""
    details = [d for d in result.details if d.error_code is not ErrorCode.NOTHING_TO_RELEASE]
    if result.status is ResultStatus.DRY_RUN:
        return
    if result.status is ResultStatus.FAILED and not result.details:
        return  # nothing was planned, so there is nothing to sum up
    yield from _render_links(result)
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
        header = ("repo", "old → new", "PR", "tag", "PyPI", "state")
        yield from render_table(header, rows, width=width)
        yield ""
    yield f"{result.status} {result.run_id}: {count_ends(result)}"
    took = (result.finished_at - result.started_at).total_seconds()
    yield f"Since {result.started_at:%Y-%m-%d %H:%M:%S} UTC, {write_duration(took)}"
    if result.gate is not None and result.gate.is_unverified:
        yield UNVERIFIED


def _render_links(result: ModelSkillResult) -> Iterator[str]:
    """Where to look at what was made: every address a repository has, a line each."""
    for detail in result.details:
        links = [
            ("pull request", detail.pr_url),
            ("tag", detail.tag_url),
            ("workflow run", detail.publish_url),
            ("index", detail.index_url),
        ]
        there = [(name, link) for name, link in links if link]
        if there:
            yield ""
            yield f"{detail.repo} {detail.new_version}"
            yield from (f"  {name:<12}  {plain(link)}" for name, link in there)


def _describe_end(detail: ResultDetail) -> str:
    if detail.error_code is None:
        return detail.phase.value
    if detail.error_code is ErrorCode.TIER_BLOCKED:
        return "blocked"
    return ", ".join(word for word in (detail.error_code.value, detail.stays) if word)


def render_error(error: ReleaseError) -> Iterator[str]:
    """A failure: the code, what was expected and found, a program's last words, what to type."""
    first, *others = split_lines(error.message)
    yield f"{error.code}: {plain(first)}"
    yield from map(plain, others)
    if error.detail:
        yield ""
        yield from (f"    {plain(line)}" for line in split_lines(error.detail))
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
