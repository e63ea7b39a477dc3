"""A request as the command that a person types for it: read back, it asks for the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from omninode_release.commands.carry_out import read_request
from omninode_release.commands.release import command
from omninode_release.models.commit import Level
from omninode_release.models.request import ReleaseRequest
from omninode_release.release.requests.typed_request import type_request

NOT_OF_THE_REQUEST = ("as_json", "in_background", "html", "events")


def read_back(request: ReleaseRequest) -> ReleaseRequest:
    program, word, *words = type_request(request)
    assert (program, word) == ("omni-release", "release")
    given = command.make_context("release", [*words]).params
    return read_request({k: v for k, v in given.items() if k not in NOT_OF_THE_REQUEST})


@pytest.mark.parametrize(
    "request_made",
    [
        ReleaseRequest(),
        ReleaseRequest(repos=("alpha", "beta"), bump=Level.MINOR, ticket="OMN-1"),
        ReleaseRequest(
            repos=("alpha", "beta"),
            bumps={"alpha": Level.MAJOR},
            versions={"beta": "2.0.0"},
            run_id="mine",
            context_id="ours",
            skip_pypi_wait=True,
            pypi_timeout_minutes=2.5,
        ),
        ReleaseRequest(pre="rc", run_id="mine", take_over=True, verbose=True),
    ],
    ids=["nothing", "for all", "for one", "pre-releases"],
)
def test_a_typed_request_asks_for_the_same(request_made: ReleaseRequest) -> None:
    assert read_back(request_made) == request_made


def test_what_a_plan_says_is_not_said_again() -> None:
    request = ReleaseRequest(repos=("alpha",), bump=Level.MINOR, run_id="mine")

    words = type_request(request, Path("our plan.json"))

    assert words == ("omni-release", "release", "--plan", "our plan.json", "--run-id", "mine")


def test_a_resume_is_typed_by_its_name_alone() -> None:
    request = replace(ReleaseRequest(omni_home=Path("there")), resume="mine")

    assert type_request(request) == ("omni-release", "--resume", "mine")
