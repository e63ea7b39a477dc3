"""A report as one HTML file that asks for nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined

from omninode_release import __version__
from omninode_release.console.report.gather import Standing
from omninode_release.console.report.tier_graph import draw_graph
from omninode_release.console.report.timeline import Kind
from omninode_release.console.report.words import (
    list_facts,
    list_links,
    write_moment,
    write_subtitle,
    write_title,
    write_versions,
)
from omninode_release.errors import split_next
from omninode_release.errors.excerpt import start_of
from omninode_release.text.control_characters import plain
from omninode_release.text.durations import write_duration
from omninode_release.text.pins.lines import describe_change, find_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.console.report.gather import RunReport
    from omninode_release.console.report.tier_graph import TierGraph
    from omninode_release.console.report.timeline import Span

_STYLES = {
    Standing.PLANNED: "planned",
    Standing.RUNNING: "progress",
    Standing.STOPPED: "blocked",
    Standing.RELEASED: "released",
    Standing.FAILED: "failed",
    Standing.BLOCKED: "blocked",
    Standing.REFUSED: "refused",
    Standing.SKIPPED: "skipped",
}


@dataclass(frozen=True)
class _Bar:
    """A span on the line of its repository, in per cent of the whole."""

    span: Span
    left: float
    width: float
    title: str
    shares: tuple[tuple[Kind, float], ...]


def write_html(report: RunReport) -> str:
    """The page. Every foreign word in it is escaped, and loses its control characters."""
    graph = draw_graph(report.releases)
    page: str = _load_template().render(
        report=report,
        version=__version__,
        title=write_title(report),
        subtitle=write_subtitle(report),
        is_run=report.status != "plan",
        facts=list(list_facts(report)),
        graph=graph,
        graph_words=_describe_graph(graph),
        bars=list(_make_bars(report.spans)),
        totals=_sum_up(report.spans),
        pins=[
            (each.row.repo, pin.distribution, plain(describe_change(pin)))
            for each in report.releases
            for pin in each.row.pins
        ],
        published=[each for each in report.releases if each.merged_as or each.tags],
        entries=[each for each in report.releases if each.entry],
        late=[(each.row.repo, commit) for each in report.releases for commit in each.late],
    )
    return page


def _load_template() -> Any:  # noqa: ANN401 - jinja2's
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        clean=_clean,
        duration=write_duration,
        error=lambda text: _clean("\n".join(split_next(text))),
        links=list_links,
        moment=write_moment,
        shorten=start_of,
        slug=lambda kind: str(kind).replace(" ", "-"),
        style=_STYLES.__getitem__,
        versions=write_versions,
        word=find_word,
    )
    text = (
        files("omninode_release.console.report")
        .joinpath("page.html.jinja")
        .read_text(encoding="utf-8")
    )
    return environment.from_string(text)


def _clean(text: object) -> str:
    """Foreign text of any number of lines."""
    return "\n".join(plain(line) for line in str(text).split("\n"))


def _describe_graph(graph: TierGraph) -> str:
    """The picture for who cannot see it."""
    pins = "; ".join(arrow.title for arrow in graph.arrows) or "none"
    return f"{len(graph.boxes)} repositories in {len(graph.columns)} tiers. Pins: {pins}."


def _make_bars(spans: Sequence[Span]) -> Iterator[tuple[str, tuple[_Bar, ...], float]]:
    """A line for each repository: its bars, and the seconds of them all."""
    if not spans:
        return
    begin, end = min(span.start for span in spans), max(span.end for span in spans)
    whole = max((end - begin).total_seconds(), 1e-3)
    for repo in dict.fromkeys(span.repo for span in spans):
        mine = [span for span in spans if span.repo == repo]
        bars = tuple(
            _Bar(
                span=span,
                left=round((span.start - begin).total_seconds() / whole * 100, 3),
                width=round(span.seconds / whole * 100, 3),
                title=f"{span.phase}: {write_duration(span.seconds)}",
                shares=tuple(_share_out(span)),
            )
            for span in mine
        )
        yield repo, bars, sum(span.seconds for span in mine)


def _share_out(span: Span) -> Iterator[tuple[Kind, float]]:
    """What a span went into, in per cent of it; programs that ran side by side share it."""
    known = sum(span.shares.values()) or 1
    for kind, seconds in span.shares.items():
        yield kind, round(seconds / known * 100, 2)


def _sum_up(spans: Sequence[Span]) -> list[tuple[Kind, float]]:
    totals = {kind: sum(span.shares.get(kind, 0) for span in spans) for kind in Kind}
    return [(kind, seconds) for kind, seconds in totals.items() if seconds > 0]
