"""Read what is said of versions when a run is started: ``--bump`` and ``--version``."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, get_args

from packaging.version import InvalidVersion, Version

from omninode_release.errors import ReleaseError, usage_error
from omninode_release.models.commit import Level
from omninode_release.models.version_words import PreKind, VersionWords
from omninode_release.text.versions.version import complete_version, parse_version

if TYPE_CHECKING:
    from collections.abc import Iterable

_Word = TypeVar("_Word", Level, str)


def read_words(
    bumps: Iterable[str], versions: Iterable[str], pre: str | None = None
) -> VersionWords:
    """The words of ``--bump [REPO=]LEVEL`` and ``--version REPO=X.Y.Z``, given any number of times.

    ``pre`` is that of ``--pre``.

    Raises USAGE_ERROR for what is neither, and for what contradicts itself.
    """
    general: dict[str, Level] = {}
    levels: dict[str, Level] = {}
    for text in bumps:
        repo, named, level = text.rpartition("=")
        if level not in set(Level) or (named and not repo):
            known = ", ".join(f"'{each}'" for each in Level)
            raise usage_error(f"--bump: {text!r} is not one of {known}, or REPO=LEVEL.")
        _add("--bump", Level(level), repo, levels if named else general)
    found: dict[str, str] = {}
    for text in versions:
        repo, _, version = text.partition("=")
        if not repo or not _is_version(complete_version(version)):
            raise _version_error(text, repo, version)
        _add("--version", complete_version(version), repo, found)
    for repo in levels.keys() & found.keys():
        raise usage_error(f"--bump and --version of {repo} exclude each other: pass one of them.")
    return VersionWords(general.get(""), levels, found, _read_pre(pre))


def _version_error(text: str, repo: str, version: str) -> ReleaseError:
    """The error with the word that says what seems to be meant."""
    message = f"--version: expected REPO=X.Y.Z, found {text!r}."
    try:
        meant = Version(version)
    except InvalidVersion:
        return usage_error(message)
    if meant.pre:
        return usage_error(message, hint=f"--pre {meant.pre[0]} makes pre-releases")
    if repo and len(meant.release) < len("XYZ") and meant.public == meant.base_version:
        full = f"{repo}={meant.major}.{meant.minor}.{meant.micro}"
        return usage_error(message, hint=f"--version {full} names the same version")
    return usage_error(message)


def _read_pre(pre: str | None) -> PreKind | None:
    kinds: tuple[PreKind, ...] = get_args(PreKind)
    found = next((each for each in kinds if each == pre), None)
    if pre is not None and found is None:
        raise usage_error(f"--pre: expected {', '.join(kinds[:-1])} or {kinds[-1]}, found {pre!r}.")
    return found


def _add(option: str, word: _Word, repo: str, words: dict[str, _Word]) -> None:
    if words.setdefault(repo, word) != word:
        which = f"{option} of {repo}" if repo else option
        raise usage_error(f"{which}: {words[repo]} and {word} exclude each other: pass one.")


def _is_version(text: str) -> bool:
    try:
        parse_version(text)
    except ReleaseError:
        return False
    return True
