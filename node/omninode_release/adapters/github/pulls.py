"""A pull request as GitHub's GraphQL API tells it: what is asked, and what the answer means.

One query answers everything MERGE wants to know, so that what it judges was true at one moment.
It needs GitHub, or an Enterprise Server with merge queues and rulesets (3.12 and later).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from omninode_release.models.forge import (
    PullRequest,
    PullState,
    QueueState,
    ReviewState,
    StatusCheck,
    StatusCheckState,
)

FIND = """
query FindPullRequest($owner: String!, $name: String!, $branch: String!) {
  repository(owner: $owner, name: $name) {
    pullRequests(
      headRefName: $branch, first: 20, orderBy: {field: CREATED_AT, direction: DESC}
    ) { nodes { number isCrossRepository } }
  }
}
"""

_CHECKS = """
statusCheckRollup {
  contexts(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      __typename
      ... on CheckRun {
        name status conclusion detailsUrl startedAt title
        isRequired(pullRequestNumber: $number)
        checkSuite { workflowRun { event workflow { name } } }
      }
      ... on StatusContext {
        context state targetUrl description
        isRequired(pullRequestNumber: $number)
      }
    }
  }
}
"""

VIEW = f"""
query ViewPullRequest($owner: String!, $name: String!, $number: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    pullRequest(number: $number) {{
      number url state isDraft headRefName headRefOid baseRefName body
      mergeable mergeStateStatus mergeCommit {{ oid }}
      isMergeQueueEnabled isInMergeQueue
      reviewDecision
      latestOpinionatedReviews(first: 100, writersOnly: true) {{ nodes {{ state url }} }}
      reviewThreads(first: 100) {{
        nodes {{ isResolved comments(first: 1) {{ nodes {{ url }} }} }}
      }}
      baseRef {{
        refUpdateRule {{ requiredStatusCheckContexts requiresConversationResolution }}
        rules(first: 100) {{
          nodes {{
            parameters {{
              __typename
              ... on RequiredStatusChecksParameters {{ requiredStatusChecks {{ context }} }}
              ... on PullRequestParameters {{ requiredReviewThreadResolution }}
            }}
          }}
        }}
      }}
      {_CHECKS}
    }}
  }}
}}
"""

MORE_CHECKS = f"""
query MoreChecks($owner: String!, $name: String!, $number: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{ pullRequest(number: $number) {{ {_CHECKS} }} }}
}}
"""

TARGET = """
query TargetPullRequest($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) { id isMergeQueueEnabled }
  }
}
"""

MERGE = """
mutation MergePullRequest($input: MergePullRequestInput!) {
  mergePullRequest(input: $input) { pullRequest { state } }
}
"""

ENQUEUE = """
mutation EnqueuePullRequest($input: EnqueuePullRequestInput!) {
  enqueuePullRequest(input: $input) { mergeQueueEntry { state } }
}
"""

UPDATE_BRANCH = """
mutation UpdatePullRequestBranch($input: UpdatePullRequestBranchInput!) {
  updatePullRequestBranch(input: $input) { pullRequest { headRefOid } }
}
"""

_PULL_STATE: dict[str, PullState] = {"OPEN": "open", "MERGED": "merged", "CLOSED": "closed"}
_REVIEW: dict[str | None, ReviewState] = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "changes_requested",
    "REVIEW_REQUIRED": "required",
    None: "not_required",
}
# A skipped or neutral check satisfies a rule (GitHub Docs, "About status checks").
_GREEN = frozenset({"SUCCESS", "NEUTRAL", "SKIPPED"})
_STATUS: dict[str, StatusCheckState] = {
    "SUCCESS": "success",
    "PENDING": "pending",
    "EXPECTED": "pending",
    "FAILURE": "failure",
    "ERROR": "failure",
}


def pull_request(node: dict[str, Any], contexts: Iterable[dict[str, Any]]) -> PullRequest:
    """The answer to ``VIEW``, with all pages of its checks."""
    state = _PULL_STATE[node["state"]]
    merge_state = node["mergeStateStatus"]
    base = node.get("baseRef") or {}
    objections = tuple(
        review["url"]
        for review in _nodes(node["latestOpinionatedReviews"])
        if review["state"] == "CHANGES_REQUESTED"
    )
    reported = tuple(_checks(contexts))
    checks = (*reported, *_unreported(reported, _required_contexts(base)))
    queue = _queue(node)
    return PullRequest(
        number=node["number"],
        url=node["url"],
        state=state,
        branch=node["headRefName"],
        base=node["baseRefName"],
        head_sha=node["headRefOid"],
        # An open pull request has a test merge under a similar name; only this one is real.
        merge_sha=(node["mergeCommit"] or {}).get("oid") if state == "merged" else None,
        conflict=node["mergeable"] == "CONFLICTING" or merge_state == "DIRTY",
        checks=checks,
        checks_reported=bool(checks),
        # GitHub works mergeability out after it is first asked; until then it says UNKNOWN.
        settled="UNKNOWN" not in {node["mergeable"], merge_state} or state != "open",
        draft=node["isDraft"],
        # A queue brings up to date what it takes, and its refusal says what its rules want.
        behind=merge_state == "BEHIND" and queue == "none",
        blocked=merge_state == "BLOCKED" and queue == "none",
        # A reviewer's no counts also where no review is required: there is no decision then.
        review="changes_requested" if objections else _REVIEW[node["reviewDecision"]],
        objections=objections,
        threads=_unresolved(node) if _needs_resolution(base) else (),
        queue=queue,
        body=node["body"],
    )


def contexts_of(node: dict[str, Any]) -> tuple[list[dict[str, Any]], str | None]:
    """One page of a pull request's checks, and where the next begins."""
    rollup = node.get("statusCheckRollup")  # null until the first check has reported
    if rollup is None:
        return [], None
    page = rollup["contexts"]["pageInfo"]
    return _nodes(rollup["contexts"]), page["endCursor"] if page["hasNextPage"] else None


