"""A pull request as GitHub's GraphQL API tells it: what is asked, and what the answer means.

One query answers everything MERGE wants to know, so that what it judges was true at one moment.
It needs GitHub, or an Enterprise Server with merge queues and rulesets (3.12 and later).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.adapters.github.answers import BaseRef, CheckRun
from omninode_release.models.forge import PullRequest, StatusCheck

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from omninode_release.adapters.github.answers import (
        Checked,
        Pull,
        RuleParameters,
        StatusContext,
    )
    from omninode_release.models.forge import PullState, QueueState, ReviewState, StatusCheckState

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
# A skipped or neutral check satisfies a rule (GitHub Docs, "About status checks").
_GREEN = frozenset({"SUCCESS", "NEUTRAL", "SKIPPED"})
_STATUS: dict[str, StatusCheckState] = {
    "SUCCESS": "success",
    "PENDING": "pending",
    "EXPECTED": "pending",
    "FAILURE": "failure",
    "ERROR": "failure",
}


def pull_request(pull: Pull, contexts: Iterable[CheckRun | StatusContext]) -> PullRequest:
    """The answer to ``VIEW``, with all pages of its checks."""
    state, merge_state = _PULL_STATE[pull.state], pull.merge_state_status
    base, objections, queue = pull.base_ref or BaseRef(), _list_objections(pull), _queue(pull)
    reasons = [each.reason for each in pull.timeline_items.seen if each.reason]
    blocked = merge_state == "BLOCKED" and queue == "none"
    # Another app's check of the name that is required is none, and GitHub blocks the merge then.
    reported = tuple(_checks(contexts))
    names = {check.name for check in reported if check.required or not blocked}
    checks = (*reported, *_unreported(names, _required_contexts(base)))
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


def contexts_of(pull: Checked) -> tuple[list[CheckRun | StatusContext], str | None]:
    """One page of a pull request's checks, and where the next begins."""
    rollup = pull.status_check_rollup
    if rollup is None:
        return [], None
    page = rollup.contexts.page_info
    return rollup.contexts.seen, page.end_cursor if page.has_next_page else None


def _checks(contexts: Iterable[CheckRun | StatusContext]) -> Iterator[StatusCheck]:
    """The newest run of each check: one that was run again is listed twice."""
    runs: dict[tuple[str, ...], list[CheckRun]] = {}
    for each in contexts:
        if isinstance(each, CheckRun):
            runs.setdefault(_key(each), []).append(each)
        else:
            state, words = _STATUS[each.state], each.description or ""
            yield StatusCheck(each.context, state, each.target_url, words, each.is_required)
    for several in runs.values():
        newest = max(reversed(several), key=_start)
        yield from (_of_run(each) for each in several if _is_beside(each, newest))


def _key(check: CheckRun) -> tuple[str, ...]:
    """What tells checks apart: two apps, workflows or events may have one of the same name."""
    suite = check.check_suite
    app, run = suite.app.slug if suite.app else "", suite.workflow_run
    return (check.name, app, run.workflow.name if run else "", run.event if run else "")


def _start(check: CheckRun) -> str:
    """When it began; what has not begun yet is newer than all that has."""
    return check.started_at or ("" if check.status == "COMPLETED" else "~")


def _is_beside(check: CheckRun, newest: CheckRun) -> bool:
    """True for the newest, and for what ran at its time: jobs of a matrix may share a name.

    An attempt of a workflow begins when the one before it has ended.
    """
    if check is newest:
        return True
    is_of_it = check.check_suite.id == newest.check_suite.id
    return is_of_it and (check.completed_at is None or check.completed_at > _start(newest))


def _of_run(run: CheckRun) -> StatusCheck:
    state: StatusCheckState = "pending"
    if run.status == "COMPLETED" and run.conclusion is not None:  # it may follow a moment later
        state = "success" if run.conclusion in _GREEN else "failure"
        state = "cancelled" if run.conclusion == "CANCELLED" else state
    words = run.title or (run.conclusion or "").lower()
    return StatusCheck(run.name, state, run.details_url, words, run.is_required)


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


def _unreported(names: Container[str], required: Iterable[str]) -> Iterator[StatusCheck]:
    """Required checks that have not said anything yet; ``names`` have."""
    for name in dict.fromkeys(required):
        if name not in names:
            yield StatusCheck(name, "pending", None, "it has not reported yet", required=True)


def _unresolved(pull: Pull) -> tuple[str, ...]:
    threads = (each for each in pull.review_threads.seen if not each.is_resolved)
    return tuple(first.url for each in threads for first in each.comments.seen[:1])


def _queue(pull: Pull) -> QueueState:
    if pull.is_in_merge_queue:
        return "entered"
    return "present" if pull.is_merge_queue_enabled else "none"
