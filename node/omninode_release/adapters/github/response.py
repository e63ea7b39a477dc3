"""What ``gh api`` printed, as a value, and what a failure among it means for the next call."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from omninode_release.adapters.github.remedies import log_in
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.errors.excerpt import start_of
from omninode_release.system.json_text import parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omninode_release.system.process import Completed

NO_LOGIN = 4
"""gh's exit status without a login (gh manual, "exit codes")."""
_STATUS_LINE = re.compile(r"HTTP/[0-9.]+ ([1-5][0-9]{2})(?: |$)")
_ETAG = re.compile(r'(?:W/)?"[!#-~]+"')
"""RFC 9110, 8.8.3."""
_DIGITS = re.compile(r"[0-9]{1,18}")
_PATIENCE = "wait until GitHub answers again (https://www.githubstatus.com tells of outages)"
_NO_WORDS = "no explanation"
_UNTOLD_WAIT = 60.0
"""For a limit without a time: "at least one minute" (GitHub Docs, "Rate limits for the REST API").
"""
_LONGEST_LIMIT = 3600.0
"""A limit is lifted within the hour; what is further ahead says that our own clock is behind."""
_LIMITED = re.compile(
    r"exceeded\b.*\brate limit|rate limit\b.*\bexceeded|submitted too quickly", re.IGNORECASE
)
"""What an answer without a status or a type of its own says: that of GraphQL to a secondary limit,
and to too much that is made at once (https://github.com/cli/cli/issues/4801)."""
_PASSING = ("something went wrong", "base branch was modified")
"""Refusals that are gone a moment later: a time-out inside GitHub, and a race between two merges
into one branch."""
_EARLY = ("merge already in progress", "no ref found", "no commits between")
"""Refusals of one who does not see yet what the run did a moment ago: a merge, a tag, a branch."""
_EARLY_FIELDS = frozenset({"head", "tag_name", "target_commitish"})
"""Fields that name what the run pushed a moment ago."""
_PULL = re.compile(r" repos/[^/]+/[^/]+/(?:issues|pulls)/[0-9]+")
"""A pull request keeps its number for ever: one that is not found was made a moment ago."""


_PULL_PATH = ["repository", "pullRequest"]
_CHECKS_PATH = ["statusCheckRollup", "contexts", "nodes"]


class Fault(Enum):
    """What a failed call means for the next one."""

    REFUSED = "it will be refused again"
    LATER = "nothing was done; it can be asked again later"
    LOST = "it may have been carried out all the same"
    EARLY = "nothing was done; what the run did a moment ago does not show yet"


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
        waits = None if fault is Fault.REFUSED else _PATIENCE
        super().__init__(ErrorCode.INTERNAL_ERROR, f"{what}: {why}", hint=hint or waits)
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

    @property
    def etag(self) -> str | None:
        """What GitHub calls this very answer, so that it need not be sent again."""
        found = self.headers.get("etag", "")
        return found if _ETAG.fullmatch(found) else None


def parse_response(done: Completed) -> Response | None:
    """What ``gh api --include`` printed: status line, headers, an empty line, the body.

    gh ends the status line with LF and the headers with CRLF. It exits 1 for an HTTP error and for
    a GraphQL answer with errors, and prints the body all the same; without any answer from the
    server it prints nothing to stdout.
    """
    head, _, body = done.stdout.replace("\r\n", "\n").partition("\n\n")
    status, *lines = head.split("\n")
    found = _STATUS_LINE.match(status)
    if found is None:
        return None
    code = int(found[1])
    headers = (line.partition(":") for line in lines)
    try:
        parsed = parse_json(body) if body.strip() else {}
    except ValueError:  # cut short, or a proxy's page: an error page keeps its status
        parsed = {}
        if code < 400:
            return None
    return Response(code, {n.lower(): v.strip() for n, _, v in headers}, parsed)


def error_of_silence(what: str, done: Completed, host: str) -> GitHubError:
    why = done.stderr.strip().split("\n")[-1] or f"gh exited {done.returncode} without a word"
    if done.returncode == NO_LOGIN:
        return GitHubError(
            what,
            f"gh is not logged in to {host}",
            Fault.REFUSED,
            hint=log_in(host),
        )
    return GitHubError(what, why, Fault.LOST)


