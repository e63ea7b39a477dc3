"""Answers of GitHub, Slack and a package index, made odd: each is understood, or told as it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from omninode_release.adapters.github.api import GitHubApi
from omninode_release.adapters.github.calls import GitHubCalls
from omninode_release.adapters.github.forge import GitHubForge
from omninode_release.adapters.pypi.http import Answer
from omninode_release.adapters.pypi.index import PyPIIndex
from omninode_release.adapters.slack import Bot, Slack, SlackCredentials
from omninode_release.errors import ReleaseError
from omninode_release.models.config_parts import Polling
from omninode_release.models.forge import Slug
from omninode_release.system.clock import FixedClock
from omninode_release.system.process import Completed
from support.cli import MOMENT
from support.mutations import bounded, mutated, mutated_text, one_of

if TYPE_CHECKING:
    from collections.abc import Callable

SHA = "a" * 40
CHECK = {
    "__typename": "CheckRun", "name": "ci", "status": "COMPLETED", "conclusion": "SUCCESS",
    "detailsUrl": "https://x/1", "startedAt": "2026-02-25T14:00:00Z", "completedAt": None,
    "title": None,
    "isRequired": True,
    "checkSuite": {"id": "CS_1", "app": {"slug": "x"},
                   "workflowRun": {"event": "push", "workflow": {"name": "CI"}}},
}  # fmt: skip
STATUS = {
    "__typename": "StatusContext", "context": "lint", "state": "PENDING", "targetUrl": None,
    "description": "waits", "isRequired": False,
}  # fmt: skip
PAGE = {"hasNextPage": False, "endCursor": "x"}
PULL = {
    "number": 4, "url": "https://x/pull/4", "state": "OPEN", "isDraft": False, "body": "words",
    "headRefName": "release/r/alpha", "headRefOid": SHA, "baseRefName": "main",
    "mergeable": "MERGEABLE", "mergeStateStatus": "CLEAN", "mergeCommit": {"oid": SHA},
    "timelineItems": {"nodes": [None, {}, {"commit": None}, {"reason": "failed_checks"}]},
    "isMergeQueueEnabled": False, "isInMergeQueue": False, "reviewDecision": "APPROVED",
    "latestOpinionatedReviews": {"nodes": [{"state": "CHANGES_REQUESTED", "url": "https://x"}]},
    "reviewThreads": {"nodes": [{"isResolved": False,
                                 "comments": {"nodes": [{"url": "https://x"}]}}]},
    "baseRef": {
        "refUpdateRule": {"requiredStatusCheckContexts": ["ci", "other"],
                          "requiresConversationResolution": True},
        "rules": {"nodes": [None, {"type": "UPDATE", "parameters": {"__typename": "x"}},
                            {"type": "REQUIRED_STATUS_CHECKS",
                             "parameters": {"requiredStatusChecks": [{"context": "ci"}]}}]},
    },
    "statusCheckRollup": {
        "state": "SUCCESS", "contexts": {"pageInfo": PAGE, "nodes": [CHECK, STATUS, None]},
    },
}  # fmt: skip
GOOD_QUERIES: list[Any] = [
    {"data": {"repository": {"pullRequest": {**PULL, "id": "PR_1"}}}},
    {"data": {"repository": {"pullRequests": {"nodes": [
        {"number": 4, "baseRefName": "main", "isCrossRepository": False}]}}}},
    {"data": {
        "viewer": {"login": "ann"},
        "repository": {
            "nameWithOwner": "pair/alpha", "url": "https://x", "viewerPermission": "WRITE",
            "parent": {"nameWithOwner": "x/alpha", "url": "https://x"},
            "rulesets": {"nodes": [{
                "databaseId": 7, "name": "kept", "target": "TAG", "enforcement": "ACTIVE",
                "conditions": {"refName": {"include": ["~ALL"], "exclude": []}},
                "rules": {"nodes": [{"type": "CREATION", "parameters": None}]}}]},
            "isArchived": False, "squashMergeAllowed": True,
            "defaultBranchRef": {"name": "main"}, "mergeQueue": {"id": "MQ"},
            "refs": {"pageInfo": PAGE, "nodes": [{
                "name": "r/alpha",
                "associatedPullRequests": {"nodes": [{"number": 4, "url": "https://x"}]}}]},
            "pullRequests": {"pageInfo": PAGE, "nodes": [{
                "number": 5, "url": "https://x", "headRefName": "automation/x",
                "author": {"__typename": "Bot"}}]}}}},
    {"errors": [{"type": "RATE_LIMITED", "message": "slow down"}]},
    {"data": {"mergePullRequest": {"pullRequest": {"state": "MERGED"}}}},
]  # fmt: skip
GOOD_ANSWERS: list[Any] = [
    {"number": 4, "html_url": "https://x", "head": {"ref": "r", "sha": SHA},
     "base": {"ref": "main"}},
    {"workflow_runs": [{"id": 7, "head_branch": "alpha/v1.1.0", "event": "push",
                        "head_sha": SHA,
                        "status": "completed", "conclusion": "failure", "html_url": "https://x",
                        "run_attempt": 2}]},
    {"jobs": [{"name": "build", "conclusion": "failure", "html_url": "https://x",
               "steps": [{"name": "x", "conclusion": "failure"}]}]},
    {"state": "active"},
    {"message": "Validation Failed", "errors": [{"message": "no commits"}]},
]  # fmt: skip


def _told_or_done(act: Callable[[], object]) -> None:
    """Carry out; a foreseen failure is fine, and anything else that is raised is a bug."""
    said = None
    try:
        act()
    except ReleaseError as error:
        said = error.text
    assert said is None or said


class _Impatient(FixedClock):
    """A clock by which no one waits."""

    def sleep(self, seconds: float) -> None:
        del seconds


class _Odd:
    """A gh that gives one answer to every question of its kind."""

    def __init__(self, query: str, answer: str, head: str) -> None:
        self.query, self.answer, self.head = query, answer, head

    def __call__(self, argv: Any, **_: Any) -> Completed:
        body = self.query if argv[-1] == "graphql" else self.answer
        printed = f"{self.head}\r\n\n{body}".encode(errors="surrogatepass")
        return Completed(tuple(argv), 0, printed, "gh: words", 0.1)


def _forge(gh: Any) -> GitHubForge:
    api = GitHubApi(
        GitHubCalls(Slug("github.com", "acme", "alpha"), Path(), gh, _Impatient(MOMENT)),
        jitter=lambda: 0.0,
        polling=Polling(),
        attempts=2,
    )
    return GitHubForge(api, "release.yml")


def _ask_everything(forge: GitHubForge) -> None:
    for act in (
        lambda: forge.pulls.find("release/r/alpha", "main"),
        lambda: forge.pulls.create(branch="r", base="main", title="t", body="b"),
        lambda: forge.pulls.view(4),
        lambda: forge.pulls.close(4),
        lambda: forge.pulls.merge(4, head_sha=SHA, subject="s", body="b"),
        lambda: forge.pulls.update_branch(4, head_sha=SHA),
        lambda: forge.runs.find(("v1.1.0", "alpha/v1.1.0"), SHA),
        lambda: forge.runs.dispatch("alpha/v1.1.0"),
        forge.runs.find_state,
        lambda: forge.about("alpha"),
    ):
        _told_or_done(act)


@bounded
@given(query=one_of(GOOD_QUERIES), answer=one_of(GOOD_ANSWERS))
def test_answers_of_github_as_values(query: Any, answer: Any) -> None:
    gh = _Odd(json.dumps(query), json.dumps(answer), "HTTP/2.0 200 OK\nX-RateLimit-Remaining: 9")

    _ask_everything(_forge(gh))


@bounded
@given(
    query=st.sampled_from(GOOD_QUERIES).flatmap(lambda good: mutated_text(json.dumps(good))),
    answer=st.sampled_from(GOOD_ANSWERS).flatmap(lambda good: mutated_text(json.dumps(good))),
    head=mutated_text("HTTP/2.0 403 No\nRetry-After: 1\r\nX-RateLimit-Remaining: 0"),
)
def test_answers_of_github_as_text(query: str, answer: str, head: str) -> None:
    _ask_everything(_forge(_Odd(query, answer, head)))


def test_good_answers_of_github_are_understood() -> None:
    forge = _forge(_Odd(json.dumps(GOOD_QUERIES[0]), json.dumps(GOOD_ANSWERS[0]), "HTTP/2.0 200"))
    assert forge.pulls.view(4).checks
    assert forge.pulls.create(branch="r", base="main", title="t", body="b").number == 4
    about = _forge(_Odd(json.dumps(GOOD_QUERIES[2]), "{}", "HTTP/2.0 200")).about("alpha")
    assert about.releases
    assert about.automated


# Slack.

MESSAGE = {"ts": "1740312612.000100", "text": "approve", "user": "U1", "bot_id": "B1",
           "subtype": "x", "files": [], "attachments": [], "edited": {"user": "U1"}}  # fmt: skip
GOOD_SLACK: list[Any] = [
    {"ok": True, "user_id": "U1", "bot_id": "B1", "team_id": "T1", "ts": "1740312612.000100",
     "messages": [MESSAGE, MESSAGE], "response_metadata": {"next_cursor": ""},
     "user": {"id": "U1", "team_id": "T1", "is_bot": False}},
]  # fmt: skip


@bounded
@given(answer=one_of(GOOD_SLACK))
def test_answers_of_slack(answer: Any) -> None:
    slack = Slack(SlackCredentials("xoxb-1", "C012345"))
    answers = iter([answer] * 3)

    def api_call(method: str, **_: Any) -> Any:
        del method  # the same again and again ends in an empty answer, as a last page would be
        return SimpleNamespace(data=next(answers, {"ok": True, "messages": []}))

    slack.__dict__["_client"] = SimpleNamespace(api_call=api_call)

    _told_or_done(slack.bot)
    _told_or_done(lambda: slack.post("words"))
    _told_or_done(lambda: [each.by(Bot("U1", "B1")) for each in slack.thread("1740312612.000100")])
    _told_or_done(lambda: slack.history(since=0))


# A package index.

GOOD_PAGE = {
    "meta": {"api-version": "1.1"},
    "name": "alpha",
    "versions": ["1.0.0", "1.1.0"],
    "files": [
        {"filename": f"alpha-{version}{end}", "url": "/x", "hashes": {"sha256": "a" * 64},
         "yanked": False, "size": 1, "upload-time": "2026-02-25T14:00:00Z"}
        for version in ("1.0.0", "1.1.0")
        for end in ("-py3-none-any.whl", ".tar.gz")
    ],
}  # fmt: skip
GOOD_RELEASE = {"info": {"version": "1.1.0"}, "urls": [{"filename": "alpha-1.1.0.tar.gz"}]}
HTML = (
    "<!DOCTYPE html><html><head><meta name='pypi:repository-version' content='1.0'></head><body>"
    '<a href="../alpha-1.0.0.tar.gz#sha256=aa" data-yanked="why">alpha-1.0.0.tar.gz</a>'
    '<a href="x/alpha-1.1.0-py3-none-any.whl">alpha-1.1.0-py3-none-any.whl</a></body></html>'
)
_JSON = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True)
class _Canned:
    """A server with one project's page and one release."""

    page: bytes
    kind: str
    charset: str | None
    release: bytes
    attempts: int = 1

    def get(self, url: str, *, accept: str) -> Answer:
        del accept
        if "/simple/" in url:
            return Answer(200, url, self.kind, self.charset, self.page)
        return Answer(200, url, "application/json", None, self.release)


