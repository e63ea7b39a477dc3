"""A release is rehearsed before its gate: what would not build or lock is refused in time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.uv import Links, Uv
from omninode_release.errors import ErrorCode
from support.cli import run_cli
from support.endings import release
from support.gitrepo import git, land, push_main, tree_of
from support.orgs import programs
from support.rehearsing import add_settings, edit, refused, use_backend
from support.repos import configure, manifest

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org


STAMPS_ITS_OWN_VERSION = """
import pathlib
import tarfile

def build_sdist(folder, settings=None):
    with tarfile.open(pathlib.Path(folder) / "alpha-9.9.9.tar.gz", "w:gz") as sdist:
        sdist.add(".", "alpha-9.9.9")
    return "alpha-9.9.9.tar.gz"

def build_wheel(folder, settings=None, metadata=None):
    (pathlib.Path(folder) / "alpha-9.9.9-py3-none-any.whl").touch()
    return "alpha-9.9.9-py3-none-any.whl"
"""
MEETS_THE_OTHER = """
import pathlib
import sys
import time

def build_sdist(folder, settings=None):
    place = pathlib.Path("{place}")
    (place / "{name}").touch()
    deadline = time.monotonic() + 300
    while len(list(place.iterdir())) < 2:
        if time.monotonic() > deadline:
            sys.exit("{name} is built alone")
        time.sleep(0.02)
    sys.exit("{name} has met the other")

