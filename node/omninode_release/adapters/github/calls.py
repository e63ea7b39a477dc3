"""One call to GitHub through the ``gh`` program: JSON only.

Everything goes through ``gh api``, which knows who is logged in and how to reach the host and adds
nothing of its own: porcelain such as ``gh pr merge`` differs from version to version, and its exit
status says neither whether a pull request was merged nor why not. Bodies go through stdin, so
nothing a person wrote is ever an argument.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

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
    hides_check,
    parse_response,
)
from omninode_release.errors import TimedOut
from omninode_release.system.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from omninode_release.adapters.github.response import Response
    from omninode_release.models.forge import Slug
    from omninode_release.system.clock import Clock
    from omninode_release.system.process import Runner

_M = TypeVar("_M", bound=BaseModel)
_OPERATION = re.compile(r"\b(?:query|mutation) (\w+)")


@dataclass(frozen=True)
class GitHubCalls:
    """Calls about one repository, each asked once. They raise GitHubError."""

    slug: Slug
    cwd: Path
    run: Runner
    clock: Clock
    seconds: float = 60.0
    """How long one call may take."""
    secrets: Secrets = field(default_factory=Secrets)
    """What no body that is sent has in it: others read pull requests and Releases."""

    def query(self, document: str, **variables: object) -> dict[str, Any]:
        body, called = {"query": document, "variables": variables}, name_query(document)
        response = self.ask("POST", "graphql", body, called=called)
        what = self.describe(called)
        errors = [each for each in find_errors(response.body) if not hides_check(each)]
        if errors:
            found = error_of_query(what, errors, response, self.clock.now().timestamp())
            raise self._with_hint(found, response)
        data = response.body.get("data") if isinstance(response.body, dict) else None
        if not isinstance(data, dict):
            raise error_of_answer(what, "an answer without data")
        return data

    def read(self, call: str, value: object, kind: type[_M]) -> _M:
        """The answer as ``kind``; one that does not fit may be of a proxy, or of a newer GitHub."""
        try:
            return kind.model_validate(value)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"])) or "(top level)"
            raise error_of_answer(self.describe(call), f"{where}: {first['msg']}") from None

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None,
        *,
        unless: Response | None = None,
        called: str = "",
    ) -> Response:
        """GitHub's answer; ``unless`` where that would be the same.

        ``called`` names in messages what method and path do not.
        """
        given = () if body is None else ("--input", "-")
        if unless is not None:
            given = ("--header", f"If-None-Match: {unless.etag}")
        argv = ("gh", "api", "--hostname", self.slug.host, "--include", "--method", method)
        what = self.describe(called or f"{method} {path.partition('?')[0]}")
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
            error.hint = find_remedy(status, error.why, response.headers, self.slug, self.cwd)
        elif error.fault is Fault.LATER:
            minutes = max(math.ceil(error.wait / 60), 1)
            error.hint = f"wait {minutes} minute{'s' if minutes > 1 else ''}"
        return error

    def path(self, path: str) -> str:
        """A path of the repository among those of the REST API."""
        return f"repos/{self.slug.path}/{path}".rstrip("/")

    def describe(self, call: str) -> str:
        """What is asked of which repository, for a message."""
        return f"{self.slug.host}, {self.slug.path}, {call}"


def name_query(document: str) -> str:
    """What a GraphQL document is called in messages."""
    found = _OPERATION.search(document)
    return f"GraphQL {found[1] if found else 'query'}"
