"""When a pull request can be merged: now, later by itself, or not before a person acts.

It judges what the forge said at one moment; ``merge`` does the waiting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.models.forge import PullRequest, StatusCheck


class Obstacle(NamedTuple):
    """What stops a merge for good, and what a person has to do about it."""

    why: str
    remedy: str = ""
    """Empty: mend it on the release branch."""
    detail: str = ""
    may_pass: bool = False
    """It may be gone a moment later by itself."""


def find_obstacle(pull: PullRequest, base: str) -> Obstacle | None:
    """The first obstacle that a person has to remove."""
    return next(_list_obstacles(pull, base), None)


def _list_obstacles(pull: PullRequest, base: str) -> Iterator[Obstacle]:
    if pull.base != base:
        yield Obstacle(f"it goes into {pull.base}", f"make {base} its base again at {pull.url}")
    if pull.draft:
        yield Obstacle("it is a draft", f"mark {pull.url} as ready for review")
    if pull.conflict:
        yield Obstacle(f"it conflicts with {base}")
    red = [check for check in _select_checks(pull) if check.state == "failure"]
    if red:
        why, may_pass = f"checks failed: {_list_names(red)}", all(check.is_sum for check in red)
        yield Obstacle(why, detail=red[0].detail, may_pass=may_pass)
    if pull.review == "changes_requested":
        where = ", ".join(pull.objections) or pull.url
        yield Obstacle(f"a reviewer asked for changes ({where})", "settle the review")
    if pull.threads:
        where = ", ".join(pull.threads)
        yield Obstacle(f"conversations are unresolved: {where}", "resolve them")
    cancelled = [check for check in _select_checks(pull) if check.state == "cancelled"]
    if cancelled:
        # A label, or another body, starts a workflow anew, which may cancel the run before it.
        why = f"checks were cancelled: {_list_names(cancelled)}"
        yield Obstacle(why, "run them again", may_pass=True)


def find_reason_to_wait(pull: PullRequest, base: str) -> str | None:
    """What an open pull request without an obstacle still waits for; None when it is ready."""
    pending = [check for check in _select_checks(pull) if check.state == "pending"]
    if not pull.settled:
        return "the forge is still working out whether it can be merged"
    if pull.behind:
        return f"it is behind {base}"
    # A sum says that something is missing, and a review is known to be.
    if pull.review == "required" and all(check.is_sum for check in pending):
        return "it has no approving review"
    if pending:
        return f"checks have not ended: {_list_names(pending)}"
    if pull.blocked:
        asked = f" ({', '.join(pull.rules)})" if pull.rules else ""
        return f"the rules of {base} hold it back{asked}"
    return None


def _select_checks(pull: PullRequest) -> list[StatusCheck]:
    """Those the base branch requires, or all where it requires none.

    The branch of a scratch repository has no protection, and its red tests are red all the same.
    """
    return [check for check in pull.checks if check.required] or list(pull.checks)


def _list_names(checks: list[StatusCheck]) -> str:
    said = ((check.name, check.url or check.detail) for check in checks)
    return ", ".join(f"{name} ({words})" if words else name for name, words in said)
