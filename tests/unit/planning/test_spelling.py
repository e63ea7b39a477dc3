"""8.1 or 8.1.0: a release is written as the one before it."""

from __future__ import annotations

from typing import Any

import pytest

from omninode_release.models.commit import Level
from omninode_release.models.plan import RepoPlan
from omninode_release.models.version_words import VersionWords
from omninode_release.planning.planner import Planner
from support.facts import an_organisation, some_facts

SCM = (
    '[build-system]\nrequires = ["setuptools", "setuptools-scm"]\n'
    '[project]\nname = "a"\ndynamic = ["version"]\n[tool.setuptools_scm]\n'
)


def row_of(
    version: str,
    *tags: str,
    words: VersionWords | None = None,
    facts: dict[str, Any] | None = None,
    **config: Any,
) -> RepoPlan:
    """The row of a package whose tags are given newest first."""
    found = some_facts(
        "a",
        version,
        last_tag=tags[0] if tags else None,
        tag_formats=("{version}",),
        tags={tag: f"{number:040x}" for number, tag in enumerate(tags)},
        **(facts or {}),
    )
    org = an_organisation([found], **config)
    said = words or VersionWords(Level.MINOR)
    return Planner(org.config, org.facts, said).plan("release-1", ["a"]).entries[0]


@pytest.mark.parametrize(
    ("version", "tags", "current", "new"),
    [
        ("8.0", ("8.0",), "8.0", "8.1"),
        ("8.0", ("8.0", "7.3.1", "7.3"), "8.0", "8.1"),
        ("8.0.2", ("8.0.2", "8.0"), "8.0.2", "8.1"),
        ("8.1.dev0", ("8.0",), "8.0", "8.1"),
        ("9.9", ("9.9",), "9.9", "9.10"),
    ],
)
def test_a_release_leaves_the_zero_out_as_the_one_before_it(
    version: str, tags: tuple[str, ...], current: str, new: str
) -> None:
    row = row_of(version, *tags)

    assert (row.current, row.new) == (current, new)


@pytest.mark.parametrize(
    ("version", "tags"),
    [
        ("8.0.0", ("8.0.0",)),
        ("8.0", ("8.0.0",)),  # the tags decide
        ("8.0.0", ("8.0",)),  # the file has all three
        ("8.0", ("8.0.0", "8.0")),
        ("8.0.2", ("8.0.2", "8.0.1")),
        ("8.1.0.dev0", ("8.0",)),
    ],
)
def test_elsewhere_it_has_three_numbers(version: str, tags: tuple[str, ...]) -> None:
    assert row_of(version, *tags).new == "8.1.0"


def test_a_major_release_is_written_alike() -> None:
    row = row_of("8.2", "8.2", words=VersionWords(Level.MAJOR))

    assert (row.current, row.new) == ("8.2", "9.0")


def test_a_patch_has_its_number() -> None:
    assert row_of("8.2", "8.2", words=VersionWords(Level.PATCH)).new == "8.2.1"


def test_a_version_that_a_person_said_is_written_alike() -> None:
    words = VersionWords(versions={"a": "9.0.0"})

    assert row_of("8.2", "8.2", words=words).new == "9.0"


def test_so_is_a_pre_release() -> None:
    row = row_of("8.2", "8.2", words=VersionWords(Level.MINOR, pre="rc"))

    assert (row.new, row.pre_release_of) == ("8.3rc1", "8.3")


def test_tags_alone_may_decide() -> None:
    assert row_of("", "8.2", facts={"manifest": SCM}).new == "8.3"
    assert row_of("", "8.2.0", facts={"manifest": SCM}).new == "8.3.0"


def test_formats_that_the_configuration_writes_want_three_numbers() -> None:
    """A tag with two of them would be no release to the next plan."""
    assert row_of("8.0", "8.0", tag_formats=["{version}"]).new == "8.1.0"


def test_a_crate_has_three_numbers() -> None:
    manifest = (
        '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n'
        '[project]\nname = "a"\ndynamic = ["version"]\n'
    )
    crate = '[package]\nname = "a"\nversion = "8.0.1"\n'
    facts = {"manifest": manifest, "beside": {"Cargo.toml": crate}}

    assert row_of("", "8.0.1", "8.0", facts=facts).new == "8.1.0"


def test_a_tag_has_to_say_it() -> None:
    assert row_of("0.1").current == "0.1.0"


def test_tags_of_another_series_say_nothing_of_it() -> None:
    org_tags = ("7.3", "8.0.0")
    row = row_of("7.3", *org_tags)

    assert (row.current, row.new) == ("7.3", "7.4")


def test_a_tuple_says_nothing_of_it() -> None:
    manifest = (
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "a"\ndynamic = ["version"]\n'
        '[tool.setuptools.dynamic]\nversion = {attr = "a.VERSION"}\n'
    )
    facts = {"manifest": manifest, "beside": {"a/__init__.py": "VERSION = (8, 0, 0)\n"}}

    assert row_of("", "8.0", facts=facts).new == "8.1"
