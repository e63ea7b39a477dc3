"""A vocabulary of git questions and verbs; machine formats only, one fact per function.

Nothing here is asked of the user's working tree: a clone is read by ref and changed only under
``release/``, ``refs/omni-release/`` and the remote-tracking branch a fetch moves.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError
from omninode_release.models.commit import Commit
from omninode_release.system.process import Completed, Runner

REMOTE = "origin"
REMOTE_TAGS = "refs/omni-release/tags/"
"""Where the remote's tags are fetched to: ``fetch --tags`` refuses a tag that was cut again."""

# A run that was killed leaves children, and its lock lasts as long as they do: none of them may be
# a repack or a daemon.
_QUIET = (
    *("-c", "gc.auto=0", "-c", "maintenance.auto=false"),
    *("-c", "core.fsmonitor=false", "-c", "advice.detachedHead=false"),
)
_FIELDS = "%(refname)%00%(objectname)%00%(*objectname)%00%(symref)"


class Ref(NamedTuple):
    """A ref and the commit it leads to (annotated tags are peeled)."""

    name: str
    sha: str
    symref: str = ""


class RemoteRefs(NamedTuple):
    """What a remote has, as ``ls-remote`` told it."""

    head: str | None
    """The default branch's name."""
    refs: dict[str, str]
    """Full ref name to commit id, annotated tags peeled."""


class WorktreeEntry(NamedTuple):
    """One line of ``git worktree list``."""

    path: Path
    branch: str | None
    """Short branch name; None when detached."""
    half_made: bool = False
    """``git worktree add`` was killed before it had checked everything out."""


class Change(NamedTuple):
    """One path git status reports."""

    path: str
    untracked: bool


