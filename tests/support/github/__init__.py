"""A GitHub look-alike for the real gh program.

It holds state, its repositories are real bare git repositories, and it fails a test that asks for
anything it does not know. ``GitHub.env`` makes gh and git reach it; nothing listens on a network.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from omninode_release.adapters.local.index import LocalIndex
from omninode_release.adapters.uv import Links, Uv
from support.github.actions import Actions
from support.github.policy import Fault, FaultKind, Policy, Refusal, WorkflowRun
from support.github.repository import Repository
from support.github.server import TOKEN, Server
from support.orgs import programs

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org
    from support.passing import Passing

__all__ = ["TOKEN", "Fault", "FaultKind", "GitHub", "Policy", "Refusal", "WorkflowRun"]

# What git runs instead of ssh: the bare repository of the same name is on this machine.
_SSH = """#!/bin/sh
# $1 is the host, $2 what is to run there: git-upload-pack '/owner/name.git'
set -eu
name=$(printf '%s' "$2" | sed -n "s|^git-[a-z]*-pack '/*[^/]*/\\([^/']*\\)'$|\\1|p")
exec git "$(printf '%s' "${2%% *}" | sed 's/^git-//')" "@REMOTES@/${name%.git}.git"
"""


class GitHub:
    """The organisation's remotes as repositories of github.com."""

    def __init__(self, org: Org) -> None:
        config = yaml.safe_load((org.omni_home / "release.yaml").read_text(encoding="utf-8"))
        self.owner: str = config["organization"]
        self._org = org
        # Not below the test's folder: the name of a socket is short (unix(7), 108 bytes).
        self._folder = Path(tempfile.mkdtemp(prefix="gh-"))
        self._publishes = LocalIndex(org.index)
        repositories = {}
        for name in org.repos:
            repository = Repository(self.owner, name, org.remote(name))
            repository.sync()
            actions = Actions(repository, self._build, seen=set(repository.tags()))
            repositories[f"{self.owner}/{name}"] = repository, actions
            self._point_to_github(org, name)
        self._server = Server(repositories)
        self._stop = self._server.start(self._folder / "socket")
        self.env = self._environment()

    def policy(self, repo: str) -> Policy:
        return self.repository(repo).policy

    def repository(self, repo: str) -> Repository:
        return self._server.repositories[f"{self.owner}/{repo}"][0]

    def actions(self, repo: str) -> Actions:
        return self._server.repositories[f"{self.owner}/{repo}"][1]

    def inject(self, *faults: Fault) -> None:
        self._server.faults += faults

    def follow(self, clock: Passing) -> None:
        """Let the checks and workflows take time, on a clock where only sleeping does."""
        names = [name.partition("/")[2] for name in self._server.repositories]
        for name in names:
            self.policy(name).clock = clock.monotonic

        def go_on() -> None:
            for name in names:
                self.actions(name).go_on()

        clock.go_on = go_on

    @property
    def received(self) -> str:
        """Every body that was sent to it."""
        return "\n".join(self._server.received)

    def calls(self, repo: str, name: str | None = None) -> int:
        """How many requests there were about a repository."""
        about = f"{self.owner}/{repo}"
        counted = self._server.calls.items()
        return sum(n for (where, what), n in counted if where == about and name in {None, what})

    def unchanged(self, repo: str) -> int:
        """How many of them were answered 304."""
        about = f"{self.owner}/{repo}"
        return sum(n for (where, _), n in self._server.unchanged.items() if where == about)

    def faulted(self, repo: str) -> set[str]:
        """Names of the requests that something was injected into."""
        return {n for _, n, where in self._server.injected if where == f"{self.owner}/{repo}"}

    def counts(self, repo: str) -> dict[str, int]:
        """What a release may make once."""
        repository, actions = self.repository(repo), self.actions(repo)
        return {
            "pull requests": len(repository.pulls),
            "merges": repository.merges,
            "runs": len(actions.runs),
            "dispatches": actions.dispatches,
        }

    def close(self) -> None:
        """Stop listening; raises when there was a request nobody knew."""
        self._stop()
        shutil.rmtree(self._folder)
        assert self._server.problems == []

    def _build(self, tree: Path) -> None:
        """What the workflow's job does."""
        uv = Uv(programs(), 60, Links(self._org.index, only=True))
        with tempfile.TemporaryDirectory() as out:
            self._publishes.publish(uv.build(tree, Path(out)))

    def _point_to_github(self, org: Org, name: str) -> None:
        config = org.clone(name) / ".git" / "config"
        text = config.read_text(encoding="utf-8")
        url = f"https://github.com/{self.owner}/{name}"
        config.write_text(text.replace(str(org.remote(name)), url), encoding="utf-8")

    def _environment(self) -> dict[str, str]:
        """Settings for gh and git; the rewritten URL is one that gh, too, knows GitHub in."""
        settings = self._folder / "config.yml"
        socket = self._folder / "socket"
        settings.write_text(f'version: "1"\nhttp_unix_socket: {socket}\n', encoding="utf-8")
        ssh = self._folder / "ssh"
        ssh.write_text(_SSH.replace("@REMOTES@", str(self._org.remotes)), encoding="utf-8")
        ssh.chmod(0o755)
        git = {"url.ssh://git@github.com/.insteadOf": "https://github.com/",
               "ssh.variant": "simple"}  # fmt: skip
        numbered = enumerate(git.items())
        return {
            "GH_CONFIG_DIR": str(self._folder),
            "GH_TOKEN": TOKEN,
            "GH_NO_UPDATE_NOTIFIER": "1",
            "GIT_ALLOW_PROTOCOL": "file:ssh",
            "GIT_SSH_COMMAND": str(ssh),
            "GIT_CONFIG_COUNT": str(len(git)),
            **{k: v for n, (key, value) in numbered
               for k, v in ((f"GIT_CONFIG_KEY_{n}", key), (f"GIT_CONFIG_VALUE_{n}", value))},
        }  # fmt: skip
