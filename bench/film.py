"""A run on a terminal as an SVG that moves: every picture of a film side by side, shown in turn.

A line that stands in several pictures is drawn once. Nothing in the file is a script, and nothing
is fetched to show it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from rich.console import Console
from rich.segment import Segment
from rich.terminal_theme import TerminalTheme
from rich.text import Text

CELL_WIDTH, CELL_HEIGHT, EDGE = 8.4, 18, 12
_COLOURS = {"red": 1, "green": 2, "yellow": 3, "magenta": 5}


class Frame(NamedTuple):
    """What a terminal shows, and for how many seconds."""

    lines: tuple[str, ...]
    """Each as SVG."""
    seconds: float


def make_film(frames: Sequence[Frame], *, columns: int, rows: int, theme: TerminalTheme) -> str:
    """The SVG; one who wants no motion sees the last picture."""
    width, height = round(columns * CELL_WIDTH + 2 * EDGE, 1), rows * CELL_HEIGHT + 2 * EDGE
    names = {line: f"l{at}" for at, line in enumerate(dict.fromkeys(_list_lines(frames)))}
    drawn = "\n".join(f'<g id="{name}">{line}</g>' for line, name in names.items())
    strip = "\n".join(_draw(frame, names, at * width) for at, frame in enumerate(frames))
    whole = sum(frame.seconds for frame in frames)
    last = f"translateX({-(len(frames) - 1) * width:.1f}px)"
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">
<style>
text {{ font: 14px Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre;
  fill: {_write(theme.foreground_color)} }}
{_style(theme)}
.film {{ animation: film {whole:.1f}s step-end infinite }}
@media (prefers-reduced-motion) {{ .film {{ animation: none; transform: {last} }} }}
@keyframes film {{
{chr(10).join(_list_moments(frames, width, whole))}
}}
</style>
<rect width="{width}" height="{height}" rx="8" fill="{_write(theme.background_color)}"/>
<defs>
{drawn}
</defs>
<g class="film">
{strip}
</g>
</svg>
"""


def draw_line(line: Text, console: Console) -> str:
    """A line of a terminal as SVG, each part of it as wide as its characters."""
    parts, at = [], 0
    for text, style, _ in line.render(console):
        parts.append(_draw_part(Segment(text, style), at))
        at += len(text)
    return "".join(parts)


def _draw_part(part: Segment, at: int) -> str:
    text, style, _ = part
    inside = text.strip()
    if not inside:
        return ""
    at += len(text) - len(text.lstrip())
    colour = style.color.name if style and style.color else ""
    words = [colour, "bold" if style and style.bold else "", "dim" if style and style.dim else ""]
    chosen = " ".join(filter(None, words))
    kind = f' class="{chosen}"' if chosen else ""
    return (
        f'<text x="{at * CELL_WIDTH:.1f}" textLength="{len(inside) * CELL_WIDTH:.1f}"{kind}>'
        f"{escape(inside)}</text>"
    )


def _list_lines(frames: Sequence[Frame]) -> Iterator[str]:
    for frame in frames:
        yield from filter(None, frame.lines)


def _draw(frame: Frame, names: dict[str, str], x: float) -> str:
    used = "".join(
        f'<use href="#{names[line]}" y="{(at + 1) * CELL_HEIGHT}"/>'
        for at, line in enumerate(frame.lines)
        if line
    )
    return f'<g transform="translate({x + EDGE:.1f} {EDGE - 4})">{used}</g>'


def _list_moments(frames: Sequence[Frame], width: float, whole: float) -> Iterator[str]:
    began = 0.0
    for at, frame in enumerate(frames):
        yield f"{began / whole:.3%} {{ transform: translateX({-at * width:.1f}px) }}"
        began += frame.seconds


def _style(theme: TerminalTheme) -> str:
    colours = (
        f".{name} {{ fill: {_write(theme.ansi_colors[at])} }}" for name, at in _COLOURS.items()
    )
    return "\n".join((*colours, ".bold { font-weight: bold }", ".dim { opacity: .6 }"))


def _write(colour: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
