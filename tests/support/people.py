"""People at the terminal other than the one who has typed already (``cli.Terminal``)."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from support.cli import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable


class Nobody(Terminal):
    """A terminal at which nobody sits: reading from it never ends."""

    def readline(self, _size: int | None = -1, /) -> str:  # type: ignore[override] # typeshed: bytes
        threading.Event().wait()
        return ""


class Slow(Terminal):
    """A person who approves, but only after a colleague did something."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__("approve\n")
        self._meanwhile = meanwhile

    def readline(self, _size: int | None = -1, /) -> str:  # type: ignore[override] # typeshed: bytes
        self._meanwhile()
        return super().readline()
