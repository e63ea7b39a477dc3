"""An organisation of git repositories, built from plain trees and a declared history.

``org.yaml`` says what happened: per repository the tree of its last release lies in a folder
beside it, and ``commits`` are what came after. Here that becomes bare remotes, ordinary clones, a
package index that holds the last releases, and locks. Every name, date and byte is declared, so
commit ids are the same wherever and whenever it is built (by the same uv, which writes the locks).
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import AwareDatetime, Field

from omninode_release.adapters.git import Git
from omninode_release.adapters.uv import Links, Uv
from omninode_release.errors import split_lines
from omninode_release.models.model import Model
from omninode_release.text.formats.yaml_reader import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.system.process import Programs

_BASE = "main"
_SECONDS = 60.0
# Locks hold the way from a worktree to the index, so they are made where worktrees will stand.
_SEED_RUN = "seed"

Files = dict[str, str]
"""A tree: path to text."""


@dataclass(frozen=True)
class Org:
    """Where the parts of an organisation are."""

    root: Path

    @property
    def omni_home(self) -> Path:
        """The user's clones, one folder each, and release.yaml."""
        return self.root / "omni_home"

    @property
    def remotes(self) -> Path:
        return self.root / "remotes"

    @property
    def index(self) -> Path:
        """Wheels and source distributions of what is released."""
        return self.root / "index"

    @property
    def worktrees(self) -> Path:
        """Where releases put their worktrees; not there before the first one."""
        return self.root / "omni_worktrees"

    @property
    def repos(self) -> tuple[str, ...]:
        return tuple(sorted(path.name.removesuffix(".git") for path in self.remotes.glob("*.git")))

    def clone(self, repo: str) -> Path:
        return self.omni_home / repo

    def remote(self, repo: str) -> Path:
        return self.remotes / f"{repo}.git"


class TagSpec(Model):
    """A tag; annotated when it has a message."""

    name: str
    message: str | None = None


class CommitSpec(Model):
    """One commit and what it does to the tree it is made on."""

    message: str
    date: AwareDatetime
    author: str | None = None
    write: Files = Field(default_factory=dict)
    append: Files = Field(default_factory=dict)
    replace: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Path to old and new text; the old text stands there exactly once."""
    remove: tuple[str, ...] = ()
    branch: tuple[CommitSpec, ...] = ()
    """What this commit merges: a line of commits that starts where this one does."""
    reverts: str | None = None
    """Subject of an earlier commit, whose id is then named in the message as git does."""
    tags: tuple[TagSpec, ...] = ()


class RepoSpec(Model):
    """One repository: its tree lies in the folder of the same name."""

    released: CommitSpec
    """The root commit, which holds the whole tree, edited like any other commit."""
    commits: tuple[CommitSpec, ...] = ()
    lock: bool = True


class OrgSpec(Model):
    """The whole of org.yaml."""

    author: str
    common: str | None = None
    """A folder that is laid under every repository's tree."""
    repos: dict[str, RepoSpec] = Field(min_length=1)


def demo_spec() -> Path:
    """The org.yaml of the demo organisation, in the wheel or in a checkout."""
    package = Path(__file__).resolve().parents[1]
    places = [root / "fixtures" / "demo" / "org.yaml" for root in (package, package.parents[1])]
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        raise FileNotFoundError(f"the demo organisation is in none of {places}")
    return found


def build_org(spec: Path, dest: Path, *, run: Programs) -> Org:
    """Build the organisation that ``spec`` (an org.yaml) declares in the empty folder ``dest``."""
    org = Org(dest.resolve())
    for folder in (org.omni_home, org.remotes, org.index):
        folder.mkdir(parents=True)
    declared = OrgSpec.model_validate(read_yaml(spec.read_text(encoding="utf-8")))
    # All that is needed is here: no network, and this interpreter is as good as any.
    run = replace(run, environ={**run.environ, "UV_OFFLINE": "1", "UV_PYTHON": sys.executable})
    released = _release_all(org, spec.parent, declared, run)
    for name, repo in declared.repos.items():
        _write_history(org.remote(name), repo, released[name], declared.author, run)
        _clone(org, name, declared.author, run)
    shutil.copyfile(spec.parent / "release.yaml", org.omni_home / "release.yaml")
    return org


def _release_all(org: Org, folder: Path, declared: OrgSpec, run: Programs) -> dict[str, Files]:
    """Publish every repository's tree on the index; answer the trees with their locks."""
    common = _read_tree(folder / declared.common) if declared.common else {}
    uv = Uv(run, _SECONDS, Links(org.index, only=True))
    trees = {name: common | _read_tree(folder / name) for name in declared.repos}
    places = {name: org.worktrees / "release" / _SEED_RUN / name for name in trees}
    for name, tree in trees.items():
        _write_tree(places[name], tree)
        uv.build(places[name], org.index)
    (org.index / ".gitignore").unlink(missing_ok=True)  # uv takes the folder for a project's dist/
    for name, repo in declared.repos.items():
        if repo.lock:
            uv.lock(places[name], refresh=())
            trees[name]["uv.lock"] = (places[name] / "uv.lock").read_text(encoding="utf-8")
    shutil.rmtree(org.worktrees)
    return trees


