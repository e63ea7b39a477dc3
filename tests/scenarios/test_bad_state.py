"""State files that cannot be trusted: each is refused, named and left byte for byte as it is."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release import __version__
from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from support.cli import Terminal, run_cli, state_home
from support.endings import break_phase
from support.failures import fails
from support.orgs import copy_org

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

RUN = "release-20260225-91bca0"
TORN: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "not JSON"),
    "truncated": (lambda good: good[: len(good) // 2], "not JSON"),
    "binary": (lambda _: b"\xff\xfe\x00", "not JSON"),
    "null": (lambda _: b"null", "has no schema_version"),
    "a list": (lambda _: b"[1]", "schema_version"),
    "another document": (lambda _: b'{"name": "x"}', "schema_version"),
    "deeply nested": (lambda _: b"[" * 100_000, "not JSON"),
    "with a NaN": (lambda good: good.replace(b'"tier": 1', b'"tier": NaN', 1), "tier"),
}
CHANGED: dict[str, tuple[dict[str, Any], str]] = {
    "of an older version": (
        {"schema_version": 0},
        "schema_version is 0, and this omni-release reads 1",
    ),
    "of a newer version": (
        {"schema_version": 2},
        "schema_version is 2, and",
    ),
    "without repositories": ({"repos": None}, "repos"),
    "with a phase nobody knows": ({"repos": {"alpha": {"phase": "BAKED"}}}, "repos/alpha"),
    "with a key nobody knows": ({"mood": "fine"}, "mood"),
    "with a date that is none": ({"started_at": "yesterday"}, "started_at"),
    "of another run": ({"run_id": "other"}, "belongs to the run other"),
    "with a result elsewhere": ({"context_id": "../../elsewhere"}, "context_id"),
    "with a repository elsewhere": ({"targets": ["../alpha"]}, "expected names of repositories"),
    "without a row of what it releases": ({"repos": {}}, "expected alpha, which is planned"),
}


@pytest.fixture(scope="module")
def good_state(pair_template: Org, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The state of a run that was rejected."""
    org = copy_org(pair_template, tmp_path_factory.mktemp("good") / "org")
    run_cli(org, stdin=Terminal("reject\n"))
    return _path(org).read_bytes()


def _path(org: Org) -> Path:
    return state_home(org) / "state" / "release" / f"{RUN}.json"


def _refused(org: Org, spoilt: bytes, why: str, *args: str) -> None:
    path = _path(org)
    path.parent.mkdir(parents=True)
    path.write_bytes(spoilt)

    failure = fails(org, ErrorCode.STATE_CORRUPT, *args)

    failure.says(str(path), why, "is left as it was", f"mv {path}")
    assert path.read_bytes() == spoilt


@pytest.mark.parametrize(("spoil", "why"), TORN.values(), ids=TORN)
def test_a_torn_state_is_refused(
    small_org: Org, good_state: bytes, spoil: Callable[[bytes], bytes], why: str
) -> None:
    spoilt = spoil(good_state)
    assert spoilt != good_state

    _refused(small_org, spoilt, why, "--resume", RUN)


@pytest.mark.parametrize(("changes", "why"), CHANGED.values(), ids=CHANGED)
def test_a_state_that_does_not_fit_is_refused(
    small_org: Org, good_state: bytes, changes: dict[str, Any], why: str
) -> None:
    spoilt = json.dumps({**json.loads(good_state), **changes}).encode()

    _refused(small_org, spoilt, why, "--resume", RUN)


OUTPUTS: dict[str, tuple[dict[str, Any], str]] = {
    "of another phase": ({"BUMP": {"ran": True}}, "repos/alpha/outputs/BUMP/version"),
    "with a key nobody knows": (
        {"LINT": {"ran": True, "mood": "fine"}},
        "repos/alpha/outputs/LINT/mood",
    ),
    "with an option for a commit": (
        {"COMMIT": {"sha": "--output=x", "subject": "release"}},
        "outputs/COMMIT/sha: expected a commit",
    ),
}


