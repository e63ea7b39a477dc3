"""Fixtures of all tests: the guard, and organisations to release."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from omninode_release.commands.demo_org import Org, demo_spec
from omninode_release.models.phase import Phase
from support.endings import Place, Undisturbed, break_phase, release, undisturbed_run
from support.forges import SOON, Site
from support.github import GitHub
from support.guard import guard_environment, guard_network
from support.monorepo import build_monorepo
from support.orgs import PAIR, built_once, copy_org, declared
from support.repos import configure, leave_steps
from support.trains import make_bare

if TYPE_CHECKING:
    from collections.abc import Iterator

# That a machine is busy is no fault of what is tried.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this session, the same in every worker of pytest-xdist.

    OMNI_TESTS_SHARED names one that sessions share: what is built once is built once for them all.
    """
    if "OMNI_TESTS_SHARED" in os.environ:
        return Path(os.environ["OMNI_TESTS_SHARED"])
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session", autouse=True)
def _guard(tmp_path_factory: pytest.TempPathFactory, shared_folder: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        guard_environment(patch, tmp_path_factory.mktemp("guard"), shared_folder)
        guard_network(patch)
        # Tests that were started under nohup see hangups as any other.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
        yield


@pytest.fixture(scope="session")
def demo_template(_guard: None, shared_folder: Path) -> Org:
    return built_once(shared_folder / "demo-template", declared(demo_spec()))


@pytest.fixture(scope="session")
def pair_template(_guard: None, shared_folder: Path) -> Org:
    return built_once(shared_folder / "pair-template", declared(PAIR))


@pytest.fixture(scope="session")
def mono_template(pair_template: Org, shared_folder: Path) -> Org:
    dest = shared_folder / "mono-template"
    return built_once(dest, partial(build_monorepo, pair_template))


@pytest.fixture
def org(demo_template: Org, tmp_path: Path) -> Org:
    """The six repositories of the demo, each with something to release."""
    return copy_org(demo_template, tmp_path / "org")


@pytest.fixture
def small_org(pair_template: Org, tmp_path: Path) -> Org:
    """Two repositories: ``alpha``, and ``beta`` that depends on it."""
    return copy_org(pair_template, tmp_path / "org")


@pytest.fixture
def bare(tmp_path: Path) -> Org:
    """An organisation without repositories and without a configuration."""
    return make_bare(tmp_path / "org")


@pytest.fixture(scope="session")
def place(pair_template: Org, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Where runs are killed and taken up: from the beginning, or from where alpha is released."""
    place = Place.of(pair_template, tmp_path_factory.mktemp("place"))
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.WORKTREE, after_effect=False)
        assert release(place.org).code == 3
    place.keep("alpha is released")
    return place


@pytest.fixture(scope="session")
def undisturbed(place: Place) -> Undisturbed:
    """How a run ends there that nothing happens to."""
    return undisturbed_run(place)


@pytest.fixture
def half(place: Place, undisturbed: Undisturbed) -> Org:
    """Alpha is released, beta not begun."""
    del undisturbed  # made before, for it is made in the same place
    return place.put_back("alpha is released")


@pytest.fixture
def mono(mono_template: Org, tmp_path: Path) -> Org:
    """Three packages that live in one repository, beside the clones of ``small_org``."""
    return copy_org(mono_template, tmp_path / "org")


@pytest.fixture
def only_steps(small_org: Org) -> None:
    """For tests of what happens between the gate and the end of a run."""
    leave_steps(small_org)


@pytest.fixture
def no_hooks(small_org: Org) -> None:
    """For tests that LINT is nothing to: pre-commit takes a tenth of a release's CPU."""
    configure(small_org, hooks="none")


@pytest.fixture
def github(small_org: Org) -> Iterator[GitHub]:
    """The two repositories of ``small_org`` on a GitHub look-alike, reached through the real gh."""
    made = GitHub(small_org)
    yield made
    made.close()


@pytest.fixture(params=["embedded", "github"])
def site(request: pytest.FixtureRequest, small_org: Org, only_steps: None, no_hooks: None) -> Site:
    """The two repositories on either forge: embedded, and GitHub through the real gh."""
    del only_steps, no_hooks  # what stands around the steps, and LINT, knows of no forge
    if request.param == "embedded":
        return Site(small_org)
    if shutil.which("gh") is None:
        pytest.skip("gh is not installed")
    hub: GitHub = request.getfixturevalue("github")
    configure(small_org, forge="github", **SOON)
    return Site(small_org, hub)
