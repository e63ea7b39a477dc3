"""``make picture``: what README and docs show, drawn from what the demo prints.

The demo runs on a clock that stands still: to draw the pictures again changes nothing, unless the
demo prints something else.
"""

from __future__ import annotations

import io
import os
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

sys.path.insert(0, str(Path(__file__).resolve().parent))

from film import Frame, draw_line, make_film

from omninode_release.commands.main import main
from omninode_release.console import render
from omninode_release.console.board import Board, Line
from omninode_release.console.colours import OF_BOARD, paint
from omninode_release.events import (
    Event,
    PlanReady,
    Rehearsing,
    RepoDone,
    RepoStarted,
    StepStarted,
    Subscribers,
    Waiting,
    Working,
)
from omninode_release.release import session
from omninode_release.release.environment import Environment
from omninode_release.system.clock import FixedClock
from omninode_release.text.fold import fold_line

DOCS = Path(__file__).resolve().parent.parent / "docs"
MOMENT = datetime(2026, 2, 25, 14, 0, tzinfo=UTC)
WIDTH = 92
COLUMNS, ROWS = 80, 24
SHOWN = "omnibase_infra"
SECONDS = {Rehearsing: 0.3, RepoStarted: 0.3, StepStarted: 0.2, RepoDone: 0.5}
"""How long the film stays at an event; at no other it stays."""
AT_A_PAGE, AT_THE_END = 1.8, 6.0
# Light on dark that stays readable on a white and on a black page.
THEME = TerminalTheme(
    (24, 26, 31), (222, 225, 230),
    [(24, 26, 31), (240, 113, 120), (126, 200, 120), (230, 190, 90), (110, 160, 240),
     (215, 130, 230), (100, 200, 210), (222, 225, 230)],
)  # fmt: skip


def draw(lines: Iterable[str], *, title: str, width: int = WIDTH) -> str:
    """A terminal with these lines on it."""
    console = Console(
        record=True, width=width, file=io.StringIO(), force_terminal=True, highlight=False,
        color_system="truecolor", legacy_windows=False,
    )  # fmt: skip
    for line in lines:
        console.print(paint(line), overflow="fold")
    svg = console.export_svg(title=title, theme=THEME, unique_id="demo")
    # No page fetches anything to show it: whoever has no such font sees another of equal width.
    return _check(re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL))


def draw_demo(printed: str) -> str:
    """The picture of what the demo printed: plan, the steps of one repository, the end."""
    plan = _part(printed, r"^Release plan demo$", r"^$\n^Decided by:")
    steps = _part(printed, rf"^\[\d/6\] {SHOWN} ", r"^$")
    gate = _part(printed, r"^Gate: ", r"$")
    text = f"$ omni-release demo\n\n{plan}\n{gate}\n{steps}\n…\n\n{_find_end(printed)}"
    return draw(_clean(text).rstrip().splitlines(), title="make demo")


def draw_gate(shown: str) -> str:
    """The picture of what stands on a terminal of 80x24 while a person is asked."""
    asked = shown[shown.index("  repo  ") : shown.index(" its changes) ")] + " its changes)"
    return draw(asked.splitlines()[-ROWS:], title="omni-release", width=COLUMNS)


def _clean(text: str) -> str:
    """The text without paths of this machine and without measured times."""
    text = re.sub(r"\S*/omni_worktrees/", "…/omni_worktrees/", text)
    # A commit's id hangs on who makes it: the person at this machine.
    text = re.sub(r"^(  COMMIT +)[0-9a-f]{12} ", r"\1", text, flags=re.MULTILINE)
    text = re.sub(r"^(  MERGE +as|  TAG .* on) [0-9a-f]{12}$", r"\1 …", text, flags=re.MULTILINE)
    text = re.sub(r"^(Configuration ).*/", r"\1…/", text, flags=re.MULTILINE)
    return re.sub(r"  \((?:Python )?[^() ]+(?: s)?\)", "", text, flags=re.MULTILINE)


def _find_end(printed: str) -> str:
    return _part(printed, r"^  repo +old → new", r"(?=^Since|^It was|^Result:)")


def _part(printed: str, first: str, end: str) -> str:
    found = re.search(rf"{first}.*?(?:{end})", printed, re.DOTALL | re.MULTILINE)
    if found is None:
        raise SystemExit(f"picture: the demo printed nothing between {first!r} and {end!r}")
    return found[0].replace("Decided by:", "").rstrip() + "\n"


def _check(svg: str) -> str:
    ET.fromstring(svg)  # noqa: S314 - our own text; raises where it is no XML
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


