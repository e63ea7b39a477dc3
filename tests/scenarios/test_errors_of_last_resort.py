"""Codes for what must not happen: bugs, and signals.

A bug cannot be provoked from outside, so a broken phase module is put in the place of a good one.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

import omninode_release
from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from omninode_release.phases.lint import LintOutput
from omninode_release.phases.registry import PHASES
from support.cli import MOMENT, run_cli, state_home
from support.failures import fails, provoked, provokes
from support.gitrepo import world
from support.patience import SECONDS, wait_for_file
from support.repos import configure, hook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omninode_release.commands.demo_org import Org

RUN = "release-20260225-91bca0"
TOKEN = f"1740312612.000100:{RUN}"


def _broken(apply: Callable[[], object]) -> SimpleNamespace:
    return SimpleNamespace(done=lambda _step, _ctx: None, apply=lambda _step, _ctx: apply())


@provokes(ErrorCode.OUTPUT_INVALID)
def test_evidence_that_does_not_fit_its_schema_is_not_recorded(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(small_org, rehearse=False)
    monkeypatch.setitem(PHASES, Phase.BUMP, _broken(lambda: LintOutput(ran=True)))

    failure = fails(small_org, ErrorCode.OUTPUT_INVALID, at=("alpha", Phase.BUMP))

    failure.says("schemas/phase-bump.schema.json", "journal")
    assert "BUMP" not in failure.state["repos"]["alpha"]["outputs"]


@provokes(ErrorCode.INTERNAL_ERROR)
def test_a_bug_in_a_step_saves_the_state_and_leaves_a_traceback(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(small_org, rehearse=False)
    monkeypatch.setitem(PHASES, Phase.PIN, _broken(lambda: 1 // 0))

    failure = fails(small_org, ErrorCode.INTERNAL_ERROR, at=("alpha", Phase.PIN))

    log = state_home(small_org) / "state" / "release" / f"{RUN}.log"
    failure.says("ZeroDivisionError", "This is a bug", str(log))
    assert "in <lambda>" in log.read_text(encoding="utf-8")
    monkeypatch.undo()
    again = run_cli(small_org, "--resume", RUN, "--gate-attestation", TOKEN)
    assert (again.code, again.err) == (0, "")


@provokes(ErrorCode.INTERNAL_ERROR)
def test_a_bug_after_a_release_is_still_a_bug_and_not_a_partial_success(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(small_org, rehearse=False)
    good = PHASES[Phase.CHANGELOG]

    def broken(step: object, ctx: object) -> object:
        if getattr(step, "repo", "") == "beta":
            raise KeyError("nobody foresaw this")
        return good.apply(step, ctx)  # type: ignore[arg-type]

    monkeypatch.setitem(
        PHASES, Phase.CHANGELOG, SimpleNamespace(OUTPUT=good.OUTPUT, done=good.done, apply=broken)
    )

    failure = fails(
        small_org,
        ErrorCode.INTERNAL_ERROR,
        at=("beta", Phase.CHANGELOG),
        also={"alpha worktree", "alpha branch", "alpha remote branch"},  # for a resume to tidy
    )

    assert failure.ran.code == 70
    assert failure.result["status"] == "PARTIAL"


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@provokes(ErrorCode.INTERRUPTED)
def test_a_signal_stops_the_program_that_runs_and_a_resume_goes_on(
    small_org: Org, tmp_path: Path, sign: signal.Signals, code: int
) -> None:
    started, ended = tmp_path / "started", tmp_path / "ended"
    script = f'trap "touch {ended}; exit 1" TERM\ntouch {started}\nsleep 60 & wait'
    waits = hook(small_org.clone("alpha"), "commit-msg", script)
    before = world(small_org)["remotes"]
    token = "1740312612.000100:one"  # noqa: S105 - a gate token of this example
    command = ("alpha", "--run-id", "one", "--gate-attestation", token)

    with (
        _interruptible(),
        subprocess.Popen(
            (sys.executable, "-m", "omninode_release", *command, "--json"),
            env=_environment(small_org),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        wait_for_file(started)
        process.send_signal(sign)
        out, err = process.communicate(timeout=SECONDS)

    assert process.returncode == code, err
    assert '"error_code": "INTERRUPTED"' in out
    provoked(ErrorCode.INTERRUPTED)
    assert "Next: omni-release --resume one" in err
    assert ended.exists(), "the hook still runs"
    assert run_cli(small_org, "wait", "one").code == code
    assert world(small_org)["remotes"] == before
    state = state_home(small_org) / "state" / "release" / "one.json"
    assert '"in_progress": "COMMIT"' in state.read_text(encoding="utf-8")
    waits.unlink()
    again = run_cli(small_org, "--resume", "one", "--gate-attestation", token)
    assert (again.code, again.err) == (0, "")
    assert again.result is not None
    assert again.result["repos_succeeded"] == 1


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C reaches what is started here, also where a shell has put us in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _environment(org: Org) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(Path(omninode_release.__file__).parents[1]),
        "OMNI_HOME": str(org.omni_home),
        "ONEX_STATE_DIR": str(state_home(org)),
        "OMNI_RELEASE_NOW": MOMENT.isoformat(),
    }
