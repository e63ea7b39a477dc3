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
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from omninode_release.adapters.github.response import (
    NO_LOGIN,
    Fault,
    GitHubError,
    Response,
    error_of_answer,
    error_of_query,
    error_of_silence,
    error_of_status,
    find_errors,
    parse_response,
)
from omninode_release.errors import TimedOut
from omninode_release.models.config_parts import Polling
from omninode_release.models.forge import Slug
from omninode_release.system.clock import Clock
from omninode_release.system.process import Runner
from omninode_release.system.secrets import Secrets
from omninode_release.system.wait import NotYet, Pauses, poll

_T = TypeVar("_T")
_M = TypeVar("_M", bound=BaseModel)


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
    secrets: Secrets = field(default_factory=Secrets)
    """What no body that is sent has in it: others read pull requests and Releases."""

    def brief(self) -> GitHubApi:
        """The same for a question that is worth little waiting."""
        return replace(self, attempts=3, longest_wait=10.0, seconds=min(self.seconds, 20.0))

    # Reading.

    # ``kind`` says what an answer has to be; one that is something else was not understood, and
    # counts as lost.

    def get(self, path: str, kind: type[_M]) -> _M:
        """What ``/repos/OWNER/NAME/path`` answers, asked as often as is needed."""

        def attempt() -> _M:
            body = self._call("GET", self._path(path), None).body
            return self._read(f"GET {path.partition('?')[0]}", body, kind)

        return self._persist(attempt)

    def query(self, document: str, kind: type[_M], **variables: object) -> _M:
        """The ``repository`` a GraphQL query answers; ``$owner`` and ``$name`` are given."""
        return self._persist(
            lambda: self._read("query", self._ask(document, **variables)["repository"], kind)
        )

    def ask(self, document: str, kind: type[_M], **variables: object) -> _M:
        """All that a GraphQL query about the repository answers."""
        return self._persist(lambda: self._read("query", self._ask(document, **variables), kind))

    def _ask(self, document: str, **variables: object) -> dict[str, Any]:
        found = self._graphql(document, owner=self.slug.owner, name=self.slug.name, **variables)
        if found.get("repository", found) is None:
            raise GitHubError(
                self._describe("query"), "no such repository", Fault.REFUSED, status=404
            )
        return {"repository": None} | found

    # Changing.

    def send(self, method: str, path: str, body: Mapping[str, object]) -> None:
        """One REST call that changes something, asked once."""
        self._call(method, self._path(path), body)

    def make(self, path: str, body: Mapping[str, object], kind: type[_M]) -> _M:
        """One REST call that makes something, asked once; what GitHub says of it."""
        made = self._call("POST", self._path(path), body).body
        return self._read(f"POST {path}", made, kind)

    def mutate(self, document: str, **fields: object) -> None:
        """One GraphQL mutation with ``$input``, asked once."""
        self._graphql(document, input=fields)

    def change(self, send: Callable[[], _T], landed: Callable[[], _T | None]) -> _T:
        """Carry out ``send`` exactly once, however often its answer gets lost.

        ``landed`` asks the world whether the change is there. It is asked before any further
        attempt that could repeat it, and before a refusal is believed: what was refused may have
        been done by the attempt before.
        """
        return self._persist(send, landed)

    def ask_until(self, probe: Callable[[], _T | NotYet], *, jitter: bool = False) -> _T | NotYet:
        """What ``probe`` answers, asked as often as a call is: GitHub shows a change late."""
        shortest, longest = self.polling.min_seconds, self.polling.max_seconds
        spread = (lambda: (1 + self.jitter()) / 2) if jitter else (lambda: 1.0)
        return poll(
            probe,
            self.clock,
            seconds=self.attempts * (self.seconds + self.longest_wait),
            pauses=Pauses(shortest, longest, growth=2, jitter=spread),
            attempts=self.attempts,
        )

    def _persist(self, act: Callable[[], _T], landed: Callable[[], _T | None] | None = None) -> _T:
        spread = self.polling.min_seconds / 2
        change = _Change(act, landed, self.longest_wait, lambda: spread * self.jitter())
        answer = self.ask_until(change.attempt, jitter=True)
        return change.settle() if isinstance(answer, NotYet) else answer

    # One call.

    def _graphql(self, document: str, **variables: object) -> dict[str, Any]:
        response = self._call("POST", "graphql", {"query": document, "variables": variables})
        what = self._describe("GraphQL")
        errors = find_errors(response.body)
        if errors:
            raise error_of_query(what, errors, response, self.clock.now().timestamp())
        data = response.body.get("data") if isinstance(response.body, dict) else None
        if not isinstance(data, dict):
            raise error_of_answer(what, "an answer without data")
        return data

    def _read(self, call: str, value: object, kind: type[_M]) -> _M:
        """The answer as ``kind``; one that does not fit may be of a proxy, or of a newer GitHub."""
        try:
            return kind.model_validate(value)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"])) or "(top level)"
            raise error_of_answer(self._describe(call), f"{where}: {first['msg']}") from None

    def _call(self, method: str, path: str, body: Mapping[str, object] | None) -> Response:
        given = () if body is None else ("--input", "-")
        argv = ("gh", "api", "--hostname", self.slug.host, "--include", "--method", method)
        what = self._describe(f"{method} {path.partition('?')[0]}")
        try:
            done = self.run(
                (*argv, *given, path),
                cwd=self.cwd,
                timeout=self.seconds,
                stdin=None if body is None else json.dumps(self.secrets.hide_in(body)),
                ok=(0, 1, 2, NO_LOGIN),
            )
        except TimedOut as error:
            raise GitHubError(what, error.message, Fault.LOST) from error
        response = parse_response(done)
        if response is None:
            raise error_of_silence(what, done, self.slug.host)
        if response.status >= 400:
            raise error_of_status(what, response, self.clock.now().timestamp())
        return response

    def _path(self, path: str) -> str:
        return f"repos/{self.slug.path}/{path}".rstrip("/")

    def _describe(self, call: str) -> str:
        return f"{self.slug.host}, {self.slug.path}, {call}"
