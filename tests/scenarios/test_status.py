"""``omni-release status``: runs as their state files have them."""

from __future__ import annotations

import json
import os
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from omninode_release.models.phase import Phase
from omninode_release.system.clock import FixedClock
from omninode_release.system.lock import Holder, Lock
from support.cli import MOMENT, Terminal, run_cli, state_home
from support.endings import before_phase, break_phase

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")

TOKEN = "1740312612.000100:pair"  # noqa: S105 - a gate token of this example


def start(org: Org) -> int:
    return run_cli(org, "--run-id", "pair", "--gate-attestation", TOKEN).code


def test_without_runs_it_says_where_it_looked(small_org: Org) -> None:
    ran = run_cli(small_org, "status")

    assert ran.code == 0
    assert ran.out == f"No runs under {state_home(small_org)}/state/release.\n"


def test_a_finished_run_is_listed_and_shown_from_the_archive(small_org: Org) -> None:
    assert start(small_org) == 0

    listed, shown = run_cli(small_org, "status"), run_cli(small_org, "status", "pair")

    assert "  pair  completed  2026-02-25 14:00  2026-02-25 14:00  2 of 2" in listed.out
    assert "Run pair: completed" in shown.out
    assert "beta   2     0.4.0 → 0.4.1  DONE   #1  beta/v0.4.1" in shown.out
    assert "--resume" not in shown.out


def test_a_run_at_work_shows_the_step_it_is_at_and_since_when(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    later, shown = FixedClock(MOMENT + timedelta(seconds=61)), []
    before_phase(
        monkeypatch,
        Phase.PUSH,
        lambda: shown.append(run_cli(small_org, "status", "pair", clock=later)),
    )

    assert start(small_org) == 0

    (at_work,) = shown
    assert "Run pair: in_progress\n" in at_work.out
    assert "  started 2026-02-25 14:00:00 UTC, last step 2026-02-25 14:00:00 UTC\n" in at_work.out
    section = at_work.out.partition("\nIn progress:\n")[2].splitlines()
    assert section[0] == "  beta: PUSH since 2026-02-25 14:00:00 UTC (1 m 1 s)"
    assert f"It is running (pid {os.getpid()})." in section
    assert "In progress:" not in run_cli(small_org, "status", "pair").out


def test_a_stopped_run_says_why_and_what_to_type(small_org: Org) -> None:
    hook = small_org.remote("beta") / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    assert start(small_org) == 3

    shown = run_cli(small_org, "status", "pair")

    assert "Run pair: partial" in shown.out
    assert "PUSH_FAILED after COMMITTED" in shown.out
    assert "pre-receive hook declined" in shown.out
    assert shown.out.endswith(f"Next: omni-release --resume pair --gate-attestation {TOKEN}\n")


def test_what_cannot_be_taken_back_is_told_until_the_run_goes_on(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.TAG, after_effect=False)
        assert start(small_org) == 3

    shown = run_cli(small_org, "status", "pair")
    as_json = run_cli(small_org, "status", "pair", "--json")

    assert "\nCannot be taken back:\n  beta 0.4.1 is merged, not tagged\n" in shown.out
    assert json.loads(as_json.out)["stays"] == {"beta": "merged, not tagged"}
    before_phase(
        monkeypatch,
        Phase.TAG,
        lambda: at_work.append(run_cli(small_org, "status", "pair").out),
    )
    resumed = run_cli(small_org, "--resume", "pair", "--gate-attestation", TOKEN)
    assert resumed.code == 0, resumed.err
    assert "Cannot be taken back" not in at_work[0]
    assert "Cannot be taken back" not in run_cli(small_org, "status", "pair").out


def test_a_run_that_is_given_up_says_to_resume_nothing(small_org: Org) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.TAG, after_effect=False)
        assert start(small_org) == 3
    assert run_cli(small_org, "abandon", "pair").code == 0

    shown = run_cli(small_org, "status", "pair").out

    assert "Failed:\n  beta: " in shown
    assert "--resume" not in shown
    assert "  beta 0.4.1 is merged, not tagged\n" in shown
    assert shown.endswith("Next: omni-release clean pair\n")


def test_each_approval_of_a_run_is_told_with_who_when_and_what_of(small_org: Org) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.COMMIT, after_effect=False)
        assert start(small_org) == 3
    first = run_cli(small_org, "status", "pair")
    later = FixedClock(MOMENT + timedelta(hours=2))

    ran = run_cli(small_org, "--resume", "pair", stdin=Terminal("approve\n"), clock=later)

    assert ran.code == 0, ran.err
    assert "  approved by " not in first.out
    by_person = f"by {ran.result['gate']['approver']} (console), 2026-02-25 16:00:00 UTC: beta"  # type: ignore[index]
    lines = [
        "by an unverified token (attestation), 2026-02-25 14:00:00 UTC: alpha, beta",
        by_person,
    ]
    shown, report = run_cli(small_org, "status", "pair"), run_cli(small_org, "report", "pair")
    for line in lines:
        assert f"  approved {line}\n" in shown.out
        assert f"- Approved: {line}" in report.out
    assert [each["at"] for each in ran.result["approvals"]] == [  # type: ignore[index]
        "2026-02-25T14:00:00Z",
        "2026-02-25T16:00:00Z",
    ]


