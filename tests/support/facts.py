"""What a scan would have found, made by hand: an organisation for the planner alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from omninode_release.models.commit import Commit
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.facts import OrgFacts, RepoFacts
from omninode_release.planning.organisation import Organisation
from support.repos import manifest

if TYPE_CHECKING:
    from collections.abc import Sequence


def some_facts(
    repo: str,
    version: str = "1.0.0",
    *needs: str,
    commits: Sequence[str] = ("fix: a fault",),
    **more: Any,
) -> RepoFacts:
    """A repository whose package is called like it; ``commits`` are subjects, newest first."""
    read = [
        Commit(f"{number:040x}", (), subject, "") for number, subject in enumerate(commits, start=1)
    ]
    return RepoFacts(
        repo=repo,
        path=Path("/omni_home", repo),
        base_sha="b" * 40,
        commits=tuple(read),
        **{"base_branch": "main", "manifest": manifest(repo, version, *needs), **more},
    )


def an_organisation(
    *tiers: Sequence[RepoFacts], outsiders: dict[str, str] | None = None, **config: Any
) -> Organisation:
    """Repositories that are all there, tier by tier; ``config`` is further configuration."""
    graph: dict[str, Any] = {"tiers": [{each.repo: [] for each in tier} for tier in tiers]}
    if "ignore" in config:
        graph["ignore"] = config.pop("ignore")
    return Organisation(
        ReleaseConfig.model_validate({"organization": "Some", "graph": graph, **config}),
        OrgFacts(
            {each.repo: each for tier in tiers for each in tier},
            {name: {"pyproject.toml": text} for name, text in (outsiders or {}).items()},
        ),
    )
