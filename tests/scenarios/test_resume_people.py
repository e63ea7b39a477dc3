"""A run stopped for a reason that a person removes, in the way the error told them to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.adapters.local.index import LocalIndex
from omninode_release.adapters.uv import Links, Uv
from omninode_release.models.forge import Availability
from omninode_release.models.phase import PhaseState
from support.endings import (
    RUN,
    assert_released_once,
    branch,
    is_archived,
    main_log,
    release,
    resume,
    state_of,
    worktree,
)
from support.gitrepo import all_refs, commit_file, git, land, tree_of
from support.orgs import programs
from support.repos import configure, hook, hook_at_merge, manifest, spoil

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")

REFUSES_OUR_BRANCH = (
    "while read old new ref; do case $ref in refs/heads/release/*) exit 1;; esac; done"
)
BETA_MUST_BE_TYPED = ["sh", "-c", "test ! -d src/beta || test -f src/beta/py.typed"]


def _fails_in_beta(org: Org, code: str, *, first: bool = True) -> str:
    ran = release(org) if first else resume(org)
    assert ran.result is not None
    detail = ran.result["details"][1]
    assert (ran.code, detail["repo"], detail["error_code"]) == (3, "beta", code), ran.err
    return str(detail["error"])


def _is_released(org: Org) -> None:
    ran = resume(org)
    assert (ran.code, ran.err) == (0, "")
    assert is_archived(org)
    assert_released_once(org)


def _with_a_finding(org: Org) -> Path:
    """Beta's main has a file its hook does not like; where it will stand in the worktree."""
    spoil(org, "beta")
    return worktree(org, "beta") / "notes.md"


def test_a_fix_of_a_lint_finding_that_is_committed_in_the_worktree_is_released(
    small_org: Org,
) -> None:
    notes = _with_a_finding(small_org)
    _fails_in_beta(small_org, "LINT_FAILED")

    commit_file(worktree(small_org, "beta"), notes.name, "no spaces\n", "style: no spaces")

    _is_released(small_org)
    assert tree_of(small_org.remote("beta"), "main")["notes.md"] == "no spaces\n"


def test_a_fix_that_is_not_committed_is_named_with_the_command_that_commits_it(
    small_org: Org,
) -> None:
    notes = _with_a_finding(small_org)
    _fails_in_beta(small_org, "LINT_FAILED")
    notes.write_text("no spaces\n", encoding="utf-8")

    error = _fails_in_beta(small_org, "WORKTREE_DIRTY", first=False)

    tree = worktree(small_org, "beta")
    assert "found notes.md" in error
    assert f"git -C {tree} add -- notes.md && git -C {tree} commit" in error
    git(tree, "add", "notes.md")
    git(tree, "commit", "--quiet", "--message", "fix: no spaces")
    _is_released(small_org)
    assert tree_of(small_org.remote("beta"), "main")["notes.md"] == "no spaces\n"


def test_a_look_at_the_worktree_by_the_finder_of_a_mac_is_no_change(small_org: Org) -> None:
    notes = _with_a_finding(small_org)
    _fails_in_beta(small_org, "LINT_FAILED")
    tree = worktree(small_org, "beta")
    for folder in (tree, tree / "src"):
        (folder / ".DS_Store").touch()

    commit_file(tree, notes.name, "no spaces\n", "style: no spaces")

    _is_released(small_org)
    assert not any(".DS_Store" in path for path in tree_of(small_org.remote("beta"), "main"))


def test_everything_committed_at_once_with_the_fix_is_released_too(small_org: Org) -> None:
    notes = _with_a_finding(small_org)
    _fails_in_beta(small_org, "LINT_FAILED")
    notes.write_text("no spaces\n", encoding="utf-8")

    git(worktree(small_org, "beta"), "commit", "--quiet", "--all", "--message", "fix: all of it")

    _is_released(small_org)
    assert 'version = "0.4.1"' in tree_of(small_org.remote("beta"), "main")["pyproject.toml"]


def test_a_red_check_is_mended_by_a_commit_in_the_worktree(small_org: Org) -> None:
    configure(small_org, local={"checks": BETA_MUST_BE_TYPED})
    _fails_in_beta(small_org, "MERGE_FAILED")
    before = git(small_org.remote("beta"), "rev-parse", branch("beta"))

    fix = commit_file(worktree(small_org, "beta"), "src/beta/py.typed", "", "fix: typed")

    _is_released(small_org)
    assert git(small_org.remote("beta"), "rev-parse", "refs/pull/1/head") == fix != before
    assert "src/beta/py.typed" in tree_of(small_org.remote("beta"), "main")


