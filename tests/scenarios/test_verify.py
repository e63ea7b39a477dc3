"""Once all is published, a run looks whether it installs together; nothing is taken back by it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from packaging.specifiers import SpecifierSet

from omninode_release.adapters.uv_environment import UvEnvironment
from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from omninode_release.phases.registry import PHASES
from omninode_release.release import verify
from omninode_release.text import uv_output
from support.cli import run_cli, state_home
from support.endings import (
    APPROVED,
    RUN,
    assert_released_once,
    ending,
    is_archived,
    release,
    resume,
    state_of,
)
from support.failures import provoked, provokes
from support.gitrepo import git, push_main
from support.killing import FRESH, environment
from support.loopback import Reply
from support.pypi_server import SIMPLE_JSON, PyPIServer
from support.repos import configure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from omninode_release.commands.demo_org import Org
    from omninode_release.phases.output import PhaseOutput
    from omninode_release.phases.ports import Context, Step
    from support.cli import Ran
    from support.loopback import Request

pytestmark = pytest.mark.usefixtures("no_hooks")

WHEEL = "alpha-1.1.0-py3-none-any.whl"
METADATA = "alpha-1.1.0.dist-info/METADATA"
CONFLICT = {"Version: 1.1.0": "Version: 1.1.0\nRequires-Dist: beta<0.4.1"}
WRONG_VERSION = {"Version: 1.1.0": "Version: 1.0.9"}


def spoil_wheel(path: Path, changes: dict[str, str]) -> None:
    """Change what a published wheel says of itself."""
    with zipfile.ZipFile(path) as wheel:
        files = {name: wheel.read(name) for name in wheel.namelist()}
    text = files[METADATA].decode()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    files[METADATA] = text.encode()
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in files.items():
            wheel.writestr(name, data)


@pytest.fixture
def spoiled(small_org: Org, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What alpha's wheel says otherwise as soon as beta is published."""
    changes: dict[str, str] = {}
    whole = PHASES[Phase.PUBLISH]

    def apply(step: Step, ctx: Context) -> PhaseOutput:
        output = whole.apply(step, ctx)
        if step.repo == "beta":
            spoil_wheel(small_org.index / WHEEL, changes)
        return output

    broken = SimpleNamespace(OUTPUT=whole.OUTPUT, done=whole.done, apply=apply)
    monkeypatch.setitem(PHASES, Phase.PUBLISH, broken)
    return changes


def test_what_was_published_is_installed_together(small_org: Org) -> None:
    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert ran.result is not None
    assert ran.result["verify"]["state"] == "passed"
    assert ran.result["verify"]["packages"] == {"alpha": "1.1.0", "beta": "0.4.1"}
    said = "Verified: 2 packages install together"
    assert re.search(rf"^{said}  \(Python 3\.\d+\.\d+\)", ran.out, re.MULTILINE)
    assert said in ran.out
    assert ran.out.index("beta 0.4.1 is released") < ran.out.index(said) < ran.out.index("SUCCESS")
    assert is_archived(small_org)
    assert state_of(small_org)["verify"] == ran.result["verify"]
    events = (state_home(small_org) / "state/release/archive" / f"{RUN}.events.jsonl").read_text()
    assert "Verified" in [json.loads(line)["event"] for line in events.splitlines()]
    assert said in run_cli(small_org, "status", RUN).out


def test_one_package_is_told_as_one(small_org: Org) -> None:
    assert "Verified: 1 package installs  (" in release(small_org, "alpha").out


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param(
            CONFLICT, "2 packages do not install together: No solution found", id="conflict"
        ),
        pytest.param(
            {"Version: 1.1.0": "Version: 1.1.0\nRequires-Dist: not-there>=1"},
            "not-there was not found",
            id="not on the index",
        ),
        pytest.param(WRONG_VERSION, "Wheel version does not match", id="another version inside"),
    ],
)
def test_what_does_not_install_is_a_warning(
    small_org: Org, spoiled: dict[str, str], changes: dict[str, str], says: str
) -> None:
    spoiled.update(changes)

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert ran.result is not None
    assert ran.result["status"] == "SUCCESS"
    assert ran.result["verify"]["state"] == "failed"
    assert says in ran.result["verify"]["text"]
    assert [each for each in ran.result["warnings"] if each.startswith("VERIFY_FAILED: 2 pack")]
    assert "VERIFY FAILED: 2 packages" in ran.out
    assert_released_once(small_org)
    assert is_archived(small_org)


