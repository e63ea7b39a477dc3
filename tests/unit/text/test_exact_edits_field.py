"""The same exactness on six real repositories, as their main branches stood on one day.

The histories are not part of this repository: FIELD_DATA names a folder with one git bundle each.
"""

from __future__ import annotations

import datetime as dt
import difflib
import os
import subprocess
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.version import Version

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.commit import Commit, Level
from omninode_release.text.changelogs.entry import NewEntry
from omninode_release.text.changelogs.markdown_changelog import find_entry, write_entry
from omninode_release.text.commits.commit_range import decide
from omninode_release.text.manifest_edit import bump_version, pin_requirements
from omninode_release.text.manifests.manifest import read_manifest
from omninode_release.text.versions.tag_formats import by_prefix, read_tags

FOLDER = Path(
    os.environ.get("FIELD_DATA", Path(__file__).parents[3].parent / "shared" / "field-data")
)
PINS = {
    "omnibase-core": "0.21.0",
    "omnibase-spi": "0.14.0",
    "omnibase-infra": "0.12.0",
    "omninode-intelligence": "0.7.0",
    "omninode-claude": "0.3.0",
}
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"no git bundles of real repositories in {FOLDER} (FIELD_DATA)"
)


class Expected(NamedTuple):
    """What is known about a repository: its versions, and what a release of it rewrites."""

    current: str
    new: str
    requirements: tuple[str, ...]
    added_references: int = 0


REPOS = {
    "omnibase_core": Expected("0.20.0", "0.21.0", ()),
    "omnibase_spi": Expected("0.13.0", "0.14.0", ("omnibase-core==0.21.0",)),
    "omnibase_infra": Expected(
        "0.11.0", "0.12.0", ("omnibase-core==0.21.0", "omnibase-spi==0.14.0")
    ),
    "omniclaude": Expected(
        "0.2.0",
        "0.3.0",
        ("omnibase-core==0.21.0", "omnibase-spi==0.14.0", "omnibase-infra==0.12.0"),
    ),
    "omniintelligence": Expected(
        "0.6.0",
        "0.7.0",
        (
            "omnibase-infra==0.12.0",
            *("omnibase-core==0.21.0", "omnibase-spi==0.14.0", "omnibase-infra==0.12.0"),
        ),
        added_references=1,
    ),
}
ALL = [*REPOS, "omnimemory"]


