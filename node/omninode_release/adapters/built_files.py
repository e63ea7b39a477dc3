"""Names of built files: which distribution one is, and which version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import parse_sdist_filename, parse_wheel_filename

if TYPE_CHECKING:
    from packaging.utils import NormalizedName
    from packaging.version import Version


def read_built_name(filename: str) -> tuple[NormalizedName, Version] | None:
    """Both, of a wheel or a source distribution; None where the name does not say."""
    try:
        if filename.endswith(".whl"):
            return parse_wheel_filename(filename)[:2]
        return parse_sdist_filename(filename)
    except ValueError:  # also of a number that is too long
        return None
