"""A report as Markdown: what a pull request, a job summary or a release page shows."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from omninode_release.console.report.gather import Standing
from omninode_release.console.report.words import (
    list_facts,
    list_links,
    write_subtitle,
    write_title,
    write_versions,
)
from omninode_release.text.changelogs.markdown import escape_inline
from omninode_release.text.durations import write_duration
from omninode_release.text.pins.lines import describe_change, find_word, list_causes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from omninode_release.console.report.gather import Release, RunReport
    from omninode_release.models.plan import PlannedPin

_CLASSES = {
    Standing.RELEASED: "stroke:#1a6e37,stroke-width:2px",
    Standing.FAILED: "stroke:#b3261e,stroke-width:2px",
    Standing.REFUSED: "stroke:#b3261e,stroke-width:2px",
    Standing.BLOCKED: "stroke:#8a5300,stroke-dasharray:5 3",
    Standing.RUNNING: "stroke:#0550ae,stroke-width:2px",
    Standing.STOPPED: "stroke:#8a5300,stroke-dasharray:5 3",
}


def write_markdown(report: RunReport) -> str:
    """The report; every foreign word in it is text and nothing more."""
    return "\n".join(_write(report)) + "\n"


def _write(report: RunReport) -> Iterator[str]:
    yield f"# {_cell(write_title(report))}"
    yield ""
    yield write_subtitle(report)
    if report.error:
        yield from ("", f"**Why it stopped:** {escape_inline(report.error)}")
    if report.next:
        yield from ("", f"**How it goes on:** `{report.next}`")
    facts = [f"- {name}: {_cell(value)}" for name, value in list_facts(report)]
    yield from ("", *facts) if facts else ()
    yield from _write_graph(report.releases)
    yield from _write_releases(report)
    yield from _write_times(report)
    yield from _write_published(report.releases)
    yield from _write_entries(report.releases)
    yield from _list(
        "Late commits",
        (
            f"{each.row.repo}: `{late.sha[:12]}` {escape_inline(late.subject)}"
            for each in report.releases
            for late in each.late
        ),
    )
    yield from _list("Warnings", map(escape_inline, report.warnings))
    yield from _list(
        "Seen, not used",
        (escape_inline(f"{e.repo}: {e.kind} {e.what}: {e.why}") for e in report.seen),
    )
    yield from ("", f"Plan `{report.plan_hash}`")


def _write_graph(releases: Sequence[Release]) -> Iterator[str]:
    """The tier graph as Mermaid draws it; repository names have no character it would act upon."""
    if not releases:
        return
    names = {each.row.repo: f"r{number}" for number, each in enumerate(releases)}
    yield from ("", "```mermaid", "flowchart LR")
    for tier, members in groupby(releases, key=lambda each: each.row.tier):
        yield f'  subgraph t{tier}["Tier {tier}"]'
        for each in members:
            yield f'    {names[each.row.repo]}["{each.row.repo}<br/>{write_versions(each)}"]'
        yield "  end"
    pins = [(pin.repo, each.row.repo) for each in releases for pin in each.row.pins]
    yield from (f"  {names[old]} --> {names[new]}" for old, new in pins if old in names)
    for each in releases:
        if each.standing in _CLASSES:
            yield f"  style {names[each.row.repo]} {_CLASSES[each.standing]}"
    yield "```"


def _write_releases(report: RunReport) -> Iterator[str]:
    is_run = report.status != "plan"
    rows = [
        (
            each.row.repo,
            str(each.row.tier),
            write_versions(each),
            str(each.row.bump or ""),
            str(each.row.commits),
            _decision(each),
            _state(each),
            *([_links(each)] if is_run else []),
        )
        for each in report.releases
    ]
    header = ("Repository", "Tier", "Version", "Level", "Commits", "Decided by", "State")
    yield from ("", "## Repositories", "")
    yield from _table((*header, "Links") if is_run else header, rows)
    for each in report.releases:
        if each.error:
            yield from ("", f"**{each.row.repo}: {each.code}** {escape_inline(each.error)}")
    pins = [
        (each.row.repo, pin.distribution, _write_change(pin))
        for each in report.releases
        for pin in each.row.pins
    ]
    if pins:
        yield from ("", "## Pins", "")
        yield from _table(("Repository", "Requires", "Version"), pins)


def _state(release: Release) -> str:
    if release.standing is Standing.STOPPED and release.step:
        return f"{release.standing} (after {release.step})"
    return str(release.standing) + (f" ({release.code})" if release.error and release.code else "")


def _decision(release: Release) -> str:
    row, word = release.row, find_word(release.row)
    reason = None if word else row.decided_by
    if reason is None:
        return _cell(", ".join([*([word] if word else []), *list_causes(row)]))
    return ", ".join((f"`{reason.sha[:12]}` {_cell(reason.subject)}", *list_causes(row)))


def _links(release: Release) -> str:
    return ", ".join(
        f"[{_cell(name)}]({address})" if address else _cell(name)
        for name, address in list_links(release)
    )


def _write_times(report: RunReport) -> Iterator[str]:
    if not report.spans:
        return
    repos = dict.fromkeys(span.repo for span in report.spans)
    yield from ("", "## Where the time went", "")
    rows = []
    for repo in repos:
        spans = [span for span in report.spans if span.repo == repo]
        longest = max(spans, key=lambda span: span.seconds)
        rows.append(
            (
                repo,
                write_duration(sum(span.seconds for span in spans)),
                f"{longest.phase} {write_duration(longest.seconds)}",
            )
        )
    yield from _table(("Repository", "Took", "Longest step"), rows)


def _write_published(releases: Iterable[Release]) -> Iterator[str]:
    rows = [
        (each.row.repo, f"`{each.merged_as[:12]}`", ", ".join(each.tags), ", ".join(each.files))
        for each in releases
        if each.merged_as or each.tags
    ]
    if rows:
        yield from ("", "## Merged, tagged, published", "")
        yield from _table(("Repository", "Commit", "Tags", "Files on the index"), rows)


def _write_entries(releases: Iterable[Release]) -> Iterator[str]:
    entries = [each for each in releases if each.entry]
    if entries:
        yield from ("", "## Changelog entries")
    for each in entries:
        yield from ("", f"<details><summary>{each.row.repo} {each.row.new}</summary>", "")
        yield each.entry
        yield from ("", "</details>")


def _list(title: str, lines: Iterable[str]) -> Iterator[str]:
    lines = list(lines)
    if lines:
        yield from ("", f"## {title}", "", *(f"- {line}" for line in lines))


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _write_change(pin: PlannedPin) -> str:
    """What a pin replaces is foreign text; the version is not."""
    change = describe_change(pin)
    return change if change == f"=={pin.version}" else _cell(change)


def _cell(text: str) -> str:
    """Foreign text in a table: a bar in it would begin the next cell."""
    return escape_inline(text).replace("|", "\\|")
