"""``omni-release completion SHELL``: what a shell needs to complete our words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import get_completion_class

from omninode_release.commands import options
from omninode_release.commands.main import COMMAND_LINE, COMPLETE_VARIABLE, PROGRAM
from omninode_release.errors import usage_error

if TYPE_CHECKING:
    from omninode_release.release.environment import Environment


def _completion(environment: Environment, shell: str) -> int:
    """Print the script. Raises USAGE_ERROR where the shell is too old for it."""
    completion = get_completion_class(shell)
    if completion is None:  # every choice has one
        raise usage_error(f"completion: nothing is known of {shell}.")
    try:
        script = completion(COMMAND_LINE, {}, PROGRAM, COMPLETE_VARIABLE).source()
    except RuntimeError as error:  # bash is asked for its version
        raise usage_error(f"completion: {error}") from None
    environment.print(script.rstrip())
    return 0


command = options.command(
    "completion",
    _completion,
    click.Argument(["shell"], type=click.Choice(["bash", "zsh", "fish"]), metavar="SHELL"),
    help="Print what makes SHELL (bash, zsh or fish) complete commands and options. For bash:"
    ' eval "$(omni-release completion bash)" in ~/.bashrc.',
)
