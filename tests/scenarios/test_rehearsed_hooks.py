"""Hooks are run in the rehearsal: what LINT would stop at is told before anything is approved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from support.endings import release, state_of
from support.failures import fails
from support.gitrepo import git, land
from support.rehearsing import refused, rehearsed
from support.repos import configure

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

HOOKS = ".pre-commit-config.yaml"
LINE_TOO_LONG = "printf 'one.py:3: E501 line too long\\n'; exit 1"


def add_hook(org: Org, repo: str, script: str, **settings: Any) -> None:
    land(org.remote(repo), "hook.sh", f"{script}\n", "ci: what the hook runs")
    hook = {"id": "check", "name": "check", "language": "system", "entry": "sh hook.sh"}
    add_hooks(org, repo, {**hook, "pass_filenames": False, "always_run": True, **settings})


def add_hooks(org: Org, repo: str, *hooks: dict[str, Any]) -> None:
    text = yaml.safe_dump({"repos": [{"repo": "local", "hooks": list(hooks)}]})
    land(org.remote(repo), HOOKS, text, "ci: hooks")
    git(org.clone(repo), "pull", "--quiet", "origin", "main")


def warned(org: Org, *args: str) -> list[str]:
    """What a rehearsed dry run that refuses nothing says of hooks."""
    ran = rehearsed(org, *args)
    assert ran.code == 0, ran.err
    assert ran.result is not None
    assert not any(each["error"] for each in ran.result["details"])
    return [each for each in ran.result["warnings"] if " lint: " in each]


@pytest.mark.parametrize("program", ["pre-commit", "prek"])
def test_a_hook_that_fails_is_told_before_the_gate_and_stops_lint(
    small_org: Org, program: str
) -> None:
    configure(small_org, hooks=program)
    add_hook(small_org, "alpha", LINE_TOO_LONG)

    failure = fails(small_org, ErrorCode.LINT_FAILED, at=("alpha", Phase.LINT))

    before, _, _ = failure.ran.out.partition("Gate:")
    words = " ".join(before.split())
    assert "found check failing: one.py:3: E501 line too long → mend that on main of" in words
    assert "and start again, or in the worktree once the run has stopped" in words


def test_a_hook_of_one_project_in_a_workspace_of_prek_is_told(small_org: Org) -> None:
    configure(small_org, hooks="prek")
    hook = {"id": "check", "name": "check", "language": "system", "entry": "sh -c 'exit 1'"}
    text = yaml.safe_dump({"repos": [{"repo": "local", "hooks": [{**hook, "always_run": True}]}]})
    land(small_org.remote("beta"), f"docs/{HOOKS}", text, "ci: hooks of a part")
    git(small_org.clone("beta"), "pull", "--quiet", "origin", "main")

    (told,) = warned(small_org)

    assert "found check failing: it says nothing → mend that on main of beta" in told


def test_a_hook_that_edits_is_told_with_what_it_edits(small_org: Org) -> None:
    land(small_org.remote("beta"), "notes.md", "one\n", "docs: notes")
    add_hook(small_org, "beta", "echo two >> notes.md")

    (told,) = warned(small_org)

    assert told.startswith("beta lint: ")
    assert "in beta, found check failing; it rewrote notes.md" in told


def test_what_runs_the_hooks_has_to_run(small_org: Org) -> None:
    unknown = {"id": "check", "name": "check", "entry": "check", "language": "cobol-74"}
    add_hooks(small_org, "alpha", unknown)

    failure = refused(small_org, ErrorCode.LINT_FAILED)

    failure.says("found pre-commit itself failing", "cobol-74", "start again")


@pytest.mark.parametrize("mode", ["not there", "not executable"])
def test_the_program_of_hooks_has_to_be_in_the_tree(small_org: Org, mode: str) -> None:
    if mode == "not executable":
        land(small_org.remote("alpha"), "lint.sh", "#!/bin/sh\n", "ci: lint")
    configure(small_org, hooks_of={"alpha": ["./lint.sh"]})

    failure = refused(small_org, ErrorCode.TOOL_MISSING)

    failure.says("expected a program at alpha/lint.sh", "let it be executed (chmod +x)")


def test_environments_of_hooks_have_to_be_made(small_org: Org, tmp_path: Path) -> None:
    nowhere = {"repo": tmp_path.as_uri(), "rev": "v1", "hooks": [{"id": "check"}]}
    land(small_org.remote("alpha"), HOOKS, yaml.safe_dump({"repos": [nowhere]}), "ci: hooks")

    failure = refused(small_org, ErrorCode.LINT_FAILED)

    failure.says("found pre-commit itself failing", str(tmp_path), "start again")


def test_the_folder_of_pre_commit_has_to_be_one(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "file"))

    failure = refused(small_org, ErrorCode.LINT_FAILED)

    failure.says("found pre-commit itself failing", "NotADirectoryError", "start again")


def test_a_hook_that_takes_the_version_back_is_refused(small_org: Org) -> None:
    add_hook(small_org, "alpha", "sed -i s/1.1.0/1.0.0/ src/alpha/__init__.py")

    failure = refused(small_org, ErrorCode.LINT_FAILED)

    failure.says("to keep version 1.1.0", "found src/alpha/__init__.py without", "on main of alpha")


def test_hooks_tidy_what_is_built(small_org: Org) -> None:
    add_hook(small_org, "alpha", "sed -i 's/^- /* /' CHANGELOG.md")

    assert warned(small_org) == []
    ran = release(small_org)
    assert ran.code == 0, ran.err
    assert state_of(small_org)["repos"]["alpha"]["outputs"]["LINT"]["rewritten"] == ["CHANGELOG.md"]


@pytest.mark.parametrize("program", ["pre-commit", "prek"])
def test_a_hook_that_locks_finds_what_is_released_before(small_org: Org, program: str) -> None:
    configure(small_org, hooks=program)
    add_hook(small_org, "beta", "uv pip compile pyproject.toml --no-index --quiet")

    assert warned(small_org) == []


def test_a_hook_that_passes_only_when_it_is_run_again_is_told(small_org: Org) -> None:
    """LINT stops there: nothing of the release was tidied."""
    made = '"$(git rev-parse --git-dir)/made"'
    add_hook(small_org, "beta", f"[ -e {made} ] || {{ touch {made}; echo made it; exit 1; }}")

    (told,) = warned(small_org)

    assert "found check failing: made it → mend that on main of beta" in told


def test_an_environment_of_hooks_may_need_what_is_not_published_yet(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "hooks"))
    hook = {"id": "check", "name": "check", "language": "python", "entry": "python"}
    add_hooks(small_org, "beta", {**hook, "additional_dependencies": ["alpha==1.1.0"]})

    ran = rehearsed(small_org)

    assert (ran.code, ran.err) == (0, "")
    assert ran.result is not None
    assert ran.result["rehearsal"] == "in part"
    (told,) = ran.result["warnings"]
    assert told.startswith("unknown: beta lint: ")
    assert "found pre-commit itself failing" in told


def test_hooks_that_take_too_long_are_no_fault_of_the_repository(small_org: Org) -> None:
    configure(small_org, timeouts={"lint_minutes": 0.03})
    add_hook(small_org, "alpha", "sleep 60")

    # On a busy machine the hooks of the other one may take as long.
    (told,) = (each for each in warned(small_org) if each.startswith("alpha "))

    assert "was stopped after 2 s in alpha" in told
    assert "give it more time (timeouts in the release configuration), then start again" in told


def test_what_a_hook_leaves_is_told(small_org: Org) -> None:
    add_hook(small_org, "alpha", "echo x > report.xml")

    (told,) = warned(small_org)

    assert told.startswith("alpha lint: expected only this release's files to be changed in alpha")
    assert "found report.xml" in told


def test_hooks_find_tags_and_the_base_branch(small_org: Org) -> None:
    script = "git describe --tags --abbrev=0 && git diff --quiet origin/main -- README.md"
    add_hook(small_org, "alpha", script)

    assert warned(small_org) == []


def test_what_takes_a_pin_back_is_refused_and_not_built(mono: Org) -> None:
    add_hook(mono, "mono", "exit 1")
    spoil = ["sed", "-i", "s/tools==1.0.1/tools==1.0.0/", "packages/app/pyproject.toml"]
    configure(mono, hooks_of={"app": spoil})

    failure = refused(mono, ErrorCode.LINT_FAILED)

    failure.says("app: expected every hook of sed", "found pyproject.toml without", "on main of")
    assert "PIN_CONFLICT" not in failure.error
    assert "core lint: " in failure.ran.out


def test_hooks_see_the_branch_of_the_release(small_org: Org) -> None:
    script = "case $(git symbolic-ref HEAD) in refs/heads/release/*/alpha) ;; *) exit 1 ;; esac"
    add_hook(small_org, "alpha", script)

    assert warned(small_org) == []


def test_hooks_of_one_repository_see_all_of_its_packages(mono: Org) -> None:
    land(mono.remote("mono"), "ran", "", "ci: a note of the hook")
    script = "grep -q tools==1.0.1 packages/app/pyproject.toml && test ! -s ran && echo x > ran"
    add_hook(mono, "mono", script)

    (told,) = warned(mono)

    assert told.startswith("core lint: ")
    assert "it rewrote ran" in told


def test_line_ends_of_the_clone_alone_are_no_change(small_org: Org) -> None:
    git(small_org.clone("alpha"), "config", "core.autocrlf", "true")

    assert warned(small_org) == []


def test_no_hook_is_run_where_no_network_may_be_asked(small_org: Org) -> None:
    ran = rehearsed(small_org, "--offline")

    assert ran.result is not None
    assert ran.result["rehearsal"] == "in part"
    words = "lint: pre-commit is not run, for it cannot be told to use no network"
    assert ran.result["warnings"] == [f"unknown: beta {words}"]  # alpha has none
