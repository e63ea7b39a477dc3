"""Where a package's version stands besides the version field: the ``__init__.py`` of its import."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.manifest import read_manifest
from omninode_release.text.toml_strings import document, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PACKAGES: tuple[tuple[str, ...], ...] = (
    ("tool", "hatch", "build", "targets", "wheel", "packages"),
    ("tool", "setuptools", "packages"),
    ("tool", "poetry", "packages"),
)
_UV_MODULE = ("tool", "uv", "build-backend", "module-name")


def version_of(data: bytes) -> str | None:
    """The version a manifest declares; None where it cannot be read as one."""
    try:
        return str(read_manifest(data.decode("utf-8"), where="pyproject.toml").version)
    except (ReleaseError, UnicodeDecodeError):
        return None


def package_inits(text: str, repo: str) -> tuple[str, ...]:
    """Paths at which the package's ``__init__.py`` may stand, most certain first.

    Build back ends agree on the layouts and not on a key to ask, so the candidates come from what
    the manifest says and from the two names the package could have.
    """
    try:
        parsed = document(text)
    except tomllib.TOMLDecodeError as error:
        raise ReleaseError(
            ErrorCode.BUMP_FAILED, f"pyproject.toml of {repo} is not valid TOML: {error}."
        ) from error
    folders = [*_declared(parsed)]
    for name in (value_at(parsed, ("project", "name")), value_at(parsed, _UV_MODULE), repo):
        if isinstance(name, str):
            module = name.replace("-", "_").replace(".", "/")
            folders += [f"src/{module}", module]
    inside = [f for f in folders if not f.startswith("/") and ".." not in f.split("/")]
    return tuple(dict.fromkeys(f"{folder}/__init__.py" for folder in inside))


def _declared(parsed: Mapping[str, Any]) -> Iterator[str]:
    for path in _PACKAGES:
        found = value_at(parsed, path)
        for entry in found if isinstance(found, list) else []:
            if isinstance(entry, str):
                yield entry.strip("/")
            elif isinstance(entry, dict) and isinstance(entry.get("include"), str):
                yield "/".join(str(entry[k]) for k in ("from", "include") if entry.get(k))
