"""Words of the command line and modules behind them that do not fit."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from omninode_release.commands.command_line import describe_command_line
from omninode_release.contract.conformance.checkout import PACKAGE, Checkout
from omninode_release.contract.conformance.registries import commands_are_complete

WAIT = "omninode_release/commands/wait.py"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", "contract.yaml")
    return shutil.copytree(PACKAGE, tmp_path / "omninode_release", ignore=ignored)


def found(package: Path) -> list[str]:
    checkout = Checkout(package.parent, describe_command_line, package)
    return [str(finding) for finding in commands_are_complete(checkout)]


def test_a_word_without_a_module_is_named(package: Path) -> None:
    (package.parent / WAIT).unlink()

    words = "omninode_release/models/command_words.py"
    assert found(package) == [
        f"{words}:1: expected the module commands/wait.py of wait, found none"
    ]


def test_a_module_without_a_command_is_named(package: Path) -> None:
    (package.parent / WAIT).write_text("")

    assert found(package) == [f"{WAIT}:1: expected a `command`, found none"]


def test_a_module_without_a_word_is_named(package: Path) -> None:
    shutil.copy(package.parent / WAIT, package / "commands" / "wait_more.py")

    (said,) = found(package)
    assert said.endswith("wait_more.py:1: expected the word wait-more in models/command_words.py,"
                         " found none")  # fmt: skip


def test_a_command_of_another_word_is_named(package: Path) -> None:
    wait = package.parent / WAIT
    wait.write_text(wait.read_text().replace('    "wait",\n', '    "await",\n', 1))

    (said,) = found(package)
    assert said.endswith(": expected the command wait in this module, found await")
