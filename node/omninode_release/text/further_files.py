"""Python files beside ``__init__.py`` in which packages usually keep their version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ReleaseError
from omninode_release.text.version_files import bump_literal, guess_init_paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAMES = ("__about__.py", "__version__.py", "_version.py", "version.py")
_NO_VERSION = "-"


def is_further_candidate(path: str) -> bool:
    """True for a file of such a name."""
    return path.endswith(tuple(f"/{name}" for name in _NAMES))


def find_further_files(
    manifest: str, repo: str, texts: Mapping[str, str], version: str
) -> Iterator[str]:
    """Of such files by path, those of the package whose ``__version__`` is ``version``."""
    try:
        guessed = guess_init_paths(manifest, repo)
    except ReleaseError:
        return
    folders = tuple(path.removesuffix("__init__.py") for path in guessed)
    for path, text in sorted(texts.items()):
        has_literal = bump_literal(text, _NO_VERSION) != text
        if path.startswith(folders) and has_literal and bump_literal(text, version) == text:
            yield path
