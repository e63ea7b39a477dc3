"""The names that a request and its surroundings give, held against what there is."""

from __future__ import annotations

import shlex
from difflib import get_close_matches
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError, typed, usage_error
from omninode_release.models.command_words import COMMANDS
from omninode_release.system.secrets import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.request import ReleaseRequest
    from omninode_release.release.environment import Environment

_QUESTIONS = {"help": "omni-release --help", "version": "omni-release --version"}


def require_known(repos: Sequence[str], config: ReleaseConfig) -> None:
    """Raise UNKNOWN_REPO for a repository that the graph has not."""
    known = frozenset(config.graph.repos)
    unknown = [repo for repo in repos if repo not in known]
    if not unknown:
        return
    raise ReleaseError(
        ErrorCode.UNKNOWN_REPO,
        f"expected repositories of the tier graph ({', '.join(config.graph.repos)}),"
        f" found {', '.join(map(shlex.quote, unknown))}.",
        hint=_name_packages(unknown, config)
        + guess(unknown, (*COMMANDS, *config.graph.repos))
        + "correct the name, or "
        + (
            "clone the repository beside the others"
            if config.graph.is_computed
            else "add the repository to graph.tiers"
        ),
    )


def require_shown_names(names: Iterable[str], environment: Environment) -> None:
    """Raise CONFIG_INVALID where a name of the run would be taken for a secret.

    It would be hidden in the state, too, and no resume could read it.
    """
    for name in names:
        if environment.secrets.hide(name) == name:
            continue
        variables = environment.variables.items()
        holders = [each for each, value in variables if value and value in name]
        said = ", ".join(filter(is_secret_name, holders)) or "the credentials file"
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            "expected the names of repositories and of the folder with the clones to be no secrets,"
            f" found {name!r}: {said} has the same value or a part of it.",
            hint=f"unset or change {said}: whatever is named like a secret is hidden everywhere",
        )


def require_targets(request: ReleaseRequest) -> None:
    """Raise USAGE_ERROR for a word on a repository that was not asked for."""
    others = sorted(request.words.repos - set(request.repos)) if request.repos else []
    if others:
        raise usage_error(
            f"--bump or --version names {', '.join(others)}, which this run does not release: add"
            f" {others[0]} to the repositories, or leave it out."
        )


def _name_packages(names: Sequence[str], config: ReleaseConfig) -> str:
    """The beginning of a hint where a repository is named that holds packages of other names."""
    held = [repo for repo in config.graph.repos if config.clone_of(repo) == names[0]]
    command = typed(("omni-release", *held))
    return f"{command} releases what {names[0]} holds; otherwise " if held else ""


def guess(names: Sequence[str], known: Iterable[str]) -> str:
    """The beginning of a hint where a name is nearly one of the ``known``.

    It is no command: of ``--dry-run alhpa`` that would leave out the ``--dry-run``.
    """
    name = names[0] if names else ""
    if name in COMMANDS:  # --json status
        return f"{name} is a command, and options stand behind it: omni-release {name}; otherwise "
    if name in _QUESTIONS:
        return f"{_QUESTIONS[name]} is meant perhaps; otherwise "
    spelt = {word.casefold(): word for word in known}
    near = get_close_matches(name.casefold(), list(spelt), 1)
    return f"{spelt[near[0]]} is meant perhaps; otherwise " if near else ""