def _read_tree(folder: Path) -> Files:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        # pip compiles what it installs, the demo's modules too.
        if path.is_file() and "__pycache__" not in path.parts
    }


def _write_tree(folder: Path, files: Files) -> None:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")


def _clone(org: Org, name: str, author: str, run: Programs) -> None:
    who, _, address = author.rstrip(">").partition(" <")
    git = Git(org.omni_home, run)
    git("clone", "--quiet", "--template=", "-c", f"user.name={who}", "-c", f"user.email={address}",
        str(org.remote(name)), name)  # fmt: skip


def _write_history(bare: Path, repo: RepoSpec, tree: Files, author: str, run: Programs) -> None:
    Git(bare.parent, run)("init", "--quiet", "--bare", "--template=", "-b", _BASE, bare.name)
    history = _History(Git(bare, run), author)
    tip = history.add(repo.released, None, _edit(tree, repo.released))
    for commit in repo.commits:
        tip = history.add_merge(commit, tip) if commit.branch else history.add_on(commit, tip)
    history.send()
    history.marks.unlink()


@dataclass(frozen=True)
class _Point:
    """A commit as the stream knows it, and the tree it has."""

    mark: int
    files: Files


@dataclass
class _History:
    """Writes commits as one stream for ``git fast-import``.

    Nearly one: a revert names the commit it takes back, so what comes before is sent first.
    """

    git: Git
    author: str
    stream: list[str] = field(default_factory=list)
    mark_of: dict[str, int] = field(default_factory=dict)
    """By subject."""

    @property
    def marks(self) -> Path:
        return self.git.path / "demo-marks"

    def add_on(self, commit: CommitSpec, parent: _Point) -> _Point:
        return self.add(commit, parent, _edit(parent.files, commit))

    def add_merge(self, commit: CommitSpec, parent: _Point) -> _Point:
        tip = parent
        for inner in commit.branch:
            tip = self.add_on(inner, tip)
        return self.add(commit, parent, _edit(tip.files, commit), merged=tip)

    def add(
        self, commit: CommitSpec, parent: _Point | None, files: Files, merged: _Point | None = None
    ) -> _Point:
        """Add one commit with exactly ``files`` in its tree, and its tags."""
        message = self._message(commit)
        mark = len(self.mark_of) + 1
        self.mark_of[message.partition("\n")[0]] = mark
        when = f"{int(commit.date.timestamp())} +0000"
        self.stream += [
            f"commit refs/heads/{_BASE}\nmark :{mark}\n",
            f"author {commit.author or self.author} {when}\n",
            f"committer {self.author} {when}\n",
            _data(message),
            f"from :{parent.mark}\n" if parent else "",
            f"merge :{merged.mark}\n" if merged else "",
            *_changes(parent.files if parent else {}, files),
        ]
        for tag in commit.tags:
            self._tag(tag, mark, when)
        return _Point(mark, files)

    def _tag(self, tag: TagSpec, mark: int, when: str) -> None:
        if tag.message is None:
            self.stream.append(f"reset refs/tags/{tag.name}\nfrom :{mark}\n")
        else:
            tagger = f"tagger {self.author} {when}\n"
            self.stream += [f"tag {tag.name}\nfrom :{mark}\n", tagger, _data(tag.message + "\n")]

    def _message(self, commit: CommitSpec) -> str:
        message = commit.message.strip() + "\n"
        if commit.reverts is None:
            return message
        self.send()
        ids = dict(line.split() for line in split_lines(self.marks.read_text(encoding="utf-8")))
        reverted = ids[f":{self.mark_of[commit.reverts]}"]
        return f"{message}\nThis reverts commit {reverted}.\n"

    def send(self) -> None:
        """Import what has gathered; one pack a time, as a clone would have it."""
        self.git(
            *("-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", "--done"),
            *(f"--import-marks-if-exists={self.marks}", f"--export-marks={self.marks}"),
            stdin="".join([*self.stream, "done\n"]),
        )
        self.stream.clear()


def _edit(files: Files, commit: CommitSpec) -> Files:
    """The tree after ``commit``; a declaration that does not fit its tree is an error."""
    edited = {**files, **commit.write}
    for path, text in commit.append.items():
        edited[path] += text
    for path, swaps in commit.replace.items():
        for old, new in swaps.items():
            if edited[path].count(old) != 1:
                raise ValueError(f"{commit.message!r}: expected {old!r} once in {path}")
            edited[path] = edited[path].replace(old, new)
    for path in commit.remove:
        del edited[path]
    return edited


def _changes(old: Files, new: Files) -> Iterator[str]:
    for path in sorted(old.keys() - new.keys()):
        yield f"D {path}\n"
    for path, text in sorted(new.items()):
        if old.get(path) != text:
            yield f"M 100644 inline {path}\n" + _data(text)


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"
