"""The last release and what came since, held against the obvious way to find them.

Generated histories with branches, merges, tags on any of them, and tags of another format.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from omninode_release.models.config import ReleaseConfig
from omninode_release.models.facts import RepoFacts
from omninode_release.planning.scan import Scan
from support.gitrepo import git
from support.orgs import programs
from support.repos import manifest

FORMATS = ("a/v{version}", "v{version}")
OTHERS = ("{version}", "b/v{version}", "v{version}rc1")


class Tag(NamedTuple):
    name: str
    commit: int
    version: tuple[int, ...] | None
    """None for a tag that is no release."""


class History(NamedTuple):
    """Commits by number, each with the numbers of its parents; the last one is the base's tip."""

    parents: list[list[int]]
    tags: list[Tag]

    def find_ancestors(self, commit: int) -> set[int]:
        found = {commit}
        for parent in self.parents[commit]:
            found |= self.find_ancestors(parent)
        return found


@st.composite
def histories(draw: st.DrawFn) -> History:
    parents: list[list[int]] = [[]]
    for number in range(1, draw(st.integers(1, 12))):
        before = st.integers(0, number - 1)
        parents.append(draw(st.lists(before, min_size=1, max_size=2, unique=True)))
    versions = st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2))
    tags = [
        Tag(
            fmt.replace("{version}", ".".join(map(str, version))),
            draw(st.integers(0, len(parents) - 1)),
            version if fmt in FORMATS else None,
        )
        for version in draw(st.lists(versions, max_size=6, unique=True))
        for fmt in [draw(st.sampled_from([*FORMATS, *FORMATS, *OTHERS]))]
    ]
    return History(parents, tags)


def make(history: History, clone: Path) -> list[str]:
    """The history as a clone, whose commits have their numbers as subjects; their ids."""
    text = manifest("a", "0.0.1")
    lines = []
    for number, parents in enumerate(history.parents):
        subject = f"fix: {number}"
        lines += [
            f"commit refs/scratch/{number}", f"mark :{number + 1}",
            f"committer A <a@b> {1000 + number} +0000", f"data {len(subject)}", subject,
            *(f"{'merge' if at else 'from'} :{mark + 1}" for at, mark in enumerate(parents)),
            f"M 100644 inline pyproject.toml\ndata {len(text)}\n{text}" if not parents else "",
        ]  # fmt: skip
    for tag in history.tags:
        lines += [f"reset refs/tags/{tag.name}", f"from :{tag.commit + 1}", ""]
    lines += ["reset refs/remotes/origin/main", f"from :{len(history.parents)}", ""]

    clone.mkdir()
    git(clone, "init", "--quiet", "--template=", "-b", "main")
    git(clone, "fast-import", "--quiet", stdin="\n".join(lines))
    found = git(clone, "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/scratch")
    return [
        sha for _, sha in sorted((int(n), sha) for n, sha in map(str.split, found.splitlines()))
    ]


def scan(clone: Path) -> RepoFacts:
    config = ReleaseConfig.model_validate(
        {"organization": "Some", "graph": {"tiers": [{"a": []}]}, "tag_formats": FORMATS}
    )
    where = Scan(clone.parent, config, programs().at("scan"))
    return where.read_clones(["a"], ask_remotes=False).repos["a"]


@settings(max_examples=60)
@given(histories())
def test_the_last_release_and_what_came_since(history: History) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shas = make(history, Path(folder, "a"))
        facts = scan(Path(folder, "a"))

    on_base = history.find_ancestors(len(history.parents) - 1)
    releases = [tag for tag in history.tags if tag.version is not None]
    last = max(releases, key=lambda tag: tag.version or (), default=None)
    merged = max(
        (tag for tag in releases if tag.commit in on_base),
        key=lambda tag: tag.version or (),
        default=None,
    )
    since = set(on_base)
    for tag in filter(None, (last, merged)):
        since -= history.find_ancestors(tag.commit)
    assert facts.problem is None
    assert facts.last_tag == (last.name if last else None)
    assert {commit.sha for commit in facts.commits} == {shas[number] for number in since}
