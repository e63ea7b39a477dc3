"""Ways a release could have told a person something that is not so."""

from __future__ import annotations

import io
import os
import pty
import threading
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.gate.console import ConsoleGate
from omninode_release.gate.ports import Question
from omninode_release.models.config_parts import GateCommands
from omninode_release.models.phase import Phase
from omninode_release.system.clock import SystemClock
from support.cli import Terminal, run_cli, state_home
from support.endings import break_phase
from support.gitrepo import git, land, world
from support.repos import configure, spoil

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

TOKEN = ("--run-id", "pair", "--gate-attestation", "1740312612.000100:pair")


def test_not_waiting_for_the_index_does_not_hide_a_failed_build(small_org: Org) -> None:
    configure(small_org, rehearse=False)
    land(small_org.remote("alpha"), "src/alpha/py.typed", "", "fix: typed")
    manifest = (small_org.clone("alpha") / "pyproject.toml").read_text(encoding="utf-8")
    broken = manifest.replace('requires = ["uv_build', 'requires = ["no-such-back-end", "uv_build')
    land(small_org.remote("alpha"), "pyproject.toml", broken, "fix: build")

    ran = run_cli(small_org, *TOKEN, "--skip-pypi-wait")

    assert ran.code == 1
    assert ran.err.startswith("PUBLISH_FAILED: alpha: expected alpha 1.1.0 on the package index")
    assert ran.result is not None
    assert ran.result["details"][0]["pypi_status"] == "failed"


def test_a_version_that_is_on_the_index_already_is_not_ours(small_org: Org) -> None:
    for kind in ("py3-none-any.whl",):
        (small_org.index / f"alpha-1.1.0-{kind}").write_bytes(b"somebody else's")
    before = world(small_org)["remotes"]

    ran = run_cli(small_org, *TOKEN)

    assert ran.code == 1
    assert "VERSION_INVALID: alpha: expected alpha 1.1.0 to be free on the package" in ran.err
    assert world(small_org)["remotes"] == before


def test_what_was_typed_before_the_plan_was_shown_approves_nothing() -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"approve\n")
    terminal = os.fdopen(theirs, encoding="utf-8")
    gate = ConsoleGate(terminal, io.StringIO(), SystemClock(), GateCommands(), 0.3)

    with pytest.raises(ReleaseError) as raised:
        gate.ask(Question("plan", "pair", "sha256:0"), None, lambda _ts: None)

    os.close(ours)  # hangs up, which ends the thread that reads
    for thread in threading.enumerate():
        if thread.name == "gate":
            thread.join(timeout=5)
    terminal.close()
    assert raised.value.code is ErrorCode.GATE_TIMEOUT


def test_a_run_is_not_resumed_on_another_organisation(small_org: Org) -> None:
    spoil(small_org, "beta")
    assert run_cli(small_org, *TOKEN).code == 3
    other = small_org.root / "other_home"
    other.mkdir()
    (other / "release.yaml").write_bytes((small_org.omni_home / "release.yaml").read_bytes())

    ran = run_cli(small_org, "--resume", "pair", *TOKEN[2:], "--omni-home", str(other))

    assert ran.code == 2
    assert f"the run pair belongs to {small_org.omni_home}, found {other}" in ran.err


def test_a_refusal_leaves_the_result_of_the_run_it_met(small_org: Org) -> None:
    spoil(small_org, "beta")
    assert run_cli(small_org, *TOKEN).code == 3
    result = state_home(small_org) / "skill-results/pair/release.json"
    before = result.read_bytes()

    again = run_cli(small_org, *TOKEN)
    resumed = run_cli(small_org, "--resume", "pair")  # no terminal, no token

    assert again.err.startswith("RUN_EXISTS")
    assert resumed.err.startswith("GATE_FAILED")
    assert resumed.code == 3
    assert resumed.result is not None
    assert resumed.result["repos_succeeded"] == 1
    assert before != b""


def test_a_dry_run_says_that_its_run_has_begun(small_org: Org) -> None:
    spoil(small_org, "beta")
    assert run_cli(small_org, *TOKEN).code == 3

    plain = run_cli(small_org, "--dry-run", "--run-id", "pair")
    strict = run_cli(small_org, "--dry-run", "--strict", "--run-id", "pair")

    assert "RUN_EXISTS: pair has begun; a real run is refused: omni-release --resume" in plain.out
    assert (plain.code, strict.code) == (0, 1)


def test_nothing_to_release_needs_nobody_to_ask(small_org: Org) -> None:
    for repo, tag in (("alpha", "v1.0.1"), ("beta", "v0.4.1")):
        git(small_org.remote(repo), "tag", tag, "main")

    ran = run_cli(small_org)  # no terminal

    assert (ran.code, ran.err) == (0, "")
    assert ran.result is not None
    assert (ran.result["status"], ran.result["repos_attempted"]) == ("SUCCESS", 0)
    assert not (state_home(small_org) / "state/release/release-20260225-91bca0.json").exists()


def test_a_level_below_what_the_commits_say_is_called_out_at_the_gate(small_org: Org) -> None:
    ran = run_cli(small_org, "--bump", "patch", stdin=Terminal("reject\n"))

    message = ran.out[ran.out.index("[HIGH_RISK]") :]
    assert "alpha: --bump patch, but its commits say minor:" in message
    assert "feat(greeting): greet several people at once" in message


def test_a_merge_that_was_not_recorded_may_be_tagged_by_somebody_else(small_org: Org) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.MERGE, after_effect=True)
        assert run_cli(small_org, *TOKEN).code == 3  # alpha is released, beta merged
    remote = small_org.remote("beta")
    git(remote, "tag", "--annotate", "--message", "beta 0.4.1", "v0.4.1", "main")

    ran = run_cli(small_org, "--resume", "pair", *TOKEN[2:])

    assert (ran.code, ran.err) == (0, "")
    assert git(remote, "rev-parse", "v0.4.1^{}") == git(remote, "rev-parse", "beta/v0.4.1^{}")


def test_an_omni_home_nobody_can_look_at_is_no_bug_of_ours(small_org: Org) -> None:
    ran = run_cli(small_org, "--dry-run", "--omni-home", "x" * 4000)

    assert ran.code == 2
    assert ran.err.startswith("CONFIG_INVALID: expected a folder with the clones at ")
    assert "found File name too long" in ran.err
