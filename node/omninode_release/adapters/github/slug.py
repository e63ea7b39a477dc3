"""Which GitHub repository a remote's URL names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError, typed_git
from omninode_release.errors.excerpt import show
from omninode_release.models.names import is_host
from omninode_release.text.origins import parse_slug

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.models.forge import Slug


def slug_of_origin(origin: str, clone: Path, gh_host: str | None) -> Slug:
    """The repository at ``origin``. Raises CONFIG_INVALID when it is none on GitHub.

    An ssh alias names no host: there gh's default counts, which is ``gh_host`` where it is set.
    """
    slug = parse_slug(origin)
    if slug is None:
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"forge: github needs a repository on GitHub as origin of {clone}, found"
            f" {origin or 'no origin'}.",
            hint=f"{typed_git(clone, 'remote', 'set-url', 'origin', 'URL')}, or choose another"
            " forge",
        )
    if "." in slug.host:
        return slug
    if gh_host and not is_host(gh_host):
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"GH_HOST: expected the name of a host, found {show(gh_host)}.",
            hint="correct it, or unset it",
        )
    return slug._replace(host=gh_host or "github.com")
