"""Hooks may tidy what a release wrote; what they rewrite is named, and nothing is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from support.endings import release, state_of
from support.failures import fails
from support.gitrepo import git, land
from support.repos import configure, leave_steps

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

TIDY = "s/^- /* /"


def add_hook(org: Org, repo: str, edit: str, path: str) -> None:
    hook = {"id": "edit", "name": "edit", "language": "system", "entry": f"sed -i '{edit}' {path}"}
    hooks = [{**hook, "pass_filenames": False, "always_run": True}]
    text = yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks}]})
    land(org.remote(repo), ".pre-commit-config.yaml", text, "ci: a hook that edits")


@pytest.mark.parametrize("fails_then", [True, False], ids=["pre-commit", "a command that ends 0"])
def test_what_hooks_tidied_is_released_and_named(small_org: Org, *, fails_then: bool) -> None:
    if fails_then:
        add_hook(small_org, "alpha", TIDY, "CHANGELOG.md")
    else:
        configure(small_org, hooks=["sed", "-i", TIDY, "CHANGELOG.md"], local={"checks": []})

    ran = release(small_org, "alpha")

    assert ran.code == 0, ran.err
    assert state_of(small_org)["repos"]["alpha"]["outputs"]["LINT"]["rewritten"] == ["CHANGELOG.md"]
    text = git(small_org.remote("alpha"), "show", "main:CHANGELOG.md")
    assert "\n* greeting: greet several" in text


VERSION = ("to keep version 1.1.0", "found src/alpha/__init__.py without", "mend the hook")
ENTRY = ("to keep what this release wrote", "CHANGELOG.md without the entry of 1.1.0")
LOCK = ("to keep what this release wrote", "alpha 1.0.0 in uv.lock, not 1.1.0")


@pytest.mark.usefixtures("only_steps")
@pytest.mark.parametrize(
    ("path", "edit", "words"),
    [
        pytest.param("src/alpha/__init__.py", "s/1.1.0/1.0.0/", VERSION, id="version"),
        pytest.param("CHANGELOG.md", "/1.1.0/d", ENTRY, id="heading"),
        pytest.param("CHANGELOG.md", "/^- /d; /^###/d", ENTRY, id="text"),
        pytest.param("uv.lock", 's/^version = .1.1.0./version = "1.0.0"/', LOCK, id="lock"),
    ],
)
def test_a_hook_that_takes_something_back_releases_nothing(
    small_org: Org, path: str, edit: str, words: tuple[str, ...]
) -> None:
    add_hook(small_org, "alpha", edit, path)

    failure = fails(small_org, ErrorCode.LINT_FAILED, at=("alpha", Phase.LINT))

    failure.says(*words)


def test_a_hook_may_escape_what_stands_in_brackets(small_org: Org) -> None:
    add_hook(small_org, "alpha", r"s/^## \[\(.*\)\]/## \\[\1\\]/", "CHANGELOG.md")  # mdformat

    ran = release(small_org)

    assert ran.code == 0, ran.err
    text = git(small_org.remote("alpha"), "show", "main:CHANGELOG.md")
    assert "\n## \\[1.1.0\\] - 2026-02-25\n" in text


@pytest.mark.usefixtures("only_steps")
def test_a_hook_that_tidies_the_lock_is_let(small_org: Org) -> None:
    add_hook(small_org, "alpha", "s/^revision = .*/revision = 99/", "uv.lock")

    ran = release(small_org, "alpha")

    assert ran.code == 0, ran.err
    assert "revision = 99" in git(small_org.remote("alpha"), "show", "main:uv.lock")


def test_a_pin_that_a_hook_writes_shorter_is_the_same_pin(small_org: Org) -> None:
    # As pyproject-fmt writes it by default.
    add_hook(small_org, "beta", "s/alpha==1.1.0/alpha==1.1/", "pyproject.toml")

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert '"alpha==1.1",' in git(small_org.remote("beta"), "show", "main:pyproject.toml")


def test_a_hook_that_takes_a_pin_of_a_companion_back_releases_nothing(mono: Org) -> None:
    leave_steps(mono)
    add_hook(mono, "mono", "s/tools==1.0.1/tools==1.0.0/", "packages/app/pyproject.toml")

    ran = release(mono)

    assert ran.code == 1, ran.out
    assert ran.err.startswith("LINT_FAILED: core: expected every pre-commit hook to keep")
    assert "tools==1.0.1" in ran.err
    assert "found pyproject.toml without" in ran.err
