"""Which GitHub repository a remote's URL names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from omninode_release.errors import ErrorCode, ReleaseError, typed_git
from omninode_release.excerpt import show
from omninode_release.models.forge import Slug
from omninode_release.models.names import is_host, is_owner_or_name

if TYPE_CHECKING:
    from pathlib import Path

# The short form of git's ssh URLs: anything before the colon without a slash (git-clone(1)).
_SCP = re.compile(r"(?:[^/@\s]+@)?(?P<host>[^/:\s]+):(?P<path>[^\s]+)")
# GitHub answers ssh on port 443 under a name of its own (GitHub Docs, "Using SSH over the HTTPS
# port"); its API does not.
_SSH_PORT_443 = {"ssh.github.com": "github.com"}


def parse_slug(url: str) -> Slug | None:
    """The repository an ``https://``, ``ssh://`` or ``user@host:path`` URL names, or None.

    Credentials and ports are dropped, the host is kept: it may be an Enterprise server's.
    """
    if "://" in url:
        try:
            parts = urlsplit(url)
            host, path = parts.hostname or "", url.partition("://")[2].partition("/")[2]
        except ValueError:
            return None
    elif scp := _SCP.fullmatch(url):
        host, path = scp["host"].lower(), scp["path"]
    else:
        return None
    words = path.strip("/").removesuffix(".git").split("/")
    if not is_host(host) or len(words) != 2 or not all(map(is_owner_or_name, words)):
        return None
    return Slug(_SSH_PORT_443.get(host, host), *words)


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


def tag_url(slug: Slug, tag: str) -> str:
    """The page that shows a tag, and its Release where it has one."""
    return f"https://{slug.host}/{slug.path}/releases/tag/{quote(tag)}"


def compare_url(slug: Slug, since: str | None, tip: str) -> str:
    """The page that compares a tag with a commit; before the first release the commit's history."""
    page = f"compare/{quote(since)}...{tip}" if since else f"commits/{tip}"
    return f"https://{slug.host}/{slug.path}/{page}"
