"""What the address of a remote names."""

from __future__ import annotations

import pytest

from omninode_release.models.forge import Slug
from omninode_release.text.origins import name_origin, parse_slug

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
        ("https://www.github.com/acme/core", GITHUB),
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
    ("url", "name"),
    [
        ("https://user:secret@github.com/Acme/core.git", "github.com/acme/core"),
        ("git@GitHub.com:acme/Core", "github.com/acme/core"),
        ("ssh://git@ssh.github.com:443/acme/core.git", "github.com/acme/core"),
        ("git@gitlab.example:group/acme/core.git", "git@gitlab.example:group/acme/core.git"),
        ("https://user:secret@host.example/a/b/c.git", "https://host.example/a/b/c.git"),
        ("file:///srv/git/Core.git", "/srv/git/Core.git"),
        ("/srv/git/Core.git", "/srv/git/Core.git"),
        ("", ""),
    ],
)
def test_the_ways_of_writing_an_address_have_one_name(url: str, name: str) -> None:
    assert name_origin(url) == name