def _look(page: bytes, kind: str, charset: str | None, release: bytes) -> None:
    http = _Canned(page, kind, charset, release)
    index = PyPIIndex("https://index.example", http)  # type: ignore[arg-type]
    for version in ("1.1.0", "2.0.0"):
        _told_or_done(lambda wanted=version: index.look("alpha", wanted))  # type: ignore[misc]
        _told_or_done(lambda wanted=version: index.find_use("alpha", wanted))  # type: ignore[misc]


@bounded
@given(page=mutated(GOOD_PAGE), release=mutated(GOOD_RELEASE))
def test_answers_of_an_index_in_json(page: Any, release: Any) -> None:
    _look(json.dumps(page).encode(), _JSON, None, json.dumps(release).encode())


@bounded
@given(
    page=mutated_text(HTML),
    charset=st.sampled_from([None, "utf-8", "latin-1", "utf-16", "no-such-charset", "hex"]),
    release=mutated_text(json.dumps(GOOD_RELEASE)),
)
def test_answers_of_an_index_as_text(page: str, charset: str | None, release: str) -> None:
    sent = page.encode(errors="surrogatepass"), release.encode(errors="surrogatepass")

    _look(sent[0], "text/html", charset, sent[1])
    _look(sent[0], _JSON, charset, sent[1])