def test_a_run_that_was_refused_before_it_began_is_listed_with_why_and_when(
    small_org: Org,
) -> None:
    assert run_cli(small_org, "--run-id", "pair", stdin="").code == 1  # nobody at a terminal
    log = state_home(small_org) / "state" / "release" / "pair.events.jsonl"
    for path in log.parent.glob("pair.*"):
        os.utime(path, (MOMENT.timestamp(), MOMENT.timestamp()))

    listed, shown = run_cli(small_org, "status"), run_cli(small_org, "status", "pair")
    values = json.loads(run_cli(small_org, "status", "--json").out)
    value = json.loads(run_cli(small_org, "status", "pair", "--json").out)

    why = "GATE_FAILED: expected a terminal"
    assert f"Refused before they began:\n  pair, 2026-02-25 14:00 UTC: {why}" in listed.out
    assert "Run pair: refused before it began\n" in shown.out
    assert f"\n  {why}" in shown.out
    assert [(each["run_id"], each["status"], each["error_code"]) for each in values] == [
        ("pair", "refused", "GATE_FAILED")
    ]
    assert (value["status"], value["error_code"]) == ("refused", "GATE_FAILED")
    assert run_cli(small_org, "--run-id", "pair", "--dry-run").code == 0
    assert f"{why}" in run_cli(small_org, "status").out
    assert start(small_org) == 0
    assert "refused" not in run_cli(small_org, "status").out.lower()
    nothing = ("--run-id", "again", "--gate-attestation", "1740312612.000200:again")
    assert run_cli(small_org, *nothing).code == 0  # nothing to release is no refusal
    assert "again" not in run_cli(small_org, "status").out
    assert run_cli(small_org, "status", "again").out == "Run again: there was nothing to release\n"
    assert json.loads(run_cli(small_org, "status", "again", "--json").out)["status"] == "completed"
    waited = run_cli(small_org, "wait", "again")
    assert (waited.code, waited.err) == (0, "")
    assert waited.out.endswith("again ended with exit code 0: there was nothing to release.\n")


def test_a_list_has_each_run_with_the_same_fields_the_planned_one_too(small_org: Org) -> None:
    assert run_cli(small_org, "--run-id", "refused", stdin="").code == 1
    assert start(small_org) == 0
    folder = state_home(small_org) / "state" / "release"
    (folder / "broken.json").write_text("{", encoding="utf-8")
    locks = [Lock(folder / ".lock"), Lock(folder / "planned.2.detached")]
    for lock, run_id in zip(locks, ("planned", "planned.2"), strict=True):
        assert lock.acquire(Holder.here(run_id))

    listed, values = run_cli(small_org, "status"), run_cli(small_org, "status", "--json")
    for lock in locks:
        lock.release()

    runs = {each["run_id"]: each for each in json.loads(values.out)}
    assert {name: (each["status"], each["error_code"]) for name, each in runs.items()} == {
        "pair": ("completed", None),
        "broken": ("STATE_CORRUPT", "STATE_CORRUPT"),
        "planned": ("planning", None),
        "planned.2": ("planning", None),
        "refused": ("refused", "GATE_FAILED"),
    }
    assert len({tuple(each) for each in runs.values()}) == 1
    assert "  planned    planning" in listed.out


def test_a_run_whose_state_is_gone_is_not_told_as_one_that_had_nothing(small_org: Org) -> None:
    assert start(small_org) == 0
    shutil.rmtree(state_home(small_org) / "state")

    ran = run_cli(small_org, "status", "pair")

    assert (ran.code, ran.err.partition(":")[0]) == (1, "STATE_NOT_FOUND")


def test_json_is_the_state_file_and_who_is_at_it(small_org: Org) -> None:
    assert start(small_org) == 0

    shown = run_cli(small_org, "status", "pair", "--json")

    archived = state_home(small_org) / "state" / "release" / "archive" / "pair.json"
    state = json.loads(archived.read_text(encoding="utf-8"))
    assert json.loads(shown.out) == state | {"running_pid": None}


def test_a_broken_state_file_is_listed_as_such(small_org: Org) -> None:
    folder = state_home(small_org) / "state" / "release"
    folder.mkdir(parents=True)
    (folder / "half.json").write_text('{"run_id": "half"', encoding="utf-8")

    assert "  half  STATE_CORRUPT" in run_cli(small_org, "status").out
    shown = run_cli(small_org, "status", "half")
    assert shown.code == 1
    assert "STATE_CORRUPT" in shown.err


def test_an_unknown_run_and_a_bad_id_are_errors(small_org: Org) -> None:
    unknown, bad = run_cli(small_org, "status", "none"), run_cli(small_org, "status", "../x")

    assert (unknown.code, bad.code) == (1, 2)
    assert "STATE_NOT_FOUND" in unknown.err
    assert "USAGE_ERROR" in bad.err
