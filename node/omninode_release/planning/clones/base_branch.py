"""The branch that a repository is released from, as a clone last saw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.adapters.git import REMOTE, Ref
from omninode_release.errors import ErrorCode, ReleaseError, typed_git

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omninode_release.adapters.git import Git

BASE = f"refs/remotes/{REMOTE}/"


def find_local_base(git: Git, refs: list[Ref], said: str | None = None) -> Ref:
    """The base branch as the clone last saw it: the remote's default branch, or a bare HEAD.

    ``said`` is what the configuration calls it: then no other is taken.
    """
    by_name = {ref.name: ref for ref in refs}
    head = by_name.get(f"{BASE}HEAD")
    names = [head.symref] if head and head.symref else []
    names += [f"{BASE}main", f"{BASE}master"]
    if said is not None:
        names = [f"{BASE}{said}"]
    if not any(name.startswith(BASE) for name in by_name):  # a bare clone has no remote branches
        names.append(f"refs/heads/{said or git.head_branch() or ''}")
    for name in names:
        if name in by_name:
            return Ref(name, by_name[name].sha)
    if said is not None:
        raise no_such_branch(git.path.name.removesuffix(".git"), said, git)
    raise ReleaseError(
        ErrorCode.SCAN_FAILED,
        f"expected a base branch ({BASE}HEAD or {BASE}main) with commits in {git.path},"
        " found none.",
        hint=f"{typed_git(git.path, 'fetch', 'origin')} &&"
        f" {typed_git(git.path, 'remote', 'set-head', 'origin', '--auto')};"
        " a repository that is empty is taken out of the graph (graph.tiers, graph.ignore)",
    )


def no_such_branch(repo: str, branch: str, git: Git) -> ReleaseError:
    """The error of a base branch that is not there."""
    return ReleaseError(
        ErrorCode.SCAN_FAILED,
        f"expected the branch {branch} of {repo}, which base_branches names, found none.",
        hint=f"{typed_git(git.path, 'ls-remote', '--heads', 'origin')} lists the branches; correct"
        f" base_branches.{repo} in the release configuration, or"
        f" {typed_git(git.path, 'fetch', 'origin')}",
    )


def find_blocking_branch(git: Git, refs: list[Ref]) -> str | None:
    """The branch where git needs a folder; on a Mac ``Release`` is in the way as well."""
    names = {ref.name for ref in refs}
    if "refs/heads/release" in names:
        return "release"
    alike = [name for name in names if name.lower() == "refs/heads/release"]
    if alike and git.commit_of("refs/heads/release"):
        return alike[0].removeprefix("refs/heads/")
    return "release on the remote" if f"{BASE}release" in names else None


def list_release_branches(refs: Iterable[str]) -> tuple[str, ...]:
    """Those below ``release/``, of the clone or as they are on the remote."""
    return tuple(ref for ref in refs if ref.startswith(("refs/heads/release/", f"{BASE}release/")))
