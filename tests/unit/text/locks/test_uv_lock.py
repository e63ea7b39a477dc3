"""The cutoff that uv wrote into a lock, and whom it keeps out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from omninode_release.text.locks.uv_lock import (
    find_foreign_settings,
    find_kept_out,
    read_cutoff,
    read_versions,
)

NOW = datetime(2026, 2, 25, 14, 0, tzinfo=UTC)
DAYS = 'exclude-newer = "0001-01-01T00:00:00Z"\nexclude-newer-span = "P7D"\n'
PACKAGES = '[[package]]\nname = "alpha"\n\n[[package]]\nname = "gamma"\n'


def lock(options: str) -> str:
    return f"version = 1\n\n[options]\n{options}\n{PACKAGES}"


@pytest.mark.parametrize(
    ("options", "kept_out"),
    [
        ("", []),
        ('resolution-mode = "lowest"', []),
        (DAYS, ["alpha"]),
        ('exclude-newer = "2026-02-01T00:00:00Z"', ["alpha"]),
        ('exclude-newer = "2026-02-25T20:00:00Z"', ["alpha"]),
        ('exclude-newer = "2099-01-01T00:00:00Z"', []),
        ('exclude-newer = "2026-02-01"', ["alpha"]),
        ('exclude-newer = "2099-01-01"', []),
        ("exclude-newer = 2099-01-01T00:00:00Z", []),
        ('exclude-newer = "soon"', ["alpha"]),
        (f"{DAYS}\n[options.exclude-newer-package]\nalpha = false", []),
        (f"{DAYS}\n[options.exclude-newer-package]\ngamma = false", ["alpha"]),
        (f'{DAYS}\n[options.exclude-newer-package]\nalpha = "2099-01-01T00:00:00Z"', []),
        (f'{DAYS}\n[options.exclude-newer-package]\nalpha = {{ span = "PT0S" }}', []),
        (f'{DAYS}\n[options.exclude-newer-package]\nalpha = {{ span = "P1D" }}', ["alpha"]),
        ('[options.exclude-newer-package]\nalpha = { span = "P1D" }', ["alpha"]),
        ('[options.exclude-newer-package]\ngamma = { span = "P1D" }', []),
    ],
)  # fmt: skip
def test_a_cutoff_keeps_out_what_it_does_not_except(options: str, kept_out: list[str]) -> None:
    # beta is not in the lock, so it does not matter what becomes of it.
    assert find_kept_out(lock(options), ["Alpha", "beta"], NOW) == kept_out


def test_a_package_that_is_locked_for_several_platforms_has_all_versions() -> None:
    forks = "".join(f'[[package]]\nname = "a"\nversion = "{version}"\n' for version in "12")

    assert read_versions(f'{forks}[[package]]\nname = "b"\n', "uv.lock") == {
        "a": "1, 2",
        "b": "None",
    }


def test_a_lock_without_a_cutoff_has_none() -> None:
    assert read_cutoff(PACKAGES) is None
    assert read_cutoff(None) is None


LOWEST, ALLOW = 'resolution-mode = "lowest"', 'prerelease-mode = "allow"'


@pytest.mark.parametrize(
    ("options", "before", "own", "foreign"),
    [
        ("", "", {}, {}),
        (LOWEST, "", {}, {"resolution": "lowest"}),
        (LOWEST, LOWEST, {}, {}),
        (LOWEST, "", {"resolution": "lowest"}, {}),
        (LOWEST, "", {"resolution": "lowest-direct"}, {"resolution": "lowest"}),
        ("", LOWEST, {}, {}),
        ("", LOWEST, {"resolution": "lowest"}, {"resolution": "highest"}),
        ("", LOWEST, {"resolution": "highest"}, {}),
        (f"{LOWEST}\n{ALLOW}", ALLOW, {}, {"resolution": "lowest"}),
        (DAYS, "", {}, {"exclude-newer": "P7D"}),
        (DAYS, "", {"exclude-newer": "7 days"}, {}),
    ],
)
def test_settings_that_neither_the_lock_before_nor_the_repository_has(
    options: str, before: str, own: dict[str, str], foreign: dict[str, str]
) -> None:
    assert find_foreign_settings(lock(options), lock(before), own) == foreign


def test_a_lock_of_the_shorter_form_is_foreign() -> None:
    needs = 'source = { editable = "." }\ndependencies = [{ name = "b" }]\n'
    short = f'[[package]]\nname = "a"\n{needs}'
    long = f'{short}[package.metadata]\nrequires-dist = [{{ name = "b" }}]\n'

    assert find_foreign_settings(short, long, {}) == {"preview": "true"}
    assert find_foreign_settings(short, long, {"preview": True}) == {}
    assert find_foreign_settings(short, short, {}) == {}
    assert find_foreign_settings(long, long, {}) == {}
