"""Which repository a remote's URL names."""

from __future__ import annotations

import pytest

from omninode_release.text.slug import Slug, parse_slug

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
    ],
)  # fmt: skip
def test_a_url_names_a_repository(url: str, slug: Slug | None) -> None:
    assert parse_slug(url) == slug
