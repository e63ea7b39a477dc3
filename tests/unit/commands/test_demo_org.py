"""The organisations that tests and the demo release: what they hold, always the same."""

from __future__ import annotations

import os
import re
import socket
import tomllib
from pathlib import Path

import pytest

from omninode_release.commands.demo_org import CommitSpec, Org, _edit, build_org, demo_spec
from support.gitrepo import all_refs, commit_file, files_of, git, land, tree_of, world
from support.orgs import PAIR, copy_org, programs

RELEASES = {
    "omnibase_spi": ("v1.2.0", "1.2.0", 3),
    "omnibase_core": ("v1.4.0", "1.4.0", 8),
    "omnibase_infra": ("omnibase_infra/v2.0.0", "2.0.0", 12),
    "omniintelligence": ("v0.9.0", "0.9.0", 2),
    "omnimemory": ("v0.3.0", "0.3.0", 1),
    "omniclaude": ("v0.3.0", "0.3.0", 15),
}
NOISE = {"omniclaude": {"release-workflow-v1"}}
UNLOCKED = {"omnimemory"}


def _locked(org: Org) -> list[str]:
    return [repo for repo in org.repos if repo not in UNLOCKED]


@pytest.mark.parametrize("repo", RELEASES)
def test_demo_has_the_tags_versions_and_commits_of_the_example(
    demo_template: Org, repo: str
) -> None:
    tag, version, commits = RELEASES[repo]
    clone = demo_template.clone(repo)

    tree = tree_of(clone, "main")

    assert set(git(clone, "tag").split()) == {tag} | NOISE.get(repo, set())
    assert int(git(clone, "rev-list", "--count", f"{tag}..main")) == commits
    assert tomllib.loads(tree["pyproject.toml"])["project"]["version"] == version


@pytest.mark.parametrize("repo", RELEASES)
def test_demo_modules_are_python(demo_template: Org, repo: str) -> None:
    tree = tree_of(demo_template.clone(repo), "main")
    modules = {path: text for path, text in tree.items() if path.endswith(".py")}

    for path, text in modules.items():
        compile(text, path, "exec")
    assert modules


def test_demo_index_holds_wheel_and_sdist_of_every_last_release(demo_template: Org) -> None:
    expected = set()
    for repo, (_, version, _) in RELEASES.items():
        project = tomllib.loads(tree_of(demo_template.clone(repo), "main")["pyproject.toml"])
        name = project["project"]["name"].replace("-", "_")
        expected |= {f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.tar.gz"}

    assert set(files_of(demo_template.index)) == expected


def test_demo_clones_are_clean_and_level_with_their_remotes(demo_template: Org) -> None:
    for repo in demo_template.repos:
        clone = demo_template.clone(repo)
        assert git(clone, "status", "--porcelain=v2", "--branch").splitlines() == [
            f"# branch.oid {git(demo_template.remote(repo), 'rev-parse', 'main')}",
            "# branch.head main",
            "# branch.upstream origin/main",
            "# branch.ab +0 -0",
        ]
    assert not demo_template.worktrees.exists()


@pytest.mark.parametrize("spec", [PAIR, demo_spec()], ids=["pair", "demo"])
def test_two_builds_have_the_same_refs(spec: Path, tmp_path: Path) -> None:
    first, second = (build_org(spec, tmp_path / name, run=programs()) for name in ("a", "b"))

    assert {repo: all_refs(first.remote(repo)) for repo in first.repos} == {
        repo: all_refs(second.remote(repo)) for repo in second.repos
    }


def test_locks_name_the_index_by_its_way_from_a_worktree(demo_template: Org) -> None:
    for repo in _locked(demo_template):
        lock = tree_of(demo_template.clone(repo), "main")["uv.lock"]
        assert set(re.findall(r'registry = "([^"]*)"', lock)) <= {"../../../../index"}
        assert not re.search(r'"(/|[A-Za-z]:\\|file:)', lock)
    assert "uv.lock" not in tree_of(demo_template.clone("omnimemory"), "main")


def test_locking_again_in_a_release_worktree_changes_nothing(org: Org) -> None:
    lock = ("uv", "lock", "--no-index", "--refresh-package", "omnibase-core")
    for repo in _locked(org):
        tree = org.worktrees / "release" / "release-20260225-0e587f" / repo
        git(org.clone(repo), "worktree", "add", "--quiet", "--detach", str(tree))

        programs()(lock, cwd=tree, timeout=60, env={"UV_FIND_LINKS": "../../../../index"})

        assert git(tree, "status", "--porcelain") == ""


def test_revert_names_the_commit_it_takes_back(demo_template: Org) -> None:
    clone = demo_template.clone("omnibase_infra")
    message = git(clone, "log", "-1", "--format=%B", "--grep=^Revert ", "main")
    reverted = re.search(r"This reverts commit ([0-9a-f]{40})\.", message)

    assert reverted is not None
    subject = git(clone, "log", "-1", "--format=%s", reverted[1])
    assert message.startswith(f'Revert "{subject.rpartition(" (#")[0]}')


@pytest.mark.parametrize("repo", RELEASES)
def test_own_checks_pass_where_the_version_is_not_stale(demo_template: Org, repo: str) -> None:
    done = programs()(
        ("python3", "-B", "scripts/check.py"), cwd=demo_template.clone(repo), timeout=60, ok=(0, 1)
    )

    stale = "src/omnibase_infra/__init__.py:1: version is 1.9.0, pyproject.toml says 2.0.0\n"
    assert done.stdout == (stale if repo == "omnibase_infra" else "")


def test_a_copy_shares_nothing_with_its_template(pair_template: Org, tmp_path: Path) -> None:
    before = world(pair_template)
    copy = copy_org(pair_template, tmp_path / "copy")
    assert world(copy)["remotes"] == before["remotes"]

    commit_file(copy.clone("alpha"), "notes.md", "Notes\n", "docs: notes")
    git(copy.clone("alpha"), "push", "--quiet", "origin", "main")

    assert world(pair_template) == before
    assert all_refs(copy.remote("alpha")) != before["remotes"]["alpha"]


def test_a_colleague_lands_a_commit_past_the_users_clone(small_org: Org) -> None:
    before = world(small_org)

    sha = land(small_org.remote("beta"), "docs/late.md", "Late\n", "fix: late (#99)")

    after = world(small_org)
    assert tree_of(small_org.remote("beta"), sha)["docs/late.md"] == "Late\n"
    assert after["remotes"]["beta"]["refs/heads/main"] == sha
    assert after["clones"] == before["clones"]


def test_an_edit_that_does_not_fit_its_tree_is_refused() -> None:
    commit = CommitSpec.model_validate(
        {"message": "fix: x", "date": "2026-02-01T00:00:00Z", "replace": {"a": {"old": "new"}}}
    )

    with pytest.raises(ValueError, match="expected 'old' once in a"):
        _edit({"a": "old old"}, commit)


def test_a_program_that_asks_for_the_network_gets_none(tmp_path: Path) -> None:
    remote = "https://github.com/OmniNode-ai/omnibase_spi.git"

    done = programs()(("git", "ls-remote", remote), cwd=tmp_path, timeout=60, ok=(128,))

    assert "transport 'https' not allowed" in done.stderr
    with socket.socket() as sock, pytest.raises(AssertionError, match="reached for the network"):
        sock.connect(("192.0.2.1", 443))


def test_a_test_that_forgets_the_state_folder_is_told() -> None:
    with pytest.raises(NotADirectoryError, match="forgot-to-choose-ONEX_STATE_DIR"):
        Path(os.environ["ONEX_STATE_DIR"]).mkdir(parents=True)
