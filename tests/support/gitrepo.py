"""Git as a test uses it: making history, and reading back what a release did to it."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import tarfile
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

SOME_DAY = "2026-02-24T12:00:00Z"
"""After the fixtures' last commit and before the fixed clock."""


def git(path: Path, *args: str, stdin: str | None = None, when: str = SOME_DAY) -> str:
    """What git prints, without the newline at its end; a failure shows what git said."""
    return _git(path, args, stdin=stdin, when=when).decode().removesuffix("\n")


def commit_file(repo: Path, path: str, content: str, message: str, *, date: str = SOME_DAY) -> str:
    """Write and commit one file in a clone; answer the commit's id."""
    file = repo / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8", newline="")
    git(repo, "add", "--", path)
    git(repo, "commit", "--quiet", "--message", message, "--", path, when=date)
    return git(repo, "rev-parse", "HEAD")


def push_main(repo: Path, *, tags: tuple[str, ...] = ()) -> None:
    git(repo, "push", "--quiet", "origin", "main", *tags)


def land(remote: Path, path: str, content: str, message: str, *, date: str = SOME_DAY) -> str:
    """Commit on a bare repository's main as a colleague would, past the user's clone."""
    seconds = int(datetime.fromisoformat(date).timestamp())
    stream = (
        f"commit refs/heads/main\ncommitter Cole League <cole@tests.example> {seconds} +0000\n"
        f"data {len(message.encode())}\n{message}\nfrom refs/heads/main^0\n"
        f"M 100644 inline {path}\ndata {len(content.encode())}\n{content}\n"
    )
    git(remote, "fast-import", "--quiet", stdin=stream)
    return git(remote, "rev-parse", "main")


def all_refs(repo: Path) -> dict[str, str]:
    """Every ref and the object it names; a tag of its own kind is not peeled, a symref not read."""
    out = git(repo, "for-each-ref", "--format=%(refname) %(symref) %(objectname)")
    refs = {}
    for line in out.splitlines():
        name, symref, sha = line.split(" ")
        refs[name] = symref or sha
    return refs


def tree_of(repo: Path, rev: str) -> dict[str, str]:
    """Path to content of a commit's files."""
    raw = _git(repo, ("archive", "--format=tar", rev))
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        members = [member for member in archive if member.isfile()]
        return {m.name: file.read().decode() for m in members if (file := archive.extractfile(m))}


def files_of(folder: Path, *, without: tuple[str, ...] = ()) -> dict[str, str]:
    """Path to hash of every file below ``folder``; empty when it is not there."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not set(without) & set(path.relative_to(folder).parts)
    }


def world(org: Org) -> dict[str, Any]:
    """All that a release must not touch by accident, to be compared before and after."""
    return {
        "remotes": {repo: all_refs(org.remote(repo)) for repo in org.repos},
        "pull requests": {repo: files_of(org.remotes / f"{repo}.forge") for repo in org.repos},
        "clones": {repo: _clone(org.clone(repo)) for repo in org.repos},
        "worktrees": files_of(org.worktrees),
        "index": files_of(org.index),
        "configuration": (org.omni_home / "release.yaml").read_bytes(),
    }


def _clone(path: Path) -> dict[str, Any]:
    return {
        "head": (path / ".git" / "HEAD").read_text(encoding="utf-8").strip(),
        "config": (path / ".git" / "config").read_text(encoding="utf-8"),
        "refs": all_refs(path),
        "staged": git(path, "ls-files", "--stage").splitlines(),
        "files": files_of(path, without=(".git",)),
        "worktrees": git(path, "worktree", "list", "--porcelain").splitlines(),
    }


def _git(
    path: Path, args: tuple[str, ...], *, stdin: str | None = None, when: str = SOME_DAY
) -> bytes:
    # Refreshing the index is a write, and reading must not be one.
    env = {"GIT_OPTIONAL_LOCKS": "0", "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    done = subprocess.run(
        ("git", *args),  # noqa: S607 - the git of PATH is the git under test
        cwd=path,
        env={**os.environ, **env},
        input=(stdin or "").encode(),
        capture_output=True,
        check=False,
    )
    said = (done.stdout + done.stderr).decode(errors="backslashreplace")
    assert done.returncode == 0, f"git {' '.join(args)} in {path}: {said}"
    return done.stdout
