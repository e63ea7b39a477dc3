"""The account this process runs under, as the system knows it and no variable says it."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Account:
    """A user of this machine; ``LOGNAME``, ``USER`` and ``HOME`` have no say in it."""

    uid: int
    """The process's real user id."""
    name: str | None = None
    """The login name; None for an id without an entry, as in many containers."""
    home: Path | None = None
    """The home folder of that entry."""

    def __str__(self) -> str:
        return f"{self.name} (uid {self.uid})" if self.name else f"uid {self.uid}"

    @classmethod
    def of_process(cls) -> Account:
        uid = os.getuid()
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            return cls(uid)
        return cls(uid, entry.pw_name or None, Path(entry.pw_dir) if entry.pw_dir else None)
