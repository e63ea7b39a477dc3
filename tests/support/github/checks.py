"""What the look-alike answers of the checks of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support.github.policy import RefusedError

if TYPE_CHECKING:
    from support.github.repository import Pull, Repository

_SECRET = RefusedError("Resource not accessible by personal access token", 403)
"""What GitHub says in place of a check that the login may not read."""


def rollup(repo: Repository, pull: Pull) -> dict[str, Any] | None:
    state = repo.check_state(pull)
    if state is None and not repo.policy.more_checks:
        return None
    checks = []
    if state is not None:
        checks.append(_check(repo, "ci", None if state == "IN_PROGRESS" else state, "2"))
        # An earlier attempt that failed is listed beside the one that counts.
        checks.append(_check(repo, "ci", "CANCELLED", "1"))
    if repo.policy.optional_red:
        checks.append(_check(repo, "spelling", "FAILURE", "1"))
    checks += [{**_check(repo, "ci", "SUCCESS", "1"), **each} for each in repo.policy.more_checks]

    def contexts(_: Any, *, first: int, after: str | None = None) -> dict[str, Any]:
        at = int(after or 0)
        end = at + min(first, repo.policy.checks_page)
        more = end < len(checks)
        page = {"hasNextPage": more, "endCursor": str(end) if more else None}
        shown = [_SECRET] * len(checks) if repo.policy.checks_secret else checks
        return {"nodes": shown[at:end], "pageInfo": page}

    return {"state": _sum_up(checks), "contexts": contexts}


def _sum_up(checks: list[dict[str, Any]]) -> str:
    """Of the newest of each name."""
    ends = {each["name"]: each["conclusion"] for each in reversed(checks)}
    found = {None: "PENDING", "SUCCESS": "SUCCESS"}
    states = {found.get(end, "FAILURE") for end in ends.values()}
    return next(each for each in ("FAILURE", "PENDING", "SUCCESS") if each in states)


def _check(repo: Repository, name: str, conclusion: str | None, minute: str) -> dict[str, Any]:
    return {
        "__typename": "CheckRun",
        "name": name,
        "status": "COMPLETED" if conclusion else "IN_PROGRESS",
        "conclusion": conclusion,
        "detailsUrl": f"{repo.url}/actions/runs/9/job/{name}",
        "startedAt": f"2026-02-25T14:0{minute}:00Z",
        "completedAt": f"2026-02-25T14:0{minute}:30Z" if conclusion else None,
        "title": "2 tests failed" if conclusion == "FAILURE" else None,
        "isRequired": lambda _, **__: name in repo.policy.required,
        "checkSuite": {
            "id": "CS_1",
            "app": {"slug": "github-actions"},
            "workflowRun": {"event": "pull_request", "workflow": {"name": "CI"}},
        },
    }
