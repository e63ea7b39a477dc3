"""A pull request as GitHub's GraphQL API tells it: what is asked, and what the answer means.

One query answers everything MERGE wants to know, so that what it judges was true at one moment.
It needs GitHub, or an Enterprise Server with merge queues and rulesets (3.12 and later).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.adapters.github.answers import BaseRef
from omninode_release.adapters.github.check_answers import list_checks
from omninode_release.models.forge import PullRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.adapters.github.answers import (
        CheckRun,
        Pull,
        RuleParameters,
        StatusContext,
    )
    from omninode_release.models.forge import PullState, QueueState, ReviewState

FIND = """
query FindPullRequest($owner: String!, $name: String!, $branch: String!) {
  repository(owner: $owner, name: $name) {
    pullRequests(
      headRefName: $branch, first: 20, orderBy: {field: CREATED_AT, direction: DESC}
    ) { nodes { number baseRefName isCrossRepository } }
  }
}
"""

_CHECKS = """
statusCheckRollup {
  state
  contexts(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      __typename
      ... on CheckRun {
        name status conclusion detailsUrl startedAt completedAt title
        isRequired(pullRequestNumber: $number)
        checkSuite { id app { slug } workflowRun { event workflow { name } } }
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
      timelineItems(last: 5, itemTypes: [MERGED_EVENT, REMOVED_FROM_MERGE_QUEUE_EVENT]) {{
        nodes {{
          ... on MergedEvent {{ commit {{ oid }} }}
          ... on RemovedFromMergeQueueEvent {{ reason }}
        }}
      }}
      reviewDecision
      latestOpinionatedReviews(first: 100, writersOnly: true) {{ nodes {{ state url }} }}
      reviewThreads(first: 100) {{
        nodes {{ isResolved comments(first: 1) {{ nodes {{ url }} }} }}
      }}
      baseRef {{
        refUpdateRule {{
          requiredStatusCheckContexts requiresConversationResolution requiresSignatures
        }}
        rules(first: 100) {{
          nodes {{
            type
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
# Rules that hold no merge of ours back, or whose answer is asked for by itself.
_SEEN_RULES = frozenset({
    "BRANCH_NAME_PATTERN", "CREATION", "DELETION", "MERGE_QUEUE", "NON_FAST_FORWARD",
    "PULL_REQUEST", "REQUIRED_LINEAR_HISTORY", "REQUIRED_STATUS_CHECKS",
})  # fmt: skip


def pull_request(pull: Pull, contexts: Sequence[CheckRun | StatusContext | None]) -> PullRequest:
    """The answer to ``VIEW``, with all pages of its checks."""
    state, merge_state = _PULL_STATE[pull.state], pull.merge_state_status
    base, objections, queue = pull.base_ref or BaseRef(), _list_objections(pull), _queue(pull)
    reasons = [each.reason for each in pull.timeline_items.seen if each.reason]
    blocked = merge_state == "BLOCKED" and queue == "none"
    checks = tuple(list_checks(pull, contexts, required=_required_contexts(base), blocked=blocked))
    return PullRequest(
        number=pull.number,
        url=pull.url,
        state=state,
        branch=pull.head_ref_name,
        base=pull.base_ref_name,
        head_sha=pull.head_ref_oid,
        # An open pull request has a test merge under a similar name; only this one is real.
        merge_sha=find_merge(pull) if state == "merged" else None,
        conflict=pull.mergeable == "CONFLICTING" or merge_state == "DIRTY",
        checks=checks,
        checks_reported=bool(checks),
        # GitHub works mergeability out after it is first asked; until then it says UNKNOWN.
        settled="UNKNOWN" not in {pull.mergeable, merge_state} or state != "open",
        draft=pull.is_draft,
        # A queue brings up to date what it takes, and its refusal says what its rules want.
        behind=merge_state == "BEHIND" and queue == "none",
        blocked=blocked,
        rules=tuple(dict.fromkeys(_other_rules(base))),
        # A reviewer's no counts also where no review is required: there is no decision then.
        review="changes_requested" if objections else _REVIEW[pull.review_decision],
        objections=objections,
        threads=_unresolved(pull) if _needs_resolution(base) else (),
        queue=queue,
        put_out=reasons[-1] if reasons else "",
        body=pull.body,
    )


def _list_objections(pull: Pull) -> tuple[str, ...]:
    """Where reviewers asked for changes."""
    reviews = pull.latest_opinionated_reviews
    seen = reviews.seen if reviews else ()
    return tuple(review.url for review in seen if review.state == "CHANGES_REQUESTED")


def find_merge(pull: Pull) -> str | None:
    """The commit that was made; where a person pushed it, only the event may tell."""
    told = (pull.merge_commit, *(each.commit for each in pull.timeline_items.seen))
    return next((each.oid for each in told if each), None)


def _required_contexts(base: BaseRef) -> list[str]:
    """Checks the base branch asks for, by classic protection and by rulesets."""
    rule = base.ref_update_rule
    classic = (rule.required_status_check_contexts if rule else None) or ()
    rules = (each.required_status_checks or () for each in _parameters(base))
    return [*filter(None, classic), *(check.context for found in rules for check in found)]


def _needs_resolution(base: BaseRef) -> bool:
    rule = base.ref_update_rule
    classic = rule is not None and rule.requires_conversation_resolution
    return bool(classic) or any(p.required_review_thread_resolution for p in _parameters(base))


def _other_rules(base: BaseRef) -> Iterator[str]:
    """What else holds a pull request back, in words."""
    if base.ref_update_rule is not None and base.ref_update_rule.requires_signatures:
        yield "required signatures"
    for rule in base.rules.seen if base.rules else ():
        if rule.type not in _SEEN_RULES:
            yield rule.type.lower().replace("_", " ")


def _parameters(base: BaseRef) -> Iterator[RuleParameters]:
    rules = base.rules.seen if base.rules else ()
    return (rule.parameters for rule in rules if rule.parameters)


def _unresolved(pull: Pull) -> tuple[str, ...]:
    threads = (each for each in pull.review_threads.seen if not each.is_resolved)
    return tuple(first.url for each in threads for first in each.comments.seen[:1])


def _queue(pull: Pull) -> QueueState:
    if pull.is_in_merge_queue:
        return "entered"
    return "present" if pull.is_merge_queue_enabled else "none"
