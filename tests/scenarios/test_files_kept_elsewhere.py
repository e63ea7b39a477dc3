"""Files that git has a pointer of, or a folder: git-lfs and submodules. A build says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.cli import run_cli
from support.endings import release
from support.gitrepo import commit_file, git, land
from support.rehearsing import refused, use_backend
from support.repos import configure

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org
    from support.github import GitHub

pytestmark = pytest.mark.usefixtures("no_hooks")

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
SETS_UP = """
[filter "lfs"]
clean = git-lfs clean -- %f
smudge = git-lfs smudge -- %f
process = git-lfs filter-process
required = true
"""
PACKED, BESIDE = "src/alpha/model.bin", "docs/picture.bin"
FAILS = "import sys\n\ndef build_sdist(folder, settings=None):\n    sys.exit('no vendor')\n"
CHECKOUT = """on: {push: {tags: ["v*"]}}
jobs:
  release: {steps: [{uses: actions/checkout@v4, with: {WITH}}, {run: uv build && uv publish}]}
"""


def keep_by_lfs(org: Org, path: str) -> None:
    land(org.remote("alpha"), ".gitattributes", "*.bin filter=lfs -text\n", "build: git-lfs")
    land(org.remote("alpha"), path, POINTER, "feat: a model")


def add_submodule(org: Org, path: str, tmp_path: Path) -> None:
    clone, other = org.clone("alpha"), tmp_path / "other"
    git(clone, "init", "--quiet", str(other))
    commit_file(other, "data.txt", "x\n", "feat: data")
    git(clone, "submodule", "--quiet", "add", str(other), path)
    git(clone, "commit", "--quiet", "--message", "feat: vendored")
    git(clone, "push", "--quiet", str(org.remote("alpha")), "HEAD:main")


def publish_by(org: Org, with_: str) -> None:
    text = CHECKOUT.replace("{WITH}", f"{{{with_}}}")
    land(org.remote("alpha"), ".github/workflows/release.yml", text, "ci: checkout")
    git(org.clone("alpha"), "fetch", "--quiet", str(org.remote("alpha")), "main")
    git(org.clone("alpha"), "update-ref", "refs/remotes/origin/main", "FETCH_HEAD")


def plan(org: Org, hub: GitHub) -> str:
    """What a rehearsal before a release on GitHub says."""
    configure(org, forge="github", rehearse=True)
    return run_cli(org, "plan", "alpha", "--rehearse", env=hub.env).out


def test_a_pointer_in_the_package_is_refused(small_org: Org) -> None:
    keep_by_lfs(small_org, PACKED)

    failure = refused(small_org, ErrorCode.PUBLISH_FAILED)

    failure.says(
        f"found pointers of it: {PACKED}", "install git-lfs, and its filter for this account"
    )


def test_a_pointer_beside_the_package_is_none_of_its_files(small_org: Org) -> None:
    keep_by_lfs(small_org, BESIDE)

    assert release(small_org, "alpha").code == 0


def test_git_lfs_that_is_set_up_and_missing_is_told_with_what_to_do(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_by_lfs(small_org, PACKED)
    settings = tmp_path / "gitconfig"
    settings.write_text(SETS_UP, encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))

    failure = refused(small_org, ErrorCode.SCAN_FAILED)

    failure.says("install git-lfs, which keeps files of this repository, then start again")


@pytest.mark.parametrize(("with_", "is_fine"), [("", False), ("lfs: true", True)])
def test_a_workflow_that_checks_out_pointers_is_refused(
    small_org: Org, github: GitHub, with_: str, *, is_fine: bool
) -> None:
    keep_by_lfs(small_org, PACKED)
    publish_by(small_org, with_)

    told = plan(small_org, github)

    refusal = "PUBLISH_FAILED alpha: expected the package to have what git-lfs keeps of it, found"
    assert (refusal in told) is not is_fine, told
    assert ("write lfs: true under `with` of its actions/checkout" in told) is not is_fine


@pytest.mark.parametrize(("path", "is_told"), [("src/alpha/vendor", True), ("vendor", False)])
def test_a_submodule_in_the_package_is_told(
    small_org: Org, tmp_path: Path, path: str, *, is_told: bool
) -> None:
    add_submodule(small_org, path, tmp_path)

    ran = release(small_org, "alpha")

    assert ran.code == 0, ran.err
    assert (f"found submodules, which are not: {path}" in ran.out) is is_told


@pytest.mark.parametrize(("with_", "is_checked_out"), [("", False), ("submodules: true", True)])
def test_a_build_that_lacks_submodules_is_refused_where_the_workflow_lacks_them_too(
    small_org: Org, github: GitHub, tmp_path: Path, with_: str, *, is_checked_out: bool
) -> None:
    add_submodule(small_org, "vendor", tmp_path)
    use_backend(small_org, "alpha", FAILS)
    publish_by(small_org, with_)

    told = plan(small_org, github)

    assert ("PUBLISH_FAILED alpha: " in told) is not is_checked_out, told
    assert ("a rehearsal checks no submodules out (vendor), the workflow does" in told) is (
        is_checked_out
    )
