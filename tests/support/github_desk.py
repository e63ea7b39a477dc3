"""A forge on a look-alike of GitHub, and a release branch to try it with."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omninode_release.adapters.github.api import GitHubApi
from omninode_release.adapters.github.calls import GitHubCalls
from omninode_release.adapters.github.forge import GitHubForge
from omninode_release.models.config_parts import Polling
from omninode_release.models.forge import Slug
from omninode_release.system.process import Programs
from support.github import GitHub, Policy
from support.gitrepo import git, tree_of
from support.passing import Hurried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omninode_release.commands.demo_org import Org
    from omninode_release.models.forge import PullRequest, WorkflowRun


BRANCH = "release/r/alpha"
TAGS = ("alpha/v1.0.1", "v1.0.1")


@dataclass
class Desk:
    """One repository, the forge that is tested, and what the look-alike made of it."""

    github: GitHub
    org: Org
    forge: GitHubForge

    @property
    def policy(self) -> Policy:
        return self.github.policy("alpha")

    def counts(self) -> dict[str, int]:
        return self.github.counts("alpha")

    def push_branch(self) -> str:
        """A release branch on the remote, one commit ahead of main."""
        return self._release("refs/heads/" + BRANCH)

    def push_tags(self, *tags: str) -> None:
        sha = self._release("refs/heads/other")
        for tag in tags:
            git(self.org.remote("alpha"), "update-ref", f"refs/tags/{tag}", sha)

    def create(self) -> PullRequest:
        self.push_branch()
        return self.forge.pulls.create(
            branch=BRANCH, base="main", title="release: alpha", body="`x`\n"
        )

    def wait(self, number: int, until: Callable[[PullRequest], bool]) -> PullRequest:
        looks = [self.forge.pulls.view(number)]
        while not until(looks[-1]):
            assert len(looks) < 9, f"never so: {looks}"
            looks.append(self.forge.pulls.view(number))
        return looks[-1]

    def find_run(self) -> WorkflowRun | None:
        """The run of the tags as they are now."""
        remote = self.org.remote("alpha")
        return self.forge.runs.find(TAGS, git(remote, "rev-parse", f"refs/tags/{TAGS[0]}^0"))

    def run_that(self, state: str) -> WorkflowRun:
        looks = [self.find_run()]
        while (run := looks[-1]) is None or run.state != state:
            assert len(looks) < 9, f"never {state}: {looks}"
            looks.append(self.find_run())
        return run

    def _release(self, ref: str) -> str:
        remote = self.org.remote("alpha")
        text = tree_of(remote, "main")["pyproject.toml"].replace("1.0.0", "1.0.1")
        stream = (
            f"commit {ref}\ncommitter Ann <ann@tests.example> 1771934400 +0000\n"
            f"data 1\nrfrom refs/heads/main^0\nM 100644 inline pyproject.toml\n"
            f"data {len(text.encode())}\n{text}\n"
        )
        git(remote, "fast-import", "--quiet", stdin=stream)
        return git(remote, "rev-parse", ref)


@contextmanager
def desk_of(org: Org) -> Iterator[Desk]:
    github = GitHub(org)
    alpha = github.policy("alpha")
    alpha.checks_hidden = alpha.settles_after = alpha.run_hidden = 1
    api = GitHubApi(
        GitHubCalls(
            slug=Slug("github.com", github.owner, "alpha"),
            cwd=org.clone("alpha"),
            run=Programs({**os.environ, **github.env}),
            clock=Hurried(),
        ),
        jitter=lambda: 0.0,
        polling=Polling(min_seconds=0.01, max_seconds=0.05),
        grace=1.0,
    )
    yield Desk(github, org, GitHubForge(api, "release.yml"))
    github.close()


def is_green(pull: PullRequest) -> bool:
    return pull.settled and bool(pull.checks) and all(c.state == "success" for c in pull.checks)


def merged(desk: Desk, pull: PullRequest) -> PullRequest:
    ready = desk.wait(pull.number, is_green)
    desk.forge.pulls.merge(
        pull.number, head_sha=ready.head_sha, subject="release (#1)", body="Run: r"
    )
    return desk.forge.pulls.view(pull.number)
