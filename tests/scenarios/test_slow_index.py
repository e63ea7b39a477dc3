"""An index that is late, and one whose address is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from support.cli import Ran, run_cli
from support.endings import APPROVED, RUN, before_phase
from support.failures import fails, provoked, provokes
from support.gitrepo import git, push_main
from support.passing import Hurried
from support.pypi_server import PyPIServer
from support.repos import configure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.commands.demo_org import Org


pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


@pytest.fixture
def index(small_org: Org) -> Iterator[PyPIServer]:
    with PyPIServer(folder=small_org.root / "index") as server:
        yield server


def released_with(org: Org, server: PyPIServer, *args: str) -> Ran:
    return run_cli(
        org, "--run-id", RUN, "--gate-attestation", f"1740312612.000100:{RUN}", *args,
        env=server.environ,
    )  # fmt: skip


@provokes(ErrorCode.CONFIG_INVALID)
def test_an_index_address_that_is_none_is_refused_before_the_gate(small_org: Org) -> None:
    configure(small_org, index="pypi", index_url="https://index.example/")
    environ = {"OMNI_RELEASE_INDEX_URL": "ftp://bot:planted@index.example"}

    failure = fails(small_org, ErrorCode.CONFIG_INVALID, *APPROVED, "--run-id", RUN, env=environ)

    failure.says("expected the package index's address", "ftp://index.example", "index_url")


@provokes(ErrorCode.PYPI_TIMEOUT)
def test_an_index_that_stays_late_is_a_timeout_that_says_how_it_stands(
    small_org: Org, index: PyPIServer
) -> None:
    configure(small_org, index="pypi")
    index.late = {"alpha 1.1.0": 10_000}

    ran = released_with(small_org, index, "--pypi-timeout-minutes", "0.01")

    assert ran.code == 1
    assert ran.result is not None
    assert ran.result["error_code"] == "PYPI_TIMEOUT"
    assert ran.result["details"][0]["pypi_status"] == "pending"
    assert "announced, and not on the simple index yet" in ran.err
    provoked(ErrorCode.PYPI_TIMEOUT)


@pytest.mark.parametrize("first", [False, True], ids=["known project", "first release"])
def test_what_was_not_waited_for_is_waited_for_where_it_is_locked(
    small_org: Org, index: PyPIServer, *, first: bool
) -> None:
    configure(small_org, index="pypi")
    if first:
        for path in index.folder.glob("alpha-*"):
            path.unlink()
    index.late = {"alpha 1.1.0": 4}

    ran = released_with(small_org, index, "--skip-pypi-wait")

    assert ran.code == 0, ran.out + ran.err
    assert ran.result is not None
    assert [d["pypi_status"] for d in ran.result["details"]] == ["pending", "available"]
    assert "waiting for beta: the index to show what this run published" in ran.out


def test_what_requires_a_version_that_is_not_there_is_not_merged(
    small_org: Org, index: PyPIServer
) -> None:
    clone = small_org.clone("beta")
    git(clone, "rm", "--quiet", "uv.lock")
    git(clone, "commit", "--quiet", "--message", "chore: no lock, which would wait for alpha")
    push_main(clone)
    configure(small_org, index="pypi")
    index.late = {"alpha 1.1.0": 10_000}

    ran = released_with(small_org, index, "--skip-pypi-wait", "--pypi-timeout-minutes", "0.01")

    assert ran.code == 3
    assert ran.err.startswith("MERGE_FAILED: beta: expected alpha 1.1.0, which beta 0.4.1 requires")
    assert "found it pending (announced, and not on the simple index yet)" in ran.err
    assert git(small_org.remote("beta"), "tag") == "v0.4.0"
    index.late = {}

    again = run_cli(small_org, "--resume", RUN, *APPROVED, env=index.environ)

    assert again.code == 0, again.err
    assert "beta/v0.4.1" in git(small_org.remote("beta"), "tag").split()


def test_what_a_person_merged_waits_for_what_it_requires_before_its_tag(
    small_org: Org, index: PyPIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(small_org, index="pypi")

    def yank() -> None:
        index.yanked = dict.fromkeys(
            ("alpha-1.1.0-py3-none-any.whl", "alpha-1.1.0.tar.gz"), "it breaks"
        )

    before_phase(monkeypatch, Phase.TAG, yank)

    ran = released_with(small_org, index, "--pypi-timeout-minutes", "0.01")

    assert ran.code == 3
    assert ran.err.startswith("TAG_FAILED: beta: expected alpha 1.1.0, which beta 0.4.1 requires")
    assert "found it absent (every file of it is yanked)" in ran.err
    assert f"\nNext: take the yank back on the index, then omni-release --resume {RUN} " in ran.err
    assert "beta/v0.4.1" not in git(small_org.remote("beta"), "tag").split()


def test_what_a_person_yanks_while_it_is_waited_for_is_told_at_once(
    small_org: Org, index: PyPIServer
) -> None:
    configure(small_org, index="pypi")
    names = ("alpha-1.1.0-py3-none-any.whl", "alpha-1.1.0.tar.gz")
    index.late = {"alpha 1.1.0": 2}
    index.yanked = dict.fromkeys(names, "it breaks")
    clock = Hurried()

    ran = run_cli(small_org, "--run-id", RUN, *APPROVED, env=index.environ, clock=clock)

    assert ran.code == 1
    found = (
        "expected alpha 1.1.0 on the package index, found it absent (every file of it is yanked)"
    )
    assert ran.err.startswith(f"PUBLISH_FAILED: alpha: {found}. alpha 1.1.0 is merged and tagged")
    assert sum(clock.slept) < 60
    index.yanked = {}

    again = run_cli(small_org, "--resume", RUN, *APPROVED, env=index.environ)

    assert (again.code, again.err) == (0, "")
