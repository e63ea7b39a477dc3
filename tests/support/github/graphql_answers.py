"""What the look-alike answers to GraphQL, against the cut-down schema."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, build_schema, graphql_sync

from support.github.checks import rollup
from support.github.policy import RefusedError, UnknownError

if TYPE_CHECKING:
    from support.github.actions import Actions
    from support.github.repository import Pull, Repository

_SCHEMA = build_schema((Path(__file__).with_name("schema.graphql")).read_text(encoding="utf-8"))
_OPERATION = re.compile(r"\b(?:query|mutation)\s+(\w+)")

LOGIN = "carl"
"""Whose token the tool has."""

Repositories = dict[str, "tuple[Repository, Actions]"]
"""By ``owner/name``."""


def operation(document: str) -> str:
    found = _OPERATION.search(document)
    return found[1] if found else "an anonymous operation"


def repository_asked_for(variables: dict[str, Any]) -> str:
    """Which repository a GraphQL request is about: named, or part of our node ids."""
    if "owner" in variables:
        return f"{variables['owner']}/{variables['name']}"
    return str(variables["input"]["pullRequestId"]).partition(":")[0]


def answer_graphql(
    repositories: Repositories, document: str, variables: dict[str, Any]
) -> dict[str, Any]:
    """Execute a document; what the schema does not know is an UnknownError."""
    done = graphql_sync(_SCHEMA, document, _root(repositories), variable_values=variables)
    errors = [_error(error, document) for error in done.errors or ()]
    return {"data": done.data, **({"errors": errors} if errors else {})}


def _error(error: GraphQLError, document: str) -> dict[str, Any]:
    cause = error.original_error
    if not isinstance(cause, RefusedError):
        raise UnknownError(f"{operation(document)}: {error}") from cause
    kind = {403: "FORBIDDEN", 404: "NOT_FOUND"}.get(cause.status, "UNPROCESSABLE")
    return {"type": kind, "path": error.path, "message": cause.message}


def _root(repositories: Repositories) -> dict[str, Any]:
    def found(pull_id: str) -> tuple[Repository, Pull]:
        name, _, number = pull_id.partition(":")
        repository = repositories[name][0]
        return repository, repository.pulls[int(number)]

    def repository(_: Any, owner: str, name: str, **__: Any) -> dict[str, Any]:
        if f"{owner}/{name}" not in repositories:
            raise RefusedError(f"Could not resolve to a Repository '{owner}/{name}'.", 404)
        return _repository(repositories[f"{owner}/{name}"][0])

    def merge(_: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 - GraphQL's name
        if input["mergeMethod"] != "SQUASH":
            raise RefusedError("Merge commits are not allowed on this repository.")
        repo, pull = found(input["pullRequestId"])
        repo.merge(
            pull,
            head=input.get("expectedHeadOid"),
            subject=input["commitHeadline"],
            body=input["commitBody"],
        )
        return {"pullRequest": _pull(repo, pull)}

    def enqueue(_: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        repo, pull = found(input["pullRequestId"])
        repo.enqueue(pull, head=input.get("expectedHeadOid"))
        return {"mergeQueueEntry": {"state": "QUEUED"}}

    def update(_: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        repo, pull = found(input["pullRequestId"])
        repo.update(pull, head=input.get("expectedHeadOid"))
        return {"pullRequest": _pull(repo, pull)}

    return {
        "viewer": {"login": LOGIN},
        "repository": repository,
        "mergePullRequest": merge,
        "enqueuePullRequest": enqueue,
        "updatePullRequestBranch": update,
    }


def _repository(repo: Repository) -> dict[str, Any]:
    def pulls(_: Any, **asked: Any) -> dict[str, Any]:
        if asked["orderBy"] != {"field": "CREATED_AT", "direction": "DESC"}:
            raise UnknownError(f"pull requests ordered by {asked['orderBy']}")
        if "headRefName" not in asked:
            return _open_pulls(repo, asked["states"], asked["first"])
        named = [p for p in repo.pulls.values() if p.branch == asked["headRefName"]]
        newest = sorted(named, key=lambda p: -p.number)
        ours = [_pull(repo, pull) for pull in newest]
        return {"nodes": ([_fork(newest[0].number)] if newest else []) + ours}

    def pull(_: Any, number: int) -> dict[str, Any]:
        if number not in repo.pulls:
            raise RefusedError(f"Could not resolve to a PullRequest with the number {number}.", 404)
        return _pull(repo, repo.pulls[number])

    def refs(_: Any, *, refPrefix: str, first: int) -> dict[str, Any]:  # noqa: N803 - GraphQL's
        names = [name for name in repo.refs if name.startswith(refPrefix)]
        nodes = [_branch(repo, name, refPrefix) for name in names[:first]]
        return {"nodes": nodes, "pageInfo": {"hasNextPage": len(names) > first}}

    def queue(_: Any, branch: str | None = None) -> dict[str, Any] | None:
        asked = branch or policy.default_branch
        return {"id": "MQ_1"} if policy.queue and policy.queue_of in {None, asked} else None

    policy = repo.policy
    name = policy.renamed_to or f"{repo.owner}/{repo.name}"
    return {
        "nameWithOwner": name,
        "url": f"https://github.com/{name}",
        "viewerPermission": policy.permission,
        "parent": policy.fork_of
        and {"nameWithOwner": policy.fork_of, "url": f"https://github.com/{policy.fork_of}"},
        "isArchived": policy.archived,
        "squashMergeAllowed": policy.squash_allowed,
        "defaultBranchRef": {"name": policy.default_branch},
        "mergeQueue": queue,
        "rulesets": lambda _, **__: {"nodes": [_ruleset(each) for each in policy.rulesets]},
        "refs": refs,
        "pullRequests": pulls,
        "pullRequest": pull,
    }


def _ruleset(given: dict[str, Any]) -> dict[str, Any]:
    names = {"include": given["include"], "exclude": given.get("exclude", [])}
    kinds = {"TAG_NAME_PATTERN": "Tag", "BRANCH_NAME_PATTERN": "Branch"}
    named = {kind: f"{name}NamePatternParameters" for kind, name in kinds.items()}
    other = "RequiredStatusChecksParameters"  # nothing of which this query asks for
    rules = [
        {"type": kind, "parameters": words
         and {"__typename": named.get(kind, other), "negate": False, **words}}
        for kind, words in given["rules"].items()
    ]  # fmt: skip
    return {
        "databaseId": 7, "name": "kept", "target": given["target"],
        "enforcement": given.get("enforcement", "ACTIVE"), "conditions": {"refName": names},
        "rules": lambda _, **__: {"nodes": rules},
    }  # fmt: skip


def _branch(repo: Repository, name: str, prefix: str) -> dict[str, Any]:
    """A branch below ``prefix``, which GitHub leaves out of its name."""
    named = [p for p in repo.pulls.values() if f"refs/heads/{p.branch}" == name]

    def opened(_: Any, *, states: list[str], first: int) -> dict[str, Any]:
        found = [_pull(repo, pull) for pull in named if pull.state in states]
        return {"nodes": found[:first]}

    return {"name": name.removeprefix(prefix), "associatedPullRequests": opened}


def _open_pulls(repo: Repository, states: list[str], first: int) -> dict[str, Any]:
    """Every open pull request: the release's own, and those of other people and programs."""
    if states != ["OPEN"]:
        raise UnknownError(f"pull requests in the states {states}")
    ours = [_pull(repo, pull) for pull in repo.pulls.values() if pull.state == "OPEN"]
    others = [
        {"number": 900 + n, "url": f"{repo.url}/pull/{900 + n}", "headRefName": branch,
         "author": {"__typename": kind, "login": "somebody"} if kind else None}
        for n, (branch, kind) in enumerate(repo.policy.strangers)
    ]  # fmt: skip
    every = others + ours
    return {"nodes": every[:first], "pageInfo": {"hasNextPage": len(every) > first}}


