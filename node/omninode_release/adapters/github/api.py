"""Asking GitHub through the ``gh`` program: one call, bounded retries, JSON only.

Everything goes through ``gh api``, which knows who is logged in and how to reach the host and adds
nothing of its own: porcelain such as ``gh pr merge`` differs from version to version, and its exit
status says neither whether a pull request was merged nor why not. Bodies go through stdin, so
nothing a person wrote is ever an argument.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from omninode_release.adapters.github.errors import Fault, GitHubError
from omninode_release.errors import TimedOut
from omninode_release.models.config import Polling
from omninode_release.models.forge import Slug
from omninode_release.system.clock import Clock
from omninode_release.system.process import Completed, Runner
from omninode_release.system.wait import NotYet, Pauses, poll

_T = TypeVar("_T")
_NO_LOGIN = 4
"""gh's exit status when nobody is logged in (gh manual, "exit codes")."""
_UNTOLD_WAIT = 60.0
"""For a limit without a time: "at least one minute" (GitHub Docs, "Rate limits for the REST API").
"""
_PASSING = ("something went wrong", "base branch was modified")
"""GraphQL errors that are gone a moment later: a time-out inside GitHub, and a race between two
merges into one branch."""


class Answer(NamedTuple):
    """One HTTP answer."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: Any


@dataclass
class _Change(Generic[_T]):
    """What is sent until it is known to have been done, and how it failed so far."""

    send: Callable[[], _T]
    landed: Callable[[], _T | None] | None
    """Asks the world whether it was done after all."""
    longest_wait: float
    spread: Callable[[], float]
    """Answers the seconds that are added to a wait GitHub asked for."""
    errors: list[GitHubError] = field(default_factory=list)

    def attempt(self) -> _T | NotYet:
        """Send it; before that, look for what an answer that was lost has left."""
        if self.errors and self.errors[-1].fault is Fault.LOST:
            found = self._look()
            if found is not None:
                return found
        try:
            return self.send()
        except GitHubError as error:
            self.errors.append(error)
            if error.fault is Fault.REFUSED:
                return self.settle()
            if error.wait > self.longest_wait:
                raise
            return NotYet(error.why, error.wait + self.spread() if error.wait else 0)

    def settle(self) -> _T:
        """What a change that is not sent again has done all the same. Raises its last error."""
        found = self._look()
        if found is None:
            raise self.errors[-1]
        return found

    def _look(self) -> _T | None:
        return self.landed() if self.landed else None


@dataclass(frozen=True)
class GitHubApi:
    """Calls about one repository."""

    slug: Slug
    cwd: Path
    run: Runner
    clock: Clock
    jitter: Callable[[], float]
    """A number from 0 to 1, so that runs that failed together do not all come back together."""
    polling: Polling
    """The pauses between attempts: doubling from the shortest to the longest."""
    seconds: float = 60.0
    """How long one call may take."""
    attempts: int = 6
    longest_wait: float = 15 * 60.0
    """How long a rate limit may be before it is told instead of waited for."""

    def brief(self) -> GitHubApi:
        """The same for a question that nobody wants to wait for."""
        return replace(self, attempts=3, longest_wait=10.0, seconds=min(self.seconds, 20.0))

    # Reading.

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """What ``/repos/OWNER/NAME/path`` answers, asked as often as is needed."""
        return self._persist(lambda: self._call("GET", self._path(path), None).body)

    def query(self, document: str, **variables: object) -> dict[str, Any]:
        """The ``repository`` a GraphQL query answers; ``$owner`` and ``$name`` are given."""
        repository: dict[str, Any] = self.ask(document, **variables)["repository"]
        return repository

    def ask(self, document: str, **variables: object) -> dict[str, Any]:
        """All that a GraphQL query about the repository answers."""
        found = self._persist(lambda: self._graphql(document, **self._named(), **variables))
        if not isinstance(found.get("repository"), dict):
            raise GitHubError(self._what("query"), "no such repository", Fault.REFUSED, status=404)
        return found

    # Changing.

    def send(self, method: str, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401
        """One REST call that changes something, asked once."""
        return self._call(method, self._path(path), body).body

    def mutate(self, document: str, **fields: object) -> dict[str, Any]:
        """One GraphQL mutation with ``$input``, asked once."""
        return self._graphql(document, input=fields)

    def change(self, send: Callable[[], _T], landed: Callable[[], _T | None]) -> _T:
        """Carry out ``send`` exactly once, however often its answer gets lost.

        ``landed`` asks the world whether the change is there. It is asked before any further
        attempt that could repeat it, and before a refusal is believed: what was refused may have
        been done by the attempt before.
        """
        return self._persist(send, landed)

    def pauses(self) -> list[float]:
        """Seconds between one attempt and the next, without jitter."""
        return list(islice(replace(self._pauses(), jitter=lambda: 1.0), self.attempts - 1))

    def _pauses(self) -> Pauses:
        shortest, longest = self.polling.min_seconds, self.polling.max_seconds
        return Pauses(shortest, longest, growth=2, jitter=lambda: (1 + self.jitter()) / 2)

    def _persist(self, act: Callable[[], _T], landed: Callable[[], _T | None] | None = None) -> _T:
        spread = self.polling.min_seconds / 2
        change = _Change(act, landed, self.longest_wait, lambda: spread * self.jitter())
        answer = poll(
            change.attempt,
            self.clock,
            seconds=self.attempts * (self.seconds + self.longest_wait),
            pauses=self._pauses(),
            attempts=self.attempts,
        )
        return change.settle() if isinstance(answer, NotYet) else answer

    # One call.

    def _graphql(self, document: str, **variables: object) -> dict[str, Any]:
        answer = self._call("POST", "graphql", {"query": document, "variables": variables})
        errors = answer.body.get("errors")
        if errors:
            raise self._refusal(errors, answer)
        data = answer.body.get("data")
        return data if isinstance(data, dict) else {}

    def _call(self, method: str, path: str, body: Mapping[str, object] | None) -> Answer:
        given = () if body is None else ("--input", "-")
        argv = ("gh", "api", "--hostname", self.slug.host, "--include", "--method", method)
        what = self._what(f"{method} {path.partition('?')[0]}")
        try:
            done = self.run(
                (*argv, *given, path),
                cwd=self.cwd,
                timeout=self.seconds,
                stdin=None if body is None else json.dumps(body),
                ok=(0, 1, 2, _NO_LOGIN),
            )
        except TimedOut as error:
            raise GitHubError(what, error.message, Fault.LOST) from error
        answer = _answer(done)
        if answer is None:
            raise _no_answer(what, done, self.slug.host)
        if answer.status >= 400:
            raise self._failed(what, answer)
        return answer

    def _failed(self, what: str, answer: Answer) -> GitHubError:
        why = f"{_message(answer.body)} (HTTP {answer.status})"
        if answer.status >= 500:
            return GitHubError(what, why, Fault.LOST, status=answer.status)
        if _is_limit(answer):
            wait = self._told_to_wait(answer)
            return GitHubError(what, why, Fault.LATER, status=answer.status, wait=wait)
        return GitHubError(what, why, Fault.REFUSED, status=answer.status)

    def _refusal(self, errors: list[dict[str, Any]], answer: Answer) -> GitHubError:
        why = "; ".join(str(error.get("message")) for error in errors)
        what = self._what("GraphQL")
        if any(error.get("type") == "RATE_LIMITED" for error in errors):
            return GitHubError(what, why, Fault.LATER, wait=self._told_to_wait(answer))
        passing = any(why.lower().startswith(words) for words in _PASSING)
        missing = any(error.get("type") == "NOT_FOUND" for error in errors)
        fault = Fault.LOST if passing else Fault.REFUSED
        return GitHubError(what, why, fault, status=404 if missing else 200)

    def _told_to_wait(self, answer: Answer) -> float:
        """``Retry-After``, or until the limit is lifted, as GitHub Docs ask."""
        after = answer.headers.get("retry-after", "")
        if after.isdigit():
            return float(after)
        reset = answer.headers.get("x-ratelimit-reset", "")
        if answer.headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
            return max(0.0, float(reset) - self.clock.now().timestamp())
        return _UNTOLD_WAIT

    def _path(self, path: str) -> str:
        return f"repos/{self.slug.path}/{path}".rstrip("/")

    def _named(self) -> dict[str, str]:
        return {"owner": self.slug.owner, "name": self.slug.name}

    def _what(self, call: str) -> str:
        return f"{self.slug.host}, {self.slug.path}, {call}"


def _answer(done: Completed) -> Answer | None:
    """What ``gh api --include`` printed: status line, headers, an empty line, the body.

    gh ends the status line with LF and the headers with CRLF. It exits 1 for an HTTP error and for
    a GraphQL answer with errors, and prints the body all the same; without any answer from the
    server it prints nothing to stdout.
    """
    head, _, body = done.stdout.replace("\r\n", "\n").partition("\n\n")
    status, *lines = head.split("\n")
    words = status.split(" ", 2)
    if not status.startswith("HTTP/") or len(words) < 2 or not words[1].isdigit():
        return None
    headers = (line.partition(":") for line in lines)
    try:
        parsed = json.loads(body) if body.strip() else {}
    except ValueError:  # cut short, or a proxy's page: an error page keeps its status
        parsed = {}
        if int(words[1]) < 400:
            return None
    return Answer(int(words[1]), {n.lower(): v.strip() for n, _, v in headers}, parsed)


def _no_answer(what: str, done: Completed, host: str) -> GitHubError:
    why = done.stderr.strip().splitlines()[-1:] or [f"gh exited {done.returncode} without a word"]
    if done.returncode == _NO_LOGIN:
        return GitHubError(
            what,
            f"gh is not logged in to {host}",
            Fault.REFUSED,
            hint=f"gh auth login --hostname {host}, or set GH_TOKEN",
        )
    return GitHubError(what, why[0], Fault.LOST)


def _is_limit(answer: Answer) -> bool:
    """A primary or secondary limit; GitHub says so with 403 as well as with 429."""
    if answer.status == 429:
        return True
    told = "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"
    return answer.status == 403 and (told or "rate limit" in _message(answer.body).lower())


def _message(body: Any) -> str:  # noqa: ANN401 - JSON
    """GitHub's words, with those of the fields it objects to."""
    if not isinstance(body, dict):
        return "no explanation"
    errors = body.get("errors") or []
    said = [e.get("message") if isinstance(e, dict) else str(e) for e in errors]
    return ": ".join(str(each) for each in (body.get("message") or "no explanation", *said) if each)
