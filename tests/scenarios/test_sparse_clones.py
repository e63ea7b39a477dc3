"""The tree of the commit is released, whatever part of it the user's clone shows."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from omninode_release.models.phase import Phase
from support.endings import break_phase, release, resume, worktree
from support.gitrepo import commit_file, git, push_main, tree_of
from support.repos import configure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")

INIT = "src/beta/__init__.py"


def cone(clone: Path) -> None:
    git(clone, "sparse-checkout", "set", "docs")


def cone_with_sparse_index(clone: Path) -> None:
    git(clone, "sparse-checkout", "set", "--sparse-index", "docs")


def patterns(clone: Path) -> None:
    git(clone, "sparse-checkout", "set", "--no-cone", "/*", "!/src/", "!/pyproject.toml")


def by_hand(clone: Path) -> None:
    """As it was done before git had a command for it: the setting is the whole clone's."""
    (clone / ".git" / "info").mkdir(exist_ok=True)
    (clone / ".git" / "info" / "sparse-checkout").write_text("/docs/\n", encoding="utf-8")
    git(clone, "config", "core.sparseCheckout", "true")
    git(clone, "read-tree", "-m", "-u", "HEAD")


def believed(clone: Path) -> None:
    git(clone, "config", "core.ignoreStat", "true")


def assumed_unchanged(clone: Path) -> None:
    git(clone, "update-index", "--assume-unchanged", INIT)


def _is_released_whole(org: Org) -> None:
    """Tree and wheel hold every file, and both places hold the new version."""
    before, after = (tree_of(org.remote("beta"), f"beta/v0.4.1{end}") for end in ("~1", ""))
    assert after.keys() == before.keys()
    assert {path for path in after if after[path] != before[path]} == {
        *("pyproject.toml", "CHANGELOG.md", "uv.lock", INIT)
    }
    with ZipFile(org.index / "beta-0.4.1-py3-none-any.whl") as wheel:
        assert '__version__ = "0.4.1"' in wheel.read("beta/__init__.py").decode()


@pytest.mark.parametrize(
    "make",
    [cone, cone_with_sparse_index, patterns, by_hand, believed, assumed_unchanged],
    ids=lambda make: make.__name__,
)
def test_a_clone_that_shows_a_part_releases_the_whole(
    small_org: Org, make: Callable[[Path], None]
) -> None:
    clone = small_org.clone("beta")
    commit_file(clone, "docs/index.md", "Beta.\n", "docs: an index")
    push_main(clone)
    make(clone)

    ran = release(small_org)

    assert (ran.code, ran.err) == (0, "")
    _is_released_whole(small_org)


def test_a_worktree_that_was_left_in_part_is_filled_on_resume(small_org: Org) -> None:
    clone = small_org.clone("beta")
    commit_file(clone, "docs/index.md", "Beta.\n", "docs: an index")
    push_main(clone)
    configure(small_org, rehearse=False)  # it would meet the fault that is made below
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.BUMP, after_effect=False)
        assert release(small_org).code == 3
    tree = worktree(small_org, "beta")
    git(tree, "sparse-checkout", "set", "docs")
    git(tree, "update-index", "--assume-unchanged", "pyproject.toml", "docs/index.md")
    assert not (tree / INIT).exists()

    ran = resume(small_org)

    assert (ran.code, ran.err) == (0, "")
    _is_released_whole(small_org)
