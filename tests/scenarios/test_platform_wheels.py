"""A package with a wheel for each platform, whose files reach the index one by one."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from omninode_release.models.phase import Phase
from support.cli import Ran, run_cli
from support.endings import APPROVED, RUN, before_phase, evidence
from support.pypi_server import PyPIServer
from support.repos import configure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.commands.demo_org import Org
    from support.github import GitHub

pytestmark = [
    pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed"),
    pytest.mark.usefixtures("only_steps", "no_hooks"),
]

ANY, OTHER, SDIST = "py3-none-any.whl", "cp311-cp311-win_amd64.whl", "beta-0.4.1.tar.gz"


@pytest.fixture
def index(small_org: Org) -> Iterator[PyPIServer]:
    """Where the last release of beta has wheels for two platforms."""
    (small_org.index / f"beta-0.4.0-{OTHER}").write_bytes(b"another platform's")
    timeouts = {"checks_grace_seconds": 0.05, "workflow_grace_seconds": 1}
    polling = {"min_seconds": 0.01, "max_seconds": 0.05}
    configure(small_org, forge="github", index="pypi", timeouts=timeouts, polling=polling)
    with PyPIServer(folder=small_org.index) as server:
        yield server


def release(org: Org, hub: GitHub, index: PyPIServer, *args: str) -> Ran:
    environ = {**hub.env, **index.environ}
    return run_cli(org, "beta", "--run-id", RUN, *APPROVED, *args, env=environ)


def test_the_run_waits_for_the_wheels_that_the_last_release_had(
    small_org: Org, github: GitHub, index: PyPIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    github.policy("beta").run_looks = 5
    before_phase(monkeypatch, Phase.PUBLISH, lambda: _upload(small_org, OTHER))

    ran = release(small_org, github, index)

    assert ran.code == 0, ran.err
    files = evidence(small_org)["beta"]["PUBLISH"]["files"]
    assert files == [f"beta-0.4.1-{OTHER}", f"beta-0.4.1-{ANY}", SDIST]


def test_a_release_with_fewer_wheels_is_there_once_its_workflow_has_ended(
    small_org: Org, github: GitHub, index: PyPIServer
) -> None:
    ran = release(small_org, github, index)

    assert ran.code == 0, ran.err
    assert evidence(small_org)["beta"]["PUBLISH"]["files"] == [f"beta-0.4.1-{ANY}", SDIST]


def test_what_is_there_at_the_deadline_counts(
    small_org: Org, github: GitHub, index: PyPIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    github.policy("beta").run_looks = 100_000  # it has other things to do
    before_phase(monkeypatch, Phase.PUBLISH, lambda: _upload(small_org, ANY))

    ran = release(small_org, github, index, "--pypi-timeout-minutes", "0.01")

    assert ran.code == 0, ran.err
    assert evidence(small_org)["beta"]["PUBLISH"]["files"] == [f"beta-0.4.1-{ANY}", SDIST]


def _upload(org: Org, wheel: str) -> None:
    """The source distribution and one wheel reach the index."""
    for name in (f"beta-0.4.1-{wheel}", SDIST):
        (org.index / name).write_bytes(b"uploaded by the workflow")
