"""The table of what each program sees, held against what programs see in a release."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.system.child_environment import (
    NAMED_LIKE_A_SECRET,
    TABLE,
    Program,
    find_rule,
    is_given,
    program_of,
)
from support.cli import run_cli
from support.endings import APPROVED, RUN
from support.failures import fails
from support.forges import SOON
from support.gitrepo import land
from support.repos import configure, spoil
from support.witnesses import Witnesses, plant

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org
    from support.github import GitHub

NAMES = frozenset(
    "OTHER_PASSPHRASE" if name == NAMED_LIKE_A_SECRET else name.replace("*", "PLANTED")
    for rule in TABLE
    for name in rule.names
)
UNNAMED = "A_VARIABLE_OF_THE_USER"
PASSED = "PASSED_BY_NAME_TOKEN"
WHO = {f"GIT_{whose}_{what}" for whose in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
ON_TOP = frozenset({"GIT_ALLOW_PROTOCOL", *WHO})
"""What single commands of ours are given beside: git that only reads may use no protocol, and what
a rehearsal commits is no one's."""


@pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed")
def test_programs_see_what_the_table_says(small_org: Org, github: GitHub, tmp_path: Path) -> None:
    watched = Witnesses.hired(
        tmp_path / "bin", "git", "gh", "uv", "pre-commit", own="write-documents"
    )
    configure(
        small_org,
        forge="github",
        after_bump={"alpha": [["write-documents"]]},
        pass_environment=[PASSED],
        **SOON,
    )
    planted = plant(tmp_path, NAMES) | {UNNAMED: "planted", PASSED: "planted-by-name"}
    given = {**planted, **github.env, "PATH": watched.path}

    ran = run_cli(small_org, "--run-id", RUN, *APPROVED, env=given)

    assert ran.code == 0, ran.out + ran.err
    notes = watched.notes()
    for argv, env in notes:
        program = program_of(argv)
        for name in planted.keys() - ON_TOP:
            rule = find_rule(program, name)
            if rule is not None and rule.fate == "set":
                assert env[name] == rule.value, (argv, name)
            elif name not in env:
                assert not is_given(program, name, (PASSED,)), (argv, name)
            else:
                assert is_given(program, name, (PASSED,)), (argv, name)
                assert env[name] == given[name], (argv, name)
    assert {argv[0] for argv, _ in notes} == {
        *("git", "gh", "uv", "pre-commit", "write-documents"),
    }
    assert {program_of(argv) for argv, _ in notes} == set(Program)
    by_git = [env for argv, env in notes if program_of(argv) is Program.GIT]
    assert all(env[UNNAMED] == "planted" for _, env in notes)
    assert all("OTHER_PASSPHRASE" in env for env in by_git)


def test_a_red_hook_is_red_whatever_SKIP_says(small_org: Org) -> None:  # noqa: N802
    spoil(small_org, "beta")

    ran = run_cli(small_org, "--run-id", RUN, *APPROVED, env={"SKIP": "check"})

    assert ran.code == 3, ran.out
    assert "LINT_FAILED" in ran.err


def test_a_variable_that_is_named_reaches_hooks(small_org: Org) -> None:
    land(
        small_org.remote("beta"),
        ".pre-commit-config.yaml",
        "repos:\n- repo: local\n  hooks:\n  - id: tell\n    name: tell\n    language: system\n"
        "    entry: sh -c 'test -n \"$FOR_THE_HOOK_TOKEN\"'\n    pass_filenames: false\n",
        "ci: a hook that needs a token",
    )
    env = {"FOR_THE_HOOK_TOKEN": "planted-for-the-hook"}

    without = run_cli(small_org, "--run-id", RUN, *APPROVED, env=env)
    configure(small_org, pass_environment=["FOR_THE_HOOK_TOKEN"])
    again = run_cli(small_org, "--resume", RUN, *APPROVED, env=env)

    assert (without.code, again.code) == (3, 0), without.err + again.err
    assert "LINT_FAILED" in without.err


def test_what_no_program_is_given_cannot_be_passed_by_name(small_org: Org) -> None:
    configure(small_org, pass_environment=["UV_FROZEN"])

    failure = fails(small_org, ErrorCode.CONFIG_INVALID, "--run-id", RUN, *APPROVED)

    failure.says("UV_FROZEN", "pass_environment")
