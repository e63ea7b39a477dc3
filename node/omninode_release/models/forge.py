"""What a forge knows: pull requests, their checks, and runs of the publish workflow."""

from __future__ import annotations

from typing import Literal, NamedTuple

CheckState = Literal["pending", "success", "failure"]
PullState = Literal["open", "merged", "closed"]
IndexState = Literal["available", "pending", "absent"]


class Check(NamedTuple):
    """One check on a pull request's head commit."""

    name: str
    state: CheckState
    url: str | None = None
    detail: str = ""


class PullRequest(NamedTuple):
    """A pull request as the forge sees it now."""

    number: int
    url: str
    state: PullState
    branch: str
    base: str
    head_sha: str
    merge_sha: str | None = None
    """The commit the merge made on the base branch; only of a merged one."""
    conflict: bool = False
    checks: tuple[Check, ...] = ()


class WorkflowRun(NamedTuple):
    """A run of the publish workflow for one tag."""

    url: str
    state: Literal["running", "success", "failure"]
    detail: str = ""


class IndexAnswer(NamedTuple):
    """What a package index says of one version."""

    state: IndexState
    """``pending``: some of its files are there, and not yet all."""
    files: tuple[str, ...] = ()
