"""What is told of a lock in which more has moved than a release meant to."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from omninode_release.models.plan import PlannedPin, PlanStatus, RepoPlan
from omninode_release.phases.locks.changes import list_moved

if TYPE_CHECKING:
    from omninode_release.phases.ports import Step

PIN = PlannedPin(repo="alpha", distribution="alpha", version="1.1.0")
ROW = RepoPlan(repo="beta", tier=2, status=PlanStatus.RELEASE, pins=(PIN,))
STEP = cast("Step", SimpleNamespace(home=Path("/x"), distribution="Beta_Package", row=ROW))


def _write(**versions: str) -> str:
    return "".join(
        f'[[package]]\nname = "{name.replace("_", "-")}"\nversion = "{version}"\n'
        for name, version in versions.items()
    )


def test_everything_but_the_repository_and_its_pins_is_named() -> None:
    before = _write(alpha="1.0.0", beta_package="0.4.0", gone="1", httpx="0.27.0", kept="2")
    after = _write(alpha="1.1.0", beta_package="0.4.1", httpx="0.27.2", kept="2", new="3")

    assert list_moved(STEP, "poetry.lock", before, after) == (
        "gone 1 -> (gone) in poetry.lock",
        "httpx 0.27.0 -> 0.27.2 in poetry.lock",
        "new (new) -> 3 in poetry.lock",
    )


def test_requirements_files_are_read_as_such() -> None:
    moved = list_moved(STEP, "requirements/dev.txt", "Alpha==1.0.0\nx==1\n", "alpha==1.1.0\nx==2\n")

    assert moved == ("x 1 -> 2 in requirements/dev.txt",)
    assert list_moved(STEP, "requirements.txt", None, "x==2\n") == (
        "x (new) -> 2 in requirements.txt",
    )
