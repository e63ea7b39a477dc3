"""Clones and remotes that are not as expected: those that can be used are, the others are named."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.cli import Terminal, run_cli
from support.failures import fails
from support.gitrepo import commit_file, git, land, push_main, tree_of, world
from support.orgs import copy_org
from support.repos import add_repo, configure, manifest

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

BOTH = [("alpha", "1.1.0"), ("beta", "0.4.1")]


def _released(org: Org) -> None:
    """Release everything, and find it on the remotes and the index."""
    ran = run_cli(org, stdin=Terminal("approve\n"))

    assert (ran.code, ran.err) == (0, "")
    for repo, version in BOTH:
        tagged = tree_of(org.remote(repo), f"{repo}/v{version}")
        assert f'version = "{version}"' in tagged["pyproject.toml"]
        assert str(org.root) not in tagged["uv.lock"]
        assert (org.index / f"{repo}-{version}.tar.gz").is_file()


def _planned(org: Org, *args: str) -> str:
    """What a real run plans, which somebody then rejects."""
    ran = run_cli(org, *args, stdin=Terminal("reject\n"))

    assert ran.err.startswith("GATE_REJECTED"), ran.err
    return ran.out


# What works.


def test_a_path_with_spaces_and_unicode_releases(pair_template: Org, tmp_path: Path) -> None:
    _released(copy_org(pair_template, tmp_path / "Größe & façade, 'quoted'"))


def test_files_whose_names_are_no_utf8_are_released_as_they_are(small_org: Org) -> None:
    clone, name = small_org.clone("alpha"), os.fsdecode(b"src/alpha/na\xefve.txt")
    (clone / name).write_text("naive\n", encoding="utf-8")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "feat: an odd name")
    push_main(clone)

    _released(small_org)

    listed = git(small_org.remote("alpha"), "ls-tree", "-r", "--name-only", "alpha/v1.1.0")
    assert '"src/alpha/na\\357ve.txt"' in listed.splitlines()


def test_a_workflow_that_is_no_yaml_stops_no_release_that_needs_none(small_org: Org) -> None:
    workflow = ".github/workflows/release.yml"
    land(small_org.remote("alpha"), workflow, "on: !!bool x\njobs: {}\n", "ci: odd")
    land(small_org.remote("beta"), workflow, "on: [" + "[" * 5000 + "\n", "ci: odder")

    _released(small_org)


def test_a_detached_clone_and_a_bare_one_release_and_stay_as_they_are(small_org: Org) -> None:
    git(small_org.clone("alpha"), "checkout", "--quiet", "--detach", "v1.0.0")
    bare = small_org.omni_home / "beta.git"
    (small_org.clone("beta") / ".git").rename(bare)
    git(bare, "config", "core.bare", "true")

    _released(small_org)

    assert (small_org.clone("alpha") / ".git" / "HEAD").read_text(encoding="utf-8") == (
        git(small_org.clone("alpha"), "rev-parse", "v1.0.0^{commit}") + "\n"
    )
    assert git(bare, "worktree", "list", "--porcelain").split() == ["worktree", str(bare), "bare"]


def test_an_origin_written_as_a_url_or_by_a_short_name_is_followed(small_org: Org) -> None:
    alpha, beta = small_org.clone("alpha"), small_org.clone("beta")
    git(alpha, "config", f"url.{small_org.remotes}/.insteadOf", "ours:")
    git(alpha, "remote", "set-url", "origin", "ours:alpha.git")
    git(beta, "remote", "set-url", "origin", small_org.remote("beta").as_uri())

    _released(small_org)


def test_a_checkout_with_unsaved_work_is_not_touched(small_org: Org) -> None:
    clone = small_org.clone("alpha")
    (clone / "pyproject.toml").write_text("half written", encoding="utf-8")
    (clone / "notes.txt").write_text("mine", encoding="utf-8")
    git(clone, "checkout", "--quiet", "-b", "my-work")
    before = world(small_org)["clones"]["alpha"]

    _planned(small_org)

    after = world(small_org)["clones"]["alpha"]
    assert {key: after[key] for key in ("head", "files", "staged")} == {
        key: before[key] for key in ("head", "files", "staged")
    }


def test_a_tag_that_was_cut_again_is_read_from_the_remote(small_org: Org) -> None:
    remote = small_org.remote("alpha")
    git(remote, "tag", "--force", "v1.0.0", "main~1")

    plan = _planned(small_org)

    assert "  alpha  1     1.0.0    1.1.0  minor        2  release" not in plan
    assert "  alpha  1     1.0.0    1.0.1  patch        1  release" in plan


def test_a_tag_that_was_never_pushed_is_no_release(small_org: Org) -> None:
    git(small_org.clone("alpha"), "tag", "v7.0.0", "origin/main")

    assert "  alpha  1     1.0.0    1.1.0  minor        2  release" in _planned(small_org)


def test_tags_that_are_no_versions_are_ignored(small_org: Org) -> None:
    for tag in ("v1.2", "v01.2.3", "v1.2.3-rc1", "1.2.3", "beta/v1.0.1", "v1.0.1+x", "vv1.0.1"):
        git(small_org.remote("alpha"), "tag", tag, "main")

    assert "  alpha  1     1.0.0    1.1.0  minor        2  release" in _planned(small_org)


def test_folders_that_are_no_repositories_of_their_own_are_no_drift(small_org: Org) -> None:
    needs_alpha = manifest("gamma", "0.1.0", "alpha")
    home = small_org.omni_home
    plain = home / "plain"
    plain.mkdir()
    (plain / "pyproject.toml").write_text(needs_alpha, encoding="utf-8")
    (home / "file.git").write_text("", encoding="utf-8")
    git(small_org.clone("beta"), "worktree", "add", "--quiet", "--detach", str(home / "beta-2"))
    outside = add_repo(small_org, "gamma", {"pyproject.toml": needs_alpha})
    (outside / ".git").rename(home / "modules-of-home")
    (home / ".git" / "modules").mkdir(parents=True)
    (home / "modules-of-home").rename(home / ".git" / "modules" / "gamma")
    (outside / ".git").write_text("gitdir: ../.git/modules/gamma\n", encoding="utf-8")
    assert git(outside, "rev-parse", "--abbrev-ref", "HEAD") == "main"

    ran = run_cli(small_org, "--dry-run")

    assert (ran.code, ran.err) == (0, "")


def test_an_untargeted_repository_that_is_missing_is_a_warning(small_org: Org) -> None:
    small_org.clone("beta").rename(small_org.root / "elsewhere")

    ran = run_cli(small_org, "alpha", "--dry-run")

    assert (ran.code, ran.err) == (0, "")
    assert ran.result is not None
    assert "beta: not found under omni_home; it is not part of this run" in ran.result["warnings"]


# What is refused: before the gate, and with the command that mends it.


def test_a_manifest_that_is_not_toml_is_named_with_its_line(small_org: Org) -> None:
    land(small_org.remote("beta"), "pyproject.toml", '[project]\nname = "beta\n', "fix: a quote")

    failure = fails(small_org, ErrorCode.SCAN_FAILED)

    failure.says("beta/pyproject.toml is not valid TOML", "line 2")


def test_a_manifest_that_is_not_text_is_named(small_org: Org) -> None:
    clone = small_org.clone("beta")
    (clone / "pyproject.toml").write_bytes(b"# caf\xe9\n")
    git(clone, "commit", "--quiet", "--all", "--message", "fix: Latin-1")
    push_main(clone)

    failure = fails(small_org, ErrorCode.SCAN_FAILED)

    failure.says("pyproject.toml", "not UTF-8 at byte 5")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("src/beta/__init__.py", ErrorCode.BUMP_FAILED),
        ("CHANGELOG.md", ErrorCode.CHANGELOG_FAILED),
    ],
)
def test_a_file_that_a_release_writes_and_that_is_no_text_is_named(
    small_org: Org, path: str, code: ErrorCode
) -> None:
    configure(small_org, rehearse=False)
    clone = small_org.clone("beta")
    (clone / path).write_bytes(b"# caf\xe9\n")
    git(clone, "add", path)
    git(clone, "commit", "--quiet", "--message", "fix: Latin-1")
    push_main(clone)

    failure = fails(small_org, code, state="unchanged")

    failure.says(f"expected {path} of beta to be UTF-8 text")
    assert failure.touched == set()


@pytest.mark.parametrize("version", ["1.0", "1.0.0+dev"])
@pytest.mark.usefixtures("only_steps")
def test_a_version_that_stands_for_three_numbers_is_released(small_org: Org, version: str) -> None:
    land(small_org.remote("beta"), "pyproject.toml", manifest("beta", version), "fix: version")

    ran = run_cli(small_org, "beta", stdin=Terminal("approve\n"))

    assert (ran.code, ran.err) == (0, "")
    tagged = tree_of(small_org.remote("beta"), "beta/v1.0.0")
    assert 'version = "1.0.0"' in tagged["pyproject.toml"]
    assert (small_org.index / "beta-1.0.0.tar.gz").is_file()


@pytest.mark.parametrize("version", ["1", "1.0.0.post1", "1.0.0+local"])
def test_a_version_that_is_not_three_numbers_is_refused(small_org: Org, version: str) -> None:
    land(small_org.remote("beta"), "pyproject.toml", manifest("beta", version), "fix: version")

    failure = fails(small_org, ErrorCode.VERSION_INVALID)

    failure.says("beta/pyproject.toml", repr(version), "three numbers")


@pytest.mark.parametrize("name", ["a b", "../x", "-a", "a-", "a/b", "é", "\u212aay"])
def test_a_name_that_no_index_takes_is_refused(small_org: Org, name: str) -> None:
    land(small_org.remote("beta"), "pyproject.toml", manifest(name, "0.4.0"), "fix: a name")

    failure = fails(small_org, ErrorCode.SCAN_FAILED)

    failure.says("beta/pyproject.toml: expected a distribution's name", "correct the name")


def test_a_copy_that_kept_the_name_of_another_package_is_refused_alone(small_org: Org) -> None:
    add_repo(small_org, "gamma", {"pyproject.toml": manifest("Alpha", "3.0.0")}, tag="v3.0.0")
    land(small_org.remote("gamma"), "README.md", "Gamma.\n", "fix: a copy of alpha")
    tiers = [{"alpha": []}, {"beta": ["alpha"]}, {"gamma": []}]
    configure(small_org, graph={"tiers": tiers})

    failure = fails(small_org, ErrorCode.SCAN_FAILED)
    without = run_cli(small_org, "alpha", "beta", "--dry-run")

    failure.says("gamma/pyproject.toml", "which alpha/pyproject.toml names, too", "project.name")
    assert without.code == 0, without.err
    assert "beta: alpha >=1.0.0,<2.0.0 → ==1.1.0" in without.out


def test_a_repository_without_commits_cannot_be_planned(small_org: Org) -> None:
    git(small_org.remotes, "init", "--quiet", "--bare", "--template=", "-b", "main", "gamma.git")
    git(small_org.omni_home, "clone", "--quiet", str(small_org.remote("gamma")), "gamma")
    configure(small_org, graph={"tiers": [{"alpha": [], "gamma": []}, {"beta": ["alpha"]}]})

    failure = fails(small_org, ErrorCode.SCAN_FAILED)

    failure.says("gamma", "it is empty", "ls-remote --symref origin HEAD")
    assert "with commits" in run_cli(small_org, "--dry-run").out


def test_a_shallow_clone_cannot_count_its_commits(small_org: Org) -> None:
    clone = small_org.clone("beta")
    clone.rename(small_org.root / "deep")
    url = f"file://{small_org.remote('beta')}"
    git(small_org.omni_home, "clone", "--quiet", "--depth", "1", url, "beta")

    failure = fails(small_org, ErrorCode.SCAN_FAILED)

    failure.says("shallow clone", f"git -C {clone} fetch --unshallow")


def test_a_remote_branch_called_release_leaves_no_room_for_ours(small_org: Org) -> None:
    git(small_org.remote("beta"), "branch", "release", "main")

    failure = fails(small_org, ErrorCode.WORKTREE_CONFLICT, state="unchanged")

    failure.says("release on the remote", "push origin FETCH_HEAD:refs/heads/release-old")


def test_a_remote_branch_called_release_is_seen_by_a_dry_run_that_knows_of_it(
    small_org: Org,
) -> None:
    git(small_org.remote("beta"), "branch", "release", "main")
    git(small_org.clone("beta"), "fetch", "--quiet", "origin")

    ran = run_cli(small_org, "--dry-run", "--offline", "--strict")

    assert ran.code == 1
    assert "WORKTREE_CONFLICT beta" in ran.out


@pytest.mark.parametrize("name", ["release/mine", "release/mine/beta/x"])
def test_a_remote_branch_where_that_of_the_run_has_no_room_is_moved_as_the_hint_says(
    small_org: Org, name: str
) -> None:
    git(small_org.remote("beta"), "branch", name, "main~1")
    tip = git(small_org.remote("beta"), "rev-parse", name)
    run = ("--run-id", "mine")

    failure = fails(small_org, ErrorCode.WORKTREE_CONFLICT, *run, state="unchanged")

    failure.says(f"found the branch {name} there: git has no room for both")
    rename = failure.ran.err.split("rename it: ")[1].split(", then")[0]
    for command in rename.split(" && "):
        git(small_org.clone("beta"), *command.split()[3:])
    assert run_cli(small_org, *run, stdin=Terminal("approve\n")).code == 0
    assert git(small_org.remote("beta"), "rev-parse", name.replace("/", "-")) == tip


def test_a_rewound_base_branch_is_planned_as_it_is_now(small_org: Org) -> None:
    git(small_org.remote("alpha"), "update-ref", "refs/heads/main", "main~1")

    assert "  alpha  1     1.0.0    1.1.0  minor        1  release" in _planned(small_org)


def test_commits_that_were_never_pushed_are_not_released(small_org: Org) -> None:
    commit_file(small_org.clone("alpha"), "mine.txt", "Mine.\n", "feat!: only here")

    assert "  alpha  1     1.0.0    1.1.0  minor        2  release" in _planned(small_org)


# What others wrote, in repositories that are not released.

UNREADABLE = {
    "nested brackets": "a = " + "[" * 2000,
    "a huge number": "a = " + "1" * 5000,
    "dotted keys": "a." * 3000 + "a = 1",
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_an_outsider_that_cannot_be_read_stops_nothing(small_org: Org, text: str) -> None:
    add_repo(small_org, "gamma", {"pyproject.toml": text})

    assert run_cli(small_org, "--dry-run").code == 0


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_a_repository_that_cannot_be_read_is_named_and_stops_no_other(
    small_org: Org, text: str
) -> None:
    land(small_org.remote("alpha"), "pyproject.toml", text, "fix: oops")

    assert run_cli(small_org, "beta", "--dry-run").code == 0
    failure = fails(small_org, ErrorCode.SCAN_FAILED)
    failure.says("alpha/pyproject.toml is not valid TOML")


def test_sources_that_are_no_tables_are_passed_over(small_org: Org) -> None:
    odd = manifest("alpha", "1.0.0") + "\n[tool.uv.sources]\nx = 5\ny = [true]\n"
    land(small_org.remote("alpha"), "pyproject.toml", odd, "fix: odd")

    ran = run_cli(small_org, "--dry-run")  # uv has the last word, in a rehearsal
    assert (ran.code, ran.err) == (0, "")
    assert _planned(small_org, "beta")
