"""Every command line in SKILL.md, prompt.md and README does what stands around it."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
from contextlib import chdir
from typing import TYPE_CHECKING, NamedTuple

import pytest

from omninode_release.commands.main import main
from omninode_release.contract.documents.registry import SKILL_FILES
from omninode_release.contract.load import load_contract
from omninode_release.system.clock import FixedClock
from support.cli import MOMENT, Terminal, state_home
from support.gitrepo import git, land
from support.killing import environment
from support.patience import wait_until
from support.repos import configure, hook, leave_steps
from support.wheel import ROOT, build_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

RUN = "release-20260225-0e587f"
TOKEN = f"1740312612.000100:{RUN}"
STARTED = f"omni-release --run-id {RUN} --gate-attestation {TOKEN}"
BAD = "notes.md"


def documented() -> Iterator[str]:
    """Commands of the fenced console blocks, without their comments."""
    for name in ("SKILL.md", "prompt.md", "README.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for block in re.findall(r"^ *```console\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE):
            for line in block.splitlines():
                assert line.lstrip().startswith("$ "), f"{name}: no command in {line!r}"
                yield shlex.join(shlex.split(line.lstrip()[2:], comments=True))


DOCUMENTED = tuple(dict.fromkeys(documented()))


class Ran(NamedTuple):
    code: int
    out: str
    err: str


def typed(org: Org, command: str) -> Ran:
    """The command as it is written, by a person at a terminal who approves what is asked."""
    out, err = io.StringIO(), io.StringIO()
    with chdir(org.root):  # a folder that has nothing to do with the tool
        code = main(
            shlex.split(command)[1:],
            environ={**environment(org), "CLAUDE_CONFIG_DIR": str(org.root / "claude")},
            clock=None if "--detach" in command or "cancel" in command else FixedClock(MOMENT),
            stdin=Terminal("approve\n"),
            stdout=out,
            stderr=err,
        )
    return Ran(code, out.getvalue(), err.getvalue())


def six(org: Org) -> None:
    """The organisation as it is."""


def two(org: Org) -> None:
    """Only two of the six are released: it takes less time, and shows the same."""
    others = [repo for repo in org.repos if repo not in {"omnibase_core", "omnibase_infra"}]
    tiers = [{"omnibase_core": []}, {"omnibase_infra": ["omnibase_core"]}]
    config = org.omni_home / "release.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r"version_files:\n(?: .*\n)+", "", text), encoding="utf-8")
    configure(org, graph={"tiers": tiers, "ignore": others})


def unconfigured(org: Org) -> None:
    """Nobody has written a configuration yet."""
    (org.omni_home / "release.yaml").unlink()


def stepped(org: Org) -> None:
    """The same where nothing stands around the steps: what comes after a run is tried."""
    two(org)
    leave_steps(org)


def mended(org: Org) -> None:
    """A run failed at LINT; what it found is mended and committed where the error says."""
    stepped(org)
    land(org.remote("omnibase_core"), BAD, "spaces  \n", "docs: notes")
    failed = typed(org, STARTED)
    assert failed.code == 1
    assert failed.err.startswith("LINT_FAILED: "), failed.err
    worktree = org.worktrees / "release" / RUN / "omnibase_core"
    assert f"git -C {worktree}" in failed.err
    assert f"{BAD}:1: trailing whitespace" in failed.err
    (worktree / BAD).write_text("no spaces\n", encoding="utf-8")
    git(worktree, "commit", "--quiet", "--message", "docs: no spaces", "--", BAD)


def asked(org: Org) -> None:
    """There is a request in JSON in the working directory."""
    (org.root / "request.json").write_text('{"dry_run": true}', encoding="utf-8")


def released(org: Org) -> None:
    """The run has been carried out."""
    stepped(org)
    assert typed(org, STARTED).code == 0


def planned(org: Org) -> None:
    """A plan lies in the working directory."""
    two(org)
    assert typed(org, "omni-release plan --out plan.json").code == 0


def kept(org: Org) -> None:
    """What a run released lies in the working directory."""
    released(org)
    (found,) = org.root.rglob("release-set.json")
    shutil.copy(found, org.root)


def at_work(org: Org) -> None:
    """A run in the background cannot push for as long as it is let alone."""
    stepped(org)
    hook(org.clone("omnibase_core"), "pre-push", "while :; do sleep 0.05; done")
    assert typed(org, f"{STARTED} --detach").code == 0

    def status() -> str:
        return typed(org, f"omni-release status {RUN} --json").out

    wait_until(lambda: '"in_progress": "PUSH"' in status(), status)


@pytest.fixture(autouse=True)
def _nothing_is_left_running(org: Org) -> Iterator[None]:
    yield
    for path in (state_home(org) / "state" / "release").glob("*.detached"):
        stopped = typed(org, f"omni-release cancel {path.stem}")
        assert stopped.code == 0 or "STATE_NOT_FOUND" in stopped.err


class Expected(NamedTuple):
    """Where a command is run and succeeds, and what it says."""

    place: Callable[[Org], None]
    says: str


EXPECTED = {
    "omni-release --version": Expected(six, "omni-release 0."),
    "omni-release --dry-run": Expected(six, "omniclaude"),
    "omni-release plan --out plan.json": Expected(six, "omniclaude"),
    "omni-release release --plan plan.json": Expected(planned, "2 released, 0 failed"),
    "omni-release explain omnibase_core": Expected(six, "the type feat asks for minor"),
    "omni-release verify release-set.json": Expected(kept, "it is as it was released."),
    "omni-release init": Expected(unconfigured, "Wrote "),
    "omni-release init --check": Expected(six, "says what the clones do"),
    "omni-release graph": Expected(six, "6 repositories, tiers from: declared"),
    "omni-release --dry-run --json": Expected(six, '"status": "DRY_RUN"'),
    "omni-release omnibase_core omnibase_infra --dry-run --json": Expected(
        six, '"repo": "omnibase_infra"'
    ),
    "omni-release --bump minor --dry-run --json": Expected(six, '"new_version": "1.3.0"'),
    "omni-release --pre rc": Expected(two, "1.5.0rc1"),
    "omni-release --bump omnibase_core=minor --version omnibase_infra=3.0.0": Expected(
        two, "2.0.0 → 3.0.0"
    ),
    "omni-release release omnibase_core --dry-run": Expected(six, "omnibase_core"),
    "omni-release": Expected(two, "2 released, 0 failed"),
    "omni-release omnibase_core omnibase_infra": Expected(two, "2 released, 0 failed"),
    f"omni-release --resume {RUN}": Expected(mended, f"SUCCESS {RUN}: 2 released, 0 failed"),
    f"omni-release --resume {RUN} --detach --json": Expected(mended, '"pid": '),
    "omni-release status": Expected(mended, f"{RUN}  failed"),
    f"omni-release status {RUN} --json": Expected(mended, '"error_code": "LINT_FAILED"'),
    "omni-release run-node --input request.json": Expected(asked, '"status": "DRY_RUN"'),
    "omni-release --detach --json": Expected(two, '"pid": '),
    f"omni-release wait {RUN} --timeout 300 --json": Expected(released, '"event": "Ended"'),
    f"omni-release wait {RUN} --timeout 300 --json --after 12": Expected(
        released, '"event": "Ended"'
    ),
    f"omni-release cancel {RUN}": Expected(at_work, f"{RUN} has stopped."),
    f"omni-release abandon {RUN}": Expected(mended, "worktree "),
    "omni-release install-skill": Expected(six, "Installed omninode-release"),
    "omni-release completion bash": Expected(six, "_omni_release_completion"),
    f"omni-release report {RUN} --html run.html": Expected(released, "Written: "),
    "omni-release doctor": Expected(six, ": a release can begin."),
    "omni-release validate": Expected(six, "checks hold."),
}
# Commands of other programs: run by a test of their own.
OTHERS = {"make demo", "make test", "pip install omninode-release"}


def test_every_documented_command_is_known_here_and_no_other() -> None:
    here = {*EXPECTED, *OTHERS}

    assert {*DOCUMENTED} == here


def test_no_page_for_an_agent_shows_a_token_that_works() -> None:
    for name in SKILL_FILES:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"\b\d{10}\.\d{6}\b", text), name


def test_the_nevers_stand_where_an_agent_begins_to_read() -> None:
    text = (ROOT / "SKILL.md").read_text(encoding="utf-8")

    for rule in load_contract().rules.never:
        assert rule[1:] in text, f"SKILL.md lacks: {rule}"
    assert "never* there holds at every step" in (ROOT / "prompt.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", EXPECTED)
def test_a_documented_command_works_as_written(org: Org, command: str) -> None:
    expected = EXPECTED[command]

    expected.place(org)
    ran = typed(org, command)

    assert ran.code == 0, ran.out + ran.err
    assert expected.says in ran.out


@pytest.mark.parametrize(
    ("command", "runs"), [("make demo", "omni-release demo"), ("make test", "pytest")]
)
def test_a_make_target_is_there_and_ci_runs_it(command: str, runs: str) -> None:
    shown = subprocess.run(
        shlex.split(command), cwd=ROOT, env={**os.environ, "MAKEFLAGS": "n"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert runs in shown.stdout
    target = command.removeprefix("make ")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    checked = re.findall(r"^check: ([a-z ]+) ##", makefile, re.MULTILINE)
    assert target in made_by_ci() or ("check" in made_by_ci() and target in checked[0].split())


def made_by_ci() -> set[str]:
    """The targets that CI makes: one a line, or gathered in ``rest`` and made together."""
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert 'make --jobs=2 --output-sync=target "${rest[@]}"' in ci.splitlines()
    lines = re.findall(
        r"^ *(?:make (?:--jobs=2 )?([a-z ]+)|rest\+?=\(([a-z ]+)\))$", ci, re.MULTILINE
    )
    return {target for line in lines for words in line for target in words.split()}


def test_the_package_can_be_installed_by_its_name(tmp_path: Path) -> None:
    dist, target = tmp_path / "dist", tmp_path / "target"
    dist.mkdir()
    build_wheel(dist)
    environ = {
        **os.environ,
        "PIP_FIND_LINKS": str(dist),
        "PIP_TARGET": str(target),
        "PIP_NO_DEPS": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }

    subprocess.run(
        shlex.split("pip install omninode-release"), cwd=tmp_path, env=environ,
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert (target / "omninode_release" / "SKILL.md").is_file()


def test_a_mend_may_take_the_new_version_along(org: Org) -> None:
    # What prompt.md says: the file to mend is one that the run has changed as well.
    two(org)
    manifest = "pyproject.toml"
    text = (org.clone("omnibase_core") / manifest).read_text(encoding="utf-8")
    land(org.remote("omnibase_core"), manifest, f"{text}# spaces  \n", "docs: notes")
    assert typed(org, STARTED).err.startswith("LINT_FAILED: ")
    worktree = org.worktrees / "release" / RUN / "omnibase_core"
    found = (worktree / manifest).read_text(encoding="utf-8")
    assert 'version = "1.5.0"' in found
    (worktree / manifest).write_text(found.replace("spaces  \n", "spaces\n"), encoding="utf-8")
    git(worktree, "commit", "--quiet", "--message", "fix: spaces", "--", manifest)

    ran = typed(org, f"omni-release --resume {RUN}")

    assert ran.code == 0, ran.out + ran.err
    merged = git(org.remote("omnibase_core"), "show", f"main:{manifest}")
    assert 'version = "1.5.0"' in merged
    assert merged.rstrip().endswith("# spaces")
