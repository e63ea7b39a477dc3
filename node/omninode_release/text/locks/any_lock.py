"""Locks of any kind, by the name of their file."""

from __future__ import annotations

from omninode_release.errors import split_lines
from omninode_release.text.formats.toml_document import try_parse_toml
from omninode_release.text.locks.choice import UV_LOCK
from omninode_release.text.locks.compiled import read_compiled
from omninode_release.text.locks.requirements_files import find_requirements_files
from omninode_release.text.locks.toml_lock import PDM_LOCK, POETRY_LOCK, read_locked
from omninode_release.text.locks.uv_lock import read_versions


def is_lock(path: str) -> bool:
    """True for a file whose versions can be read."""
    return path in {UV_LOCK, POETRY_LOCK, PDM_LOCK} or bool([*find_requirements_files([path])])


def is_same_lock(path: str, one: str | None, other: str | None) -> bool:
    """True where both lock the very same, however they are laid out."""
    if path in {UV_LOCK, POETRY_LOCK, PDM_LOCK}:
        return one == other or try_parse_toml(one) == try_parse_toml(other) != {}
    return _read_lines(one) == _read_lines(other)


def _read_lines(text: str | None) -> set[str]:
    return {line.strip() for line in split_lines(text or "")} - {""}


def read_lock(path: str, text: str | None, where: str) -> dict[str, str]:
    """Distribution to version; empty for a file that is not there. Raises LOCK_FAILED."""
    if text is None:
        return {}
    if path == UV_LOCK:
        return read_versions(text, where)
    return read_locked(text, where) if path in {POETRY_LOCK, PDM_LOCK} else read_compiled(text)
