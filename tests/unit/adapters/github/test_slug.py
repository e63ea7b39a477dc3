"""Which repository a remote's URL names."""

from __future__ import annotations

from pathlib import Path

import pytest

from omninode_release.adapters.github.slug import slug_of_origin
from omninode_release.models.forge import Slug


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
