"""One organisation on either forge, embedded and GitHub, so that an attack is tried on both."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from support.cli import Ran, Terminal, run_cli
from support.endings import APPROVED, RUN, branch, break_phase
from support.gitrepo import SOME_DAY, all_refs, files_of, git

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pytest

    from omninode_release.commands.demo_org import Org
    from omninode_release.models.phase import Phase
    from support.github import GitHub

SOON = {
    "timeouts": {
        "checks_grace_seconds": 0.05,
        "workflow_grace_seconds": 1,
        "own_grace_seconds": 1,
        "index_grace_seconds": 0.3,
        "merge_minutes": 1,
    },
    "polling": {"min_seconds": 0.01, "max_seconds": 0.05},
}
"""Waits of a configuration for a look-alike, which is quick."""
AUTHOR = "Cole League <cole@tests.example>"


@dataclass
class Site:
    """Where the pair is released: on the embedded forge where ``hub`` is None."""

    org: Org
    hub: GitHub | None = None

    @property
    def env(self) -> Mapping[str, str]:
        return self.hub.env if self.hub else {}

    def run(self, *args: str, stdin: str = "approve\n", env: Mapping[str, str] = {}) -> Ran:
        """Run with a person at the terminal, who approves."""
        return run_cli(self.org, *args, stdin=Terminal(stdin), env={**self.env, **env})

    def release(self, *args: str, run_id: str = RUN) -> Ran:
        """A run of beta alone, approved beforehand."""
        token = ("--gate-attestation", f"1740312612.000100:{run_id}")
        return run_cli(self.org, "beta", "--run-id", run_id, *token, *args, env=self.env)

    def resume(self, *args: str) -> Ran:
        """Take the run up again; a person approves whatever is planned now."""
        return self.run("--resume", RUN, *args)

    def resume_by_token(self) -> Ran:
        return run_cli(self.org, "--resume", RUN, *APPROVED, env=self.env)

    def stop_at(self, patch: pytest.MonkeyPatch, phase: Phase, *args: str) -> None:
        """A run of beta that fails before the effect of one step."""
        with patch.context() as inside:
            break_phase(inside, phase, after_effect=False)
            ran = self.release(*args)
        assert ran.code == 1, ran.out + ran.err

    # What others do.

    @property
    def remote(self) -> Path:
        return self.org.remote("beta")

    def commit_on_branch(
        self, path: str, content: str, message: str, *, onto: str | None = None
    ) -> str:
        """A colleague commits on the release branch on the remote."""
        name = branch("beta")
        return commit_on(self.remote, f"refs/heads/{name}", path, content, message, onto=onto)

    def set_pull(self, number: int, **changes: Any) -> None:
        """A colleague edits a pull request: ``title``, ``body``, ``base``, ``closed``."""
        if self.hub is None:
            path = self.org.remotes / "beta.forge" / "pulls" / f"{number}.json"
            facts = json.loads(path.read_text(encoding="utf-8"))
            path.write_text(json.dumps(facts | changes), encoding="utf-8")
            return
        pull = self.hub.repository("beta").pulls[number]
        if changes.pop("closed", False):
            pull.state = "CLOSED"
        for name, value in changes.items():
            setattr(pull, name, value)

    @contextmanager
    def before_pulls(self) -> Iterator[None]:
        """Let the forge show none of beta's pull requests while the block runs."""
        pulls = self.hub.repository("beta").pulls.values() if self.hub else ()
        opened = [pull for pull in pulls if pull.state == "OPEN"]
        records = [] if self.hub else [*(self.org.remotes / "beta.forge/pulls").glob("*.json")]
        for pull in opened:
            pull.state = "CLOSED"
        for record in records:
            self.set_pull(int(record.stem), closed=True)
        yield
        for pull in opened:
            pull.state = "OPEN"
        for record in records:
            self.set_pull(int(record.stem), closed=False)

    def mark_merged(self, merge: str) -> None:
        """The pull request as the forge shows it after a colleague merged it as ``merge``."""
        git(self.remote, "update-ref", "refs/heads/main", merge)
        if self.hub is None:
            head = git(self.remote, "rev-parse", branch("beta"))
            git(self.remote, "update-ref", "refs/pull/1/head", head)
            git(self.remote, "update-ref", "refs/pull/1/merge", merge)
            return
        pull = self.hub.repository("beta").pulls[1]
        self.hub.repository("beta").sync()
        pull.state, pull.merge = "MERGED", merge

    def body_of(self, number: int) -> str:
        if self.hub is not None:
            return self.hub.repository("beta").pulls[number].body
        path = self.org.remotes / "beta.forge" / "pulls" / f"{number}.json"
        return str(json.loads(path.read_text(encoding="utf-8"))["body"])

    # What is there.

    def outside(self) -> dict[str, Any]:
        """All that others see: refs of the remotes, files on the index, pull requests."""
        # A check is run where a pull request is looked at, which is no change of it.
        pulls: Any = {
            repo: files_of(self.org.remotes / f"{repo}.forge", without=("checks",))
            for repo in self.org.repos
        }
        if self.hub is not None:
            pulls = {
                repo: [
                    (p.number, p.state, p.title, p.body, p.base, p.merge)
                    for p in self.hub.repository(repo).pulls.values()
                ]
                for repo in self.org.repos
            }
        refs = {repo: all_refs(self.org.remote(repo)) for repo in self.org.repos}
        if self.hub is not None:  # the look-alike moves it when it is next asked
            refs = {
                repo: {k: v for k, v in found.items() if not k.startswith("refs/pull/")}
                for repo, found in refs.items()
            }
        return {
            "refs": refs,
            "index": files_of(self.org.index),
            "pull requests": pulls,
        }

    def releases(self) -> list[str]:
        """Subjects of the release commits on beta's main that changed something, newest first."""
        shas = git(self.remote, "log", "--format=%H", "--grep=^release: beta v", "main").split()
        for sha in shas:
            assert git(self.remote, "diff", "--name-only", f"{sha}^", sha), "an empty release"
        return [git(self.remote, "log", "-1", "--format=%s", sha) for sha in shas]


def commit_on(
    remote: Path, ref: str, path: str, content: str, message: str, *, onto: str | None = None
) -> str:
    """Commit one file on a ref of a bare repository, as a colleague who pushed it."""
    parent = onto or git(remote, "rev-parse", ref)
    stream = (
        f"commit refs/heads/tmp\ncommitter {AUTHOR} 1771934400 +0000\n"
        f"data {len(message.encode())}\n{message}\nfrom {parent}\n"
        f"M 100644 inline {path}\ndata {len(content.encode())}\n{content}\n"
    )
    git(remote, "fast-import", "--quiet", "--force", stdin=stream, when=SOME_DAY)
    made = git(remote, "rev-parse", "refs/heads/tmp")
    git(remote, "update-ref", "-d", "refs/heads/tmp")
    git(remote, "update-ref", ref, made)
    return made
