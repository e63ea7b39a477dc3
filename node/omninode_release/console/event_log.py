"""The events of a run as JSON lines, for a command that follows it."""

from __future__ import annotations

from pathlib import Path

from omninode_release.console.render import render_event
from omninode_release.events import Event
from omninode_release.system.clock import Clock
from omninode_release.system.files import JsonLines
from omninode_release.system.secrets import Secrets


class EventLog(JsonLines):
    """Writes down each event: when, which, of what, and the lines a person would read."""

    def __init__(self, path: Path, clock: Clock, secrets: Secrets) -> None:
        super().__init__(path, secrets)
        self._clock = clock

    def __call__(self, event: Event) -> None:
        of = {name: getattr(event, name) for name in ("repo", "phase") if hasattr(event, name)}
        line = {
            "at": self._clock.now().isoformat(),
            "event": type(event).__name__,
            **of,
            "lines": list(render_event(event)),
        }
        self.write(line)
