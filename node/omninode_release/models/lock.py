"""How a repository locks what it is developed with, as the release configuration says it."""

from __future__ import annotations

from typing import Literal

from omninode_release.models.config_parts import Argv

LockName = Literal["uv", "poetry", "pdm", "requirements"]
"""A kind of lock, each with a program of its own."""

LockSetting = LockName | Literal["none"] | Argv
"""What LOCK brings up to date, or the command that does."""
