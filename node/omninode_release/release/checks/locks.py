"""Whether the programs are there that lock a repository, and are ones that its locks accept."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from omninode_release.adapters.lockers import PROGRAMS
from omninode_release.errors import ErrorCode, ReleaseError, typed
from omninode_release.models.check import ask
from omninode_release.text.formats.toml_document import list_at, parse_toml
from omninode_release.text.locks.choice import FILES, UV_LOCK, find_locks, find_stale
from omninode_release.text.locks.compiled import read_compilation
from omninode_release.text.locks.requirements_files import find_requirements_files
from omninode_release.text.locks.toml_lock import POETRY_LOCK, find_writer, is_toml_lock
from omninode_release.text.locks.uv_lock import read_versions
from omninode_release.text.manifests.manifest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from omninode_release.adapters.git import Git
    from omninode_release.adapters.lockers import LockProgram
    from omninode_release.models.check import Check
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.lock import LockName
    from omninode_release.models.plan import RepoPlan
    from omninode_release.release.checks.programs import FindVersion
    from omninode_release.text.locks.choice import Locks

_LOCKS: tuple[LockName, ...] = ("poetry", "pdm")


def check_locks(
    git: Git, row: RepoPlan, config: ReleaseConfig, find_version: FindVersion, *, in_folder: bool
) -> Iterator[Check]:
    """A check for each program beside uv that LOCK will run, and for what it is going to read.

    ``in_folder`` is True where the index is a folder.
    """
    stale, texts = _find_stale(git, row, config)
    if "uv" in stale:
        judge = partial(_require_package, row, git.path / (row.path or ""), texts[UV_LOCK])
        found = ask(row.repo, UV_LOCK, judge)
        if found.state != "ok":
            yield found
    for name in _LOCKS:
        if name in stale:
            judge = partial(_require_lock, row, name, texts[FILES[name]])
            yield ask(row.repo, FILES[name], judge)
    for program in _list_programs(stale, texts, frozenset(git.paths(row.base_sha or ""))):
        yield ask(row.repo, program.name, partial(_judge, program, row, texts, find_version))
    if "poetry" in stale and in_folder and row.pins:
        yield ask(row.repo, "source", partial(_require_source, row, texts[MANIFEST]))


def _find_stale(git: Git, row: RepoPlan, config: ReleaseConfig) -> tuple[Locks, dict[str, str]]:
    """What LOCK is going to write, and the text of what is judged by it."""
    base = row.base_sha or ""
    paths = frozenset(git.paths(base))
    read = [*find_requirements_files(paths), *({MANIFEST, *FILES.values()} & paths)]
    files = git.files((base, path) for path in read)
    decoded = {p: (data or b"").decode("utf-8", errors="replace") for (_, p), data in files.items()}
    locks = find_locks(paths, decoded, config.lock_for(row.repo))
    pins = {pin.distribution: pin.version for pin in row.pins}
    return find_stale(locks, decoded, pins, edited=row.repo in config.after_bump), decoded


def _list_programs(
    stale: Locks, texts: Mapping[str, str], paths: Collection[str]
) -> list[LockProgram]:
    names = {str(name) for name in _LOCKS if name in stale}
    for path in stale.get("requirements", ()):
        names.add(read_compilation(path, texts[path], paths.__contains__).program[0])
    return [PROGRAMS[name] for name in sorted(names - {"uv"})]


def _require_package(row: RepoPlan, folder: Path, text: str) -> str:
    """Raises LOCK_FAILED for a lock of uv that lacks the package itself, or cannot be read."""
    ours, where = canonicalize_name(row.package), f"{row.repo}/{UV_LOCK}"
    if ours in read_versions(text, where):
        return f"{where} has {ours}"
    raise ReleaseError(
        ErrorCode.LOCK_FAILED,
        f"expected {ours} in {where}, found a lock without it: everything in it would be resolved"
        " anew, unseen.",
        hint=f"{typed(('uv', 'lock', '--project', str(folder)))}, review that and commit it on"
        f" {row.base_branch}",
    )


def _require_lock(row: RepoPlan, name: LockName, text: str) -> str:
    """Raises LOCK_FAILED for a file in which everything would be resolved anew, unseen."""
    if is_toml_lock(text):
        return f"a lock of {name}"
    raise ReleaseError(
        ErrorCode.LOCK_FAILED,
        f"expected a lock in {row.repo}/{FILES[name]} on {row.base_branch}, found none in it:"
        " everything would be resolved anew, unseen.",
        hint=f"run `{name} lock` in {row.repo} and review it, commit that on {row.base_branch}",
    )


def _judge(
    program: LockProgram, row: RepoPlan, texts: Mapping[str, str], find_version: FindVersion
) -> str:
    try:
        line = find_version(program.name, program.oldest)
    except ReleaseError as error:
        error.hint = (
            f"pipx install '{program.package}>={program.oldest[0]}.{program.oldest[1]}', or say in"
            f" lock_of.{row.repo} of the release configuration what else locks it"
        )
        raise
    if program.name == "poetry" and is_toml_lock(texts[POETRY_LOCK]):
        _require_writer(row, texts[POETRY_LOCK], line)
    return line


def _require_writer(row: RepoPlan, text: str, line: str) -> None:
    """Raise TOOL_MISSING where the Poetry that is here would write the lock in another form."""
    writer = find_writer(text)
    found = re.search(r"(\d+)\.(\d+)", line)
    here = (int(found[1]), int(found[2])) if found else (0, 0)
    if writer is None or (writer[0] == here[0] and writer <= here):
        return
    wanted = f"{writer[0]}.{writer[1]}"
    raise ReleaseError(
        ErrorCode.TOOL_MISSING,
        f"expected Poetry {wanted} or a later {writer[0]}.x, which wrote {row.repo}/{POETRY_LOCK},"
        f" found {here[0]}.{here[1]}, which would write all of it in another form.",
        hint=f"pipx install --force 'poetry>={wanted},<{writer[0] + 1}', or run `poetry lock` in"
        f" {row.repo} with the one that is here and commit that on {row.base_branch}",
    )


def _require_source(row: RepoPlan, manifest: str) -> str:
    """Raises LOCK_FAILED where Poetry could not find what this run publishes into a folder."""
    sources = list_at(parse_toml(manifest), ("tool", "poetry", "source"))
    if sources:
        return f"{MANIFEST} names {len(sources)}"
    raise ReleaseError(
        ErrorCode.LOCK_FAILED,
        f"expected an index in [[tool.poetry.source]] of {row.repo}/{MANIFEST} that shows what this"
        " run publishes, found none: Poetry resolves from no folder, and index is local.",
        hint=f"serve the folder and name it there, or say in lock_of.{row.repo} of the release"
        " configuration what else locks it",
    )