def test_a_fix_that_was_pushed_from_elsewhere_is_merged(small_org: Org) -> None:
    configure(small_org, local={"checks": BETA_MUST_BE_TYPED})
    _fails_in_beta(small_org, "MERGE_FAILED")
    elsewhere = small_org.root / "elsewhere"
    git(small_org.root, "clone", "--quiet", "--branch", branch("beta"),
        str(small_org.remote("beta")), "elsewhere")  # fmt: skip

    fix = commit_file(elsewhere, "src/beta/py.typed", "", "fix: typed")
    git(elsewhere, "push", "--quiet", "origin", branch("beta"))

    _is_released(small_org)
    assert git(small_org.remote("beta"), "rev-parse", "refs/pull/1/head") == fix


def test_a_pull_request_that_a_person_closed_is_a_no_until_it_is_reopened(small_org: Org) -> None:
    configure(small_org, local={"checks": BETA_MUST_BE_TYPED})
    _fails_in_beta(small_org, "MERGE_FAILED")
    record = small_org.remotes / "beta.forge" / "pulls" / "1.json"
    opened = record.read_text(encoding="utf-8")
    record.write_text(json.dumps({**json.loads(opened), "closed": True}), encoding="utf-8")

    error = _fails_in_beta(small_org, "PR_FAILED", first=False)

    assert "found local://beta/pull/1 closed unmerged" in error
    assert (
        f"reopen local://beta/pull/1 if it should be released, then omni-release --resume {RUN}"
        in error
    )
    record.write_text(opened, encoding="utf-8")
    commit_file(worktree(small_org, "beta"), "src/beta/py.typed", "", "fix: typed")
    _is_released(small_org)


def test_a_push_that_the_remote_refused_is_made_once_it_is_allowed(small_org: Org) -> None:
    refuses = hook(small_org.remote("beta"), "pre-receive", REFUSES_OUR_BRANCH)
    _fails_in_beta(small_org, "PUSH_FAILED")
    assert branch("beta") not in str(all_refs(small_org.remote("beta")))

    refuses.unlink()

    _is_released(small_org)


def test_a_commit_that_a_hook_refused_is_made_once_it_is_allowed(small_org: Org) -> None:
    refuses = hook(small_org.clone("beta"), "commit-msg", "exit 1")
    _fails_in_beta(small_org, "COMMIT_FAILED")

    refuses.unlink()

    _is_released(small_org)


def test_a_lock_that_did_not_resolve_is_resolved_once_it_can_be(small_org: Org) -> None:
    land(
        small_org.remote("beta"),
        "pyproject.toml",
        tree_of(small_org.remote("beta"), "main")["pyproject.toml"].replace(
            "dependencies = [\n", 'dependencies = [\n    "gamma",\n'
        ),
        "fix: gamma",
    )
    _fails_in_beta(small_org, "LOCK_FAILED")

    source = small_org.root / "gamma"
    (source / "src" / "gamma").mkdir(parents=True)
    (source / "src" / "gamma" / "__init__.py").touch()
    (source / "pyproject.toml").write_text(manifest("gamma"), encoding="utf-8")
    Uv(programs(), 60, Links(small_org.index, only=True)).build(source, small_org.index)

    _is_released(small_org)


def test_a_remote_branch_that_went_another_way_is_never_forced(small_org: Org) -> None:
    hook(small_org.remote("beta"), "pre-receive", REFUSES_OUR_BRANCH)
    _fails_in_beta(small_org, "PUSH_FAILED")
    remote = small_org.remote("beta")
    (remote / "hooks" / "pre-receive").unlink()
    git(remote, "branch", branch("beta"), "main")
    tree = git(remote, "rev-parse", "main^{tree}")
    theirs = git(remote, "commit-tree", tree, "-p", "main", "-m", "fix: theirs")
    git(remote, "update-ref", f"refs/heads/{branch('beta')}", theirs)

    error = _fails_in_beta(small_org, "PUSH_FAILED", first=False)

    assert theirs[:12] in error
    assert "nothing is ever forced" in error
    assert git(remote, "rev-parse", branch("beta")) == theirs
    git(remote, "update-ref", "-d", f"refs/heads/{branch('beta')}")
    _is_released(small_org)