@dataclass(frozen=True)
class Git:
    """One clone (or one worktree of it) and how to ask it."""

    path: Path
    run: Runner
    seconds: float = 120.0

    def at(self, path: Path) -> Git:
        """The same git in another working directory."""
        return replace(self, path=path)

    def __call__(
        self,
        *args: str,
        ok: tuple[int, ...] = (0,),
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
    ) -> Completed:
        return self.run(
            ("git", *_QUIET, *args),
            cwd=self.path,
            timeout=self.seconds,
            ok=ok,
            env=env,
            stdin=stdin,
        )

    # Questions about the clone.

    def is_shallow(self) -> bool:
        return self("rev-parse", "--is-shallow-repository").stdout.strip() == "true"

    def refs(self, *prefixes: str, merged: str | None = None) -> list[Ref]:
        """Refs below ``prefixes``, only those ``merged`` contains when it is given."""
        limit = (f"--merged={merged}",) if merged else ()
        out = self("for-each-ref", f"--format={_FIELDS}", *limit, *prefixes).stdout
        found = []
        for line in out.splitlines():
            name, sha, peeled, symref = line.split("\0")
            found.append(Ref(name, peeled or sha, symref))
        return found

    def head_branch(self) -> str | None:
        """The branch HEAD names, born or not; None when it is detached."""
        done = self("symbolic-ref", "--quiet", "--short", "HEAD", ok=(0, 1))
        return done.stdout.strip() or None

    def commits(self, base: str, since: str | None) -> list[Commit]:
        """Commits of ``since..base`` (all of history without ``since``), newest first."""
        span = f"{since}..{base}" if since else base
        out = self(
            "rev-list",
            "--no-commit-header",
            "--topo-order",
            "--encoding=UTF-8",
            "--format=%H%x1f%P%x1f%B%x00",
            span,
            "--",
        ).stdout
        return [_commit(record) for record in out.split("\0\n") if record.strip("\0\n")]

    def files(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
        """Contents of ``(revision, path)`` pairs; those that do not exist are left out."""
        pairs = [(rev, path) for rev, path in wanted if "\n" not in path]
        request = "".join(f"{rev}:{path}\n" for rev, path in pairs)
        raw = self("cat-file", "--batch", stdin=request).raw
        return dict(_batch(pairs, raw))

    def file(self, revision: str, path: str) -> bytes | None:
        return self.files([(revision, path)]).get((revision, path))

    def commit_of(self, name: str) -> str | None:
        """The commit ``name`` leads to; None when there is none."""
        done = self(
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            f"{name}^{{commit}}",
            ok=(0, 1, 128),
        )
        return done.stdout.strip() or None

    def branch_sha(self, branch: str) -> str | None:
        return self.commit_of(f"refs/heads/{branch}")

    def fork_point(self, branch: str, base: str) -> str:
        """Where a branch of ours left the remote's base branch."""
        return self(
            "merge-base", f"refs/heads/{branch}", f"refs/remotes/{REMOTE}/{base}"
        ).stdout.strip()

    def is_ancestor(self, old: str, new: str) -> bool:
        return self("merge-base", "--is-ancestor", old, new, ok=(0, 1)).returncode == 0

    def commit(self, sha: str) -> Commit:
        return _commit(
            self(
                "log",
                "-1",
                "--no-show-signature",
                "--encoding=UTF-8",
                "--format=%H%x1f%P%x1f%B",
                sha,
            ).stdout
        )

    def remote_url(self) -> str | None:
        done = self("remote", "get-url", REMOTE, ok=(0, 2, 128))
        return done.stdout.strip() or None if done.returncode == 0 else None

    # The remote.

    def ls_remote(self, *patterns: str, seconds: float | None = None) -> RemoteRefs:
        """Ask the remote for its default branch and the refs that match ``patterns``."""
        asked = replace(self, seconds=seconds) if seconds else self
        out = asked("ls-remote", "--symref", REMOTE, "HEAD", *patterns).stdout
        head: str | None = None
        refs: dict[str, str] = {}
        for line in out.splitlines():
            left, _, name = line.partition("\t")
            if left.startswith("ref: refs/heads/") and name == "HEAD":
                head = left.removeprefix("ref: refs/heads/")
            elif name.endswith("^{}"):  # the commit behind an annotated tag comes last, and wins
                refs[name.removesuffix("^{}")] = left
            else:
                refs[name] = left
        return RemoteRefs(head, refs)

    def remote_refs(self, *patterns: str) -> dict[str, str]:
        """The remote's refs that match ``patterns``, annotated tags peeled."""
        return self.ls_remote(*patterns).refs

    def fetch(self, branch: str, *, tags: bool = False) -> str:
        """Fetch the base branch (and the remote's tags, out of the way); answer its tip."""
        target = f"refs/remotes/{REMOTE}/{branch}"
        specs = [f"+refs/heads/{branch}:{target}"]
        if tags:
            specs.append(f"+refs/tags/*:{REMOTE_TAGS}*")
        prune = ("--prune",) if tags else ()
        self("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", *prune, REMOTE, *specs)
        tip = self.commit_of(target)
        if tip is None:
            raise ReleaseError(
                ErrorCode.SCAN_FAILED, f"{REMOTE}/{branch} is missing in {self.path} after a fetch."
            )
        return tip

    def push(self, *specs: str) -> None:
        """Push refspecs together or not at all; never forced, hooks not bypassed."""
        if any(spec.startswith(("+", ":")) for spec in specs):
            raise ValueError(f"a push of ours never forces or deletes: {specs}")
        self("push", "--quiet", "--atomic", "--no-follow-tags", REMOTE, *specs)

    def delete_remote_branch(self, branch: str, sha: str) -> None:
        """Delete a branch on the remote, only while it is still at ``sha``."""
        self(
            "push",
            "--quiet",
            f"--force-with-lease=refs/heads/{branch}:{sha}",
            REMOTE,
            f":refs/heads/{branch}",
        )

    def forget_remote_branch(self, branch: str) -> None:
        """Drop the memory of a branch that is gone from the remote; twice is harmless."""
        self("update-ref", "-d", f"refs/remotes/{REMOTE}/{branch}")

    # Worktrees and branches of ours.

    def worktrees(self) -> list[WorktreeEntry]:
        out = self("worktree", "list", "--porcelain", "-z").stdout
        found = []
        for block in out.split("\0\0"):
            lines = dict(line.partition(" ")[::2] for line in block.split("\0") if line)
            if "worktree" in lines:
                branch = lines.get("branch", "").removeprefix("refs/heads/") or None
                # The lock `git worktree add` holds while it works, and leaves when it is killed.
                half_made = lines.get("locked") == "initializing"
                found.append(WorktreeEntry(Path(lines["worktree"]), branch, half_made))
        return found

    def add_worktree(self, path: Path, branch: str, *, start: str | None = None) -> None:
        """Make a worktree on ``branch``, new at ``start``, or the existing branch without it."""
        new = ("-b", branch) if start else ()
        self(
            "worktree",
            "add",
            "--quiet",
            "--no-track" if start else "--no-guess-remote",
            *new,
            str(path),
            start or branch,
        )

    def remove_worktree(self, path: Path) -> None:
        """Remove a worktree and its registration, also one that is half made or half removed."""
        remove = ("worktree", "remove", "--force", "--force", str(path))
        try:
            self(*remove)
        except CommandFailed:  # git refuses a folder whose .git file is gone, not a missing one
            shutil.rmtree(path, ignore_errors=True)
            self(*remove)

    def delete_branch(self, branch: str) -> None:
        self("branch", "--quiet", "-D", "--end-of-options", branch)

    # Inside a worktree.

    def changes(self) -> list[Change]:
        """Every changed or untracked path, ignored files aside; both names of a rename."""
        out = self("status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames").stdout
        return [
            Change(record[3:], untracked=record.startswith("??"))
            for record in out.split("\0")
            if record
        ]

    def tracked(self, path: str) -> bool:
        return bool(self("ls-files", "-z", "--", f":(literal){path}").raw)

    def locks(self, branch: str) -> list[Path]:
        """Lock files in the way of a commit here; of a killed git, if no git is at work."""
        names = ("index.lock", "HEAD.lock", f"refs/heads/{branch}.lock")
        asked = [word for name in names for word in ("--git-path", name)]
        out = self("rev-parse", *asked).stdout
        return [path for line in out.splitlines() if (path := self.path / line).exists()]

    def remove_locks(self, branch: str) -> None:
        for path in self.locks(branch):
            path.unlink(missing_ok=True)

    def stage(self, paths: Sequence[str]) -> None:
        self("add", "--", *(f":(literal){path}" for path in paths))

    def make_commit(self, message: str, paths: Sequence[str], *, when: str) -> str:
        """Commit exactly ``paths``; hooks run, ``when`` (ISO 8601) dates it. Answer the id."""
        self.stage(paths)
        self(
            "commit",
            "--quiet",
            "--allow-empty",
            "--cleanup=verbatim",
            "--file=-",
            "--only",
            "--",
            *(f":(literal){path}" for path in paths),
            stdin=message,
            env=dated(when),
        )
        return self("rev-parse", "HEAD").stdout.strip()

    def make_tag(self, name: str, sha: str, message: str, *, when: str) -> None:
        self(
            "tag",
            "--annotate",
            "--cleanup=verbatim",
            "--file=-",
            "--end-of-options",
            name,
            sha,
            stdin=message,
            env=dated(when),
        )

    def identity(self) -> str:
        """Who a commit of ours is by; raises CommandFailed when git does not know."""
        return self("var", "GIT_COMMITTER_IDENT").stdout.strip()

    def flag(self, key: str) -> bool:
        """A boolean setting of git's."""
        done = self("config", "--type=bool", "--get", key, ok=(0, 1))
        return done.stdout.strip() == "true"

    def try_signing(self, tree: str) -> None:
        """Sign a commit object, so that a missing key is found before the gate; it is not kept."""
        objects = self.path / self("rev-parse", "--git-path", "objects").stdout.strip()
        with tempfile.TemporaryDirectory(prefix="omni-release-") as folder:
            elsewhere = {
                "GIT_OBJECT_DIRECTORY": folder,
                "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(objects),
            }
            self("commit-tree", "-S", "-m", "signing test", tree, env=elsewhere)


def dated(when: str) -> dict[str, str]:
    return {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}


def _commit(record: str) -> Commit:
    sha, parents, message = record.strip("\0\n").split("\x1f", 2)
    subject, _, body = message.lstrip("\n").partition("\n")
    return Commit(sha, tuple(parents.split()), subject.strip(), body.strip("\n"))


def _batch(pairs: Sequence[tuple[str, str]], raw: bytes) -> Iterable[tuple[tuple[str, str], bytes]]:
    """Split the answer of ``cat-file --batch``: a header, the content, a newline, per object."""
    at = 0
    for pair in pairs:
        end = raw.index(b"\n", at)
        header = raw[at:end].rsplit(b" ", 2)
        at = end + 1
        if header[-1].isdigit() and header[-2] in {b"blob", b"tree", b"commit", b"tag"}:
            size = int(header[-1])
            if header[-2] == b"blob":
                yield pair, raw[at : at + size]
            at += size + 1
