"""What the pre-flight is tried on: a small organisation with all three services."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from support.cli import Ran, run_cli
from support.github import GitHub
from support.gitrepo import git, land
from support.pypi_server import PyPIServer
from support.repos import configure
from support.slack_server import ANN, SlackServer

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org


QUICK = {"polling": {"min_seconds": 0.01, "max_seconds": 0.05}}
OTHER = "release/another/alpha"


class Desk:
    """The small organisation with all three services, and what is wrong with them by script."""

    def __init__(self, org: Org, hub: GitHub, index: PyPIServer, slack: SlackServer) -> None:
        self.org, self.hub, self.index, self.slack = org, hub, index, slack
        configure(org, forge="github", index="pypi", gate="slack", attestation="auto", **QUICK)
        configure(org, approvers=[ANN], rehearse=False)
        self.env = {**hub.env, **slack.environ, "OMNI_RELEASE_INDEX_URL": index.url}

    def doctor(self, *args: str) -> Ran:
        return run_cli(self.org, "doctor", *args, env=self.env)

    def states(self, *args: str) -> dict[tuple[str, str], str]:
        """Subject and name of every check to its state, as doctor tells them in JSON."""
        return {key: check["state"] for key, check in self.checks(*args).items()}

    def checks(self, *args: str) -> dict[tuple[str, str], dict[str, Any]]:
        told = json.loads(self.doctor("--json", *args).out)["checks"]
        return {(check["subject"], check["check"]): check for check in told}

    def check(self, subject: str, name: str) -> dict[str, Any]:
        return self.checks()[subject, name]


def policy(**changes: Any) -> Any:
    def applied(desk: Desk) -> None:
        for name, value in changes.items():
            assert hasattr(desk.hub.policy("alpha"), name)
            setattr(desk.hub.policy("alpha"), name, value)

    return applied


def workflow(text: str) -> Any:
    def applied(desk: Desk) -> None:
        path = ".github/workflows/release.yml"
        land(desk.org.remote("alpha"), path, text, "ci: another trigger")
        remote, ours = str(desk.org.remote("alpha")), "main:refs/remotes/origin/main"
        git(desk.org.clone("alpha"), "fetch", "--quiet", remote, ours)

    return applied


def base_on_develop(desk: Desk) -> None:
    """alpha is released from a branch beside the default one."""
    configure(desk.org, base_branches={"alpha": "develop"})
    git(desk.org.remote("alpha"), "branch", "develop", "main")
    git(desk.org.clone("alpha"), "update-ref", "refs/remotes/origin/develop", "origin/main")


def ruled(target: str, rules: dict[str, Any], *include: str, **other: Any) -> Any:
    return policy(rulesets=({"target": target, "rules": rules, "include": include, **other},))


DEPLOYS = """on: {push: {tags: ["v*"]}}
jobs: {build: {steps: []}, upload: {environment: {name: pypi}}}
"""


def deploys(rules: dict[str, Any], *admits: str) -> Any:
    def applied(desk: Desk) -> None:
        workflow(DEPLOYS)(desk)
        desk.hub.policy("alpha").environments = {"pypi": rules}
        desk.hub.policy("alpha").admits = admits

    return applied


BY_POLICY = {"protected_branches": False, "custom_branch_policies": True}
