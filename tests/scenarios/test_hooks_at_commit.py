"""Git's own hooks see the release commit; they may tidy it, and make no other release of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.models.phase import Phase
from support.endings import branch, break_phase, release, resume, state_of, worktree
from support.gitrepo import git, tree_of
from support.repos import configure, hook

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")

ADD_SIX = "sed -i 's/^dependencies = \\[/&\"six\", /' pyproject.toml; git add pyproject.toml"
ADD_FILE = "echo x > vendor.txt; git add vendor.txt"
AGAIN = "export AGAIN=1; git commit --quiet"
SIX, FILE = "found 'six' in project.dependencies.", "found vendor.txt, which is not this release's."
UNKNOWN = "found no commit with this run's subject and trailer."
OTHERWISE = {
    "a file": ("pre-commit", ADD_FILE, FILE),
    "a requirement": ("pre-commit", ADD_SIX, SIX),
    "a requirement in the index alone": (
        "pre-commit",
        f"cp pyproject.toml .git-kept; {ADD_SIX}; mv .git-kept pyproject.toml",
        SIX,
    ),
    "the version": (
        "pre-commit",
        "sed -i 's/1.1.0/1.0.0/' src/alpha/__init__.py; git add src/alpha/__init__.py",
        "found src/alpha/__init__.py without version 1.1.0.",
    ),
    "the entry": (
        "pre-commit",
        "sed -i '/1.1.0/d' CHANGELOG.md; git add CHANGELOG.md",
        "found CHANGELOG.md without the entry of 1.1.0.",
    ),
    "the lock": (
        "pre-commit",
        "sed -i 's/^revision = .*/revision = 9/; s/1.1.0/1.0.9/' uv.lock; git add uv.lock",
        "found another uv.lock.",
    ),
    "a file afterwards": (
        "post-commit",
        f'[ -n "$AGAIN" ] || {{ {ADD_FILE}; {AGAIN} --amend --no-edit; }}',
        FILE,
    ),
    "a commit on top": (
        "post-commit",
        f"[ -n \"$AGAIN\" ] || {{ {ADD_FILE}; {AGAIN} -m 'chore: stamp'; }}",
        FILE,
    ),
    "the message": ("prepare-commit-msg", "echo 'a template' > $1", UNKNOWN),
    "the commit itself": ("post-commit", "git reset --quiet --hard HEAD^", UNKNOWN),
}


@pytest.mark.parametrize(("name", "script", "found"), OTHERWISE.values(), ids=OTHERWISE)
def test_a_hook_that_makes_another_release_is_refused_and_its_commit_taken_back(
    small_org: Org, name: str, script: str, found: str
) -> None:
    made = hook(small_org.clone("alpha"), name, script)

    stopped = release(small_org, "alpha")

    assert stopped.err.startswith("COMMIT_FAILED: alpha: expected git's hooks to commit in ")
    assert found in stopped.err
    assert f"mend the hook in {made.parent} (its commit is taken back)" in stopped.err
    clone, tree = small_org.clone("alpha"), worktree(small_org, "alpha")
    base = state_of(small_org)["repos"]["alpha"]["base_sha"]
    assert git(clone, "rev-parse", branch("alpha")).strip() == base
    assert not (tree / "vendor.txt").exists()
    assert '"six"' not in (tree / "pyproject.toml").read_text(encoding="utf-8")

    made.unlink()
    ran = resume(small_org)

    assert ran.code == 0, ran.err
    left = tree_of(small_org.remote("alpha"), "main")
    assert "vendor.txt" not in left
    assert '"six"' not in left["pyproject.toml"]
    assert "1.1.0" in left["CHANGELOG.md"]


def test_a_hook_may_lay_the_files_of_the_release_out_otherwise(small_org: Org) -> None:
    script = "for each in pyproject.toml uv.lock; do echo '# tidy' >> $each; git add $each; done"
    hook(small_org.clone("alpha"), "pre-commit", script)

    ran = release(small_org, "alpha")

    assert ran.code == 0, ran.err
    assert tree_of(small_org.remote("alpha"), "main")["uv.lock"].endswith("# tidy\n")


def test_a_subject_that_a_hook_added_to_is_known_again(small_org: Org) -> None:
    hook(small_org.clone("alpha"), "commit-msg", "sed -i '1s/^/ABC-1 /' $1")
    configure(small_org, late_commits="refuse")
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.PUSH, after_effect=False, repo="alpha")
        assert release(small_org, "alpha").code == 1

    ran = resume(small_org)

    assert ran.code == 0, ran.err
    made = git(small_org.remote("alpha"), "log", "--format=%s", "refs/pull/1/head", "-2")
    assert made.splitlines()[0] == "ABC-1 release: alpha v1.1.0"
    assert not made.splitlines()[1].startswith("ABC-1")


def test_files_that_a_checkout_changes_are_judged_where_no_hooks_look_over_them(
    small_org: Org,
) -> None:
    made = hook(
        small_org.clone("alpha"),
        "post-checkout",
        "sed -i 's/^requires = \\[/&\"six\", /' pyproject.toml",
    )

    stopped = release(small_org, "alpha")
    made.unlink()

    assert stopped.err.startswith(f"LINT_FAILED: alpha: expected {small_org.worktrees}")
    assert "pyproject.toml to mean what was approved, found 'six' in build-system." in stopped.err
    tree = worktree(small_org, "alpha")
    git(tree, "checkout", "HEAD", "--", "pyproject.toml")  # as the hint says
    ran = resume(small_org)
    assert ran.code == 0, ran.err
    assert '"six"' not in tree_of(small_org.remote("alpha"), "main")["pyproject.toml"]
