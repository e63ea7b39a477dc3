"""Late commits that change what a package requires of its siblings, or what it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.models.phase import Phase
from support.cli import Terminal, run_cli
from support.endings import RUN, before_phase, is_archived, release
from support.gitrepo import all_refs, git, land
from support.meddling import refused, when_merging

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org
    from support.cli import Ran
    from support.forges import Site

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")

NEED = '    "alpha>=1.0.0,<2.0.0", # greetings\n'


@pytest.mark.parametrize("phase", [Phase.WORKTREE, Phase.MERGE])
@pytest.mark.usefixtures("only_steps")
def test_a_late_requirement_on_a_sibling_is_planned_anew_and_pinned(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, phase: Phase
) -> None:
    remote = small_org.remote("beta")
    _change(remote, NEED, "", "chore: need no alpha")
    with monkeypatch.context() as patch:
        before_phase(patch, phase, lambda: _need_alpha(remote))
        ran = release(small_org)

    _is_stale(
        ran, remote, "'alpha>=1.0.0,<2.0.0' in project.dependencies, which the plan has not seen"
    )

    again = run_cli(small_org, "--resume", RUN, stdin=Terminal("approve\n"))

    assert (again.code, again.err) == (0, "")
    assert "alpha >=1.0.0,<2.0.0 → ==1.1.0" in again.out
    assert '"alpha==1.1.0", # greetings' in _read(remote)
    assert is_archived(small_org)


def test_a_requirement_that_goes_before_its_release_begins_is_planned_anew(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = small_org.remote("beta")
    with monkeypatch.context() as patch:
        before_phase(patch, Phase.WORKTREE, lambda: _change(remote, NEED, "", "chore: no alpha"))
        ran = release(small_org)

    _is_stale(ran, remote, "it has no requirement on alpha any more")
    assert not [name for name in all_refs(remote) if "/release/" in name]

    again = run_cli(small_org, "--resume", RUN, stdin=Terminal("approve\n"))

    assert (again.code, again.err) == (0, "")
    assert "alpha" not in _read(remote)


def test_a_requirement_on_a_sibling_that_arrives_with_the_merge_is_not_tagged(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    _change(site.remote, NEED, "", "chore: need no alpha")
    when_merging(monkeypatch, lambda: _need_alpha(site.remote), after=False)

    ran = site.release()

    refused(ran, site, Phase.MERGE, "'alpha>=1.0.0,<2.0.0'", "the plan has not seen")
    assert "beta/v0.4.1" not in git(site.remote, "tag").split()


@pytest.mark.usefixtures("only_steps")
def test_a_late_requirement_on_another_package_goes_along(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = small_org.remote("beta")
    other = "[project.optional-dependencies]\nshell = ['colours>=2']\n\n[project.scripts]\n"
    before_phase(
        monkeypatch,
        Phase.MERGE,
        lambda: _change(remote, "[project.scripts]\n", other, "fix: colours in a shell"),
    )

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert other in _read(remote)
    assert '"alpha==1.1.0", # greetings' in _read(remote)


@pytest.mark.usefixtures("only_steps")
def test_a_late_requirement_that_the_build_takes_from_a_file_is_not_released(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = small_org.remote("beta")
    _change(remote, NEED, "", "chore: need no alpha")
    dynamic = 'dynamic = ["optional-dependencies"]'
    _change(remote, 'name = "beta"\n', f'name = "beta"\n{dynamic}\n', "chore: extras from a file")
    table = '[tool.setuptools.dynamic]\noptional-dependencies.shell = {file = ["shell.in"]}\n\n'
    _change(remote, "[project.scripts]\n", f"{table}[project.scripts]\n", "chore: name the file")
    land(remote, "shell.in", "# none\n", "chore: the file")
    before_phase(
        monkeypatch,
        Phase.WORKTREE,
        lambda: land(remote, "shell.in", "alpha>=1.0\n", "fix: need alpha there"),
    )

    ran = release(small_org)

    _is_stale(
        ran,
        remote,
        "'alpha>=1.0' in optional-dependencies.shell of shell.in, which the plan has not seen",
    )


@pytest.mark.usefixtures("only_steps")
def test_a_package_that_was_given_another_name_is_not_begun(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = small_org.remote("beta")
    before_phase(
        monkeypatch,
        Phase.WORKTREE,
        lambda: _change(remote, 'name = "beta"', 'name = "gamma"', "fix: a better name"),
    )

    ran = release(small_org)

    _is_stale(ran, remote, "it has the name 'gamma'")


def _is_stale(ran: Ran, remote: Path, why: str) -> None:
    assert ran.code == 3
    assert "PLAN_STALE: beta: main of beta moved after the approval" in ran.err
    assert why in ran.err
    assert 'version = "0.4.0"' in _read(remote)


def _need_alpha(remote: Path) -> None:
    _change(remote, "dependencies = [\n", f"dependencies = [\n{NEED}", "fix: need alpha")


def _change(remote: Path, old: str, new: str, message: str) -> None:
    text = _read(remote)
    assert text.count(old) == 1
    land(remote, "pyproject.toml", text.replace(old, new), message)


def _read(remote: Path) -> str:
    return git(remote, "show", "main:pyproject.toml") + "\n"
