"""What ``gh api`` printed, as a value, and what a failure among it means for the next call."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.system.json_text import parse_json
from omninode_release.system.process import Completed

NO_LOGIN = 4
"""gh's exit status without a login (gh manual, "exit codes")."""
_STATUS_LINE = re.compile(r"HTTP/[0-9.]+ ([1-5][0-9]{2})(?: |$)")
_DIGITS = re.compile(r"[0-9]{1,18}")
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
            hint=f"gh auth login --hostname {host}, or set GH_TOKEN",
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
    return GitHubError(what, why, Fault.REFUSED, status=response.status)


def error_of_answer(what: str, why: str) -> GitHubError:
    """An answer that was not understood; what was asked for may have been done."""
    return GitHubError(what, f"expected GitHub's answer, found {why:.300}", Fault.LOST)


def find_errors(body: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    """The errors of an answer, as objects; one that is none is taken for its own message."""
    errors = body.get("errors") if isinstance(body, dict) else None
    listed = errors if isinstance(errors, list) else [errors] if errors else []
    return [each if isinstance(each, dict) else {"message": str(each)} for each in listed]


def error_of_query(
    what: str, errors: Sequence[Mapping[str, Any]], response: Response, now: float
) -> GitHubError:
    """What the errors in a GraphQL answer mean."""
    why = "; ".join(str(error.get("message")) for error in errors)
    if any(error.get("type") == "RATE_LIMITED" for error in errors):
        return GitHubError(what, why, Fault.LATER, wait=_seconds_to_wait(response, now))
    passing = any(why.lower().startswith(words) for words in _PASSING)
    missing = any(error.get("type") == "NOT_FOUND" for error in errors)
    fault = Fault.LOST if passing else Fault.REFUSED
    return GitHubError(what, why, fault, status=404 if missing else 200)


def _seconds_to_wait(response: Response, now: float) -> float:
    """``Retry-After``, or until the limit is lifted, as GitHub Docs ask."""
    after = response.headers.get("retry-after", "")
    if _DIGITS.fullmatch(after):
        return float(after)
    reset = response.headers.get("x-ratelimit-reset", "")
    if response.headers.get("x-ratelimit-remaining") == "0" and _DIGITS.fullmatch(reset):
        return max(0.0, float(reset) - now)
    return _UNTOLD_WAIT


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
    said = [each.get("message") for each in find_errors(body)]
    return ": ".join(str(each) for each in (body.get("message") or "no explanation", *said) if each)
