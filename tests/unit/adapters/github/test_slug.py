"""Which repository a remote's URL names."""

from __future__ import annotations

from pathlib import Path

import pytest

from omninode_release.adapters.github.slug import parse_slug, slug_of_origin
from omninode_release.models.forge import Slug

GITHUB = Slug("github.com", "acme", "core")


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("https://github.com/acme/core", GITHUB),
        ("https://github.com/acme/core.git", GITHUB),
        ("https://GitHub.com/acme/core/", GITHUB),
        ("https://user:secret@github.com/acme/core.git", GITHUB),
        ("git@github.com:acme/core.git", GITHUB),
        ("github.com:acme/core", GITHUB),
        ("ssh://git@github.com/acme/core.git", GITHUB),
        ("ssh://git@ssh.github.com:443/acme/core.git", GITHUB),
        ("https://github.acme.example/acme/core", GITHUB._replace(host="github.acme.example")),
        ("git@github.acme.example:acme/core.git", GITHUB._replace(host="github.acme.example")),
        ("ssh://git@github.acme.example:2222/acme/co.re.git",
         Slug("github.acme.example", "acme", "co.re")),
        ("work:acme/core.git", Slug("work", "acme", "core")),
        ("/srv/git/core.git", None),
        ("../core.git", None),
        ("file:///srv/git/core.git", None),
        ("https://github.com/acme", None),
        ("https://github.com/acme/core/tree", None),
        ("", None),
        ("https://[::1/acme/core", None),
        ("https://github.com/acme/co?re", None),
        ("git@github.com:acme/co%2fre", None),
        ("git@github.com:../core", None),
        ("git@git hub.com:acme/core", None),
    ],
)  # fmt: skip
def test_a_url_names_a_repository(url: str, slug: Slug | None) -> None:
    assert parse_slug(url) == slug


@pytest.mark.parametrize(
    ("url", "gh_host", "host"),
    [
        ("git@work:acme/core.git", "github.acme.example", "github.acme.example"),
        ("git@work:acme/core.git", None, "github.com"),
        ("git@github.com:acme/core.git", "github.acme.example", "github.com"),
    ],
    ids=["an alias", "an alias and no GH_HOST", "a host"],
)
def test_an_ssh_alias_stands_for_the_host_gh_is_set_to(
    url: str, gh_host: str | None, host: str
) -> None:
    assert slug_of_origin(url, Path("core"), gh_host) == Slug(host, "acme", "core")
