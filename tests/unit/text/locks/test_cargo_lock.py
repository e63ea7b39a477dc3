"""The crates of a repository in its Cargo.lock."""

from __future__ import annotations

import pytest

from omninode_release.errors import ReleaseError
from omninode_release.text.locks.cargo_lock import (
    bump_crates,
    find_cargo_lock,
    find_released_crates,
    list_crates_below,
)

LOCK = """\
version = 4

[[package]]
name = "a"
version = "1.0.0"
dependencies = [
 "a-core",
 "b",
]

[[package]]
name = "a-core"
version = "1.0.0"

[[package]]
name = "b"
version = "1.0.0"
source = "registry+index"
checksum = "1.0.0"
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_entry_of_a_crate_gets_the_version_and_nothing_else_changes(newline: str) -> None:
    lock = LOCK.replace("\n", newline)

    edited = bump_crates(lock, ["a"], "1.1.0", where="Cargo.lock")

    assert edited == lock.replace(
        f'name = "a"{newline}version = "1.0.0"', f'name = "a"{newline}version = "1.1.0"'
    )
    assert bump_crates(edited, ["a"], "1.1.0", where="Cargo.lock") == edited


def test_a_crate_of_another_by_that_name_is_left_alone() -> None:
    assert bump_crates(LOCK, ["b", "x.*"], "1.1.0", where="Cargo.lock") == LOCK


def test_a_lock_that_cargo_did_not_write_is_refused() -> None:
    with pytest.raises(ReleaseError, match="as cargo writes it"):
        bump_crates('[[package]]\nversion = "1"\nname = "a"\n', ["a"], "2", where="Cargo.lock")


@pytest.mark.parametrize("entry", ["1", '"a"'])
def test_a_lock_of_another_form_has_no_crate(entry: str) -> None:
    text = f"package = [{entry}]\n"

    assert bump_crates(text, ["a"], "2", where="Cargo.lock") == text


def test_the_crates_of_a_workspace_have_its_version() -> None:
    root = '[workspace.package]\nversion = "1.1.0"\n'
    member = '[package]\nname = "a-core"\nversion.workspace = true\n'
    other = '[package]\nname = "bench"\nversion = "1.0.0"\n'
    own = '[package]\nname = "a"\nversion = "1.1.0"\n'

    assert [*find_released_crates(root, [member, other, "?"], "1.1.0")] == ["a-core"]
    assert [*find_released_crates(own, [member], "1.1.0")] == ["a"]
    assert [*find_released_crates(root + own, [member], "1.1.0")] == ["a", "a-core"]
    assert [*find_released_crates(other, [], "1.1.0")] == []


@pytest.mark.parametrize(
    ("crate", "lock"),
    [
        ("Cargo.toml", "Cargo.lock"),
        ("rust/Cargo.toml", "rust/Cargo.lock"),
        ("crates/a/Cargo.toml", "Cargo.lock"),
    ],
)
def test_the_lock_of_a_crate_is_the_nearest_one(crate: str, lock: str) -> None:
    paths = ["Cargo.lock", "rust/Cargo.lock", "rust/Cargo.toml", "crates/a/Cargo.toml"]

    assert find_cargo_lock(crate, paths) == lock
    assert find_cargo_lock(crate, ["a.py", "other/Cargo.lock"]) is None
    assert list_crates_below("rust/Cargo.toml", [*paths, "rust/x/Cargo.toml"]) == [
        "rust/Cargo.toml",
        "rust/x/Cargo.toml",
    ]
