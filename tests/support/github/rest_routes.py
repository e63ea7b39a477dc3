"""What the look-alike answers to the REST routes in use."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from support.github.policy import RefusedError, UnknownError, WorkflowRun

if TYPE_CHECKING:
    from support.github.actions import Actions
    from support.github.repository import Pull, Repository


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
        if repo.policy.checks_edits:
            pull.looks.clear()
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
    if found["workflow"] not in {repo.policy.workflow_file, "1"} or repo.policy.workflow is None:
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
    rules = [
        {"type": kind.lower(), **({"parameters": words} if words else {})}
        for each in repo.policy.rulesets
        for kind, words in each["rules"].items()
    ]
    return 200, {"id": 7, "current_user_can_bypass": repo.policy.bypass, "rules": rules}


def _branch_rules(repo: Repository, _: Actions, found: re.Match[str], ___: dict[str, Any]) -> Any:
    """Those of the rulesets for branches that mean it, also where it is not there."""
    pulls: dict[str, Any] = {"required_approving_review_count": 1}
    if repo.policy.merge_methods:
        pulls["allowed_merge_methods"] = list(repo.policy.merge_methods)
    ref = f"refs/heads/{found['branch']}"
    names = {ref, "~ALL"} | (
        {"~DEFAULT_BRANCH"} if found["branch"] in {"main", "master"} else set()
    )
    kinds = (
        (kind, words)
        for each in repo.policy.rulesets
        if each["target"] == "BRANCH"
        and any(n in names or _covers(n, ref) for n in each["include"])
        for kind, words in each["rules"].items()
    )
    return 200, [
        {"type": "deletion", "ruleset_id": 7},
        *(
            {"type": kind.lower(), "ruleset_id": 7}
            | (
                {"parameters": pulls if kind == "PULL_REQUEST" else words}
                if words is not None or kind == "PULL_REQUEST"
                else {}
            )
            for kind, words in kinds
        ),
    ]


def _covers(pattern: str, ref: str) -> bool:
    """Two stars cross what is between slashes, one does not."""
    parts = [re.escape(part).replace(r"\*", "[^/]*") for part in pattern.split("**")]
    return re.fullmatch(".*".join(parts), ref) is not None


def _environment(repo: Repository, _: Actions, found: re.Match[str], __: dict[str, Any]) -> Any:
    if found["name"] not in repo.policy.environments:
        raise RefusedError("Not Found", 404)
    return 200, {"name": found["name"], **repo.policy.environments[found["name"]]}


def _policies(repo: Repository, _: Actions, __: re.Match[str], query: dict[str, Any]) -> Any:
    shown = repo.policy.admits[: int(query.get("per_page", 30))]
    return 200, {"branch_policies": [{"name": each, "type": "tag"} for each in shown]}


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
    ("branch rules", "GET", r"rules/branches/(?P<branch>.+)", _branch_rules),
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
