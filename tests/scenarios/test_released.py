"""What a release leaves behind and what a person reads of it, as snapshots.

Clock, run id, names and dates are fixed, so the commit ids are too; only the folder a test runs in
is not ours to choose and is written as ORG.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

import pytest

from omninode_release.contract.load import load_contract
from omninode_release.models.phase import PhaseState
from support.cli import Ran, Terminal, run_cli, state_home
from support.gitrepo import git
from support.orgs import copy_org

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from omninode_release.commands.demo_org import Org

RUN = "release-20260225-0e587f"
TOKEN = f"1740312612.000100:{RUN}"
PAIR_RUN = "pair"
PAIR_TOKEN = f"1740312612.000100:{PAIR_RUN}"
DATES = "--date=format:%Y-%m-%dT%H:%M:%S%z"  # git's own spelling of UTC is not always the same


def seen(org: Org, text: str) -> str:
    return text.replace(str(org.root), "ORG")


def released(org: Org, run: str, token: str) -> Ran:
    ran = run_cli(org, "--run-id", run, "--gate-attestation", token)
    assert ran.code == 0, ran.out + ran.err
    return ran


class Release(NamedTuple):
    """A release of the two repositories; tests only look at it."""

    org: Org
    ran: Ran


@pytest.fixture(scope="module")
def pair(pair_template: Org, tmp_path_factory: pytest.TempPathFactory) -> Release:
    org = copy_org(pair_template, tmp_path_factory.mktemp("released") / "org")
    return Release(org, released(org, PAIR_RUN, PAIR_TOKEN))


def test_the_plan_of_six_repositories(org: Org, snapshot: SnapshotAssertion) -> None:
    ran = run_cli(org, "--dry-run", "--offline")

    assert "omnibase_core     2     1.4.0    1.5.0  minor        8  release" in ran.out
    assert seen(org, ran.out) == snapshot


def test_the_gate_asks_in_the_layout_of_the_spec(org: Org, snapshot: SnapshotAssertion) -> None:
    ran = run_cli(org, stdin=Terminal("reject\n"))
    message = ran.out[ran.out.index("[HIGH_RISK]") : ran.out.index("approve or reject?")]

    assert "    omnibase_spi       1.2.0 → 1.2.1  (patch, 3 commits)\n" in message
    assert message == snapshot


def test_a_release_of_six_repositories(org: Org, snapshot: SnapshotAssertion) -> None:
    ran = released(org, RUN, TOKEN)

    summary = ran.out[ran.out.index("  repo              old → new") :]
    assert f"SUCCESS {RUN}: 6 released, 0 failed, 0 blocked, 0 skipped" in summary
    assert seen(org, summary) == snapshot(name="summary")
    for repo in org.repos:
        diff = git(org.remote(repo), "show", "--unified=0", "--format=%an <%ae> %ad%n%B", DATES,
                   "main", "--", ":!uv.lock")  # fmt: skip
        assert f"release: {repo} v" in diff
        assert diff == snapshot(name=repo)


def test_what_a_release_writes_on_the_screen(pair: Release, snapshot: SnapshotAssertion) -> None:
    lines = [line for line in pair.ran.out.splitlines() if not line.startswith("  waiting for")]
    progress = [line.split("  (", maxsplit=1)[0] for line in lines if "[1/2]" not in line]
    assert "  MERGE      as " in pair.ran.out
    assert seen(pair.org, "\n".join(progress)) == snapshot


def test_history_and_tags_of_a_release(pair: Release, snapshot: SnapshotAssertion) -> None:
    remote = pair.org.remote("beta")
    log = git(remote, "log", "--format=%h %ad %s", DATES, "main")
    tag = git(remote, "cat-file", "tag", "beta/v0.4.1")
    refs = git(remote, "for-each-ref", "--format=%(refname) %(objecttype)")
    assert git(remote, "rev-parse", "beta/v0.4.1^{commit}") == git(remote, "rev-parse", "main")
    assert f"{log}\n{refs}\n{tag}" == snapshot


def test_the_lock_of_a_release(pair: Release, snapshot: SnapshotAssertion) -> None:
    diff = git(pair.org.remote("beta"), "show", "--unified=0", "--format=", "main", "--", "uv.lock")
    assert '+source = { registry = "/' not in diff
    assert diff == snapshot


def test_the_result_of_a_release(pair: Release, snapshot: SnapshotAssertion) -> None:
    assert pair.ran.result is not None
    assert pair.ran.result["status"] == "SUCCESS"
    assert pair.ran.result["gate"]["config_path"] == str(pair.org.omni_home / "release.yaml")
    assert seen(pair.org, json.dumps(pair.ran.result, indent=1)) == snapshot


def test_the_state_of_a_release(pair: Release, snapshot: SnapshotAssertion) -> None:
    archived = state_home(pair.org) / "state/release/archive" / f"{PAIR_RUN}.json"
    state = json.loads(archived.read_text(encoding="utf-8"))
    beta = state["repos"]["beta"]
    outputs, history = beta.pop("outputs"), beta.pop("phase_history")
    assert state["status"] == "completed"
    assert [event["phase"] for event in history] == [state.value for state in PhaseState]
    assert {event["event"] for event in history} == {"REACHED"}
    assert seen(pair.org, json.dumps(beta, indent=1)) == snapshot(name="progress")
    assert seen(pair.org, json.dumps(outputs, indent=1)) == snapshot(name="evidence")


def test_the_pull_request_of_a_release(pair: Release, snapshot: SnapshotAssertion) -> None:
    pull = json.loads((pair.org.remotes / "beta.forge/pulls/1.json").read_text(encoding="utf-8"))
    assert "alpha==1.1.0" in pull["body"]
    assert f"{pull['title']}\n\n{pull['body']}" == snapshot


def test_every_file_a_run_leaves_is_in_the_table_of_files(pair: Release) -> None:
    root = state_home(pair.org)
    left = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}

    named = {each.name.removeprefix("<root>/") for each in load_contract().files}
    found = {re.sub(r"\bpair\b", "<run_id>", path) for path in left}
    found = {path.replace("results/<run_id>", "results/<context_id>") for path in found}

    assert "skill-results/<context_id>/release.json" in found
    logs = {path.replace("archive/", "") for path in found if path.endswith(".jsonl")}
    assert {path for path in found if not path.endswith(".jsonl")} | logs <= named
