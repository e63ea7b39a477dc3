"""The report of ``init`` as a person sees it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from omninode_release.console.table import render_table
from omninode_release.models.fit import Fit
from omninode_release.text.control_characters import plain
from omninode_release.text.fold import fold_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.models.fit import FitReport, RepoFit

_WIDTH = 80


def render_fit(report: FitReport) -> Iterator[str]:
    """What was done with the configuration, a line a repository, and the reasons below."""
    counts = Counter(each.fit for each in report.repos)
    told = ", ".join(f"{fit}: {counts[fit]}" for fit in Fit if counts[fit])
    verb = "Wrote" if report.written else "Compared"
    yield f"{verb} {plain(report.configuration)}"
    yield f"Organisation {plain(report.organization)}; {told or 'no plan can be made'}"
    if report.repos:
        yield ""
        rows = [*map(_cells, report.repos)]
        yield from render_table(("repo", "tier", "fit", "now → next"), rows)
    yield from _render_notes(report.notes)
    for each in report.repos:
        if each.why:
            yield ""
            where = f" ({plain(each.where)})" if each.where else ""
            yield f"{plain(each.repo)} {each.fit}{where}:"
            for reason in each.why:
                yield from fold_line(f"  {plain(reason)}", _WIDTH)
    if report.differences:
        yield ""
        yield f"{plain(report.configuration)} says otherwise:"
    for difference in report.differences:
        yield from fold_line(f"  {plain(f'{difference.key}: {difference.text}')}", _WIDTH)


def _render_notes(notes: Sequence[str]) -> Iterator[str]:
    if notes:
        yield ""
    for note in notes:
        yield from fold_line(f"note: {plain(note)}", _WIDTH)


def _cells(each: RepoFit) -> tuple[str, ...]:
    versions = f"{each.current or '?'} → {each.new}" if each.new else each.current or "-"
    return plain(each.repo), str(each.tier or "-"), each.fit.value, versions
