"""The metadata of a build against the versions of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from omninode_release.models.plan import PlanStatus, RepoPlan
from omninode_release.release.rehearsal.built_needs import check_built_needs

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.models.check import Check


def a_row(repo: str, new: str) -> RepoPlan:
    return RepoPlan(
        repo=repo, tier=1, status=PlanStatus.RELEASE, distribution=repo.upper(), new=new
    )


ROWS = (a_row("alpha", "1.4.0"), a_row("beta", "2.0.0"), a_row("gamma", "3.0.0rc1"))


def found_in(folder: Path, *needs: str, known: tuple[str, ...] = ()) -> list[Check]:
    wheel = folder / "beta-2.0.0-py3-none-any.whl"
    head = "Metadata-Version: 2.1\nName: beta\nVersion: 2.0.0\nRequires-Python: >=3.11\n"
    with ZipFile(wheel, "w") as archive:
        lines = "".join(f"Requires-Dist: {need}\n" for need in needs)
        archive.writestr("beta-2.0.0.dist-info/METADATA", head + lines)
    return [*check_built_needs(ROWS[1], wheel, ROWS, known=known)]


@pytest.mark.parametrize(
    "need",
    [
        "Alpha>=1",
        "alpha==1.4.0",
        "alpha",
        "alpha<1; python_version < '3.9'",
        "beta<1",
        "alpha @ https://example.org/a.whl",
        "other<1",
    ],
)
def test_what_fits_or_is_no_part_of_the_run_is_fine(tmp_path: Path, need: str) -> None:
    assert found_in(tmp_path, need) == []


@pytest.mark.parametrize("need", ["alpha<1.4", "Alpha!=1.4.0 ; extra == 'x'"])
def test_what_does_not_admit_the_run_fails(tmp_path: Path, need: str) -> None:
    (check,) = found_in(tmp_path, need, known=("alpha",))

    assert (check.state, check.code) == ("failed", "PIN_CONFLICT")
    assert "which does not admit 1.4.0, which this run releases" in check.text


def test_what_no_index_takes_fails(tmp_path: Path) -> None:
    (check,) = found_in(tmp_path, "other (>=1.3.0,<2.0.0 || >=2,<3)", "alpha>=1")

    assert (check.state, check.code) == ("failed", "PUBLISH_FAILED")
    assert "'other (>=1.3.0,<2.0.0 || >=2,<3)', which no index" in check.text


def test_what_nothing_has_ordered_is_a_warning(tmp_path: Path) -> None:
    (check,) = found_in(tmp_path, "gamma")

    assert check.state == "warning"
    assert "gamma comes after it" in check.text
    assert found_in(tmp_path, "gamma", known=("gamma",)) == []


def test_a_wheel_without_metadata_says_nothing(tmp_path: Path) -> None:
    wheel = tmp_path / "x.whl"
    wheel.write_bytes(b"no archive")

    assert [*check_built_needs(ROWS[1], wheel, ROWS, known=())] == []
