"""Which state root has the run of some worktrees, as a file beside them says."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from omninode_release.release.owners.worktree_owner import claim_worktrees, find_other_root
from omninode_release.system.paths import Places
from support.any_case import take_any_case
from support.sites import places_in

RUN = "one"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Of a root that has the run; its worktrees are claimed."""
    found = places_in(tmp_path)
    found.states.mkdir(parents=True)
    found.state(RUN).touch()
    claim_worktrees(found, RUN)
    return found


def test_another_root_is_told_as_long_as_its_run_is_open(places: Places) -> None:
    other = replace(places, root=places.root.with_name("other"))

    assert find_other_root(other, RUN) == places.root
    assert find_other_root(other, "two") is None
    places.state(RUN).unlink()
    assert find_other_root(other, RUN) is None


def test_a_root_under_another_name_is_the_same(places: Places) -> None:
    link = places.root.with_name("link")
    link.symlink_to(places.root)

    assert find_other_root(replace(places, root=link), RUN) is None


def test_a_root_in_other_letters_is_the_same_where_they_lead_to_it(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = replace(places, root=places.root.with_name(places.root.name.upper()))
    assert find_other_root(typed, RUN) == places.root

    take_any_case(monkeypatch)

    assert find_other_root(typed, RUN) is None


@pytest.mark.parametrize("found", [b"", b"\0", b"/no/such/root", b"relative"])
def test_what_names_no_root_with_the_run_is_taken_over(places: Places, found: bytes) -> None:
    places.owner(RUN).write_bytes(found)

    assert find_other_root(places, RUN) is None
    claim_worktrees(places, RUN)
    assert places.owner(RUN).read_bytes() == os.fsencode(places.root)


def test_the_root_of_another_user_may_have_it(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_path: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "is_file", refuses)

    assert find_other_root(replace(places, root=places.root / "mine"), RUN) == places.root
