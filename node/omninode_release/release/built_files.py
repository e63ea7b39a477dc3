"""Whether what a build made is what a release means to publish."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.place import WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omninode_release.models.place import Place


def require_package(files: Sequence[Path], distribution: str, version: str) -> None:
    """Raise PUBLISH_FAILED unless the files are one wheel and one sdist of this version."""
    wanted = (str(canonicalize_name(distribution)), version)
    wheels = [file for file in files if file.suffix == ".whl"]
    if (len(wheels), len(files)) != (1, 2) or any(_read_name(f.name) != wanted for f in files):
        raise ReleaseError(
            ErrorCode.PUBLISH_FAILED,
            f"expected a wheel and a source distribution of {' '.join(wanted)}, found"
            f" {', '.join(file.name for file in files) or 'nothing'}.",
            hint="look where the build back end takes name and version from, and start again",
        )


def require_own_content(
    files: Sequence[Path], tree: Path, links: Iterable[str], place: Place = WHOLE
) -> None:
    """Raise PUBLISH_FAILED where the sdist has what one of ``links`` leads to outside of ``tree``.

    Back ends pack what a link leads to; a wheel is built from the sdist. The package is the files
    of ``place``.
    """
    root = tree.resolve()
    outside = [
        link for link in links if not Path(os.path.realpath(root / link)).is_relative_to(root)
    ]
    packed = _list_content(files) if outside else ()
    inner = {link: place.inner(link) for link in outside}
    found = [
        link
        for link, path in inner.items()
        if path is not None and any(f"{name}/".startswith(f"{path}/") for name in packed)
    ]
    if found:
        raise ReleaseError(
            ErrorCode.PUBLISH_FAILED,
            f"expected the package to have files of the repository only, found"
            f" {', '.join(found)}, which leads out of it: what stands there on the machine that"
            " builds would be published.",
            hint="replace the link by a file, or by a link to one in the repository, and start"
            " again",
        )


def _list_content(files: Sequence[Path]) -> set[str]:
    """Paths in the sdist, without the folder that all of it lies in."""
    sdist = next(file for file in files if file.suffix != ".whl")
    with tarfile.open(sdist) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def _read_name(filename: str) -> tuple[str, str] | None:
    """Distribution and version of a built file; None where its name does not say."""
    try:
        if filename.endswith(".whl"):
            name, version, *_ = parse_wheel_filename(filename)
        else:
            name, version = parse_sdist_filename(filename)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
    return str(name), str(version)