def _fork(number: int) -> dict[str, Any]:
    """A stranger's newer pull request from a branch of the same name: not to be touched."""
    return {"number": number + 900, "baseRefName": "main", "isCrossRepository": True}


def _pull(repo: Repository, pull: Pull) -> dict[str, Any]:
    policy = repo.policy
    decision = {"required": "REVIEW_REQUIRED", "approved": "APPROVED",
                "changes_requested": "CHANGES_REQUESTED", None: None}[policy.review]  # fmt: skip
    url = f"{repo.url}/pull/{pull.number}"
    objections = [{"state": "CHANGES_REQUESTED", "url": f"{url}#pullrequestreview-1"}]
    # Functions are asked when a query names them, so only asking for the state is a look.
    return {
        "id": f"{repo.owner}/{repo.name}:{pull.number}",
        "number": pull.number,
        "url": url,
        "state": lambda _: _looked(repo, pull),
        "isDraft": policy.draft,
        "isCrossRepository": False,
        "author": {"__typename": "User", "login": LOGIN},
        "headRefName": pull.branch,
        "headRefOid": lambda _: pull.head,
        "baseRefName": pull.base,
        "body": lambda _: pull.body,
        "baseRef": _base(repo),
        "mergeable": lambda _: repo.mergeable(pull),
        "mergeStateStatus": lambda _: repo.merge_state(pull),
        "mergeCommit": lambda _: (
            _merge_commit(pull) if policy.merge_commit_told and not policy.merge_untold else None
        ),
        "timelineItems": lambda _, **__: {"nodes": _timeline(repo, pull)},
        "isMergeQueueEnabled": policy.queue is not None,
        "isInMergeQueue": lambda _: pull.queued,
        "reviewDecision": decision,
        "latestOpinionatedReviews": lambda _, **__: {
            "nodes": objections if policy.review == "changes_requested" else []
        },
        "reviewThreads": lambda _, **__: {"nodes": _threads(policy.unresolved, url)},
        "statusCheckRollup": lambda _: rollup(repo, pull),
    }  # fmt: skip


