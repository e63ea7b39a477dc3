"""What a run writes down of the programs it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.system.files import JsonLines

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.system.clock import Clock
    from omninode_release.system.process import JournalEntry
    from omninode_release.system.secrets import Secrets


class Journal(JsonLines):
    """Every program a run starts, how it ended, and when: seconds after the journal was opened."""

    def __init__(self, path: Path, clock: Clock, secrets: Secrets) -> None:
        super().__init__(path, secrets)
        self._clock = clock
        self._opened = clock.monotonic()

    def __call__(self, entry: JournalEntry) -> None:
        line = {
            "at": self._clock.now().isoformat(),
            "step": entry.step,
            "argv": list(entry.argv),
            "cwd": entry.cwd,
            "exit_code": entry.returncode,
            "began": round(entry.began - self._opened, 4),
            "seconds": round(entry.seconds, 4),
        }
        self.write(line | ({"note": entry.note} if entry.note else {}))
