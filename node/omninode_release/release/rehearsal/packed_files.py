"""What a build has packed: one package, and all of its files.

git-lfs and submodules keep files elsewhere: a checkout without them has a pointer or an empty
folder in their place, and builds all the same.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from packaging.utils import canonicalize_name
from packaging.version import Version

from omninode_release.adapters.built_files import read_built_name
from omninode_release.adapters.git.contents import POINTER
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.check import Check
from omninode_release.text.workflows.checkouts import checks_out

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from omninode_release.models.plan import RepoPlan
    from omninode_release.text.workflows.checkouts import Beside

_POINTER = f"{POINTER}\n".encode()


def require_package(files: Sequence[Path], distribution: str, version: str) -> None:
    """Raise PUBLISH_FAILED unless the files are one wheel and one sdist of this version."""
    wanted = (str(canonicalize_name(distribution)), Version(version))
    wheels = [file for file in files if file.suffix == ".whl"]
    if (len(wheels), len(files)) != (1, 2) or any(read_built_name(f.name) != wanted for f in files):
        raise ReleaseError(
            ErrorCode.PUBLISH_FAILED,
            f"expected a wheel and a source distribution of {' '.join(map(str, wanted))}, found"
            f" {', '.join(file.name for file in files) or 'nothing'}.",
            hint="look where the build back end takes name and version from, and start again",
        )


def is_left_out(workflow: str | None, beside: Beside) -> bool:
    """True where what publishes checks none of them out; None for the embedded forge."""
    return workflow is None or not checks_out(workflow, beside)


def check_whole(
    row: RepoPlan,
    wheel: Path,
    workflow: str | None,
    *,
    pointers: Collection[str],
    submodules: Collection[str],
) -> Iterator[Check]:
    """What the package would lack that is published, where ``workflow`` builds it.

    ``pointers`` and ``submodules`` are paths of the repository. The embedded forge, which has no
    workflow, builds with what this machine has.
    """
    packed = _read_wheel(wheel)
    names = {path: _find(path, packed) for path in pointers}
    bad = [path for path, name in names.items() if name and (workflow is not None or packed[name])]
    if bad and is_left_out(workflow, "lfs"):
        yield _refuse_pointers(row, bad, workflow)
    folders = {str(each) for name in packed for each in PurePosixPath(name).parents}
    inside = [path for path in submodules if _find(path.rpartition("/")[0], folders)]
    if inside and is_left_out(workflow, "submodules"):
        yield _warn_of_submodules(row, inside, workflow)


def _read_wheel(wheel: Path) -> dict[str, bool]:
    """Each file of the package; True for a pointer."""
    try:
        with ZipFile(wheel) as archive:
            found = {}
            for each in archive.infolist():
                with archive.open(each) as file:
                    found[each.filename] = file.read(len(_POINTER)) == _POINTER
            return found
    except (OSError, BadZipFile):  # whose build is wrong, and is told
        return {}


def _find(path: str, names: Collection[str]) -> str | None:
    """What a file or folder is called in the package: folders above it may be left out there."""
    return next((each for each in names if each != "." and f"/{path}".endswith(f"/{each}")), None)


def _refuse_pointers(row: RepoPlan, paths: Sequence[str], workflow: str | None) -> Check:
    names = ", ".join(paths)
    if workflow is None:
        found = f"found pointers of it: {names}"
        hint = "install git-lfs, and its filter for this account, then start again"
    else:
        found = f"found that the workflow checks out pointers of it: {names}"
        hint = (
            "write lfs: true under `with` of its actions/checkout, land that on"
            f" {row.base_branch} of {row.clone}, and start again"
        )
    text = f"expected the package to have what git-lfs keeps of it, {found}"
    return Check(row.repo, "package", "failed", text, hint, ErrorCode.PUBLISH_FAILED)


def _warn_of_submodules(row: RepoPlan, paths: Sequence[str], workflow: str | None) -> Check:
    text = (
        f"expected all folders of the package to be checked out where it is built, found"
        f" submodules, which are not: {', '.join(paths)}"
    )
    hint = "where the package is to have them, write submodules: true under `with` of its"
    hint = "" if workflow is None else f"{hint} actions/checkout"
    return Check(row.repo, "package", "warning", text, hint)