def _checks(contexts: Iterable[dict[str, Any]]) -> Iterator[StatusCheck]:
    """The newest run of each check: one that was run again is listed twice."""
    newest: dict[tuple[str, ...], dict[str, Any]] = {}
    for each in contexts:
        key = _key(each)
        if key not in newest or (newest[key].get("startedAt") or "") <= (
            each.get("startedAt") or ""
        ):
            newest[key] = each
    for each in newest.values():
        if each["__typename"] == "CheckRun":
            yield _of_run(each)
        else:
            state = _STATUS[each["state"]]
            words = each["description"] or ""
            yield StatusCheck(each["context"], state, each["targetUrl"], words, each["isRequired"])


def _key(context: dict[str, Any]) -> tuple[str, ...]:
    """What tells checks apart: two workflows, or two events, may have one of the same name."""
    if context["__typename"] != "CheckRun":
        return ("status", context["context"])
    run = context["checkSuite"]["workflowRun"] or {"event": "", "workflow": {"name": ""}}
    return ("run", context["name"], run["workflow"]["name"], run["event"])


def _of_run(run: dict[str, Any]) -> StatusCheck:
    state: StatusCheckState = "pending"
    if run["status"] == "COMPLETED":
        state = "success" if run["conclusion"] in _GREEN else "failure"
    words = run["title"] or (run["conclusion"] or "").lower()
    return StatusCheck(run["name"], state, run["detailsUrl"], words, run["isRequired"])


def _required_contexts(base: dict[str, Any]) -> list[str]:
    """Checks the base branch asks for, by classic protection and by rulesets."""
    classic = (base.get("refUpdateRule") or {}).get("requiredStatusCheckContexts") or []
    rules = (each.get("requiredStatusChecks") or [] for each in _parameters(base))
    return [*filter(None, classic), *(check["context"] for rule in rules for check in rule)]


def _needs_resolution(base: dict[str, Any]) -> bool:
    classic = (base.get("refUpdateRule") or {}).get("requiresConversationResolution")
    rules = (each.get("requiredReviewThreadResolution") for each in _parameters(base))
    return bool(classic) or any(rules)


def _parameters(base: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (rule["parameters"] for rule in _nodes(base.get("rules")) if rule["parameters"])


def _unreported(
    reported: tuple[StatusCheck, ...], required: Iterable[str]
) -> Iterator[StatusCheck]:
    """Required checks that have not said anything yet."""
    names = {check.name for check in reported}
    for name in dict.fromkeys(required):
        if name not in names:
            yield StatusCheck(name, "pending", None, "it has not reported yet", required=True)


def _unresolved(node: dict[str, Any]) -> tuple[str, ...]:
    threads = (each for each in _nodes(node["reviewThreads"]) if not each["isResolved"])
    return tuple(first["url"] for each in threads for first in _nodes(each["comments"])[:1])


def _queue(node: dict[str, Any]) -> QueueState:
    if node["isInMergeQueue"]:
        return "entered"
    return "present" if node["isMergeQueueEnabled"] else "none"


def _nodes(connection: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The nodes of a connection; GraphQL may leave holes for what the viewer may not see."""
    return [node for node in (connection or {}).get("nodes") or () if node]