@pytest.mark.parametrize(("outputs", "why"), OUTPUTS.values(), ids=OUTPUTS)
def test_evidence_that_does_not_fit_is_refused(
    small_org: Org, good_state: bytes, outputs: dict[str, Any], why: str
) -> None:
    state = json.loads(good_state)
    state["repos"]["alpha"]["outputs"] = outputs

    _refused(small_org, json.dumps(state).encode(), why, "--resume", RUN)


def test_a_release_that_a_person_wrote_down_as_done_is_refused(
    small_org: Org, good_state: bytes
) -> None:
    state = json.loads(good_state)
    state["repos"]["alpha"] |= {"phase": "DONE", "completed_phase": "DONE"}

    why = "repos/alpha: expected the evidence of each phase of what is DONE, found none of WORKTREE"
    _refused(small_org, json.dumps(state).encode(), why, "--resume", RUN)


def test_a_fresh_run_does_not_write_over_a_torn_state_of_its_id(small_org: Org) -> None:
    _refused(small_org, b"{", "not JSON")


def test_a_good_state_is_resumed(small_org: Org, good_state: bytes) -> None:
    path = _path(small_org)
    path.parent.mkdir(parents=True)
    state = json.loads(good_state) | {"omni_home": str(small_org.omni_home)}
    path.write_text(json.dumps(state), encoding="utf-8")

    ran = run_cli(small_org, "--resume", RUN, stdin=Terminal("reject\n"))

    assert ran.err.startswith("GATE_REJECTED")


@pytest.mark.usefixtures("only_steps", "no_hooks")
@pytest.mark.parametrize(
    "phase", [Phase.WORKTREE, Phase.COMMIT, Phase.PUSH, Phase.MERGE, Phase.TAG]
)
def test_a_run_whose_state_is_moved_away_is_in_no_fresh_runs_way(
    small_org: Org, phase: Phase
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, phase, after_effect=True, repo="alpha")
        assert run_cli(small_org, stdin=Terminal("approve\n")).code == 1
    _path(small_org).write_bytes(b"torn")
    refused = run_cli(small_org, "--resume", RUN)
    (move,) = re.findall(r"\((mv .*)\) and start a fresh run", refused.err)
    subprocess.run(shlex.split(move), check=True)

    ran = run_cli(small_org, stdin=Terminal("approve\n"))

    assert (ran.code, ran.err) == (0, "")
    assert ran.result is not None
    assert ran.result["run_id"] == f"{RUN}-2"
    assert _path(small_org).with_suffix(".json.broken").exists()


NEWER = {"program_version": "9.9.9"}


@pytest.mark.parametrize(
    "changes", [{"mood": "fine"}, {"schema_version": 2}, {"repos": {"alpha": {"phase": "BAKED"}}}]
)
@pytest.mark.parametrize(
    "args", [("--resume", RUN), ("status", RUN), ("abandon", RUN), ("--run-id", RUN)], ids=" ".join
)
def test_a_state_of_a_newer_version_leads_back_to_that_version(
    small_org: Org, good_state: bytes, changes: dict[str, Any], args: tuple[str, ...]
) -> None:
    path = _path(small_org)
    path.parent.mkdir(parents=True)
    written = json.dumps({**json.loads(good_state), **changes, **NEWER}).encode()
    path.write_bytes(written)

    ran = run_cli(small_org, *args)

    assert (ran.code, path.read_bytes()) == (1, written)
    assert f"; omni-release 9.9.9 wrote it, and this is {__version__}. It is left as" in ran.err
    assert "Next: pip install omninode-release==9.9.9, then try again" in ran.err
    assert "fresh run" not in ran.err


@pytest.mark.parametrize("version", [None, 9, "", "9.9.9; rm -rf /", "\x1b[2J", __version__])
def test_a_state_that_names_no_other_version_is_told_as_corrupt(
    small_org: Org, good_state: bytes, version: object
) -> None:
    changes = {"mood": "fine", "program_version": version}
    spoilt = json.dumps({**json.loads(good_state), **changes}).encode()

    _refused(small_org, spoilt, "", "--resume", RUN)


def test_a_state_names_the_version_that_wrote_it(good_state: bytes) -> None:
    assert json.loads(good_state)["program_version"] == __version__
