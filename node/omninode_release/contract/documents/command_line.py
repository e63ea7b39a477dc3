"""What the documents say of the command line."""

from __future__ import annotations

from typing import NamedTuple


class Usage(NamedTuple):
    """One argument or command as a reader sees it."""

    name: str
    """As it is typed: ``--bump``, ``status``."""
    takes: str
    """What stands after it; empty for a bare flag."""
    text: str
    """What it is for."""


class CommandLine(NamedTuple):
    """What the documents say of the command line; the commands hand it over."""

    arguments: tuple[Usage, ...]
    """Of the skill itself."""
    commands: tuple[Usage, ...]
