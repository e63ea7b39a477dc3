"""``make picture``: what the README shows, drawn from what the demo prints.

The demo runs on a clock that stands still: to draw the picture again changes nothing, unless the
demo prints something else.
"""

from __future__ import annotations

import io
import os
import re
import sys
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from omninode_release.commands.main import main
from omninode_release.console.colours import paint
from omninode_release.system.clock import FixedClock

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "demo.svg"
MOMENT = datetime(2026, 2, 25, 14, 0, tzinfo=UTC)
WIDTH = 92
SHOWN = "omnibase_infra"
# Light on dark that stays readable on a white and on a black page.
THEME = TerminalTheme(
    (24, 26, 31), (222, 225, 230),
    [(24, 26, 31), (240, 113, 120), (126, 200, 120), (230, 190, 90), (110, 160, 240),
     (215, 130, 230), (100, 200, 210), (222, 225, 230)],
)  # fmt: skip


def draw(printed: str) -> str:
    """The picture of what the demo printed: plan, the steps of one repository, the end."""
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, highlight=False,
        color_system="truecolor", legacy_windows=False,
    )  # fmt: skip
    for line in choose_lines(printed):
        console.print(paint(line), overflow="fold")
    svg = console.export_svg(title="make demo", theme=THEME, unique_id="demo")
    # No page fetches anything to show it: whoever has no such font sees another of equal width.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    ET.fromstring(svg)  # noqa: S314 - our own text; raises where it is no XML
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def choose_lines(printed: str) -> list[str]:
    """The parts that are shown, without paths of this machine and without measured times."""
    plan = _part(printed, r"^Release plan demo$", r"^$\n^Decided by:")
    steps = _part(printed, rf"^\[\d/6\] {SHOWN} ", r"^$")
    end = _part(printed, r"^  repo +old → new", r"(?=^Since|^It was|^Result:)")
    gate = _part(printed, r"^Gate: ", r"$")
    text = f"$ omni-release demo\n\n{plan}\n{gate}\n{steps}\n…\n\n{end}"
    text = re.sub(r"\S*/omni_worktrees/", "…/omni_worktrees/", text)
    # A commit's id hangs on who makes it: the person at this machine.
    text = re.sub(r"^(  COMMIT +)[0-9a-f]{12} ", r"\1", text, flags=re.MULTILINE)
    text = re.sub(r"^(  MERGE +as|  TAG .* on) [0-9a-f]{12}$", r"\1 …", text, flags=re.MULTILINE)
    return re.sub(r"  \([^)]* s\)$", "", text, flags=re.MULTILINE).rstrip().splitlines()


def _part(printed: str, first: str, end: str) -> str:
    found = re.search(rf"{first}.*?(?:{end})", printed, re.DOTALL | re.MULTILINE)
    if found is None:
        raise SystemExit(f"picture: the demo printed nothing between {first!r} and {end!r}")
    return found[0].replace("Decided by:", "").rstrip() + "\n"


if __name__ == "__main__":
    out = io.StringIO()
    code = main(["demo"], environ=os.environ, clock=FixedClock(MOMENT), stdout=out)
    if code:
        sys.exit(f"picture: the demo ended with {code}")
    PICTURE.write_text(draw(out.getvalue()), encoding="utf-8")
