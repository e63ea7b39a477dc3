"""action.yml and the workflow around it: their scripts, run by bash as a runner runs them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from packaging.requirements import Requirement

from support.backends import pack_backends
from support.cli import Terminal, run_cli, state_home
from support.forges import SOON
from support.github import TOKEN
from support.gitrepo import all_refs, git, land, world
from support.repos import configure, spoil
from support.wheel import ROOT
from support.workflow import begin_job, job_variables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omninode_release.commands.demo_org import Org
    from support.github import GitHub

ACTION = ROOT / "action.yml"
WORKFLOW = ROOT / ".github" / "workflows" / "release-organisation.yml"
HOSTILE = "feat: $(touch pwned) `touch pwned`\n::error::forged\n::add-mask::alpha\n"


def read(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return value


def steps_of(path: Path) -> list[dict[str, Any]]:
    value = read(path)
    if "runs" in value:
        return list(value["runs"]["steps"])
    return [step for job in value["jobs"].values() for step in job["steps"]]


class Runner:
    """Runs steps of action.yml: inputs to variables, files for summary and outputs."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.temp = org.root / "runner temp"
        self.temp.mkdir()
        self.folder = org.root / "workspace"
        self.folder.mkdir()
        self.summary, self.outputs = self.temp / "summary.md", self.temp / "outputs"
        (self.temp / "omni-release-venv").symlink_to(Path(sys.executable).parents[1])

    def use(self, step: str = "Plan or release", **inputs: str) -> subprocess.CompletedProcess[str]:
        action = read(ACTION)
        given = {name: str(each.get("default", "")) for name, each in action["inputs"].items()}
        given |= {"omni-home": str(self.org.omni_home), "token": "t0ken-of-nothing"} | inputs
        found = next(each for each in action["runs"]["steps"] if each["name"] == step)
        env = {name: _fill(value, given) for name, value in found["env"].items()}
        self.summary.write_bytes(b"")
        self.outputs.write_bytes(b"")
        return run_script(found["run"], self.folder, {**self._variables(), **env})

    def output(self) -> dict[str, str]:
        """The outputs as the runner reads them."""
        text, found = self.outputs.read_text(encoding="utf-8"), {}
        for name, mark, value in re.findall(r"(?ms)^([\w-]+)<<(\w+)\n(.*?)\n\2$", text):
            assert len(mark) == 32
            found[name] = value
        return found

    def _variables(self) -> dict[str, str]:
        return {
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_OUTPUT": str(self.outputs),
            "RUNNER_TEMP": str(self.temp),
            "ONEX_STATE_DIR": str(state_home(self.org)),
        }