def test_a_worktree_on_another_branch_is_left_alone_until_it_is_moved_away(small_org: Org) -> None:
    refuses = hook(small_org.clone("beta"), "commit-msg", "exit 1")
    _fails_in_beta(small_org, "COMMIT_FAILED")
    tree = worktree(small_org, "beta")
    git(tree, "checkout", "--quiet", "--merge", "-b", "mine")
    refuses.unlink()

    error = _fails_in_beta(small_org, "WORKTREE_CONFLICT", first=False)

    assert "a worktree on mine" in error
    beta = state_of(small_org)["repos"]["beta"]
    # It had come to COMMIT before, and never goes back.
    assert (beta["phase"], beta["completed_phase"]) == (PhaseState.COMMITTED, PhaseState.LINT)
    assert beta["phase_history"][-1] == {
        "phase": "WORKTREE",
        "at": "2026-02-25T14:00:00Z",
        "event": "FAILED",
    }
    git(small_org.clone("beta"), "worktree", "move", str(tree), str(small_org.root / "mine"))
    _is_released(small_org)
    assert (small_org.root / "mine").is_dir()


def test_a_tag_conflict_is_over_once_the_stale_tag_is_gone(small_org: Org) -> None:
    remote = small_org.remote("beta")
    stale = hook_at_merge(remote, "git tag beta/v0.4.1 v0.4.0")
    _fails_in_beta(small_org, "TAG_CONFLICT")
    stale.unlink()

    git(remote, "tag", "--delete", "beta/v0.4.1")

    _is_released(small_org)


def test_the_first_repository_failing_blocks_the_second_and_a_resume_releases_both(
    small_org: Org,
) -> None:
    spoil(small_org, "alpha")
    untouched = all_refs(small_org.remote("beta"))
    ran = release(small_org)
    assert ran.result is not None
    assert [each["error_code"] for each in ran.result["details"]] == ["LINT_FAILED", "TIER_BLOCKED"]
    assert (ran.code, ran.result["repos_failed"], ran.result["repos_blocked"]) == (1, 1, 1)
    assert state_of(small_org)["repos"]["beta"]["phase"] == PhaseState.PLANNED
    assert all_refs(small_org.remote("beta")) == untouched

    commit_file(worktree(small_org, "alpha"), "notes.md", "no spaces\n", "style: no spaces")

    _is_released(small_org)
    assert "alpha==1.1.0" in tree_of(small_org.remote("beta"), "main")["pyproject.toml"]


def test_a_released_repository_is_not_touched_by_a_resume(small_org: Org) -> None:
    refuses = hook(small_org.remote("beta"), "pre-receive", REFUSES_OUR_BRANCH)
    _fails_in_beta(small_org, "PUSH_FAILED")
    refs, recorded = all_refs(small_org.remote("alpha")), state_of(small_org)["repos"]["alpha"]
    refuses.unlink()
    # Whatever is merged into it meanwhile is for another release.
    late = land(small_org.remote("alpha"), "more.md", "More.\n", "feat!: more")

    _is_released(small_org)

    assert all_refs(small_org.remote("alpha")) == {**refs, "refs/heads/main": late}
    assert state_of(small_org)["repos"]["alpha"] == recorded
    journal = (
        small_org.root / "state_home" / "state" / "release" / "archive" / f"{RUN}.journal.jsonl"
    )
    steps = [json.loads(line)["step"] for line in journal.read_text(encoding="utf-8").splitlines()]
    assert not [step for step in steps[steps.index("beta/PUSH") :] if step == "alpha/WORKTREE"]
    assert main_log(small_org, "alpha")[0] == "feat!: more"


def test_whether_to_wait_for_the_index_is_asked_anew_each_time(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = LocalIndex.look

    def slow(index: LocalIndex, name: str, version: str, **more: Any) -> Availability:
        return Availability("absent") if name == "beta" else look(index, name, version, **more)

    monkeypatch.setattr(LocalIndex, "look", slow)
    waits = ("--pypi-timeout-minutes", "0.001")

    timed_out, again = release(small_org, *waits), resume(small_org, *waits)
    skipped = resume(small_org, "--skip-pypi-wait")

    for ran in (timed_out, again):
        assert ran.result is not None
        detail = ran.result["details"][1]
        assert (detail["error_code"], detail["pypi_status"]) == ("PYPI_TIMEOUT", "pending")
    assert skipped.code == 0
    assert skipped.result is not None
    assert skipped.result["details"][1]["pypi_status"] == "skipped"
    assert_released_once(small_org)
