"""A run on a terminal that a person watches: lines that stay, and a board below them that moves.

The lines are those of a plain console, but for waiting, which is rewritten in place. The board is
taken away before anything is asked, and at the end.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from omninode_release.console.board import Board
from omninode_release.console.colours import OF_BOARD, paint
from omninode_release.console.render import render_event
from omninode_release.events import PlanReady, Rehearsing, RepoStarted, Waiting, Working
from omninode_release.text.fold import fold_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omninode_release.events import Event
    from omninode_release.system.clock import Clock

_PER_SECOND = 2.0
_logger = logging.getLogger(__name__)


class _Stream:
    """A terminal that may hang up while a thread writes to it; the next event tells of it."""

    encoding = "utf-8"

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._trouble: OSError | ValueError | None = None

    def write(self, text: str) -> int:
        try:
            return self._out.write(text)
        except (OSError, ValueError) as error:
            self._trouble = error
            return len(text)

    def flush(self) -> None:
        try:
            self._out.flush()
        except (OSError, ValueError) as error:
            self._trouble = error

    def fileno(self) -> int:
        return self._out.fileno()

    def isatty(self) -> bool:
        return self._out.isatty()

    def raise_trouble(self) -> None:
        """Raise what went wrong since the last time."""
        trouble, self._trouble = self._trouble, None
        if trouble is not None:
            raise trouble


class LiveConsole:
    """Shows events on a terminal; see ``render.Console`` for every other stream."""

    def __init__(
        self,
        out: TextIO,
        clock: Clock,
        variables: Mapping[str, str],
        hide: Callable[[str], str] = str,
    ) -> None:
        """``hide`` takes secrets out of a line, before it is folded and has colours in it."""
        self._board = Board(clock, hide)
        self._hide = hide
        self._lock = threading.Lock()
        self._out = _Stream(out)
        self._console = Console(
            file=self._out,  # type: ignore[arg-type] # all that is used of a stream
            force_terminal=True,
            highlight=False,
            markup=False,
            emoji=False,
            _environ=variables,
        )
        self._live: Live | None = None

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._board(event)
        if isinstance(event, PlanReady):
            self.close()  # what is asked next stands by itself
        if not isinstance(event, Waiting | Rehearsing | Working):
            self._print(event)
        if isinstance(event, Waiting | Rehearsing | Working | RepoStarted):
            self._start()
        self._out.raise_trouble()

    def close(self) -> None:
        """Take the board away, and leave the terminal as it was."""
        live, self._live = self._live, None
        if live is not None:
            live.stop()

    def _print(self, event: Event) -> None:
        width = self._console.width
        for line in render_event(event, width=width):
            for piece in fold_line(self._hide(line), width):
                self._console.print(paint(piece), soft_wrap=True)

    def _start(self) -> None:
        if self._live is not None:
            return
        self._live = Live(
            console=self._console,
            refresh_per_second=_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            get_renderable=self._draw,
        )
        self._live.start()
        # A run that is killed takes no board away; it must not take the cursor with it either.
        with contextlib.suppress(OSError):
            self._console.show_cursor()

    def _draw(self) -> Text:
        """The board as it is now; called by a thread, which must not end by what it shows."""
        try:
            size = self._console.size
            with self._lock:
                lines = self._board.render(size.width - 1, size.height - 2)
        except Exception:
            _logger.debug("the board could not be drawn", exc_info=True)
            return Text()
        text = Text(overflow="fold")
        for number, line in enumerate(lines):
            text.append("\n" if number else "").append(line.text, OF_BOARD.get(line.kind, ""))
        return text
