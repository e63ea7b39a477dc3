"""Where the boxes and arrows of the tier graph stand: a column a tier, an arrow a pin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omninode_release.console.report.gather import Release

_WIDTH, _HEIGHT = 224, 62
_GAP_X, _GAP_Y, _EDGE = 76, 22, 12
_TITLE = 26
_LANE = 8


@dataclass(frozen=True)
class Box:
    release: Release
    x: int
    y: int
    width: int = _WIDTH
    height: int = _HEIGHT


@dataclass(frozen=True)
class Arrow:
    """A pin, from the sibling to the repository that pins it."""

    title: str
    path: str
    """As SVG has it."""


@dataclass(frozen=True)
class TierGraph:
    """The picture, in pixels."""

    width: int
    height: int
    columns: tuple[tuple[int, int], ...]
    """The number of each tier, and where its column begins."""
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw_graph(releases: Sequence[Release]) -> TierGraph:
    """Place every repository; tiers without one take no room."""
    tiers = sorted({each.row.tier for each in releases})
    lanes = _assign_lanes(releases, tiers)
    top = _TITLE + _EDGE + len(lanes) * _LANE
    boxes = [
        Box(each, _EDGE + column * (_WIDTH + _GAP_X), top + line * (_HEIGHT + _GAP_Y))
        for column, tier in enumerate(tiers)
        for line, each in enumerate(r for r in releases if r.row.tier == tier)
    ]
    by_repo = {box.release.row.repo: box for box in boxes}
    arrows = [
        Arrow(f"{pin.repo} {pin.version} → {box.release.row.repo}", _draw_arrow(start, box, lanes))
        for box in boxes
        for pin in box.release.row.pins
        if (start := by_repo.get(pin.repo)) is not None
    ]
    return TierGraph(
        width=2 * _EDGE + len(tiers) * (_WIDTH + _GAP_X) - _GAP_X if tiers else 0,
        height=max((box.y + box.height for box in boxes), default=0) + _EDGE,
        columns=tuple((tier, _EDGE + n * (_WIDTH + _GAP_X)) for n, tier in enumerate(tiers)),
        boxes=tuple(boxes),
        arrows=tuple(arrows),
    )


def _assign_lanes(releases: Sequence[Release], tiers: Sequence[int]) -> dict[str, int]:
    """Where arrows run that pass a column: above all boxes, a line for each box they begin at."""
    column = {each.row.repo: tiers.index(each.row.tier) for each in releases}
    passing = [
        pin.repo
        for each in releases
        for pin in each.row.pins
        if column[each.row.repo] - column.get(pin.repo, len(tiers)) > 1
    ]
    return {repo: _TITLE + at * _LANE for at, repo in enumerate(dict.fromkeys(passing))}


def _draw_arrow(start: Box, end: Box, lanes: Mapping[str, int]) -> str:
    """A curve to the next column; to a later one above the boxes; inside one, round its right."""
    x1, y1 = start.x + start.width, start.y + start.height // 2
    y2 = end.y + end.height // 2
    if start.x == end.x:
        bend = x1 + _GAP_X // 2
        return f"M{x1} {y1} C{bend} {y1} {bend} {y2} {x1 + 6} {y2}"
    x2 = end.x - 6
    if x2 - x1 > _GAP_X:
        lane, bend = lanes[start.release.row.repo], _GAP_X // 4
        rise = f"M{x1} {y1} C{x1 + bend} {y1} {x1 + bend} {lane} {x1 + 2 * bend} {lane}"
        return f"{rise} H{x2 - 2 * bend} C{x2 - bend} {lane} {x2 - bend} {y2} {x2} {y2}"
    bend = (x2 - x1) // 2
    return f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
