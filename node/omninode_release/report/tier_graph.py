"""Where the boxes and arrows of the tier graph stand: a column a tier, an arrow a pin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from omninode_release.report.gather import Release

_WIDTH, _HEIGHT = 224, 62
_GAP_X, _GAP_Y, _EDGE = 76, 22, 12
_TITLE = 26


@dataclass(frozen=True)
class Box:
    """One repository."""

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
    boxes = [
        Box(each, _EDGE + column * (_WIDTH + _GAP_X), _TITLE + _EDGE + line * (_HEIGHT + _GAP_Y))
        for column, tier in enumerate(tiers)
        for line, each in enumerate(r for r in releases if r.row.tier == tier)
    ]
    by_repo = {box.release.row.repo: box for box in boxes}
    arrows = [
        Arrow(f"{pin.repo} {pin.version} → {box.release.row.repo}", _draw_arrow(start, box))
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


def _draw_arrow(start: Box, end: Box) -> str:
    """A curve to the next column; inside one column, round the right side."""
    x1, y1 = start.x + start.width, start.y + start.height // 2
    y2 = end.y + end.height // 2
    if start.x == end.x:
        bend = x1 + _GAP_X // 2
        return f"M{x1} {y1} C{bend} {y1} {bend} {y2} {x1 + 6} {y2}"
    x2 = end.x - 6
    bend = (x2 - x1) // 2
    return f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
