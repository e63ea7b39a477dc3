"""``omni-release install-skill``: put SKILL.md and what goes with it where an agent looks.

Each file that is written ends with a stamp: the version it belongs to and a digest of what stands
above. A file without one has another author, a file that differs from its digest was edited by
hand; neither is overwritten or removed.
"""

from __future__ import annotations

import hashlib
import re
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

import click

from omninode_release import __version__
from omninode_release.commands import options
from omninode_release.contract.documents.registry import SKILL_FILES
from omninode_release.contract.schemas import resource
from omninode_release.errors import usage_error
from omninode_release.system.files import atomic_write
from omninode_release.system.presence import is_folder, is_there

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.errors import ReleaseError
    from omninode_release.release.environment import Environment

_FOLDER = "release"
_OF_A_PROJECT = Path(".claude") / "skills"
_STAMP = re.compile(
    rb"\n(?:<!--|#) installed by omninode-release (?P<version>\S+), sha256 (?P<digest>[0-9a-f]{64})"
    rb"(?: -->)?\n\Z"
)


_WIDTH = max(map(len, SKILL_FILES))
_NOT_OURS = "that it did not write"


class _Place(Enum):
    """What stands where a file of ours belongs."""

    FREE = auto()
    CURRENT = auto()
    OLDER = auto()
    EDITED = auto()
    FOREIGN = auto()


_INSTALLED = {_Place.FREE: "written", _Place.OLDER: "replaced", _Place.CURRENT: "as it was"}
_REMOVED = {_Place.FREE: "not there", _Place.OLDER: "removed", _Place.CURRENT: "removed"}


def _install_skill(
    environment: Environment,
    dest: Path | None,
    project: Path | None,
    *,
    remove: bool,
    as_json: bool,
) -> int:
    """Install or remove the skill below the user's folder of skills, a project's, or ``dest``.

    Raises USAGE_ERROR for a file it did not write or that was edited since, and for a folder it
    cannot write to; nothing has been changed then.
    """
    folder = environment.absolute(_find_skills(environment, dest, project)) / _FOLDER
    for inner in ("", *_inner_folders()):
        if (folder / inner).is_symlink():
            raise _in_the_way(folder.parent, [f"{_FOLDER}/{inner}".rstrip("/")], _NOT_OURS)
    try:
        places = {name: _look(folder / name, _stamp(name)) for name in SKILL_FILES}
        _refuse(folder, places)
        lines = list(_remove(folder, places) if remove else _install(folder, places))
    except OSError as error:
        raise usage_error(
            f"install-skill: expected a folder to write to at {folder}, found: {error.strerror}."
        ) from None
    value = {
        "folder": str(folder),
        "version": None if remove else __version__,
        "files": {
            name: (_REMOVED if remove else _INSTALLED)[place] for name, place in places.items()
        },
    }
    options.tell(environment, value, *lines, as_json=as_json)
    return 0


def _find_skills(environment: Environment, dest: Path | None, project: Path | None) -> Path:
    """The folder of skills that is meant. Raises USAGE_ERROR where two are named, or none is."""
    if dest and project:
        raise usage_error("install-skill: --dest and --project exclude each other: pass one.")
    if project is None:
        return dest or environment.agent_folder / "skills"
    if not is_folder(environment.absolute(project)):
        raise usage_error(
            f"install-skill: expected --project to name a folder, found none at {project}."
        )
    return project / _OF_A_PROJECT


def _inner_folders() -> tuple[str, ...]:
    return tuple(sorted({name.rpartition("/")[0] for name in SKILL_FILES} - {""}))


def _stamp(name: str) -> bytes:
    """The file as it is installed: as the package has it, and the stamp."""
    data = resource(name).read_bytes()
    stamp = (
        f"installed by omninode-release {__version__}, sha256 {hashlib.sha256(data).hexdigest()}"
    )
    line = f"# {stamp}" if name.endswith(".yaml") else f"<!-- {stamp} -->"
    return data + f"\n{line}\n".encode()


def _look(path: Path, wanted: bytes) -> _Place:
    if path.is_symlink() or is_folder(path):
        return _Place.FOREIGN
    if not is_there(path):
        return _Place.FREE
    data = path.read_bytes()
    if data == wanted:
        return _Place.CURRENT
    stamp = _STAMP.search(data)
    if stamp is None:
        return _Place.FOREIGN
    whole = hashlib.sha256(data[: stamp.start()]).hexdigest().encode() == stamp["digest"]
    return _Place.OLDER if whole else _Place.EDITED


def _refuse(folder: Path, places: dict[str, _Place]) -> None:
    """Raise USAGE_ERROR where a file is not ours to replace or remove."""
    for place, why in ((_Place.FOREIGN, _NOT_OURS), (_Place.EDITED, "edited since")):
        names = [name for name, found in places.items() if found is place]
        if names:
            raise _in_the_way(folder, names, why)


def _in_the_way(folder: Path, names: Sequence[str], why: str) -> ReleaseError:
    shown = ", ".join(str(folder / name) for name in names)
    return usage_error(
        f"install-skill: expected nothing, or files of its own, found files {why}: {shown}.",
        hint=f"move {shown} away, or choose another folder with --dest DIR",
    )


def _install(folder: Path, places: dict[str, _Place]) -> Iterator[str]:
    for name, place in places.items():
        if place is not _Place.CURRENT:
            atomic_write(folder / name, _stamp(name))
    changed = any(place is not _Place.CURRENT for place in places.values())
    yield f"{'Installed' if changed else 'Up to date:'} omninode-release {__version__} in {folder}"
    yield from (f"  {name:<{_WIDTH}} {_INSTALLED[place]}" for name, place in places.items())


def _remove(folder: Path, places: dict[str, _Place]) -> Iterator[str]:
    there = [name for name, place in places.items() if place is not _Place.FREE]
    for name in there:
        (folder / name).unlink()
    for inner in (*_inner_folders(), ""):
        if is_folder(folder / inner) and not any((folder / inner).iterdir()):
            (folder / inner).rmdir()
    yield f"Removed {', '.join(there)} from {folder}" if there else f"Nothing of ours in {folder}"


command = options.command(
    "install-skill",
    _install_skill,
    click.Option(
        ["--dest"],
        type=options.PATH,
        metavar="DIR",
        help="Folder of skills. [$CLAUDE_CONFIG_DIR/skills, ~/.claude/skills]",
    ),
    click.Option(
        ["--project"],
        type=options.PATH,
        is_flag=False,
        flag_value=".",
        metavar="[DIR]",
        help="A project's own skills: .claude/skills of this folder, or of DIR.",
    ),
    click.Option(["--remove"], is_flag=True, help="Take the files away again."),
    options.as_json("Print the folder, and what became of each file."),
    help="Put SKILL.md and the pages that go with it where an agent finds them.",
)
