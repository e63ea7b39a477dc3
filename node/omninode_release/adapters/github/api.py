"""Asking GitHub through the ``gh`` program: one call, bounded retries, JSON only.

Everything goes through ``gh api``, which knows who is logged in and how to reach the host and adds
nothing of its own: porcelain such as ``gh pr merge`` differs from version to version, and its exit
status says neither whether a pull request was merged nor why not. Bodies go through stdin, so
nothing a person wrote is ever an argument.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from omninode_release.errors import ErrorCode, ReleaseError, TimedOut
from omninode_release.models.config import Polling
from omninode_release.models.forge import Slug
from omninode_release.system.clock import Clock
from omninode_release.system.process import Completed, Runner

_T = TypeVar("_T")
_NO_LOGIN = 4
"""gh's exit status without a login (gh manual, "exit codes")."""
_UNTOLD_WAIT = 60.0
"""For a limit without a time: "at least one minute" (GitHub Docs, "Rate limits for the REST API").
"""
_PASSING = ("something went wrong", "base branch was modified")
"""GraphQL errors that are gone a moment later: a time-out inside GitHub, and a race between two
merges into one branch."""


class Fault(Enum):
    """What a failed call means for the next one."""

    REFUSED = "it will be refused again"
    LATER = "nothing was done; it can be asked again later"
    LOST = "it may have been carried out all the same"


class GitHubError(ReleaseError):
    """GitHub did not do what it was asked, or it is unknown if it did."""

    def __init__(
        self,
        what: str,
        why: str,
        fault: Fault,
        *,
        status: int | None = None,
        wait: float = 0.0,
        hint: str | None = None,
    ) -> None:
        super().__init__(ErrorCode.INTERNAL_ERROR, f"{what}: {why}", hint=hint)
        self.why = why
        self.fault = fault
        self.status = status
        self.wait = wait
        """Seconds GitHub asked to wait."""


class Response(NamedTuple):
    """What GitHub sent back."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: Any


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
        """The same for a question that is worth little waiting."""
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
        found = self._persist(
            lambda: self._graphql(document, **self._owner_and_name(), **variables)
        )
        if not isinstance(found.get("repository"), dict):
            raise GitHubError(
                self._describe("query"), "no such repository", Fault.REFUSED, status=404
            )
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
        """Seconds between one attempt and the next."""
        doubled = (self.polling.min_seconds * 2**n for n in range(self.attempts - 1))
        return [min(each, self.polling.max_seconds) for each in doubled]

    def _persist(self, act: Callable[[], _T], landed: Callable[[], _T | None] | None = None) -> _T:
        for pause in self.pauses():
            try:
                return act()
            except GitHubError as error:
                found = self._recovered(error, pause, landed)
                if found is not None:
                    return found
        try:
            return act()
        except GitHubError:
            found = landed() if landed else None
            if found is None:
                raise
            return found

    def _recovered(
        self, error: GitHubError, pause: float, landed: Callable[[], _T | None] | None
    ) -> _T | None:
        """What the failed change did after all, or None to try again; raises to give up."""
        if error.fault is not Fault.REFUSED:
            self._wait(error, pause)
        found = landed() if landed and error.fault is not Fault.LATER else None
        if found is None and error.fault is Fault.REFUSED:
            raise error
        return found

    def _wait(self, error: GitHubError, pause: float) -> None:
        if error.wait > self.longest_wait:
            raise error
        self.clock.sleep(max(error.wait, pause / 2) + pause / 2 * self.jitter())

    # One call.

    def _graphql(self, document: str, **variables: object) -> dict[str, Any]:
        response = self._call("POST", "graphql", {"query": document, "variables": variables})
        errors = response.body.get("errors")
        if errors:
            raise self._error_of_query(errors, response)
        data = response.body.get("data")
        return data if isinstance(data, dict) else {}

    def _call(self, method: str, path: str, body: Mapping[str, object] | None) -> Response:
        given = () if body is None else ("--input", "-")
        argv = ("gh", "api", "--hostname", self.slug.host, "--include", "--method", method)
        what = self._describe(f"{method} {path.partition('?')[0]}")
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
        response = _parse_response(done)
        if response is None:
            raise _error_of_silence(what, done, self.slug.host)
        if response.status >= 400:
            raise self._error_of_status(what, response)
        return response

    def _error_of_status(self, what: str, response: Response) -> GitHubError:
        why = f"{_explanation(response.body)} (HTTP {response.status})"
        if response.status >= 500:
            return GitHubError(what, why, Fault.LOST, status=response.status)
        if _is_limit(response):
            wait = self._seconds_to_wait(response)
            return GitHubError(what, why, Fault.LATER, status=response.status, wait=wait)
        return GitHubError(what, why, Fault.REFUSED, status=response.status)

    def _error_of_query(self, errors: list[dict[str, Any]], response: Response) -> GitHubError:
        why = "; ".join(str(error.get("message")) for error in errors)
        what = self._describe("GraphQL")
        if any(error.get("type") == "RATE_LIMITED" for error in errors):
            return GitHubError(what, why, Fault.LATER, wait=self._seconds_to_wait(response))
        passing = any(why.lower().startswith(words) for words in _PASSING)
        missing = any(error.get("type") == "NOT_FOUND" for error in errors)
        fault = Fault.LOST if passing else Fault.REFUSED
        return GitHubError(what, why, fault, status=404 if missing else 200)

    def _seconds_to_wait(self, response: Response) -> float:
        """``Retry-After``, or until the limit is lifted, as GitHub Docs ask."""
        after = response.headers.get("retry-after", "")
        if after.isdigit():
            return float(after)
        reset = response.headers.get("x-ratelimit-reset", "")
        if response.headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
            return max(0.0, float(reset) - self.clock.now().timestamp())
        return _UNTOLD_WAIT

    def _path(self, path: str) -> str:
        return f"repos/{self.slug.path}/{path}".rstrip("/")

    def _owner_and_name(self) -> dict[str, str]:
        return {"owner": self.slug.owner, "name": self.slug.name}

    def _describe(self, call: str) -> str:
        return f"{self.slug.host}, {self.slug.path}, {call}"


def _parse_response(done: Completed) -> Response | None:
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
    return Response(int(words[1]), {n.lower(): v.strip() for n, _, v in headers}, parsed)


def _error_of_silence(what: str, done: Completed, host: str) -> GitHubError:
    why = done.stderr.strip().splitlines()[-1:] or [f"gh exited {done.returncode} without a word"]
    if done.returncode == _NO_LOGIN:
        return GitHubError(
            what,
            f"gh is not logged in to {host}",
            Fault.REFUSED,
            hint=f"gh auth login --hostname {host}, or set GH_TOKEN",
        )
    return GitHubError(what, why[0], Fault.LOST)


def _is_limit(response: Response) -> bool:
    """A primary or secondary limit; GitHub says so with 403 as well as with 429."""
    if response.status == 429:
        return True
    told = "retry-after" in response.headers or response.headers.get("x-ratelimit-remaining") == "0"
    return response.status == 403 and (told or "rate limit" in _explanation(response.body).lower())


def _explanation(body: Any) -> str:  # noqa: ANN401 - JSON
    """GitHub's words, with those of the fields it objects to."""
    if not isinstance(body, dict):
        return "no explanation"
    errors = body.get("errors") or []
    said = [e.get("message") if isinstance(e, dict) else str(e) for e in errors]
    return ": ".join(str(each) for each in (body.get("message") or "no explanation", *said) if each)
