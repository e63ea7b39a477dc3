"""The programs a release runs: there, running, and new enough."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.release.checks.programs import list_programs_of_checks, require_program
from omninode_release.system.process import Programs
from support.facts import an_organisation, some_facts
from support.orgs import programs


def with_program(folder: Path, script: str) -> Programs:
    """Programs among which is ``tool``, a shell script."""
    (folder / "tool").write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / "tool").chmod(0o755)
    found = programs()
    return replace(found, environ={**found.environ, "PATH": str(folder)})


@pytest.mark.parametrize("minimum", [None, (2, 9), (2, 10)])
def test_its_version_is_answered(tmp_path: Path, minimum: tuple[int, int] | None) -> None:
    found = with_program(tmp_path, "echo tool version 2.10.1; echo and more")

    assert require_program(found, tmp_path, "tool", minimum) == "tool version 2.10.1"


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo tool 2.9.9", "expected tool 2.10 or later, found 'tool 2.9.9'"),
        ("echo tool", "expected tool 2.10 or later, found 'tool'"),
        ("exit 3", "expected tool --version to answer, found: tool --version exited 3"),
    ],
)
def test_one_that_is_no_use_is_refused(tmp_path: Path, script: str, says: str) -> None:
    with pytest.raises(ReleaseError) as refused:
        require_program(with_program(tmp_path, script), tmp_path, "tool", (2, 10))

    assert refused.value.code is ErrorCode.TOOL_MISSING
    assert says in refused.value.message


def test_the_version_of_apple_is_new_enough(tmp_path: Path) -> None:
    found = with_program(tmp_path, "echo 'tool version 2.39.5 (Apple Git-154)'")

    assert "Apple" in require_program(found, tmp_path, "tool", (2, 38))


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("xcrun: error: invalid active developer path (/Library)", "xcode-select --install"),
        (
            "You have not agreed to the Xcode license agreements.",
            "sudo xcodebuild -license accept",
        ),
    ],
    ids=["missing", "license"],
)
def test_after_an_update_of_a_mac_its_git_is_set_up_again(
    tmp_path: Path, said: str, hint: str
) -> None:
    with pytest.raises(ReleaseError) as refused:
        require_program(
            with_program(tmp_path, f"echo '{said}' >&2; exit 69"), tmp_path, "tool", None
        )

    assert refused.value.hint == hint


@pytest.mark.parametrize("forge", ["local", "github"])
def test_what_checks_a_pull_request_of_the_embedded_forge_is_needed(forge: str) -> None:
    org = an_organisation([some_facts("alpha")], forge=forge, local={"checks": ["tox", "-q"]})

    assert list_programs_of_checks(org.config) == (["tox"] if forge == "local" else [])