build_wheel = build_sdist
"""


def test_what_would_fail_in_several_steps_is_refused_all_at_once(small_org: Org) -> None:
    stub = 'version = 1\nrequires-python = ">=3.11"\n'
    land(small_org.remote("alpha"), "uv.lock", stub, "build: a lock")
    edit(small_org, "alpha", 'readme = "README.md"', 'readme = "NOWHERE.md"')

    failure = refused(small_org, ErrorCode.LOCK_FAILED)

    failure.says("alpha/uv.lock", "NOWHERE.md", "start again")
    assert "beta rehearsal: not rehearsed" in failure.ran.out
    assert "alpha" in failure.ran.out


def test_repositories_that_do_not_depend_on_each_other_are_refused_together(org: Org) -> None:
    for repo in ("omniintelligence", "omnimemory"):
        edit(org, repo, 'readme = "README.md"', 'readme = "NOWHERE.md"')

    failure = refused(org, ErrorCode.PUBLISH_FAILED)

    failure.says("2 things are in the way", "omniintelligence: ", "omnimemory: ", "NOWHERE.md")
    assert "omniclaude rehearsal: not rehearsed: the version of omniintelligence" in (
        failure.ran.out
    )


def test_repositories_of_one_tier_are_built_at_the_same_time(org: Org, tmp_path: Path) -> None:
    meeting = tmp_path / "meeting"
    meeting.mkdir()
    for repo in ("omniintelligence", "omnimemory"):
        source = MEETS_THE_OTHER.format(place=meeting, name=repo)
        land(org.remote(repo), "backend.py", source.lstrip(), "build: a back end")
        edit(org, repo, '"uv_build"', '"backend"\nbackend-path = ["."]')
        text = tree_of(org.remote(repo), "main")["pyproject.toml"]
        requires = next(line for line in text.splitlines() if line.startswith("requires = "))
        edit(org, repo, requires, "requires = []")

    failure = refused(org, ErrorCode.PUBLISH_FAILED)

    failure.says("omniintelligence has met the other", "omnimemory has met the other")


def test_a_dependency_that_needs_a_newer_python_is_refused(small_org: Org) -> None:
    source = small_org.root / "gamma"
    (source / "src" / "gamma").mkdir(parents=True)
    (source / "src" / "gamma" / "__init__.py").touch()
    newer = manifest("gamma").replace('">=3.11"', '">=3.99"')
    (source / "pyproject.toml").write_text(newer, encoding="utf-8")
    Uv(programs(), 60, Links(small_org.index, only=True)).build(source, small_org.index)
    edit(small_org, "beta", "dependencies = [\n", 'dependencies = [\n    "gamma",\n')

    failure = refused(small_org, ErrorCode.LOCK_FAILED)

    failure.says("gamma==1.0.0 needs Python >=3.99: raise requires-python of beta", "start again")


def test_a_pin_that_needs_a_newer_python_is_refused(small_org: Org) -> None:
    edit(small_org, "beta", 'requires-python = ">=3.11"', 'requires-python = ">=3.9"')

    refused(small_org, ErrorCode.PIN_CONFLICT).says("beta", "alpha", ">=3.11")


def test_a_lock_without_the_package_is_refused(small_org: Org) -> None:
    stub = 'version = 1\nrequires-python = ">=3.11"\n'
    land(small_org.remote("beta"), "uv.lock", stub, "build: a lock")

    failure = refused(small_org, ErrorCode.LOCK_FAILED)

    failure.says("expected beta in beta/uv.lock", "uv lock")


def test_a_uv_that_a_repository_does_not_accept_is_refused(small_org: Org) -> None:
    add_settings(small_org, "beta", 'required-version = ">=99"\n')

    failure = refused(small_org, ErrorCode.TOOL_MISSING)

    failure.says("expected uv >=99 (required-version in beta/pyproject.toml), found 0.")
    assert failure.error.count(">=99") == 1


@pytest.mark.parametrize("path", ["pyproject.toml", "uv.toml"])
def test_a_uv_that_a_repository_accepts_is_told_by_doctor(small_org: Org, path: str) -> None:
    if path == "uv.toml":
        land(small_org.remote("beta"), path, 'required-version = ">=0.1"\n', "build: uv")
    else:
        add_settings(small_org, "beta", 'required-version = ">=0.1"\n')
    git(small_org.clone("beta"), "pull", "--quiet")

    told = json.loads(run_cli(small_org, "doctor", "--json").out)["checks"]

    [check] = [each for each in told if each["check"] == "uv"]
    assert (check["subject"], check["state"]) == ("beta", "ok")
    assert ">=0.1 is required" in check["text"]


def test_a_build_that_makes_another_version_is_refused(small_org: Org) -> None:
    use_backend(small_org, "alpha", STAMPS_ITS_OWN_VERSION)

    failure = refused(small_org, ErrorCode.PUBLISH_FAILED)

    failure.says("of alpha 1.1.0, found alpha-9.9.9-py3-none-any.whl, alpha-9.9.9.tar.gz")


@pytest.mark.parametrize("place", ["src/alpha/hosts.txt", "hosts.txt"], ids=["packed", "beside"])
@pytest.mark.parametrize("target", ["/etc/hosts", "../../../../../hosts"])
def test_a_link_that_leads_out_of_the_repository_is_refused(
    small_org: Org, place: str, target: str
) -> None:
    clone = small_org.clone("alpha")
    (clone / place).symlink_to(target)
    git(clone, "add", place)
    git(clone, "commit", "--quiet", "--message", "docs: hosts")
    push_main(clone)

    refused(small_org, ErrorCode.SCAN_FAILED).says(place, "alpha", "is a symbolic link to")


def test_a_link_inside_of_the_repository_is_released(small_org: Org) -> None:
    clone = small_org.clone("alpha")
    (clone / "src" / "alpha" / "readme.md").symlink_to("../../README.md")
    git(clone, "add", "src/alpha/readme.md")
    git(clone, "commit", "--quiet", "--message", "docs: a readme in the package")
    push_main(clone)

    assert release(small_org).code == 0


def test_a_new_changelog_that_git_ignores_is_refused_before_the_gate(small_org: Org) -> None:
    remote = small_org.remote("alpha")
    git(small_org.clone("alpha"), "rm", "--quiet", "CHANGELOG.md")
    git(small_org.clone("alpha"), "commit", "--quiet", "--message", "docs: tell it elsewhere")
    push_main(small_org.clone("alpha"))
    land(remote, ".gitignore", "*.md\n", "chore: keep notes out")

    ran = release(small_org)

    assert ran.code == 1
    assert "CHANGELOG_FAILED: alpha: expected git to take the new CHANGELOG.md" in ran.err
    assert "changelog_of: {alpha: {kind: none}}" in ran.err
    land(remote, ".gitignore", "", "chore: take notes")
    assert release(small_org).code == 0


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("CHANGES.rst", "1.0.0 Current release\n  * Begin.\n", "line 1 (1.0.0 Current release)"),
        (
            "docs/changelog.rst",
            "Changelog\n=========\n\n.. changelog:: 1.0.0\n    :date: 2026-01-02\n\n    Begin.\n",
            "line 4 (.. changelog:: 1.0.0)",
        ),
        ("CHANGELOG.md", "# What is new\n\n**1.0.0**\n\n- Begin.\n", "line 3 (**1.0.0**)"),
    ],
)
def test_a_changelog_of_an_unknown_form_is_refused_before_the_gate(
    small_org: Org, path: str, text: str, words: str
) -> None:
    clone = small_org.clone("alpha")
    git(clone, "rm", "--quiet", "CHANGELOG.md")
    git(clone, "commit", "--quiet", "--message", "docs: tell it elsewhere")
    push_main(clone)
    land(small_org.remote("alpha"), path, text, "docs: tell it here")

    git(clone, "pull", "--quiet")
    plan = run_cli(small_org, "--dry-run")
    ran = release(small_org)

    assert f"CHANGELOG_FAILED alpha: {path}: expected a heading for the last release" in plan.out
    assert ran.code == 1
    assert f"CHANGELOG_FAILED: alpha: {path}: expected a heading for the last release" in ran.err
    assert f"found {words}: there is no telling where" in ran.err
    assert "changelog_of: {alpha: {kind: none}}" in ran.err
    configure(small_org, changelog_of={"alpha": {"kind": "none"}})
    assert run_cli(small_org, "--dry-run").code == 0
