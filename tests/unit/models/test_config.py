"""A release configuration as a value."""

from __future__ import annotations

from typing import get_args, get_origin

from omninode_release.contract.load import load_config
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.graph import RepoName


def test_each_key_by_repository_is_held_against_the_repositories_there_are() -> None:
    by_repository = {
        name
        for name, field in ReleaseConfig.model_fields.items()
        if get_origin(field.annotation) is dict and get_args(field.annotation)[0] == RepoName
    }

    assert "packages" in by_repository
    assert by_repository <= load_config(None).named_repos.keys()
