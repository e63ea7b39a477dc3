"""The command line as the documents show it, taken from the commands themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from omninode_release.commands.main import COMMAND_LINE, PROGRAM
from omninode_release.contract.documents.command_line import CommandLine, Usage
from omninode_release.models.command_words import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHARED = frozenset({"--omni-home", "--config"})


def describe_command_line() -> CommandLine:
    """The options of a release, and every command with what it takes."""
    context = click.Context(COMMAND_LINE, info_name=PROGRAM)
    commands = {word: COMMAND_LINE.get_command(context, word) for word in COMMANDS}
    release = commands["release"]
    return CommandLine(
        tuple(map(_describe, release.params if release else ())),
        tuple(
            Usage(word, " ".join(_takes(command)), COMMANDS[word])
            for word, command in commands.items()
            if command is not None
        ),
    )


def _describe(param: click.Parameter) -> Usage:
    if isinstance(param, click.Option):
        choices = param.type.choices if isinstance(param.type, click.Choice) else ()
        takes = "" if param.is_flag else param.metavar or "|".join(choices)
        return Usage(param.opts[-1], takes, param.help or "")
    return Usage(param.name or "", "NAME…", "Repositories to release. [all of the graph]")


def _takes(command: click.Command) -> Iterator[str]:
    """The arguments of a command, and its own options with a value."""
    if command.name == "release":
        yield "[REPO]..."
        return
    for param in command.params:
        if isinstance(param, click.Argument):
            yield param.metavar or ""
        elif isinstance(param, click.Option) and param.metavar and param.opts[0] not in _SHARED:
            text = f"{param.opts[0]} {param.metavar}"
            yield text if param.required else f"[{text}]"
