"""Where an organisation's clones and its configuration are, and what a run remembers of both."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from omninode_release.contract.load import load_config, read_config
from omninode_release.errors import ErrorCode, ReleaseError, typed
from omninode_release.planning.clones.folders import is_clone, list_clones
from omninode_release.release.environment import WORKTREES
from omninode_release.release.requests.policy import make_rules, read_policies
from omninode_release.release.store import Store
from omninode_release.system.presence import is_file, is_folder

if TYPE_CHECKING:
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.request import ReleaseRequest
    from omninode_release.models.state import RunState
    from omninode_release.release.environment import Environment
    from omninode_release.release.requests.policy import Rules
    from omninode_release.system.paths import Places

POLICY_FILE = Path("omninode-release", "policy.yaml")
"""Below /etc, and below the user's configuration folder."""
CONFIG_NAME = "release.yaml"
"""An organisation's configuration, beside its clones."""
_BUILT_IN = "contract.yaml"


def find_places(
    environment: Environment, home: Path | None = None, config: Path | None = None
) -> Places:
    """Where clones, worktrees, state and results are. Raises CONFIG_INVALID.

    The clones are in ``home``, else in OMNI_HOME, else where the user stands, when a
    configuration or clones of its graph are there.
    """
    given = str(home or "") or environment.variables.get("OMNI_HOME")
    found = (
        require_folder(environment.absolute(given))
        if given
        else _require_organisation(environment, config)
    )
    return environment.places_of_runs(found)


def find_folder(environment: Environment, home: Path | None = None) -> Path:
    """The folder that is looked into for clones: the same, without asking what is in it."""
    given = str(home or "") or environment.variables.get("OMNI_HOME")
    return require_folder(environment.absolute(given or environment.folder))


def find_config(environment: Environment, omni_home: Path, path: Path | None) -> Path | None:
    """The configuration file that is used there; None for the built-in one."""
    beside = omni_home / CONFIG_NAME
    named = _find_named_config(environment, path)
    return named or (beside if os.path.lexists(beside) else None)


def load_rules(environment: Environment, places: Places, path: Path | None = None) -> Rules:
    """The organisation's configuration, the nearest that is named, under the machine's policy.

    Raises CONFIG_INVALID.
    """
    found = find_config(environment, places.omni_home, path)
    config, source = read_config(found)
    if found is None and not holds_clones(places.omni_home, config):
        raise unconfigured(places.omni_home, config)
    named = environment.variables.get("OMNI_RELEASE_POLICY")
    policies = read_policies(
        policy_paths(environment), named=environment.absolute(named) if named else None
    )
    return make_rules(config, source, policies)


def policy_paths(environment: Environment) -> tuple[Path, ...]:
    """Where a policy of the machine may stand: all that are there count.

    The first two are found without a variable, so that no caller can point away from them.
    """
    if environment.policies is not None:
        return environment.policies
    home, config = environment.account.home, environment.variables.get("XDG_CONFIG_HOME")
    given = environment.variables.get("HOME")
    folders = [
        Path("/etc"),
        *([home / ".config"] if home else []),
        *([environment.absolute(given) / ".config"] if given else []),
        *([environment.absolute(config)] if config else []),
    ]
    return tuple(dict.fromkeys(each / POLICY_FILE for each in folders))


def _find_named_config(environment: Environment, path: Path | None) -> Path | None:
    named = path or environment.variables.get("OMNI_RELEASE_CONFIG")
    return environment.absolute(named, what="file") if named else None


def _require_organisation(environment: Environment, config: Path | None) -> Path:
    """Where the user stands, when it looks like an organisation's folder."""
    here = environment.absolute(environment.folder)
    if os.path.lexists(here / CONFIG_NAME):
        return here
    if holds_clones(here, load_config(_find_named_config(environment, config))):
        return here
    raise ReleaseError(
        ErrorCode.CONFIG_INVALID,
        "expected the folder with the clones, found neither --omni-home nor OMNI_HOME, and"
        f" neither a {CONFIG_NAME} nor a clone of the graph in {here}.",
        hint="pass --omni-home DIR, set OMNI_HOME, or go to the folder with the clones;"
        f" omni-release init there writes a {CONFIG_NAME} where there is none yet",
    )


def holds_clones(folder: Path, config: ReleaseConfig) -> bool:
    """True where a folder holds a clone of the graph, or any clone where the graph is computed."""
    if config.graph.is_computed:
        return bool(list_clones(folder))
    repos = map(config.clone_of, config.graph.repos)
    return any(is_clone(folder / name) for repo in repos for name in (repo, f"{repo}.git"))


def unconfigured(omni_home: Path, built_in: ReleaseConfig) -> ReleaseError:
    """What is said of a folder that is no organisation's."""
    init = ("omni-release", "init", "--omni-home", str(omni_home))
    return ReleaseError(
        ErrorCode.CONFIG_INVALID,
        f"expected clones of the built-in organisation ({', '.join(built_in.graph.repos)}) or a"
        f" {CONFIG_NAME} in {omni_home}, found neither.",
        hint=f"{typed(init)} writes one for the clones that are there",
    )


def require_folder(folder: Path) -> Path:
    """The folder. Raises CONFIG_INVALID where there is none."""
    try:
        there, why = is_folder(folder), "none"
    except OSError as error:  # a name too long, a folder above that may not be read
        there, why = False, error.strerror or "none"
    if there:
        return folder
    raise ReleaseError(
        ErrorCode.CONFIG_INVALID,
        f"expected a folder with the clones at {folder}, found {why}.",
        hint="pass --omni-home DIR or set OMNI_HOME to where they are",
    )


def recall(request: ReleaseRequest, environment: Environment) -> tuple[ReleaseRequest, Environment]:
    """Both with the folders and the configuration of the run that is resumed.

    What the request says goes first. A configuration that the environment names goes before the
    remembered one, which may have been corrected elsewhere; the folders of a run cannot change.
    Raises STATE_CORRUPT where nothing else says the folder: its lack would be told instead.
    """
    if request.resume is None:
        return request, environment
    try:
        state = Store(environment.places_of_runs(), environment.clock).find(request.resume)
    except ReleaseError as error:
        is_said = request.omni_home or environment.variables.get("OMNI_HOME")
        if error.code is ErrorCode.STATE_CORRUPT and not is_said:
            raise
        return request, environment
    home, config = Path(state.omni_home), Path(state.gate.config_path if state.gate else "")
    is_own = config.name == _BUILT_IN  # of this version or another: it is found without a name
    named = request.config or environment.variables.get("OMNI_RELEASE_CONFIG")
    remembered = replace(
        request,
        omni_home=request.omni_home or (home if is_folder(home) else None),
        config=config if not (named or is_own) and is_file(config) else request.config,
    )
    return remembered, recall_worktrees(environment, state)


def recall_worktrees(environment: Environment, state: RunState) -> Environment:
    """The environment in which the run's worktrees are where they were made, if they are there.

    A branch that is checked out there can be checked out nowhere else.
    """
    made = (each for each in state.worktrees if is_folder(each / "release" / state.run_id))
    return environment.with_variables({WORKTREES: next(made, None)})
