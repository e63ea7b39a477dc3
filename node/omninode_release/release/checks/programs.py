"""The programs a release runs: there, running, and of a version that is accepted."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from omninode_release.adapters.git.remedies import find_apple_remedy
from omninode_release.adapters.hooks import HOOK_RUNNERS, list_programs
from omninode_release.adapters.ports import Minimum
from omninode_release.adapters.towncrier import OLDEST
from omninode_release.errors import ErrorCode, ProgramFailed, ReleaseError
from omninode_release.models.check import ask
from omninode_release.text.changelogs.choice import find_changelog
from omninode_release.text.changelogs.news_fragments import TOWNCRIER
from omninode_release.text.locks.uv_lock import SETTINGS_FILE, read_uv_settings
from omninode_release.text.manifests.manifest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omninode_release.adapters.git import Git
    from omninode_release.models.check import Check
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.plan import RepoPlan
    from omninode_release.system.process import Programs

REQUIRED: Mapping[str, Minimum | None] = {
    "git": (2, 38),  # merge-tree --write-tree
    "uv": (0, 10),  # lock --no-sources-package, pip install --exclude-newer-package
}
"""What every release needs, git first; a forge may need more."""

FindVersion = Callable[[str, Minimum | None], str]
"""Answers the line that a program prints of itself. Raises TOOL_MISSING."""


def list_programs_of(config: ReleaseConfig) -> tuple[dict[str, Minimum | None], list[str]]:
    """Programs that run hooks, and those of commands, which need not have a version to tell."""
    repos = config.graph.repos
    hooks = list_programs([config.hooks_for(repo) for repo in repos])
    locks = [each for repo in repos if isinstance(each := config.lock_for(repo), tuple)]
    bumped = [argv for repo in repos for argv in config.after_bump.get(repo, ())]
    commands = list_programs([*bumped, *locks])
    runners: dict[str, Minimum | None] = {name: None for name in hooks if name in HOOK_RUNNERS}
    return runners, [*dict.fromkeys(name for name in (*hooks, *commands) if name not in runners)]


def list_programs_of_checks(config: ReleaseConfig) -> list[str]:
    """The program that checks pull requests of the embedded forge, where one is needed."""
    command = config.local.checks
    return list_programs([command]) if config.forge == "local" and command else []


def require_program(programs: Programs, cwd: Path, name: str, minimum: Minimum | None) -> str:
    """A program's version, which goes into the journal.

    Raises TOOL_MISSING, also for one that is too old or does not run.
    """
    path, tools = programs.find(name), programs.at("tools")
    version = _installed_with_us(name, path)
    if version is None:
        try:
            done = tools((name, "--version"), cwd=cwd, timeout=60)
        except ProgramFailed as error:
            raise ReleaseError(
                ErrorCode.TOOL_MISSING,
                f"expected {name} --version to answer, found: {error.message}",
                hint=find_apple_remedy(error.message) or f"mend or reinstall {path}",
            ) from error
        version = done.stdout.partition("\n")[0].strip()
    tools.note(f"{version} ({path})", cwd=cwd)
    _require_version(name, version, minimum, path)
    return version


def _installed_with_us(name: str, path: str) -> str | None:
    """The version of a program that pip put beside us: pre-commit takes 0.3 s to tell its own."""
    if Path(path).parent != Path(sys.executable).parent:
        return None
    try:
        return f"{name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        return None


def _require_version(name: str, version: str, minimum: Minimum | None, path: str) -> None:
    found = re.search(r"(\d+)\.(\d+)", version)
    if minimum and (found is None or (int(found[1]), int(found[2])) < minimum):
        raise ReleaseError(
            ErrorCode.TOOL_MISSING,
            f"expected {name} {minimum[0]}.{minimum[1]} or later, found {version.strip()!r}.",
            hint=f"install a newer {name}; the one that is found is {path}",
        )


def check_uv(git: Git, row: RepoPlan, find_version: FindVersion) -> Iterator[Check]:
    """The check of a repository that asks for certain versions of uv; of others there is none."""
    texts = _read_texts(git, row, MANIFEST, SETTINGS_FILE)
    manifest, settings = texts.get(MANIFEST), texts.get(SETTINGS_FILE)
    wanted = read_uv_settings(manifest, settings).get("required-version")
    if isinstance(wanted, str):
        where = f"{row.repo}/{SETTINGS_FILE if settings is not None else MANIFEST}"
        yield ask(row.repo, "uv", lambda: _require_uv(wanted, where, row, find_version("uv", None)))


def _require_uv(wanted: str, where: str, row: RepoPlan, line: str) -> str:
    """What is wanted and there. Raises TOOL_MISSING where uv would refuse to start."""
    found = re.search(r"\d+(\.\d+)+", line)
    if found is None or not _admits(wanted, found[0]):
        raise ReleaseError(
            ErrorCode.TOOL_MISSING,
            f"expected uv {wanted} (required-version in {where}), found"
            f" {found[0] if found else line}.",
            hint=f"install a uv that it accepts, or change required-version on {row.base_branch}",
        )
    return f"{found[0]}, {wanted} is required"


def _admits(wanted: str, version: str) -> bool:
    """True when uv would start; a bare version means exactly that one."""
    specifier = wanted if wanted[:1] in "<>=!~" else f"=={wanted}"
    try:
        return SpecifierSet(specifier).contains(version, prereleases=True)
    except ValueError:  # InvalidSpecifier, or more digits than `int` reads
        return True  # uv says what is wrong with it


def check_towncrier(
    git: Git, row: RepoPlan, config: ReleaseConfig, find_version: FindVersion
) -> Iterator[Check]:
    """The check of a repository whose changelog it puts together; of others there is none."""
    texts = _read_texts(git, row, MANIFEST, TOWNCRIER)
    found = find_changelog((), texts, config.changelog_for(row.repo))
    if found.kind == "towncrier":
        yield ask(row.repo, "towncrier", partial(find_version, "towncrier", OLDEST))


def _read_texts(git: Git, row: RepoPlan, *paths: str) -> dict[str, str]:
    """Those of the files that the planned commit has."""
    files = git.files((row.base_sha or "", path) for path in paths)
    return {path: data.decode("utf-8", errors="replace") for (_, path), data in files.items()}
