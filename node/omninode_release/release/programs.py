"""The programs a release runs: there, running, and new enough."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from omninode_release.adapters.hooks import HOOK_RUNNERS, list_programs
from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError, TimedOut

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omninode_release.adapters.ports import Minimum
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.system.process import Programs

REQUIRED: Mapping[str, Minimum | None] = {
    "git": (2, 38),  # merge-tree --write-tree
    "uv": None,
}
"""What every release needs, git first; a forge may need more."""


def list_programs_of(config: ReleaseConfig) -> tuple[dict[str, Minimum | None], list[str]]:
    """Programs that run hooks, and those of commands, which need not have a version to tell."""
    repos = config.graph.repos
    hooks = list_programs([config.hooks_for(repo) for repo in repos])
    locks = [each for repo in repos if isinstance(each := config.lock_for(repo), tuple)]
    bumped = [argv for repo in repos for argv in config.after_bump.get(repo, ())]
    commands = list_programs([*bumped, *locks])
    runners: dict[str, Minimum | None] = {name: None for name in hooks if name in HOOK_RUNNERS}
    return runners, [*dict.fromkeys(name for name in (*hooks, *commands) if name not in runners)]


def require_program(programs: Programs, cwd: Path, name: str, minimum: Minimum | None) -> str:
    """A program's version, which goes into the journal.

    Raises TOOL_MISSING, also for one that is too old or does not run.
    """
    path, tools = programs.find(name), programs.at("tools")
    version = _installed_with_us(name, path)
    if version is None:
        try:
            done = tools((name, "--version"), cwd=cwd, timeout=60)
        except (CommandFailed, TimedOut) as error:
            raise ReleaseError(
                ErrorCode.TOOL_MISSING,
                f"expected {name} --version to answer, found: {error.message}",
                hint=f"mend or reinstall {path}",
            ) from error
        version = done.stdout.partition("\n")[0].strip()
    tools.note(f"{version} ({path})", cwd=cwd)
    _require_version(name, version, minimum)
    return version


def _installed_with_us(name: str, path: str) -> str | None:
    """The version of a program that pip put beside us: pre-commit takes 0.3 s to tell its own."""
    if Path(path).parent != Path(sys.executable).parent:
        return None
    try:
        return f"{name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        return None


def _require_version(name: str, version: str, minimum: Minimum | None) -> None:
    found = re.search(r"(\d+)\.(\d+)", version)
    if minimum and (found is None or (int(found[1]), int(found[2])) < minimum):
        raise ReleaseError(
            ErrorCode.TOOL_MISSING,
            f"expected {name} {minimum[0]}.{minimum[1]} or later, found {version.strip()!r}.",
            hint=f"install a newer {name}",
        )