class Beat(FixedClock):
    """Goes on by the seconds of the film."""

    def __init__(self) -> None:
        super().__init__(MOMENT)
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class Camera:
    """Keeps what a terminal of 80x24 shows at each event, as ``LiveConsole`` shows it."""

    clock: Beat = field(default_factory=Beat)
    frames: list[Frame] = field(default_factory=list)
    _lines: list[str] = field(default_factory=list)
    _live: bool = False
    _began: float = 0.0

    def __post_init__(self) -> None:
        self._board = Board(self.clock)
        self._console = Console(color_system="truecolor", force_terminal=True, file=io.StringIO())
        self._keep(["$ omni-release demo"], 1.0)

    def __call__(self, event: Event) -> None:
        if isinstance(event, RepoStarted):
            self._began = self.clock.seconds
        if isinstance(event, RepoDone):
            event = event._replace(seconds=self.clock.seconds - self._began)
        self._board(event)
        self._live = isinstance(event, Waiting | Rehearsing | Working | RepoStarted) or (
            self._live and not isinstance(event, PlanReady)
        )
        if not isinstance(event, Waiting | Rehearsing | Working):
            page = AT_A_PAGE if isinstance(event, PlanReady) else 0.0
            self._keep(render.render_event(event, width=COLUMNS), page)
        self._shoot(SECONDS.get(type(event), 0.0))

    def end(self, printed: str) -> str:
        """The film, with the end of what the demo printed."""
        self._live = False
        self._keep(["", *_find_end(printed).splitlines()], AT_THE_END)
        return _check(make_film(self.frames, columns=COLUMNS, rows=ROWS, theme=THEME))

    def _keep(self, lines: Iterable[str], page_seconds: float) -> None:
        """Print lines; with ``page_seconds`` the film stays wherever they fill the terminal."""
        text = _clean("\n".join(lines))
        pieces = [piece for line in text.splitlines() for piece in fold_line(line, COLUMNS)]
        step = ROWS if page_seconds else len(pieces) or 1
        for at in range(0, len(pieces), step):
            self._lines += [
                draw_line(paint(each), self._console) for each in pieces[at : at + step]
            ]
            self._shoot(page_seconds)

    def _draw(self, line: Line) -> str:
        text = Text(line.text)
        text.stylize(OF_BOARD.get(line.kind, ""))
        return draw_line(text, self._console)

    def _shoot(self, seconds: float) -> None:
        if seconds:
            board = self._board.render(COLUMNS - 1, ROWS - 2) if self._live else []
            drawn = [self._draw(line) for line in board]
            self.frames.append(Frame(tuple([*self._lines, *drawn][-ROWS:]), seconds))
            self.clock.seconds += seconds


def film_demo(*args: str) -> tuple[str, str]:
    """What the demo printed, and the film of it."""
    camera, out = Camera(), io.StringIO()

    def open_console(environment: Environment, *, verbose: bool = False) -> Subscribers:
        return Subscribers(render.Console(environment.stdout, verbose), camera)

    with mock.patch.object(session, "open_console", open_console):
        code = main(["demo", *args], environ=os.environ, clock=FixedClock(MOMENT), stdout=out)
    if code:
        raise SystemExit(f"picture: the demo ended with {code}")
    return out.getvalue(), camera.end(out.getvalue())


class Terminal(io.StringIO):
    """A person at a terminal, who has typed already."""

    def isatty(self) -> bool:
        return True


def show_gate(folder: Path) -> str:
    """What the run of the unreleased demo shows on a terminal, whose person says no."""
    main(["demo", "--prepare", str(folder)], environ=os.environ, stdout=io.StringIO())
    inside = {"ONEX_STATE_DIR": "state", "PRE_COMMIT_HOME": "pre-commit", "OMNI_HOME": "omni_home"}
    environ = {**os.environ, **{name: str(folder / at) for name, at in inside.items()}}
    screen = Terminal()
    main(["--run-id", "demo"], environ={**environ, "COLUMNS": str(COLUMNS), "NO_COLOR": "1"},
         stdin=Terminal("reject\n"), stdout=screen, stderr=screen)  # fmt: skip
    return screen.getvalue()


if __name__ == "__main__":
    printed, film = film_demo()
    with TemporaryDirectory() as folder:
        gate = draw_gate(show_gate(Path(folder)))
    (DOCS / "gate.svg").write_text(gate, encoding="utf-8")
    (DOCS / "demo.svg").write_text(draw_demo(printed), encoding="utf-8")
    (DOCS / "demo-run.svg").write_text(film, encoding="utf-8")
