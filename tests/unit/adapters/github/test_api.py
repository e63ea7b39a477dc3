"""What a failed call means: told by a gh that says what it is told to say."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from omninode_release.adapters.github.api import GitHubApi
from omninode_release.adapters.github.calls import GitHubCalls
from omninode_release.adapters.github.remedies import name_token
from omninode_release.adapters.github.response import Fault, GitHubError
from omninode_release.errors import TimedOut
from omninode_release.models.config_parts import Polling
from omninode_release.models.forge import Slug
from omninode_release.system.clock import FixedClock
from omninode_release.system.process import Completed
from support.cli import MOMENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class A(BaseModel):
    a: int


class Made(BaseModel):
    number: int


@dataclass
class Clock(FixedClock):
    """Nobody waits; what would have been waited is kept."""

    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(MOMENT)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@dataclass
class Gh:
    """Answers as it was told, in order, and keeps what it was asked."""

    answers: list[Completed | TimedOut]
    asked: list[tuple[tuple[str, ...], str | None]] = field(default_factory=list)

    def __call__(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        timeout: float,
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
        ok: tuple[int, ...] = (0,),
    ) -> Completed:
        del cwd, env, timeout
        self.asked.append((tuple(argv), stdin))
        answer = self.answers.pop(0)
        if isinstance(answer, TimedOut):
            raise answer
        assert answer.returncode in ok
        return answer


def http(status: int, body: Any, **headers: object) -> Completed:
    """As gh prints it: LF after the status line, CRLF after a header."""
    lines = "".join(f"{k.replace('_', '-').title()}: {v}\r\n" for k, v in headers.items())
    sent = body if isinstance(body, str) else json.dumps(body)
    text = f"HTTP/2.0 {status} Words\n{lines}\r\n{sent}"
    return Completed(("gh",), int(status >= 400), text.encode(), "gh: words", 0.1)


def silence(code: int, stderr: str) -> Completed:
    return Completed(("gh",), code, b"", stderr, 0.1)


def api_of(*answers: Completed | TimedOut) -> tuple[GitHubApi, Gh, Clock]:
    gh, clock = Gh(list(answers)), Clock()
    api = GitHubApi(
        GitHubCalls(Slug("github.acme.example", "acme", "core"), Path(), gh, clock),
        jitter=lambda: 1.0,
        polling=Polling(min_seconds=1, max_seconds=8),
    )
    return api, gh, clock


LOST = silence(1, 'Post "https://api.github.com/graphql": EOF')
LATE = TimedOut(["gh"], cwd=".", seconds=60)


def test_a_call_names_host_and_method_and_sends_its_body_through_stdin() -> None:
    api, gh, _ = api_of(http(201, {"number": 4}))

    made = api.make("pulls", {"body": "rm -rf / `x` $(y)"}, Made)
    assert made.number == 4

    argv = ("gh", "api", "--hostname", "github.acme.example", "--include", "--method", "POST",
            "--input", "-", "repos/acme/core/pulls")  # fmt: skip
    assert gh.asked == [(argv, '{"body": "rm -rf / `x` $(y)"}')]


@pytest.mark.parametrize(
    "trouble",
    [
        http(502, "<html>"),
        http(503, {"message": "no server is available"}),
        http(200, '{"cut sho'),
        http(429, {"message": "slow down"}, retry_after=0),
        LOST,
        LATE,
    ],
    ids=["502 page", "503", "cut short", "429", "lost", "timed out"],
)
def test_a_question_is_asked_again(trouble: Completed | TimedOut) -> None:
    api, gh, clock = api_of(trouble, trouble, http(200, {"a": 1}))

    assert api.get("x", A).a == 1

    assert len(gh.asked) == 3
    assert clock.slept == [1, 2]


def test_a_question_is_not_asked_for_ever() -> None:
    api, gh, clock = api_of(*[http(502, {"message": "Server Error"})] * 6)

    with pytest.raises(GitHubError, match=r"acme/core, GET repos/acme/core/x: Server Error") as got:
        api.get("x", A)

    assert got.value.status == 502
    assert clock.slept == [1, 2, 4, 8, 8]
    assert gh.answers == []


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (http(429, {}, retry_after=7), 7.5),
        (http(403, {"message": "x"}, retry_after=7), 7.5),
        (http(403, {"message": "You have exceeded a secondary rate limit"}), 60.5),
        (http(403, {}, x_ratelimit_remaining=0,
              x_ratelimit_reset=int(MOMENT.timestamp()) + 30), 30.5),
        (http(200, {"errors": [{"type": "RATE_LIMITED", "message": "limit"}]}, retry_after=7), 7.5),
        (http(200, {"errors": [{"type": "RATE_LIMIT", "code": "graphql_rate_limit",
                                "message": "API rate limit already exceeded for user ID 1."}]},
              x_ratelimit_remaining=0, x_ratelimit_reset=int(MOMENT.timestamp()) + 30), 30.5),
        (http(403, {}, x_ratelimit_remaining=0,
              x_ratelimit_reset=int(MOMENT.timestamp()) - 9_000_000), 1.0),
        (http(200, {"errors": [{"message": "You have exceeded a secondary rate limit."}]}), 60.5),
        (http(200, {"errors": [{"type": "UNPROCESSABLE",
                                "message": "was submitted too quickly"}]}), 60.5),
        (http(422, {"message": "Validation Failed",
                    "errors": [{"message": "was submitted too quickly"}]}), 60.5),
    ],
    ids=["429", "403 told", "secondary", "primary", "GraphQL", "GraphQL, another type",
         "our clock is ahead", "GraphQL, secondary", "GraphQL, too much made",
         "REST, too much made"],
)  # fmt: skip
def test_a_limit_is_waited_for_as_long_as_github_says(answer: Completed, seconds: float) -> None:
    api, _, clock = api_of(answer, http(200, {"data": {"repository": {"a": 1}}}))

    api.query("query { }", A)

    assert clock.slept == [seconds]


def test_limits_one_after_the_other_have_an_end() -> None:
    """Each is short enough to be waited for, and all of them are not."""
    api, gh, clock = api_of(*[http(429, {"message": "slow down"}, retry_after=600)] * 6)
    passed = clock.slept
    clock.monotonic = lambda: sum(passed)  # type: ignore[method-assign]

    with pytest.raises(GitHubError, match="slow down") as got:
        api.get("x", A)

    assert got.value.hint == "wait 10 minutes"
    assert sum(clock.slept) <= 6 * api.calls.seconds + api.longest_wait
    assert len(gh.answers) == 3


@pytest.mark.parametrize(("seconds", "hint"), [(1, "wait 1 minute"), (1210, "wait 21 minutes")])
def test_the_hint_waits_no_shorter_than_github_says(seconds: int, hint: str) -> None:
    api, _, _ = api_of(*[http(429, {"message": "slow down"}, retry_after=seconds)] * 6)

    with pytest.raises(GitHubError) as got:
        api.get("x", A)

    assert got.value.hint == hint


def test_a_limit_lasts_no_longer_than_an_hour_by_a_clock_that_is_behind() -> None:
    reset = int(MOMENT.timestamp()) + 9_000_000
    api, _, _ = api_of(http(403, {}, x_ratelimit_remaining=0, x_ratelimit_reset=reset))

    with pytest.raises(GitHubError) as got:
        api.get("x", A)

    assert got.value.hint == "wait 60 minutes"


def test_a_limit_that_ends_in_an_hour_is_told_at_once() -> None:
    api, _, clock = api_of(http(429, {"message": "come back"}, retry_after=3000))

    with pytest.raises(GitHubError, match="come back"):
        api.get("x", A)

    assert clock.slept == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (http(404, {"message": "Not Found"}), r"Not Found \(HTTP 404\)"),
        (http(403, {"message": "Resource not accessible"}), "Resource not accessible"),
        (http(422, {"message": "Validation Failed", "errors": [{"message": "no commits"}]}),
         "Validation Failed: no commits"),
        (http(200, {"errors": [{"type": "FORBIDDEN", "message": "not yours"}]}), "not yours"),
        (http(200, {"errors": [{"type": "UNPROCESSABLE",
                                "message": 'Required status check "rate limit" is expected.'}]}),
         "is expected"),
        (silence(4, "To get started with GitHub CLI, please run:  gh auth login"), "not logged in"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_in_githubs_words_and_not_repeated(answer: Completed, words: str) -> None:
    api, gh, _ = api_of(answer)

    with pytest.raises(GitHubError, match=words) as got:
        api.query("query { }", A)

    assert got.value.fault is Fault.REFUSED
    assert len(gh.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [http(502, {}), http(200, {"data": {}}), http(200, {"errors": [{"message": "no"}]})],
    ids=["an HTTP error", "half an answer", "an error of GraphQL"],
)
def test_a_query_that_fails_is_named(answer: Completed) -> None:
    api, *_ = api_of(*[answer] * 6)

    with pytest.raises(GitHubError, match="acme/core, GraphQL FindIt: "):
        api.query("query FindIt($owner: String!) { }", A)


def test_a_login_that_is_missing_is_told_with_the_command() -> None:
    """gh sends GH_TOKEN to no server of an enterprise."""
    api, *_ = api_of(silence(4, "gh auth login"))

    with pytest.raises(GitHubError) as got:
        api.get("x", A)

    assert (
        got.value.hint == "gh auth login --hostname github.acme.example, or set GH_ENTERPRISE_TOKEN"
    )
    assert [name_token(host) for host in ("github.com", "acme.ghe.com")] == ["GH_TOKEN"] * 2


def test_what_github_does_not_show_is_told_with_what_shows_it() -> None:
    api, *_ = api_of(http(404, {"message": "Not Found"}))

    with pytest.raises(GitHubError) as got:
        api.make("pulls", {}, A)

    assert str(got.value.hint).startswith("gh repo view github.acme.example/")


def made_when(*states: A | None) -> Any:
    looks = list(states)
    return lambda: looks.pop(0)


def test_a_change_whose_answer_was_lost_is_looked_for_before_it_is_repeated() -> None:
    api, gh, _ = api_of(LOST)

    found = api.change(lambda: api.make("x", {}, A), made_when(A(a=2)))

    assert found.a == 2
    assert len(gh.asked) == 1


def test_a_change_that_did_not_happen_is_repeated() -> None:
    api, gh, _ = api_of(LOST, http(201, {"a": 1}))

    assert api.change(lambda: api.make("x", {}, A), made_when(None)).a == 1

    assert len(gh.asked) == 2


def test_a_change_that_was_held_back_by_a_limit_is_not_looked_for() -> None:
    api, gh, _ = api_of(http(429, {}, retry_after=1), http(201, {"a": 1}))

    assert api.change(lambda: api.make("x", {}, A), made_when()).a == 1

    assert len(gh.asked) == 2


def test_a_refusal_after_a_lost_answer_is_looked_into() -> None:
    api, *_ = api_of(LOST, http(422, {"message": "already exists"}))

    found = api.change(lambda: api.make("x", {}, A), made_when(None, A(a=2)))

    assert found.a == 2


NOT_UNDERSTOOD: dict[str, Any] = {
    "a list": [],
    "null": None,
    "a number": 5,
    "without data": {},
    "without the field": {"data": {"repository": {}}},
    "of another kind": {"data": {"repository": {"a": [1]}}},
    "without a repository": {"data": {}},
    "with no repository and no word": {"data": {"repository": None}},
    "nested without end": "[" * 100_000,
    "a number without end": f'{{"data": {{"repository": {{"a": {"1" * 5000}}}}}}}',
}


@pytest.mark.parametrize("body", NOT_UNDERSTOOD.values(), ids=NOT_UNDERSTOOD)
def test_an_answer_that_was_not_understood_counts_as_lost(body: Any) -> None:
    good = http(200, {"data": {"repository": {"a": 1}}})
    api, *_ = api_of(http(200, body), good)

    assert api.query("query { }", A).a == 1

    api, *_ = api_of(*[http(200, body)] * 6)
    with pytest.raises(GitHubError) as got:
        api.query("query { }", A)
    assert got.value.fault is Fault.LOST
    assert got.value.message.startswith("github.acme.example, acme/core, ")


@pytest.mark.parametrize("errors", [["oops"], "oops", {"message": "oops"}, [None, "oops"], 5])
def test_errors_of_any_form_are_told(errors: Any) -> None:
    api, *_ = api_of(http(200, {"errors": errors}))

    with pytest.raises(GitHubError, match=r"oops|5"):
        api.query("query { }", A)


@pytest.mark.parametrize(
    "status", ["HTTP/2.0 \u00b2\u00b2\u00b2 x", "HTTP/2.0 " + "2" * 5000, "HTTP/2.0"]
)
def test_a_status_line_that_is_none_counts_as_silence(status: str) -> None:
    odd = Completed(("gh",), 0, f"{status}\n\n{{}}".encode(), "", 0.1)
    api, *_ = api_of(odd, http(200, {"a": 1}))

    assert api.get("x", A).a == 1


@pytest.mark.parametrize("seconds", ["\u00b2", "9" * 400, "-1", "soon"])
def test_a_wait_that_is_no_number_of_seconds_is_an_untold_one(seconds: str) -> None:
    api, _, clock = api_of(http(429, {}, retry_after=seconds), http(200, {"a": 1}))

    assert api.get("x", A).a == 1

    assert clock.slept == [60.5]


def test_an_answer_that_has_a_name_is_asked_for_unless_it_is_the_same() -> None:
    api, gh, _ = api_of(
        http(200, {"a": 1}, etag='W/"one"'), http(304, ""), http(200, {"a": 2}, etag='W/"two"')
    )

    assert [api.get("x?y", A).a for _ in range(3)] == [1, 1, 2]

    assert "--header" not in gh.asked[0][0]
    for argv, _stdin in gh.asked[1:]:
        assert argv[-3:] == ("--header", 'If-None-Match: W/"one"', "repos/acme/core/x?y")


def test_another_question_is_not_answered_by_what_is_known() -> None:
    api, gh, _ = api_of(http(200, {"a": 1}, etag='"one"'), http(200, {"a": 2}))

    assert (api.get("x", A).a, api.get("z", A).a) == (1, 2)
    assert "--header" not in gh.asked[1][0]


@pytest.mark.parametrize(
    "first", [http(200, {"b": 1}, etag='"one"'), http(200, {"a": 1}, etag="x y")]
)
def test_an_answer_that_was_not_understood_is_asked_for_anew(first: Completed) -> None:
    api, gh, _ = api_of(first, http(200, {"a": 2}), http(200, {"a": 2}))

    api.get("x", A)
    api.get("x", A)

    assert all("--header" not in argv for argv, _ in gh.asked)
