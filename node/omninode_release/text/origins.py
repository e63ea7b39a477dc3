"""What the address of a remote names."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from omninode_release.models.forge import Slug
from omninode_release.models.names import is_host, is_owner_or_name
from omninode_release.system.secrets import drop_credentials

# The short form of git's ssh URLs: anything before the colon without a slash (git-clone(1)).
_SCP = re.compile(r"(?:[^/@\s]+@)?(?P<host>[^/:\s]+):(?P<path>[^\s]+)")
# GitHub answers ssh on port 443 under a name of its own (GitHub Docs, "Using SSH over the HTTPS
# port"), and sends browsers and git on from www; its API does neither.
_NAMES_OF_GITHUB = {"ssh.github.com": "github.com", "www.github.com": "github.com"}


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
    return Slug(_NAMES_OF_GITHUB.get(host, host), *words)


def name_origin(url: str) -> str:
    """The repository that ``url`` leads to, alike for the usual ways of writing it.

    A forge tells no capitals from small letters in the names of its repositories.
    """
    slug = parse_slug(url)
    if slug is not None:
        return f"{slug.host}/{slug.path}".lower()
    return drop_credentials(url).removeprefix("file://")