def error_of_status(what: str, response: Response, now: float) -> GitHubError:
    """What an HTTP status of 400 or more means; ``now`` is in seconds since 1970."""
    why = f"{_explanation(response.body)} (HTTP {response.status})"
    if response.status >= 500:
        return GitHubError(what, why, Fault.LOST, status=response.status)
    if _is_limit(response):
        wait = _seconds_to_wait(response, now)
        return GitHubError(what, why, Fault.LATER, status=response.status, wait=wait)
    return GitHubError(what, why, _find_fault(what, response, why), status=response.status)


def _find_fault(what: str, response: Response, why: str) -> Fault:
    words, errors = why.lower(), find_errors(response.body)
    if any(each in words for each in _PASSING):
        return Fault.LOST
    early = any(each in words for each in _EARLY) or any(
        each.get("code") == "invalid" and each.get("field") in _EARLY_FIELDS for each in errors
    )
    if early or (response.status == 404 and _PULL.search(what)):
        return Fault.EARLY
    return Fault.REFUSED


def error_of_answer(what: str, why: str) -> GitHubError:
    """An answer that was not understood; what was asked for may have been done."""
    return GitHubError(what, f"expected GitHub's answer, found {start_of(why, 300)}", Fault.LOST)


def find_errors(body: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    """The errors of an answer, as objects; one that is none is taken for its own message."""
    errors = body.get("errors") if isinstance(body, dict) else None
    listed = errors if isinstance(errors, list) else [errors] if errors else []
    return [each if isinstance(each, dict) else {"message": str(each)} for each in listed]


def hides_check(error: Mapping[str, Any]) -> bool:
    """True where GitHub leaves one check out of those that it lists: the login may not read it."""
    path = error.get("path")
    where = [each for each in path if isinstance(each, str)] if isinstance(path, list) else []
    return error.get("type") == "FORBIDDEN" and where[-3:] == _CHECKS_PATH


def error_of_query(
    what: str, errors: Sequence[Mapping[str, Any]], response: Response, now: float
) -> GitHubError:
    """What the errors in a GraphQL answer mean."""
    why, kinds = "; ".join(map(_describe, errors)), {str(error.get("type")) for error in errors}
    if kinds & {"RATE_LIMITED", "RATE_LIMIT"} or _LIMITED.search(why):
        return GitHubError(what, why, Fault.LATER, wait=_seconds_to_wait(response, now))
    status = 404 if "NOT_FOUND" in kinds else 403 if "FORBIDDEN" in kinds else 200
    fault = _find_fault(what, response._replace(body=None), why)
    if status == 404 and any(error.get("path") == _PULL_PATH for error in errors):
        fault = Fault.EARLY
    return GitHubError(what, why, fault, status=status)


def _seconds_to_wait(response: Response, now: float) -> float:
    """``Retry-After``, or until the limit is lifted, as GitHub Docs ask."""
    after = response.headers.get("retry-after", "")
    if _DIGITS.fullmatch(after):
        return float(after)
    reset = response.headers.get("x-ratelimit-reset", "")
    if response.headers.get("x-ratelimit-remaining") == "0" and _DIGITS.fullmatch(reset):
        return min(max(0.0, float(reset) - now), _LONGEST_LIMIT)
    return _UNTOLD_WAIT


def _is_limit(response: Response) -> bool:
    """A primary or secondary limit; GitHub says so with 403 as well as with 429."""
    if response.status == 429 or _LIMITED.search(_explanation(response.body)):
        return True
    told = "retry-after" in response.headers or response.headers.get("x-ratelimit-remaining") == "0"
    return response.status == 403 and told


def _explanation(body: Any) -> str:  # noqa: ANN401 - JSON
    """GitHub's words, with those of the fields it objects to."""
    if not isinstance(body, dict):
        return _NO_WORDS
    said = map(_describe, find_errors(body))
    message = _join(str(body.get("message") or ""))
    return ": ".join(each for each in (message, *said) if each) or _NO_WORDS


def _describe(error: Mapping[str, Any]) -> str:
    """An error in GitHub's words; where it has none, what it is about and its code."""
    if error.get("message"):
        return _join(str(error["message"]))
    about = ".".join(str(error[key]) for key in ("resource", "field") if error.get(key))
    return f"{about}: {error.get('code') or error.get('type')}".removeprefix(": ")


def _join(words: str) -> str:
    """On one line: what rulesets object to stands below a greeting, each on a line of its own."""
    return "; ".join(filter(None, map(str.strip, words.split("\n"))))