def run_script(
    script: str, folder: Path, variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """As `shell: bash` runs it (GitHub Docs, "Workflow syntax", jobs.<id>.steps[*].shell)."""
    path = folder / "step.sh"
    path.write_text(script, encoding="utf-8")
    bash = shutil.which("bash") or "bash"
    return subprocess.run(
        (bash, "--noprofile", "--norc", "-eo", "pipefail", str(path)),
        cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def _fill(value: str, inputs: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], value)


def commands_in(log: str) -> list[str]:
    """The lines that a runner acts upon."""
    acted, stopped = [], ""
    for line in log.split("\n"):
        if stopped:
            stopped = "" if line == f"::{stopped}::" else stopped
        elif line.startswith("::stop-commands::"):
            stopped = line.removeprefix("::stop-commands::")
        elif line.startswith("::"):
            acted.append(line)
    assert stopped == ""
    return acted


@pytest.fixture
def runner(small_org: Org) -> Runner:
    configure(small_org, attestation="format")
    return Runner(small_org)


def test_a_plan_is_shown_written_and_told(small_org: Org, runner: Runner) -> None:
    configure(small_org, gate="console")
    before = world(small_org)["remotes"]

    done = runner.use(command="plan", plan="the plan.json")

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert commands_in(done.stdout) == []
    out = runner.output()
    assert out["status"] == "DRY_RUN"
    assert out["repositories"] == "alpha beta"
    assert out["plan"] == str(runner.folder / "the plan.json")
    plan = json.loads(Path(out["plan"]).read_text(encoding="utf-8"))
    assert (plan["plan_hash"], plan["run_id"]) == (out["plan-hash"], out["run-id"])
    assert json.loads(Path(out["result"]).read_text(encoding="utf-8"))["status"] == "DRY_RUN"
    summary = runner.summary.read_text(encoding="utf-8")
    assert "```mermaid" in summary
    assert f"Plan `{plan['plan_hash']}`" in summary
    assert world(small_org)["remotes"] == before


def test_what_a_plan_lists_is_what_was_asked_for(small_org: Org, runner: Runner) -> None:
    configure(small_org, gate="console")

    done = runner.use(command="plan", repos=" alpha ")

    assert done.returncode == 0, done.stdout
    assert runner.output()["repositories"] == "alpha"


def test_the_result_of_another_run_is_no_output(small_org: Org, runner: Runner) -> None:
    configure(small_org, gate="console")
    spoil(small_org, "alpha")
    assert runner.use(command="plan").returncode == 0
    run_id = runner.output()["run-id"]
    stopped = run_cli(small_org, "--run-id", run_id, stdin=Terminal("approve\n"))
    assert stopped.err.startswith("LINT_FAILED")

    assert runner.use(command="plan").returncode == 1  # a release would refuse

    assert (runner.output()["run-id"], runner.output()["result"]) == (run_id, "")


def test_words_of_repositories_and_inputs_command_neither_runner_nor_shell(
    small_org: Org, runner: Runner
) -> None:
    configure(small_org, gate="console")
    land(small_org.remote("alpha"), "news.md", "New.\n", HOSTILE)
    git(small_org.clone("alpha"), "fetch", "--quiet", "origin")

    done = runner.use(command="plan", plan="$(touch pwned) p.json")
    assert done.returncode == 0, done.stdout
    assert commands_in(done.stdout) == []
    assert "<h1>" not in runner.summary.read_text(encoding="utf-8")

    wrong = runner.use(command="plan", repos="$(touch${IFS}pwned)\n::error::forged")
    assert wrong.returncode == 2
    (told,) = commands_in(wrong.stdout)
    assert told.startswith("::error title=UNKNOWN_REPO::expected repositories of the tier graph")
    assert not list(small_org.root.rglob("pwned"))


def test_what_stands_in_the_workspace_is_no_module_of_the_action(
    small_org: Org, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workflow may have checked out a repository there."""
    configure(small_org, gate="console")
    trap = "open('pwned', 'w').close()\n"
    for name in ("json.py", "venv.py", "pip.py"):
        (runner.folder / name).write_text(trap, encoding="utf-8")

    assert runner.use(command="plan").returncode == 0
    (runner.temp / "omni-release-venv").unlink()
    monkeypatch.setenv("PIP_NO_INDEX", "1")  # so it ends once pip has begun
    runner.use("Install omni-release", python=sys.executable)

    assert (runner.temp / "omni-release-venv" / "pyvenv.cfg").exists()
    assert not list(runner.folder.rglob("pwned"))


def test_a_python_that_is_too_old_comes_as_far_as_pip_which_says_so(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = runner.temp / "python3.10"
    refuses = 'case " $* " in *" -P "*) echo "Unknown option: -P" >&2; exit 2; esac'
    old.write_text(f'#!/bin/sh\n{refuses}\nexec {sys.executable} "$@"\n', encoding="utf-8")
    old.chmod(0o755)
    (runner.temp / "omni-release-venv").unlink()
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    ran = runner.use("Install omni-release", python=str(old))

    assert "Unknown option" not in ran.stderr
    assert "No matching distribution found" in ran.stderr


def test_an_error_is_an_annotation_and_has_its_place_in_summary_and_outputs(
    small_org: Org, runner: Runner
) -> None:
    configure(small_org, gate="environment")
    plan = runner.folder / "omni-release-plan.json"
    refused = runner.use(command="plan")
    assert refused.returncode == 1  # no environment here: a release would refuse
    assert commands_in(refused.stdout) == [
        "::error title=plan::a release would refuse; the job's summary says why"
    ]
    assert "expected to run in a job of GitHub Actions" in runner.summary.read_text("utf-8")
    assert plan.exists()

    done = runner.use(command="release")

    assert done.returncode == 1
    (told,) = commands_in(done.stdout)
    assert told.startswith("::error title=GATE_FAILED::expected to run in a job of GitHub Actions")
    assert "%0A" in told or " Next: " in told
    assert (runner.output()["status"], runner.output()["exit-code"]) == ("FAILED", "1")
    assert "GITHUB_ACTIONS" in runner.summary.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "inputs",
    [
        {"command": "publish"},
        {"command": "release", "repos": "alpha"},
        {"command": "plan", "resume": "pair"},
    ],
    ids=["command", "release of names", "plan of a run"],
)
def test_inputs_that_contradict_each_other_are_refused(
    runner: Runner, inputs: dict[str, str]
) -> None:
    done = runner.use(**inputs)

    assert done.returncode == 2
    assert commands_in(done.stdout)[0].startswith("::error title=USAGE_ERROR::action.yml: expected")
    assert runner.output()["exit-code"] == "2"


def test_a_step_outside_of_github_actions_is_refused(small_org: Org) -> None:
    done = subprocess.run(
        (sys.executable, "-m", "omninode_release.commands.github_action"),
        env={**os.environ, "ONEX_STATE_DIR": str(state_home(small_org))},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert "found no GITHUB_STEP_SUMMARY and no GITHUB_OUTPUT" in done.stdout


def _plans(org: Org, **files: Path) -> subprocess.CompletedProcess[str]:
    """The step with other files for what it tells the runner."""
    env = {"OMNI_ACTION_COMMAND": "plan", "OMNI_HOME": str(org.omni_home), **os.environ}
    env |= {"ONEX_STATE_DIR": str(state_home(org))}
    env |= {name: str(path) for name, path in files.items()}
    return subprocess.run(
        (sys.executable, "-m", "omninode_release.commands.github_action"),
        env=env, cwd=org.root, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_file_of_the_runner_that_cannot_be_written_is_found_first(small_org: Org) -> None:
    done = _plans(small_org, GITHUB_STEP_SUMMARY=small_org.root, GITHUB_OUTPUT=Path("/dev/full"))

    assert done.returncode == 2
    assert "expected GITHUB_STEP_SUMMARY to name a file that can be written" in done.stdout
    assert not (small_org.root / "omni-release-plan.json").exists()


def test_a_disk_that_is_full_by_then_fails_no_step(runner: Runner) -> None:
    org = runner.org
    done = _plans(org, GITHUB_STEP_SUMMARY=Path("/dev/full"), GITHUB_OUTPUT=runner.outputs)

    assert "note: /dev/full could not be written: No space left on device" in done.stdout
    assert runner.output()["exit-code"] == str(done.returncode)
    assert (org.root / "omni-release-plan.json").exists()


@pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed")
def test_a_workflow_clones_plans_waits_for_its_reviewer_and_releases_what_was_shown(
    small_org: Org, github: GitHub
) -> None:
    configure(small_org, forge="github", gate="environment", **SOON)
    runner = Runner(small_org)
    (small_org.omni_home / "release.yaml").rename(runner.folder / "release.yaml")
    shutil.rmtree(small_org.omni_home)
    variables = {**github.env, **job_variables(), "GITHUB_ACTOR": "ann"}
    variables["GIT_CONFIG_GLOBAL"] = str(runner.temp / "gitconfig")
    cloning = next(each for each in steps_of(WORKFLOW) if "git clone" in each.get("run", ""))
    begin_job(github)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        places = {"OMNI_HOME": str(small_org.omni_home), "REPOSITORIES": "pair/alpha pair/beta"}
        cloned = run_script(cloning["run"], runner.folder, places)
        assert cloned.returncode == 0, cloned.stderr
        given = {"config": "release.yaml", "token": TOKEN}

        planned = runner.use(command="plan", **given)
        assert planned.returncode == 0, planned.stdout + planned.stderr
        shown = runner.output()
        begin_job(
            github, datetime.fromisoformat(json.loads(Path(shown["plan"]).read_text())["made_at"])
        )
        done = runner.use(command="release", **given)

    assert done.returncode == 0, done.stdout + done.stderr
    out = runner.output()
    assert (out["status"], out["plan-hash"]) == ("SUCCESS", shown["plan-hash"])
    assert json.loads(Path(out["result"]).read_text("utf-8"))["gate"]["approver"] == "bea"
    summary = runner.summary.read_text(encoding="utf-8")
    assert "approved by bea (environment)" in summary
    assert github.counts("alpha")["merges"] == 1
    assert TOKEN not in done.stdout + summary
    assert commands_in(done.stdout) == []


# The files themselves.


@pytest.mark.parametrize("path", [ACTION, WORKFLOW], ids=["action", "workflow"])
def test_no_script_is_filled_in_and_no_action_moves(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    scripts = [step["run"] for step in steps_of(path) if "run" in step]

    assert scripts
    assert [script for script in scripts if "${{" in script] == []
    used = re.findall(r"uses: (.*)", text)
    for each in used:
        assert each == "./omni-release" or re.fullmatch(
            r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each
        ), each


def test_the_workflow_gives_the_action_inputs_that_it_has() -> None:
    known, outputs = read(ACTION)["inputs"], read(ACTION)["outputs"]
    ours = [step for step in steps_of(WORKFLOW) if step.get("uses") == "./omni-release"]

    assert [step["with"]["command"] for step in ours] == ["plan", "release"]
    for step in ours:
        assert step["with"].keys() <= known.keys()
        needed = {name for name, each in known.items() if each.get("required")}
        assert needed <= step["with"].keys()
    read_there = re.findall(r"steps\.\w+\.outputs\.([\w-]+)", WORKFLOW.read_text(encoding="utf-8"))
    assert set(read_there) <= outputs.keys()
    jobs = read(WORKFLOW)["jobs"]
    assert jobs["release"]["needs"] == "plan"
    assert jobs["release"]["environment"] == "${{ inputs.environment }}"
    assert "environment" not in jobs["plan"]


def test_the_action_installs_itself_from_where_it_is(
    small_org: Org, runner: Runner, tmp_path: Path
) -> None:
    (runner.temp / "omni-release-venv").unlink()
    wheels = tmp_path / "wheels"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pack_backends(wheels, "hatchling", *(Requirement(n).name for n in project["dependencies"]))
    before = all_refs(small_org.remote("alpha"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_FIND_LINKS", str(wheels))
        patch.delenv("PYTHONPATH", raising=False)

        done = runner.use("Install omni-release", python=sys.executable)

        assert done.returncode == 0, done.stdout + done.stderr
        python = runner.temp / "omni-release-venv" / "bin" / "python"
        where = run_script(
            f'"{python}" -c "import omninode_release as o; print(o.__file__)"', runner.folder, {}
        )
        assert where.stdout.startswith(str(runner.temp)), where.stderr
        configure(small_org, gate="console")
        planned = runner.use(command="plan")
        assert planned.returncode == 0, planned.stdout + planned.stderr
    assert all_refs(small_org.remote("alpha")) == before
