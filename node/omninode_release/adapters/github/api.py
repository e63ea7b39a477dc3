"""Asking GitHub through the ``gh`` program: one call, bounded retries, JSON only.

Everything goes through ``gh api``, which knows who is logged in and how to reach the host and adds
nothing of its own: porcelain such as ``gh pr merge`` differs from version to version, and its exit
status says neither whether a pull request was merged nor why not. Bodies go through stdin, so
nothing a person wrote is ever an argument.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from omninode_release.adapters.github.remedies import find_remedy
from omninode_release.adapters.github.response import (
    NO_LOGIN,
    Fault,
    GitHubError,
    error_of_answer,
    error_of_query,
    error_of_silence,
    error_of_status,
    find_errors,
    parse_response,
)
from omninode_release.errors import TimedOut
from omninode_release.system.secrets import Secrets
from omninode_release.system.wait import NotYet, Pauses, poll

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from omninode_release.adapters.github.response import (
        Response,
    )
    from omninode_release.models.config_parts import Polling
    from omninode_release.models.forge import Slug
    from omninode_release.system.clock import Clock
    from omninode_release.system.process import Runner

_T = TypeVar("_T")
_M = TypeVar("_M", bound=BaseModel)


@dataclass
class _Change(Generic[_T]):
    """What is sent until it is known to have been done, and how it failed so far."""

    send: Callable[[], _T]
    landed: Callable[[], _T | None] | None
    """Asks the world whether it was done after all."""
    show: Callable[[Callable[[], _T | NotYet]], _T | NotYet]
    """Asks again for a while about what the run itself did."""
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
            if error.fault in {Fault.REFUSED, Fault.EARLY}:
                return self.settle()
            if error.wait > self.longest_wait:
                raise
            return NotYet(error.why, error.wait + self.spread() if error.wait else 0)

    def settle(self) -> _T:
        """What a change that is not sent again has done all the same. Raises its last error."""
        found: _T | NotYet | None = self._look()
        if found is None and "already" in self.errors[-1].why.lower():  # it is there, says GitHub
            found = self.show(lambda: self._look() or NotYet())
        if found is None or isinstance(found, NotYet):
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
    """How long a rate limit may be before it is told instead of waited for, all of them in all."""
    grace: float = 90.0
    """How long what the run itself did a moment ago may take to show."""
    secrets: Secrets = field(default_factory=Secrets)
    """What no body that is sent has in it: others read pull requests and Releases."""
    known: dict[str, Response] = field(default_factory=dict, repr=False, compare=False)
    """The last answer by path."""

    def brief(self) -> GitHubApi:
        """The same for a question that is worth little waiting."""
        seconds = min(self.seconds, 20.0)
        return replace(self, attempts=3, longest_wait=10.0, seconds=seconds, grace=0.0)

    # Reading.

    # ``kind`` says what an answer has to be; one that is something else was not understood, and
    # counts as lost.

    def get(self, path: str, kind: type[_M]) -> _M:
        """What ``/repos/OWNER/NAME/path`` answers, asked as often as is needed.

        What was asked before GitHub sends again only when it has changed; else it answers 304 and
        does not count the call (GitHub Docs, "Best practices for using the REST API").
        """

        def attempt() -> _M:
            known = self.known.pop(path, None)
            response = self._call("GET", self._path(path), None, unless=known)
            found = self._read(f"GET {path.partition('?')[0]}", response.body, kind)
            if response.etag is not None:
                self.known[path] = response
            return found

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

    def wait_for_own(self, probe: Callable[[], _T | NotYet]) -> _T | NotYet:
        """What ``probe`` answers about something the run did a moment ago: it shows late."""
        shortest, longest = self.polling.min_seconds, self.polling.max_seconds
        pauses = Pauses.for_event(shortest, min(longest, 10.0))
        return poll(probe, self.clock, seconds=self.grace, pauses=pauses)

    def _persist(self, act: Callable[[], _T], landed: Callable[[], _T | None] | None = None) -> _T:
        """Try again what was lost or held back, so many times; what is early, for the grace."""
        shortest, longest, jitter = self.polling.min_seconds, self.polling.max_seconds, self.jitter
        change: _Change[_T] = _Change(
            lambda: self._with_grace(act),
            landed,
            self.wait_for_own,
            self.longest_wait,
            spread=lambda: shortest / 2 * jitter(),
        )
        answer = poll(
            change.attempt,
            self.clock,
            seconds=self.attempts * self.seconds + self.longest_wait,
            pauses=Pauses(shortest, longest, jitter=lambda: (1 + jitter()) / 2),
            attempts=self.attempts,
            only_within=True,
        )
        return change.settle() if isinstance(answer, NotYet) else answer

    def _with_grace(self, act: Callable[[], _T]) -> _T:
        early: list[GitHubError] = []

        def attempt() -> _T | NotYet:
            try:
                return act()
            except GitHubError as error:
                if error.fault is not Fault.EARLY:
                    raise
                early.append(error)
                return NotYet(error.why)

        answer = self.wait_for_own(attempt)
        if isinstance(answer, NotYet):
            raise early[-1]
        return answer

    # One call.

    def _graphql(self, document: str, **variables: object) -> dict[str, Any]:
        response = self._call("POST", "graphql", {"query": document, "variables": variables})
        what = self._describe("GraphQL")
        errors = find_errors(response.body)
        if errors:
            found = error_of_query(what, errors, response, self.clock.now().timestamp())
            raise self._with_hint(found, response)
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

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None,
        *,
        unless: Response | None = None,
    ) -> Response:
        """GitHub's answer; ``unless`` where that would be the same."""
        given = () if body is None else ("--input", "-")
        if unless is not None:
            given = ("--header", f"If-None-Match: {unless.etag}")
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
        if response.status == 304 and unless is not None:
            return unless
        if not 200 <= response.status < 300:  # gh sends nothing on to where a repository has moved
            found = error_of_status(what, response, self.clock.now().timestamp())
            raise self._with_hint(found, response)
        return response

    def _with_hint(self, error: GitHubError, response: Response) -> GitHubError:
        if error.fault is Fault.REFUSED:
            status = error.status or response.status
            error.hint = find_remedy(status, error.why, response.headers, self.slug)
        elif error.fault is Fault.LATER:
            error.hint = f"wait {max(error.wait, 60) / 60:.0f} minutes"
        return error

    def _path(self, path: str) -> str:
        return f"repos/{self.slug.path}/{path}".rstrip("/")

    def _describe(self, call: str) -> str:
        return f"{self.slug.host}, {self.slug.path}, {call}"
