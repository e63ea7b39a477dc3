"""Finding the control repository that a configuration names."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import uuid4

from omninode_release.adapters.git import Git, Patience
from omninode_release.adapters.git.branch_files import BranchFiles
from omninode_release.events import Subscribers
from omninode_release.models.config_parts import GitState
from omninode_release.release.control import Control
from omninode_release.release.control_branch import ControlBranch
from omninode_release.system.files import atomic_create, make_private_folder, read_file

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.models.config import ReleaseConfig
    from omninode_release.release.environment import Environment
    from omninode_release.system.paths import Places
    from omninode_release.system.process import Programs


def reach_control(
    config: ReleaseConfig,
    places: Places,
    environment: Environment,
    programs: Programs,
    *,
    offline: bool = False,
) -> Control | None:
    """The control repository of ``state: git``, fetched; None where the state stays here.

    Raises STORAGE_FAILED where it does not answer; ``offline`` does not ask it.
    """
    place = config.state
    if not isinstance(place, GitState):
        return None
    url = _find_address(place.git, places.omni_home)
    folder = places.states / "control"
    mirror = folder / f"{sha256(url.encode()).hexdigest()[:12]}.git"
    make_private_folder(mirror)
    patience = Patience(environment.clock, config.polling)
    git = Git(mirror, programs.at("state"), config.timeouts.git_seconds, patience)
    control = Control(
        branch=ControlBranch(
            BranchFiles(git, place.branch, "omni-release <omni-release@localhost>"), url
        ),
        clock=environment.clock,
        account=environment.account,
        state_root=_name_root(folder / "state-root"),
        report=Subscribers(),
    )
    if not offline:
        control.branch.fetch()
    return control


def _find_address(written: str, omni_home: Path) -> str:
    """Where a repository is: a path is relative to the folder with the clones, as git sees one."""
    is_remote = "://" in written or ":" in written.partition("/")[0]
    return written if is_remote else os.path.normpath(omni_home / written)


def _name_root(file: Path) -> str:
    """What tells this state root from every other, made when it is first asked for."""
    if not file.exists():
        atomic_create(file, uuid4().hex.encode())
    return read_file(file).decode()
