"""A rehearsal and what uv may resolve from: cutoffs and indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.cli import run_cli
from support.endings import APPROVED, RUN, release, state_of
from support.gitrepo import git, land, tree_of
from support.pypi_server import PyPIServer
from support.rehearsing import add_settings, edit, refused, rehearsed
from support.repos import configure

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("no_hooks")


DAYS = 'exclude-newer = "7 days"\n'
EXEMPT = "exclude-newer-package = { alpha = false }\n"


@pytest.mark.parametrize("path", ["pyproject.toml", "uv.toml"])
def test_a_cutoff_that_hides_what_the_run_releases_is_refused(small_org: Org, path: str) -> None:
    if path == "uv.toml":
        land(small_org.remote("beta"), path, DAYS, "build: a cutoff")
    else:
        add_settings(small_org, "beta", DAYS)

    failure = refused(small_org, ErrorCode.LOCK_FAILED)

    failure.says("(alpha)", "exclude-newer", "exclude-newer-package = { alpha = false }")


def test_a_cutoff_with_an_exception_for_the_pin_is_released(small_org: Org) -> None:
    add_settings(small_org, "beta", DAYS + EXEMPT)

    ran = release(small_org)

    assert (ran.code, ran.err) == (0, "")
    lock = tree_of(small_org.remote("beta"), "main")["uv.lock"]
    assert 'exclude-newer-span = "P7D"' in lock
    assert "alpha = false" in lock


def test_a_cutoff_of_a_repository_that_pins_nothing_is_released(small_org: Org) -> None:
    add_settings(small_org, "alpha", DAYS)

    assert release(small_org).code == 0


@pytest.mark.parametrize("setting", [{"lock": "none"}, {"pins": "keep"}], ids=str)
def test_a_cutoff_hides_nothing_from_a_lock_that_needs_nothing_new(
    small_org: Org, setting: dict[str, str]
) -> None:
    add_settings(small_org, "beta", DAYS)
    options = '\n[options]\nexclude-newer = "2026-02-18T00:00:00Z"\nexclude-newer-span = "P7D"\n'
    lock = tree_of(small_org.remote("beta"), "main")["uv.lock"]
    head, _, packages = lock.partition("\n[[package]]")
    land(small_org.remote("beta"), "uv.lock", f"{head}{options}\n[[package]]{packages}", "build: x")
    configure(small_org, **setting)

    ran = release(small_org)

    assert ran.code == 0, ran.err


@pytest.mark.parametrize("where", ["variable", "user's uv.toml"])
def test_a_cutoff_of_this_machine_alone_is_refused(small_org: Org, where: str) -> None:
    mine = small_org.root / "config" / "uv" / "uv.toml"
    mine.parent.mkdir(parents=True)
    mine.write_text(DAYS, encoding="utf-8")
    env = {"UV_EXCLUDE_NEWER": "7 days"}
    if where != "variable":
        env = {"XDG_CONFIG_HOME": str(small_org.root / "config")}

    failure = refused(small_org, ErrorCode.LOCK_FAILED, env=env)

    failure.says("alpha", "UV_EXCLUDE_NEWER", "uv lock --check")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("UV_RESOLUTION", "lowest-direct"),
        ("UV_PRERELEASE", "allow"),
        ("UV_FORK_STRATEGY", "fewest"),
        ("UV_PREVIEW", "1"),
    ],
)
def test_other_settings_of_this_machine_are_refused_too(
    small_org: Org, variable: str, value: str
) -> None:
    failure = refused(small_org, ErrorCode.LOCK_FAILED, env={variable: value})

    failure.says(variable, "uv lock --check")


def test_how_a_repository_resolves_is_its_own_to_say(small_org: Org) -> None:
    add_settings(small_org, "beta", 'resolution = "lowest-direct"\n')

    ran = run_cli(small_org, "--run-id", RUN, *APPROVED)

    assert (ran.code, ran.err) == (0, "")
    assert "lowest-direct" in tree_of(small_org.remote("beta"), "main")["uv.lock"]


def test_a_lock_does_not_wait_for_what_uv_keeps_out(small_org: Org) -> None:
    configure(small_org, index="pypi", rehearse=False)
    land(small_org.remote("beta"), "uv.toml", 'exclude-newer = "2026-02-01T00:00:00Z"\n', "ci: uv")

    with PyPIServer(folder=small_org.root / "index") as index:
        ran = run_cli(small_org, "--run-id", RUN, *APPROVED, env=index.environ)

    assert (ran.code, state_of(small_org)["repos"]["beta"]["error_code"]) == (3, "LOCK_FAILED")
    assert "waiting for" not in ran.out
    assert "exclude-newer-package = { alpha = false }" in ran.err


def test_a_rehearsal_locks_against_an_index_that_has_the_rest(small_org: Org) -> None:
    configure(small_org, index="pypi")

    with PyPIServer(folder=small_org.root / "index") as index:
        ran = run_cli(small_org, "--run-id", RUN, *APPROVED, env=index.environ)

    assert (ran.code, ran.err) == (0, "")
    assert "Rehearsing 2 of 2: beta" in ran.out
    lock = tree_of(small_org.remote("beta"), "main")["uv.lock"]
    assert "rehearsal" not in lock


def test_a_package_that_comes_from_one_named_index_is_rehearsed_too(small_org: Org) -> None:
    configure(small_org, index="pypi")

    with PyPIServer(folder=small_org.root / "index") as index:
        sources = f"""sources = {{ alpha = {{ index = "ours" }} }}

[[tool.uv.index]]
name = "ours"
url = "{index.url}/simple"
explicit = true
"""
        add_settings(small_org, "beta", sources)
        ran = run_cli(small_org, "--run-id", RUN, *APPROVED, env=index.environ)

    assert (ran.code, ran.err) == (0, "")
    assert (
        f'registry = "{index.url}/simple"' in (tree_of(small_org.remote("beta"), "main")["uv.lock"])
    )


def test_an_index_that_cannot_be_reached_is_a_refusal(small_org: Org) -> None:
    configure(small_org, local={"index_only": False})

    failure = refused(small_org, ErrorCode.LOCK_FAILED)

    failure.says("beta", "Failed to fetch", "start again")


def test_what_needs_the_network_is_unknown_to_an_offline_rehearsal(small_org: Org) -> None:
    edit(small_org, "beta", "dependencies = [\n", 'dependencies = [\n    "nowhere",\n')
    git(small_org.clone("beta"), "pull", "--quiet")
    configure(small_org, local={"index_only": False})

    ran = rehearsed(small_org, "--offline", "--strict")

    assert (ran.code, ran.err) == (0, "")
    assert "unknown: beta LOCK: " in ran.out