def test_an_installed_version_other_than_released_is_no_success(
    small_org: Org, spoiled: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoiled.update(WRONG_VERSION)
    monkeypatch.setenv("UV_SKIP_WHEEL_FILENAME_CHECK", "1")

    ran = release(small_org)

    assert ran.result is not None
    assert ran.result["verify"]["state"] == "failed"
    assert "expected alpha 1.1.0, found 1.0.9" in ran.result["verify"]["text"]


@provokes(ErrorCode.VERIFY_FAILED)
def test_with_verify_fail_the_run_ends_so_and_looks_again_when_resumed(
    small_org: Org, spoiled: dict[str, str]
) -> None:
    configure(small_org, verify="fail")
    spoiled.update(CONFLICT)

    ran = release(small_org)

    provoked(ErrorCode.VERIFY_FAILED)
    assert ran.code == 3
    assert ran.err.startswith("VERIFY_FAILED: everything is published, and 2 packages do not ")
    assert f"omni-release --resume {RUN} {' '.join(APPROVED)} to look again" in ran.err
    assert ran.result is not None
    assert (ran.result["status"], ran.result["error_code"]) == ("PARTIAL", "VERIFY_FAILED")
    assert ran.result["repos_succeeded"] == 2
    assert ran.result["repos_failed"] == 0
    assert not is_archived(small_org)
    state = state_of(small_org)
    assert (state["status"], state["error_code"]) == ("partial", "VERIFY_FAILED")
    assert {repo["phase"] for repo in state["repos"].values()} == {"DONE"}
    before = ending(small_org)

    again = resume(small_org)
    unchanged = ending(small_org) == before
    spoil_wheel(small_org.index / WHEEL, {"Requires-Dist: beta<0.4.1\n": ""})
    mended = resume(small_org)

    assert again.code == 3
    assert unchanged

    assert mended.code == 0, mended.err
    assert mended.result is not None
    assert mended.result["verify"]["state"] == "passed"
    assert is_archived(small_org)
    ended = state_of(small_org)
    assert (ended["status"], ended["error_code"], ended["error"]) == ("completed", None, None)


def test_a_run_whose_set_does_not_install_can_be_ended_by_configuration(
    small_org: Org, spoiled: dict[str, str]
) -> None:
    configure(small_org, verify="fail")
    spoiled.update(CONFLICT)
    assert release(small_org).code == 3
    configure(small_org, verify="warn")

    ran = resume(small_org)

    assert ran.code == 0, ran.err
    assert is_archived(small_org)


def test_the_run_can_be_given_up_to_make_room_for_one_that_mends_it(
    small_org: Org, spoiled: dict[str, str]
) -> None:
    configure(small_org, verify="fail")
    spoiled.update(CONFLICT)
    assert f"(omni-release abandon {RUN} makes room" in release(small_org).err

    assert run_cli(small_org, "abandon", RUN).code == 0

    assert is_archived(small_org)


def test_it_can_be_left_out(small_org: Org) -> None:
    path = small_org.omni_home / "release.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "verify: off\n", encoding="utf-8")

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert ran.result is not None
    assert ran.result["verify"] is None
    assert not re.search(r"^(Verified|VERIFY FAILED|Not verified):", ran.out, re.MULTILINE)


def test_a_run_killed_while_it_looks_looks_again(small_org: Org, tmp_path: Path) -> None:
    shim, killed = tmp_path / "bin" / "uv", tmp_path / "killed"
    shim.parent.mkdir()
    shim.write_text(
        f'#!/bin/sh\ncase "$*" in "pip install "*)\n'
        f"[ -e {killed} ] || {{ touch {killed}; kill -KILL $PPID; exit 1; }} ;; esac\n"
        f'exec {shutil.which("uv")} "$@"\n',
        encoding="utf-8",
    )
    shim.chmod(0o755)
    around = environment(small_org) | {"PATH": f"{shim.parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        (sys.executable, "-m", "omninode_release", *FRESH),
        env=around,
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert killed.exists()
    assert {repo["phase"] for repo in state_of(small_org)["repos"].values()} == {"DONE"}
    assert not is_archived(small_org)

    ran = resume(small_org)

    assert ran.code == 0, ran.err
    assert ran.result is not None
    assert ran.result["verify"]["state"] == "passed"
    assert_released_once(small_org)
    assert is_archived(small_org)


@pytest.fixture
def index(small_org: Org) -> Iterator[PyPIServer]:
    with PyPIServer(folder=small_org.index) as server:
        yield server


def from_server(org: Org, server: PyPIServer, *args: str, **more: str) -> Ran:
    configure(org, index="pypi")
    env = {"OMNI_RELEASE_INDEX_URL": server.url, "UV_DEFAULT_INDEX": f"{server.url}/simple/"}
    ran = run_cli(org, "--run-id", RUN, *APPROVED, *args, env=env | more)
    assert ran.code == 0, ran.err
    return ran


def stop_locking(org: Org) -> None:
    """Let VERIFY be the only one that asks uv for what was published."""
    for repo in org.repos:
        clone = org.clone(repo)
        git(clone, "rm", "--quiet", "uv.lock")
        git(clone, "commit", "--quiet", "--message", "chore: no lock")
        push_main(clone)


def verdict(ran: Ran) -> tuple[str, str]:
    assert ran.result is not None
    return ran.result["verify"]["state"], ran.result["verify"]["text"]


def test_an_index_is_asked_at_the_address_of_the_configuration(
    small_org: Org, index: PyPIServer
) -> None:
    stop_locking(small_org)

    ran = from_server(small_org, index, UV_DEFAULT_INDEX="http://127.0.0.1:9/simple/")

    assert verdict(ran)[0] == "passed"


def test_a_cutoff_of_the_user_does_not_count_for_what_is_minutes_old(
    small_org: Org, index: PyPIServer
) -> None:
    stop_locking(small_org)

    ran = from_server(small_org, index, UV_EXCLUDE_NEWER="2026-02-01T00:00:00Z")

    assert verdict(ran)[0] == "passed"


def test_a_version_that_uv_does_not_see_yet_is_waited_for(
    small_org: Org, index: PyPIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    whole = UvEnvironment.install

    def install(self: UvEnvironment, versions: Mapping[str, str]) -> None:
        asked.append(versions)
        if len(asked) <= 2:  # as a mirror that lags behind would have it
            whole(self, {**versions, "beta": "0.4.2"})
        whole(self, versions)

    def is_not_found(output: str, name: str, version: str) -> bool:
        return uv_output.is_not_found(output, name, "0.4.2" if name == "beta" else version)

    monkeypatch.setattr(UvEnvironment, "install", install)
    monkeypatch.setattr(verify, "is_not_found", is_not_found)

    ran = from_server(small_org, index)

    assert verdict(ran)[0] == "passed"
    assert len(asked) == 3
    assert "waiting for the index to show all packages of this run" in ran.out


def test_what_was_not_waited_for_is_not_verified(small_org: Org, index: PyPIServer) -> None:
    index.late = {"beta 0.4.1": 9}

    ran = from_server(small_org, index, "--skip-pypi-wait")

    assert verdict(ran) == (
        "skipped", "the run did not wait for the index to have beta 0.4.1"
    )  # fmt: skip
    assert "Not verified: the run did not wait for the index to have beta 0.4.1" in ran.out
    assert ran.result is not None
    assert not [each for each in ran.result["warnings"] if each.startswith("not verified")]


@pytest.mark.parametrize("mode", ["warn", "fail"])
def test_an_index_that_does_not_answer_says_nothing_of_the_packages(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    configure(small_org, verify=mode)
    whole = UvEnvironment.install

    def install(self: UvEnvironment, versions: Mapping[str, str]) -> None:
        whole(replace(self, links=None, index="http://127.0.0.1:9/simple/"), versions)

    monkeypatch.setattr(UvEnvironment, "install", install)

    ran = release(small_org)

    assert ran.code == 0, ran.err
    state, text = verdict(ran)
    assert state == "skipped"
    assert text.startswith("an index could not be asked: ")
    assert ran.result is not None
    assert f"not verified: {text}" in ran.result["warnings"]


@dataclass
class ClosedToUv(PyPIServer):
    """An index whose login the run has, and uv has not."""

    reply: Reply = field(kw_only=True)

    def answer(self, request: Request) -> Reply:
        is_uv = request.headers.get("user-agent", "").startswith("uv/")
        return self.reply if is_uv else super().answer(request)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(401), "lack of valid authentication credentials (401 Unauthorized)"),
        (Reply(403), "returned a 403 Forbidden error"),
        (Reply(200, b"{}", SIMPLE_JSON), "unexpected JSON"),
    ],
    ids=["no login", "forbidden", "no page"],
)
def test_an_index_that_refuses_uv_says_nothing_of_the_packages(
    small_org: Org, reply: Reply, words: str
) -> None:
    stop_locking(small_org)
    # A 403 is waited out: some indexes answer so for what they lack.
    configure(small_org, verify="fail", timeouts={"verify_minutes": 0.15})

    with ClosedToUv(folder=small_org.index, reply=reply) as server:
        ran = from_server(small_org, server)

    state, text = verdict(ran)
    assert (state, words in text) == ("skipped", True), text
    assert text.startswith("an index could not be asked: ")


def test_without_a_python_that_fits_all_the_run_says_so(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = UvEnvironment.make
    monkeypatch.setattr(
        UvEnvironment, "make", lambda self, python: whole(self, python & SpecifierSet(">=3.99"))
    )

    ran = release(small_org)

    assert verdict(ran) == (
        "skipped",
        "uv finds no Python here that fits all packages (alpha needs >=3.11, beta needs >=3.11)",
    )


def test_what_takes_too_long_is_left(small_org: Org) -> None:
    configure(small_org, timeouts={"verify_minutes": 0.00001})

    ran = release(small_org)

    assert ran.code == 0, ran.err
    state, text = verdict(ran)
    assert state == "skipped"
    assert "was stopped after" in text
