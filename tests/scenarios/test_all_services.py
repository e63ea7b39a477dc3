"""Six repositories through GitHub, the package index and Slack at once, calm and stormy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from support.cli import Ran, run_cli
from support.endings import RUN, is_archived
from support.github import TOKEN as GITHUB_TOKEN
from support.github import Fault, FaultKind, GitHub
from support.gitrepo import git, tree_of
from support.loopback import LOST
from support.orgs import copy_org
from support.pypi_server import PyPIServer, busy
from support.repos import configure
from support.slack_server import (
    ANN,
    BEN,
    CUT_AFTER,
    CUT_BEFORE,
    DOWN,
    TOKEN,
    Say,
    SlackServer,
    rate_limited,
    refused,
)

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed")

CALLS = (
    "FindPullRequest", "create", "ViewPullRequest", "MoreChecks", "TargetPullRequest",
    "MergePullRequest", "EnqueuePullRequest", "runs", "dispatch",
)  # fmt: skip
KINDS: dict[str, FaultKind] = {
    "omnibase_spi": "502",
    "omnibase_core": "lost",
    "omnibase_infra": "429",
    "omniintelligence": "secondary",
    "omnimemory": "502",
    "omniclaude": "lost",
}
"""What goes wrong once at each call about a repository."""
MOST_EVENTS = 60
ONCE = {"pull requests": 1, "merges": 1, "runs": 1, "dispatches": 0}


@dataclass(frozen=True)
class Services:
    """The organisation, and the three services it is released through."""

    org: Org
    hub: GitHub
    index: PyPIServer
    slack: SlackServer

    def release(self) -> Ran:
        environ = {
            **self.hub.env,
            **self.slack.environ,
            "OMNI_RELEASE_INDEX_URL": self.index.url,
            "UV_DEFAULT_INDEX": f"{self.index.url}/simple/",
        }
        return run_cli(self.org, "--run-id", RUN, "--events", str(self.events), env=environ)

    @property
    def events(self) -> Path:
        """Where the run tells what happens."""
        return self.org.root / "events.jsonl"


@contextmanager
def services(org: Org) -> Iterator[Services]:
    configure(
        org,
        forge="github",
        index="pypi",
        gate="slack",
        attestation="auto",
        approvers=[ANN],
        timeouts={
            "checks_grace_seconds": 0.05,
            "workflow_grace_seconds": 1,
            "own_grace_seconds": 1,
            "index_grace_seconds": 30,
            "merge_minutes": 2,
        },
        polling={"min_seconds": 0.01, "max_seconds": 0.05},
    )
    hub = GitHub(org)
    with PyPIServer(folder=org.index) as index, SlackServer() as slack, closing(hub):
        slack.script = {2: [Say("approve", BEN)], 3: [Say("do not approve"), Say("approve")]}
        yield Services(org, hub, index, slack)


def _trouble(at: Services) -> None:
    """Everything that may go wrong without a person having to mend it, each thing once."""
    at.hub.inject(*(Fault(kind, call, repo) for repo, kind in KINDS.items() for call in CALLS))
    spi, core, infra, intelligence, memory, claude = (at.hub.policy(repo) for repo in KINDS)
    spi.checks_hidden, spi.checks_running, spi.settles_after = 3, 4, 3
    core.push_starts = False
    infra.push_starts = False
    infra.optional_red = True
    intelligence.review, intelligence.unresolved = "approved", 1
    memory.queue = "merges"
    claude.run, claude.late_looks = "red but published", 2
    at.slack.page_size = 2
    at.slack.troubles = {
        "auth.test": [DOWN],
        "chat.postMessage": [rate_limited(), CUT_AFTER, None, DOWN],
        "conversations.history": [rate_limited()],
        "conversations.replies": [CUT_BEFORE, None, DOWN, refused("internal_error")],
    }
    at.index.late = {"omnibase-spi 1.2.1": 3, "omnibase-core 1.5.0": 1}
    at.index.troubles = [busy(500), LOST, busy(429, after="0")]


def _released(at: Services) -> dict[str, Any]:
    """What a release is to everybody else: sources, history, tags, files, what is left over."""
    org = at.org
    found: dict[str, Any] = {}
    for repo in org.repos:
        remote = org.remote(repo)
        tree = tree_of(remote, "main")
        tags = git(remote, "for-each-ref", "--format=%(refname) %(contents:subject)", "refs/tags")
        where = {
            tag: git(remote, "log", "-1", "--format=%s", tag) for tag in git(remote, "tag").split()
        }
        found[repo] = {
            "sources": {path: text.replace(at.index.url, "INDEX") for path, text in tree.items()},
            "history": git(remote, "log", "--format=%s", "main").splitlines(),
            "tags": tags.splitlines(),
            "tagged": where,
            "branches": git(remote, "branch", "--list").split(),
        }
    found["index"] = sorted(path.name for path in org.index.iterdir())
    return found


def test_the_end_is_the_same_whatever_goes_wrong_on_the_way(
    demo_template: Org, tmp_path: Path
) -> None:
    ends = []
    for name, troubled in (("calm", False), ("storm", True)):
        with services(copy_org(demo_template, tmp_path / name)) as at:
            if troubled:
                _trouble(at)
            ran = at.release()

            assert ran.code == 0, ran.out + ran.err
            assert at.events.read_bytes().count(b"\n") <= MOST_EVENTS
            assert_once(at, dispatched={"omnibase_core", "omnibase_infra"} if troubled else set())
            if troubled:
                for repo in KINDS:
                    assert at.hub.faulted(repo) == _met(repo)
            assert ran.result is not None
            assert ran.result["gate"]["approver"] == ANN
            assert ran.result["gate_token"] == f"{at.slack.gates[0]['ts']}:{RUN}"
            assert is_archived(at.org)
            _holds_no_token(at, ran)
            ends.append(_released(at))
            for each in ran.result["details"]:
                subject = f"release: {each['repo']} v{each['new_version']} (#1)"
                tagged = ends[-1][each["repo"]]["tagged"]
                assert [tagged[tag] for tag in each["tags"]] == [subject] * 2

    assert ends[0] == ends[1]


def assert_once(at: Services, *, dispatched: set[str]) -> None:
    """One pull request, one merge, one run, at most one dispatch; one question, one summary."""
    for repo in at.org.repos:
        expected = ONCE | {"dispatches": int(repo in dispatched)}
        assert at.hub.counts(repo) == expected, repo
    assert len(at.slack.gates) == 1
    said = [m["text"] for m in at.slack.messages if "thread_ts" not in m]
    assert [text.split(" ")[0] for text in said] == ["[HIGH_RISK]", "[LOW_RISK]"]
    assert "SUCCESS: 6 released" in said[1]


def _met(repo: str) -> set[str]:
    """The calls a release makes about that repository, where something was to go wrong."""
    queued = {"MergePullRequest"} if repo == "omnimemory" else {"EnqueuePullRequest"}
    by_hand = set() if repo in {"omnibase_core", "omnibase_infra"} else {"dispatch"}
    return {*CALLS} - queued - by_hand


def _holds_no_token(at: Services, ran: Ran) -> None:
    written = {path: path.read_bytes() for path in at.org.root.rglob("*") if path.is_file()}
    for token in (GITHUB_TOKEN, TOKEN):
        assert token not in ran.out + ran.err
        assert not [path for path, data in written.items() if token.encode() in data]
