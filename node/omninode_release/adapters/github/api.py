"""Asking GitHub until it answers: bounded retries, and each change made once."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

from omninode_release.adapters.github.calls import name_query
from omninode_release.adapters.github.response import Fault, GitHubError
from omninode_release.system.wait import NotYet, Pauses, poll

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omninode_release.adapters.github.calls import GitHubCalls
    from omninode_release.adapters.github.response import Response
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.config_parts import Polling
    from omninode_release.models.forge import Slug

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
    """Calls about one repository, asked as often as is needed."""

    calls: GitHubCalls
    jitter: Callable[[], float]
    """A number from 0 to 1, so that runs that failed together do not all come back together."""
    polling: Polling
    """The pauses between attempts: doubling from the shortest to the longest."""
    attempts: int = 6
    longest_wait: float = 15 * 60.0
    """How long a rate limit may be before it is told instead of waited for, all of them in all."""
    grace: float = 90.0
    """How long what the run itself did a moment ago may take to show."""
    known: dict[str, Response] = field(default_factory=dict, repr=False, compare=False)
    """The last answer by path."""

    @property
    def slug(self) -> Slug:
        return self.calls.slug

    def brief(self) -> GitHubApi:
        """The same for a question that is worth little waiting."""
        calls = replace(self.calls, seconds=min(self.calls.seconds, 20.0))
        return replace(self, calls=calls, attempts=3, longest_wait=10.0, grace=0.0)

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
            response = self.calls.ask("GET", self.calls.path(path), None, unless=known)
            found = self.calls.read(f"GET {path.partition('?')[0]}", response.body, kind)
            if response.etag is not None:
                self.known[path] = response
            return found

        return self._persist(attempt)

    def find(self, path: str, kind: type[_M]) -> _M | None:
        """The same; None where the repository has no such thing."""
        try:
            return self.get(path, kind)
        except GitHubError as error:
            if error.status == 404:
                return None
            raise

    def query(self, document: str, kind: type[_M], **variables: object) -> _M:
        """The ``repository`` a GraphQL query answers; ``$owner`` and ``$name`` are given."""
        call = name_query(document)
        return self._persist(
            lambda: self.calls.read(call, self._ask(document, **variables).get("repository"), kind)
        )

    def ask(self, document: str, kind: type[_M], **variables: object) -> _M:
        """All that a GraphQL query about the repository answers."""
        call = name_query(document)
        return self._persist(lambda: self.calls.read(call, self._ask(document, **variables), kind))

    def _ask(self, document: str, **variables: object) -> dict[str, Any]:
        about = {"owner": self.slug.owner, "name": self.slug.name}
        return self.calls.query(document, **about, **variables)

    # Changing.

    def send(self, method: str, path: str, body: Mapping[str, object]) -> None:
        """One REST call that changes something, asked once."""
        self.calls.ask(method, self.calls.path(path), body)

    def make(self, path: str, body: Mapping[str, object], kind: type[_M]) -> _M:
        """One REST call that makes something, asked once; what GitHub says of it."""
        made = self.calls.ask("POST", self.calls.path(path), body).body
        return self.calls.read(f"POST {path}", made, kind)

    def mutate(self, document: str, **fields: object) -> None:
        """One GraphQL mutation with ``$input``, asked once."""
        self.calls.query(document, input=fields)

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
        return poll(probe, self.calls.clock, seconds=self.grace, pauses=pauses)

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
            self.calls.clock,
            seconds=self.attempts * self.calls.seconds + self.longest_wait,
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


def open_api(calls: GitHubCalls, config: ReleaseConfig) -> GitHubApi:
    """The API with the patience that a configuration has."""
    grace = config.timeouts.own_grace_seconds
    return GitHubApi(calls, jitter=random.random, polling=config.polling, grace=grace)