class FieldRepo(NamedTuple):
    path: Path

    def git(self, *args: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.path), *args],  # noqa: S607 - git is looked for on PATH
            check=True,
            capture_output=True,
        )
        return done.stdout.decode()

    def file(self, name: str) -> str:
        return self.git("show", f"main:{name}")

    def commits(self, since: str) -> list[Commit]:
        out = self.git("log", "--topo-order", "--format=%H%x1f%P%x1f%s%x1f%b%x1e", since)
        fields = (record.strip("\n").split("\x1f") for record in out.split("\x1e")[:-1])
        return [Commit(sha, tuple(up.split()), subject, body) for sha, up, subject, body in fields]


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FieldRepo]:
    folder = tmp_path_factory.mktemp("field")
    for name in ALL:
        subprocess.run(
            ["git", "clone", "--quiet", "--bare", FOLDER / f"{name}.bundle", folder / name],  # noqa: S607
            check=True,
            capture_output=True,
        )
    return {name: FieldRepo(folder / name) for name in ALL}


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines taken out and put in, line ends included."""
    diff = list(difflib.ndiff(before.split("\n"), after.split("\n")))
    return [line[2:] for line in diff if line[0] == "-"], [
        line[2:] for line in diff if line[0] == "+"
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("name", REPOS)
def test_a_real_manifest_changes_in_its_version_and_pins_only(
    field: dict[str, FieldRepo], name: str, end: str
) -> None:
    expected = REPOS[name]
    text = field[name].file("pyproject.toml").replace("\n", end)
    assert read_manifest(text, where=name).version == Version(expected.current)

    bumped = bump_version(text, expected.new, where=name)
    edit = pin_requirements(bumped, PINS, where=name)

    removed, added = changed_lines(text, bumped)
    assert removed == [f'version = "{expected.current}"{end[:-1]}']
    assert added == [f'version = "{expected.new}"{end[:-1]}']
    removed, added = changed_lines(bumped, edit.text)
    assert len(removed) == len(added) == len(expected.requirements)
    assert [each.after for each in edit.changed] == list(expected.requirements)
    for change, old, new in zip(edit.changed, removed, added, strict=True):
        assert new == old.replace(change.before, change.after)
    assert pin_requirements(edit.text, PINS, where=name).text == edit.text
    assert tomllib.loads(edit.text)["project"]["version"] == expected.new


def test_the_git_dependencies_of_an_old_snapshot_are_refused(
    field: dict[str, FieldRepo],
) -> None:
    text = field["omnimemory"].file("pyproject.toml")

    with pytest.raises(ReleaseError) as caught:
        pin_requirements(text, PINS, where="omnimemory/pyproject.toml")

    assert caught.value.code is ErrorCode.PIN_FAILED
    assert "omnimemory/pyproject.toml, line 53 (omnibase_spi = {git = " in caught.value.message
    assert pin_requirements(text, {"omninode-claude": "0.3.0"}, where="").text == text
    assert changed_lines(text, bump_version(text, "0.2.0", where="")) == (
        ['version = "0.1.0"'],
        ['version = "0.2.0"'],
    )


@pytest.mark.parametrize("name", REPOS)
def test_a_real_history_decides_what_was_released_that_week(
    field: dict[str, FieldRepo], name: str
) -> None:
    repo = field[name]
    tags = repo.git("tag").split()
    last = read_tags(tags, by_prefix(["v{version}"], name))[0]

    assert str(last.version) == REPOS[name].current
    decision = decide(repo.commits(f"{last.name}..main"), default_bump=Level.PATCH)
    assert decision.level is Level.MINOR


@pytest.mark.parametrize("name", REPOS)
def test_a_real_changelog_keeps_every_line(field: dict[str, FieldRepo], name: str) -> None:
    expected = REPOS[name]
    text = field[name].file("CHANGELOG.md")
    since = f"v{expected.current}"
    counted = decide(field[name].commits(f"{since}..main"), default_bump=Level.PATCH).counted

    edited = write_entry(
        text,
        NewEntry(
            version=expected.new,
            date=dt.date(2026, 2, 27),
            changes=counted,
            pins=list(expected.requirements),
            compare=(since, f"v{expected.new}"),
        ),
    )

    remaining = edited.split("\n")
    for line in filter(str.strip, text.split("\n")):
        remaining.remove(line)
    added = [line for line in remaining if line.strip()]
    assert f"## [{expected.new}] - 2026-02-27" in added
    assert sum(line.startswith("- ") for line in added) == len(counted) + len(expected.requirements)
    assert sum(line.startswith("[") for line in added) == expected.added_references
    assert edited.index(f"## [{expected.new}]") < edited.index(f"## [{expected.current}]")
    assert edited[-1] == text[-1]
    found = find_entry(edited, expected.new)
    assert found is not None
    assert all(f"- Pin {each}" in found for each in expected.requirements)
    assert find_entry(edited, expected.current) == find_entry(text, expected.current)


def test_unreleased_text_below_the_newest_real_release_moves_into_the_entry(
    field: dict[str, FieldRepo],
) -> None:
    text = field["omniclaude"].file("CHANGELOG.md")

    edited = write_entry(
        text,
        NewEntry(
            version="0.3.0",
            date=dt.date(2026, 2, 27),
            changes=[],
            pins=[],
            compare=("v0.2.0", "v0.3.0"),
        ),
    )

    found = find_entry(edited, "0.3.0")
    assert found is not None
    assert found.startswith("### Delegation & Local LLM\n")
    assert "\n## [Unreleased]\n\n## [Legacy]\n" in edited


def test_a_first_changelog_lists_a_whole_history(field: dict[str, FieldRepo]) -> None:
    decision = decide(field["omnimemory"].commits("main"), default_bump=Level.PATCH)

    created = write_entry(
        None,
        NewEntry(
            version="0.2.0",
            date=dt.date(2026, 2, 27),
            changes=decision.counted,
            pins=[],
            compare=(None, "v0.2.0"),
        ),
    )

    assert decision.level is Level.MINOR
    assert created.count("\n- ") == len(decision.counted) == 23
    assert "- Add Claude Code GitHub Workflow (#5)\n" in created
    assert "Claude Code Review workflow" not in created
