"""What the look-alike answers: GraphQL against the cut-down schema, and the REST routes in use."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from graphql import GraphQLError, build_schema, graphql_sync

from support.github.policy import RefusedError, WorkflowRun

if TYPE_CHECKING:
    from support.github.actions import Actions
    from support.github.repository import Pull, Repository

_SCHEMA = build_schema((Path(__file__).with_name("schema.graphql")).read_text(encoding="utf-8"))
_OPERATION = re.compile(r"\b(?:query|mutation)\s+(\w+)")


class UnknownError(Exception):
    """A request the look-alike has no answer for: the test that caused it fails."""


LOGIN = "carl"
"""Whose token the tool has."""

Repositories = dict[str, "tuple[Repository, Actions]"]
"""By ``owner/name``."""


# GraphQL.


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
    kind = "NOT_FOUND" if cause.status == 404 else "UNPROCESSABLE"
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

    policy = repo.policy
    name = policy.renamed_to or f"{repo.owner}/{repo.name}"
    return {
        "nameWithOwner": name,
        "url": f"https://github.com/{name}",
        "viewerPermission": policy.permission,
        "isArchived": policy.archived,
        "squashMergeAllowed": policy.squash_allowed,
        "defaultBranchRef": {"name": policy.default_branch},
        "mergeQueue": lambda _, **__: {"id": "MQ_1"} if policy.queue else None,
        "rulesets": lambda _, **__: {"nodes": [_ruleset(each) for each in policy.rulesets]},
        "refs": refs,
        "pullRequests": pulls,
        "pullRequest": pull,
    }


def _ruleset(given: dict[str, Any]) -> dict[str, Any]:
    names = {"include": given["include"], "exclude": given.get("exclude", [])}
    kinds = {"TAG_NAME_PATTERN": "Tag", "BRANCH_NAME_PATTERN": "Branch"}
    rules = [
        {"type": kind, "parameters": words
         and {"__typename": f"{kinds[kind]}NamePatternParameters", "negate": False, **words}}
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
    return {"number": number + 900, "isCrossRepository": True}


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
        "mergeCommit": lambda _: {"oid": pull.merge} if pull.merge else None,
        "isMergeQueueEnabled": policy.queue is not None,
        "isInMergeQueue": lambda _: pull.queued,
        "reviewDecision": decision,
        "latestOpinionatedReviews": lambda _, **__: {
            "nodes": objections if policy.review == "changes_requested" else []
        },
        "reviewThreads": lambda _, **__: {"nodes": _threads(policy.unresolved, url)},
        "statusCheckRollup": lambda _: _rollup(repo, pull),
    }  # fmt: skip


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
               "requiresConversationResolution": policy.resolution_required}  # fmt: skip
    checks = [{"context": name} for name in policy.required]
    ruleset = {"__typename": "RequiredStatusChecksParameters", "requiredStatusChecks": checks}
    rules = [{"parameters": ruleset}, {"parameters": None}] if policy.by_ruleset else []
    guarded = bool(contexts) or policy.resolution_required
    return {"name": "main", "refUpdateRule": classic if guarded else None,
            "rules": lambda _, **__: {"nodes": rules}}  # fmt: skip


def _rollup(repo: Repository, pull: Pull) -> dict[str, Any] | None:
    state = repo.check_state(pull)
    if state is None:
        return None
    checks = [_check(repo, "ci", None if state == "IN_PROGRESS" else state, "2")]
    # An earlier attempt that failed is listed beside the one that counts.
    checks.append(_check(repo, "ci", "CANCELLED", "1"))
    if repo.policy.optional_red:
        checks.append(_check(repo, "spelling", "FAILURE", "1"))

    def contexts(_: Any, *, first: int, after: str | None = None) -> dict[str, Any]:
        at = int(after or 0)
        end = at + min(first, repo.policy.checks_page)
        more = end < len(checks)
        page = {"hasNextPage": more, "endCursor": str(end) if more else None}
        return {"nodes": checks[at:end], "pageInfo": page}

    return {"contexts": contexts}


def _check(repo: Repository, name: str, conclusion: str | None, minute: str) -> dict[str, Any]:
    return {
        "__typename": "CheckRun",
        "name": name,
        "status": "COMPLETED" if conclusion else "IN_PROGRESS",
        "conclusion": conclusion,
        "detailsUrl": f"{repo.url}/actions/runs/9/job/{name}",
        "startedAt": f"2026-02-25T14:0{minute}:00Z",
        "title": "2 tests failed" if conclusion == "FAILURE" else None,
        "isRequired": lambda _, **__: name in repo.policy.required,
        "checkSuite": {"workflowRun": {"event": "pull_request", "workflow": {"name": "CI"}}},
    }


# REST.

Route = Callable[["Repository", "Actions", "re.Match[str]", dict[str, Any]], tuple[int, Any]]


def _create(repo: Repository, _: Actions, __: re.Match[str], body: dict[str, Any]) -> Any:
    pull = repo.open(title=body["title"], body=body["body"], branch=body["head"], base=body["base"])
    return 201, _rest_pull(repo, pull)


def _change(repo: Repository, _: Actions, found: re.Match[str], body: dict[str, Any]) -> Any:
    pull = repo.pulls[int(found["number"])]
    if body == {"state": "closed"}:
        pull.state = "CLOSED" if pull.state == "OPEN" else pull.state
    elif body.keys() == {"body"}:
        pull.body = body["body"]
    else:
        raise UnknownError(f"a change of a pull request: {body}")
    return 200, _rest_pull(repo, pull)


def _rest_pull(repo: Repository, pull: Pull) -> dict[str, Any]:
    return {
        "number": pull.number,
        "html_url": f"{repo.url}/pull/{pull.number}",
        "head": {"ref": pull.branch, "sha": pull.head},
        "base": {"ref": pull.base},
        # While it is open this is a throw-away test merge; nobody may take it for the merge.
        "merge_commit_sha": "0" * 40,
    }


def _workflow(repo: Repository, _: Actions, found: re.Match[str], __: dict[str, Any]) -> Any:
    if found["workflow"] not in {"release.yml", "1"} or repo.policy.workflow is None:
        raise RefusedError("Not Found", 404)
    return 200, {"id": 1, "name": "Release", "state": repo.policy.workflow}


def _enable(repo: Repository, _: Actions, found: re.Match[str], __: dict[str, Any]) -> Any:
    _workflow(repo, _, found, __)
    repo.policy.workflow = "active"
    return 204, None


def _edit(repo: Repository, _: Actions, __: re.Match[str], body: dict[str, Any]) -> Any:
    """Settings of the repository; the command line sends text for what is no text."""
    for key, value in body.items():
        is_on = value in {True, "true"}
        match key:
            case "archived":
                repo.policy.archived = is_on
            case "allow_squash_merge":
                repo.policy.squash_allowed = is_on
            case _:
                raise UnknownError(f"a setting of a repository: {key}")
    return 200, {}


def _make_label(repo: Repository, _: Actions, __: re.Match[str], body: dict[str, Any]) -> Any:
    repo.policy.labels = (*repo.policy.labels, body["name"])
    return 201, {"name": body["name"]}


def _runs(_: Repository, actions: Actions, ___: re.Match[str], query: dict[str, Any]) -> Any:
    return 200, {"workflow_runs": actions.listed(query["branch"])}


def _dispatch(_: Repository, actions: Actions, found: re.Match[str], body: dict[str, Any]) -> Any:
    actions.dispatch(found["workflow"], body["ref"], body["inputs"])
    return 204, None


def _jobs(repo: Repository, actions: Actions, found: re.Match[str], __: dict[str, Any]) -> Any:
    run = repo.policy.workflow_run
    if run is not None and run.id == int(found["run"]):
        return 200, {"jobs": run.jobs}
    return 200, {"jobs": actions.jobs(int(found["run"]))}


def _workflow_run(repo: Repository, found: re.Match[str]) -> WorkflowRun:
    run = repo.policy.workflow_run
    if run is None or run.id != int(found["run"]):
        raise RefusedError("Not Found", 404)
    return run


def _run(repo: Repository, _: Actions, found: re.Match[str], __: dict[str, Any]) -> Any:
    run = _workflow_run(repo, found)
    return 200, {
        "id": run.id,
        "created_at": run.created_at,
        "html_url": f"{repo.url}/actions/runs/{run.id}",
        "run_attempt": run.attempt,
        "head_sha": repo.branch("main"),
        "triggering_actor": {"login": run.actor},
    }


def _deployments(repo: Repository, _: Actions, __: re.Match[str], query: dict[str, Any]) -> Any:
    run = repo.policy.workflow_run
    if run is None or query["sha"] != repo.branch("main"):
        return 200, []
    return 200, [{"id": number, "environment": query["environment"]} for number in run.deployments]


def _statuses(repo: Repository, _: Actions, found: re.Match[str], __: dict[str, Any]) -> Any:
    run = repo.policy.workflow_run
    return 200, run.deployments[int(found["number"])] if run else []


def _reviews(repo: Repository, _: Actions, found: re.Match[str], __: dict[str, Any]) -> Any:
    return 200, _workflow_run(repo, found).reviews


def _release_of(repo: Repository, _: Actions, found: re.Match[str], __: dict[str, Any]) -> Any:
    """The published one: a draft has no tag yet, and is not found by it."""
    for each in repo.releases:
        if each["tag_name"] == found["tag"]:
            return 200, each
    raise RefusedError("Not Found", 404)


def _releases(repo: Repository, _: Actions, __: re.Match[str], ___: dict[str, Any]) -> Any:
    drafts = [
        {"tag_name": tag, "draft": True, "html_url": f"{repo.url}/releases/tag/untagged-{tag}"}
        for tag in repo.policy.drafts
    ]
    return 200, [*drafts, *repo.releases]


def _publish(repo: Repository, actions: Actions, _: re.Match[str], body: dict[str, Any]) -> Any:
    tag = body["tag_name"]
    if any(each["tag_name"] == tag for each in repo.releases):
        raise RefusedError("Validation Failed: already_exists")
    if body["draft"] or repo.tags().get(tag) != body["target_commitish"]:
        raise UnknownError(f"a Release of {tag} that is a draft, or not on its tag: {body}")
    made = {**body, "html_url": f"{repo.url}/releases/tag/{tag}"}
    repo.releases.append(made)
    actions.released(tag)
    return 201, made


def _label(repo: Repository, _: Actions, found: re.Match[str], __: dict[str, Any]) -> Any:
    if found["label"] not in repo.policy.labels:
        raise RefusedError("Not Found", 404)
    return 200, {"name": found["label"]}


def _labels(repo: Repository, _: Actions, found: re.Match[str], __: dict[str, Any]) -> Any:
    return 200, [{"name": name} for name in repo.pulls[int(found["number"])].labels]


def _add_labels(repo: Repository, _: Actions, found: re.Match[str], body: dict[str, Any]) -> Any:
    pull = repo.pulls[int(found["number"])]
    pull.labels += [name for name in body["labels"] if name not in pull.labels]
    return 200, [{"name": name} for name in pull.labels]


def _bypass(repo: Repository, _: Actions, __: re.Match[str], ___: dict[str, Any]) -> Any:
    return 200, {"id": 7, "current_user_can_bypass": repo.policy.bypass}


def _environment(repo: Repository, _: Actions, found: re.Match[str], __: dict[str, Any]) -> Any:
    if found["name"] not in repo.policy.environments:
        raise RefusedError("Not Found", 404)
    return 200, {"name": found["name"], **repo.policy.environments[found["name"]]}


def _policies(repo: Repository, _: Actions, __: re.Match[str], ___: dict[str, Any]) -> Any:
    return 200, {"branch_policies": [{"name": each, "type": "tag"} for each in repo.policy.admits]}


def _immutable(repo: Repository, _: Actions, __: re.Match[str], ___: dict[str, Any]) -> Any:
    if not repo.policy.immutable:
        raise RefusedError("Not Found", 404)
    return 200, {"enabled": True, "enforced_by_owner": False}


_WORKFLOW = r"actions/workflows/(?P<workflow>[^/]+)"
_ROUTES: tuple[tuple[str, str, str, Route], ...] = (
    ("create", "POST", r"pulls", _create),
    ("change", "PATCH", r"pulls/(?P<number>\d+)", _change),
    ("workflow", "GET", _WORKFLOW, _workflow),
    ("enable", "PUT", f"{_WORKFLOW}/enable", _enable),
    ("edit", "PATCH", "", _edit),
    ("make label", "POST", r"labels", _make_label),
    ("runs", "GET", f"{_WORKFLOW}/runs", _runs),
    ("dispatch", "POST", f"{_WORKFLOW}/dispatches", _dispatch),
    ("release", "GET", r"releases/tags/(?P<tag>.+)", _release_of),
    ("releases", "GET", r"releases", _releases),
    ("publish", "POST", r"releases", _publish),
    ("label", "GET", r"labels/(?P<label>.+)", _label),
    ("labels", "GET", r"issues/(?P<number>\d+)/labels", _labels),
    ("add labels", "POST", r"issues/(?P<number>\d+)/labels", _add_labels),
    ("bypass", "GET", r"rulesets/7", _bypass),
    ("environment", "GET", r"environments/(?P<name>[^/]+)", _environment),
    ("policies", "GET", r"environments/[^/]+/deployment-branch-policies", _policies),
    ("immutable", "GET", r"immutable-releases", _immutable),
    ("jobs", "GET", r"actions/runs/(?P<run>\d+)/jobs", _jobs),
    ("run", "GET", r"actions/runs/(?P<run>\d+)", _run),
    ("deployments", "GET", r"deployments", _deployments),
    ("statuses", "GET", r"deployments/(?P<number>\d+)/statuses", _statuses),
    ("reviews", "GET", r"actions/runs/(?P<run>\d+)/approvals", _reviews),
)


def route(method: str, target: str) -> tuple[str, str, re.Match[str], Route, dict[str, Any]]:
    """The name of a REST request, the repository it is about, and what answers it."""
    parts = urlsplit(target)
    words = parts.path.strip("/").split("/", 3)
    if words[0] == "repos" and len(words) >= 3:
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        for name, verb, pattern, act in _ROUTES:
            found = re.fullmatch(pattern, unquote("".join(words[3:])))
            if found and verb == method:
                return name, f"{words[1]}/{words[2]}", found, act, query
    raise UnknownError(f"{method} {target}")
