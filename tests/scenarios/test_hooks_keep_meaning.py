"""Hooks lay a manifest out as they like; what it means is what was approved."""

from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.endings import assert_released_once, release, resume
from support.gitrepo import tree_of
from support.rehearsing import refused
from support.repos import configure

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

MANIFEST = "pyproject.toml"
OTHERWISE = {
    "a requirement more": (
        "sed -i 's/^dependencies = \\[/&\"six\", /'",
        "'six' in project.dependencies",
    ),
    "an extra more": (
        "printf '\\n[project.optional-dependencies]\\nfast = [\"six\"]\\n' >>",
        "'six' in project.optional-dependencies.fast",
    ),
    "a group more": (
        "printf '\\n[dependency-groups]\\ndev = [\"six\"]\\n' >>",
        "'six' in dependency-groups.dev",
    ),
    "a requirement less": ("sed -i '/alpha==/d'", "no 'alpha==1.1.0' in project.dependencies"),
    "another marker": (
        "sed -i \"s/alpha==1.1.0/&; python_version > '3.12'/\"",
        "alpha==1.1.0; python_version > '3.12'",
    ),
    "another name": ('sed -i \'s/name = "beta"/name = "bet-a"/\'', "'bet-a' in the package's name"),
    "another Python": (
        "sed -i 's/^requires-python.*/requires-python = \">=3.13\"/'",
        "'>=3.13' in requires-python",
    ),
    "another build": ('sed -i \'s/"uv_build"/"hatchling"/\'', '"hatchling" in build-system.'),
    "a build requirement more": (
        "sed -i 's/^requires = \\[/&\"six\", /'",
        "'six' in build-system.requires",
    ),
}


@pytest.mark.parametrize(("command", "found"), OTHERWISE.values(), ids=OTHERWISE)
def test_a_hook_that_changes_what_a_manifest_means_is_refused_before_the_gate(
    small_org: Org, command: str, found: str
) -> None:
    configure(small_org, hooks_of={"beta": ["sh", "-c", f"{command} {MANIFEST}"]})

    failure = refused(small_org, ErrorCode.LINT_FAILED)

    assert "to leave what beta/pyproject.toml means as it was approved" in failure.error
    failure.says(found, "mend the hook on main of beta")


def test_a_hook_that_leaves_no_toml_is_refused_before_the_gate(small_org: Org) -> None:
    configure(small_org, hooks_of={"beta": ["sh", "-c", f"echo '[' >> {MANIFEST}"]})

    failure = refused(small_org, ErrorCode.LINT_FAILED)

    failure.says("to keep version 0.4.1", "is not valid TOML", "mend the hook on main of beta")


TIDY = {
    "a spelling": """sed -i 's/"alpha==1.1.0"/"Alpha == 1.1.0"/; s/>=0.8,<1/<1,>=0.8.0/'""",
    "a setting of a tool": r"printf '\n[tool.ruff]\nline-length = 99\n' >>",
    "an end of file": r"printf '\n' >>",
    "a classifier": r"""sed -i 's/^readme = .*/&\nclassifiers = ["Topic :: Utilities"]/'""",
}


@pytest.mark.parametrize("command", TIDY.values(), ids=TIDY)
def test_a_hook_may_lay_it_out_otherwise(small_org: Org, command: str) -> None:
    configure(small_org, hooks_of={"beta": ["sh", "-c", f"{command} {MANIFEST}"]})

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert_released_once(small_org)


def test_commands_after_the_bump_add_no_requirement(small_org: Org) -> None:
    command = OTHERWISE["a group more"][0]
    configure(small_org, after_bump={"beta": [["sh", "-c", f"{command} {MANIFEST}"]]})

    failure = refused(small_org, ErrorCode.PIN_FAILED)

    failure.says("the commands of after_bump.beta", "found 'six' in dependency-groups.dev")


def test_a_lock_that_fits_no_more_is_refused_before_the_gate(small_org: Org) -> None:
    spoil = 'sed -i \'s/specifier = "==1.1.0"/specifier = ">=1.0.0"/\' uv.lock'
    configure(small_org, hooks_of={"beta": ["sh", "-c", spoil]})

    failure = refused(small_org, ErrorCode.LINT_FAILED)

    failure.says("to leave uv.lock and pyproject.toml in beta as they fit", "mend the hook on main")


def test_a_lock_of_a_command_is_held_to_no_other(small_org: Org) -> None:
    command = ["uv", "lock", "--no-index", "--find-links", str(small_org.index)]
    command += ["--prerelease", "allow"]
    tidy = f"printf '\\n' >> {MANIFEST}"
    configure(small_org, lock_of={"beta": command}, hooks_of={"beta": ["sh", "-c", tidy]})

    ran = release(small_org)

    assert ran.code == 0, ran.err


def test_what_an_earlier_try_left_is_not_told_of_the_commands(small_org: Org) -> None:
    spoil = f"{OTHERWISE['a group more'][0]} {MANIFEST}"
    configure(
        small_org,
        rehearse=False,
        after_bump={"beta": [["true"]]},
        hooks_of={"beta": ["sh", "-c", spoil]},
    )
    stopped = release(small_org)

    again = resume(small_org)

    assert stopped.err.startswith("LINT_FAILED: ")
    assert again.err.startswith(f"PIN_FAILED: beta: expected {small_org.worktrees}")


@pytest.mark.usefixtures("only_steps")
def test_what_a_hook_added_is_gone_once_it_is_mended_as_the_hint_says(small_org: Org) -> None:
    command = OTHERWISE["a group more"][0].replace("six", "alpha==1.1.0")
    mended = small_org.root / "mended"
    script = f"[ -e {mended} ] || {command} {MANIFEST}"
    configure(small_org, hooks_of={"beta": ["sh", "-c", script]})
    stopped = release(small_org)
    mended.touch()

    again = resume(small_org)
    typed = stopped.err.partition("take the change back (")[2].partition(";")[0]
    subprocess.run(shlex.split(" ".join(typed.split())), check=True)
    ran = resume(small_org)

    assert [each.err.partition(":")[0] for each in (stopped, again)] == ["LINT_FAILED"] * 2
    assert (ran.code, ran.err) == (0, "")
    assert_released_once(small_org)
    assert "dependency-groups" not in tree_of(small_org.remote("beta"), "main")[MANIFEST]