def _merge_commit(pull: Pull) -> dict[str, str] | None:
    return {"oid": pull.merge} if pull.merge else None


def _timeline(repo: Repository, pull: Pull) -> list[dict[str, Any]]:
    put_out = repo.policy.queue is not None and bool(pull.queue_looks) and not pull.queued
    events: list[dict[str, Any]] = []
    if put_out:
        events.append({"__typename": "RemovedFromMergeQueueEvent", "reason": "failed_checks"})
    if pull.merge and repo.policy.merge_untold:
        repo.policy.merge_untold -= 1
    elif pull.merge:
        events.append({"__typename": "MergedEvent", "commit": _merge_commit(pull)})
    return events


def _looked(repo: Repository, pull: Pull) -> str:
    repo.look(pull)
    return pull.state


def _threads(count: int, url: str) -> list[dict[str, Any]]:
    def thread(number: int, *, resolved: bool) -> dict[str, Any]:
        comments = {"nodes": [{"url": f"{url}#discussion_r{number}"}]}
        return {"isResolved": resolved, "comments": lambda _, **__: comments}

    return [thread(0, resolved=True), *(thread(n, resolved=False) for n in range(1, count + 1))]


def _base(repo: Repository) -> dict[str, Any]:
    policy = repo.policy
    contexts = [] if policy.by_ruleset else list(policy.required)
    classic = {"requiredStatusCheckContexts": contexts,
               "requiresConversationResolution": policy.resolution_required,
               "requiresSignatures": policy.signed_only and not policy.by_ruleset}  # fmt: skip
    checks = [{"context": name} for name in policy.required]
    ruleset = {"__typename": "RequiredStatusChecksParameters", "requiredStatusChecks": checks}
    kinds = ["DELETION", *(["REQUIRED_SIGNATURES"] if policy.signed_only else [])]
    rules = [
        {"type": "REQUIRED_STATUS_CHECKS", "parameters": ruleset},
        *({"type": kind, "parameters": None} for kind in kinds),
    ]
    rules = rules if policy.by_ruleset else []
    guarded = bool(contexts) or policy.resolution_required or policy.signed_only
    return {"name": policy.default_branch, "refUpdateRule": classic if guarded else None,
            "rules": lambda _, **__: {"nodes": rules}}  # fmt: skip
