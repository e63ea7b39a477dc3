"""The same invocation gives the same result on the command line, by run-node and by the handler."""

from __future__ import annotations

import json
import threading
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import pytest

from omninode_release.handlers.handler_release import HandlerRelease
from omninode_release.models.inputs import ModelNodeRequest, ModelReleaseInputs
from omninode_release.models.request import ModelSkillRequest
from omninode_release.models.result import ModelSkillResult
from support.cli import MOMENT, Ran, run_cli, state_home
from support.endings import RUN, TOKEN, Place, ending
from support.repos import spoil

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

ID = UUID("7b0d2c1e-6f0a-4d57-9a43-0d6c2b8f5a11")


def skill(**args: str) -> ModelSkillRequest:
    return ModelSkillRequest(
        skill_name="release", skill_path="x/SKILL.md", args=args, correlation_id=ID
    )


class Case(NamedTuple):
    """One invocation in its three forms, and how it ends."""

    argv: tuple[str, ...]
    args: Mapping[str, str]
    inputs: Mapping[str, Any]
    ends: tuple[int, str, str | None]
    spoiled: str | None = None
    """The repository that fails at LINT."""


APPROVED = ("--run-id", RUN, "--gate-attestation", TOKEN)
APPROVAL = {"run_id": RUN, "gate_attestation": TOKEN}
CASES: dict[str, Case] = {
    "a dry run": Case(
        ("--dry-run", "--bump", "minor"),
        {"dry_run": "", "bump": "minor"},
        {"dry_run": True, "bump_override": "minor"},
        (0, "DRY_RUN", None),
    ),
    "a release": Case(APPROVED, APPROVAL, APPROVAL, (0, "SUCCESS", None)),
    "a failed release": Case(
        APPROVED, APPROVAL, APPROVAL, (1, "FAILED", "LINT_FAILED"), spoiled="alpha"
    ),
    "half a release": Case(
        (*APPROVED, "--ticket", "OMN-7"),
        {**APPROVAL, "ticket": "OMN-7"},
        {**APPROVAL, "ticket": "OMN-7"},
        (3, "PARTIAL", "LINT_FAILED"),
        spoiled="beta",
    ),
    "a token of another run": Case(
        ("alpha", "--gate-attestation", TOKEN),
        {"repos": "alpha", "gate_attestation": TOKEN},
        {"repos": ["alpha"], "gate_attestation": TOKEN},
        (1, "FAILED", "INVALID_GATE_TOKEN"),
    ),
    "nothing to resume": Case(
        ("--resume", "gone"),
        {"resume": "gone"},
        {"resume": "gone"},
        (1, "FAILED", "STATE_NOT_FOUND"),
    ),
    "a repository nobody knows": Case(
        ("gamma",), {"repos": "gamma"}, {"repos": ["gamma"]}, (2, "FAILED", "UNKNOWN_REPO")
    ),
    "words that make no sense": Case(
        ("--resume", "x", "--bump", "minor"),
        {"resume": "x", "bump": "minor"},
        {"resume": "x", "bump_override": "minor"},
        (2, "FAILED", "USAGE_ERROR"),
    ),
}


@pytest.fixture
def place(pair_template: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An organisation, and what ``run_cli`` says of it as this process's own environment."""
    place = Place.of(pair_template, tmp_path)
    monkeypatch.setenv("OMNI_RELEASE_NOW", MOMENT.isoformat())
    monkeypatch.setenv("OMNI_HOME", str(place.org.omni_home))
    monkeypatch.setenv("ONEX_STATE_DIR", str(state_home(place.org)))
    return place


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_three_callers_come_to_one_end(place: Place, case: Case) -> None:
    request = skill(**case.args)
    ways: tuple[Callable[[Org], tuple[int, Any]], ...] = (
        lambda org: _printed(run_cli(org, *case.argv, "--json")),
        lambda org: _printed(_run_node(org, request.model_dump_json())),
        lambda org: _printed(_run_node(org, json.dumps(case.inputs))),
        lambda _: (case.ends[0], _handled(request)),
    )
    found = []
    for way in ways:
        org = place.put_back("begin")
        if case.spoiled:
            spoil(org, case.spoiled)
        found.append((way(org), _result_files(org), ending(org)))

    (code, result), *_ = found[0]
    assert (code, result["status"], result["error_code"]) == case.ends
    for other in found[1:]:
        assert other == found[0]


def _printed(ran: Ran) -> tuple[int, Any]:
    return ran.code, json.loads(ran.out)


def _run_node(org: Org, text: str) -> Ran:
    return run_cli(org, "run-node", "--input", "-", stdin=text)


def _handled(request: object) -> Any:
    return HandlerRelease().handle(request).model_dump(mode="json")


def _result_files(org: Org) -> list[Any]:
    files = list((state_home(org) / "skill-results").glob("*/release.json"))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def test_the_handler_takes_a_mapping_and_what_onex_makes_of_it(place: Place) -> None:
    mapping = {"repos": ["alpha"], "dry_run": True, "omni_home": place.org.omni_home}
    text = {**mapping, "omni_home": str(place.org.omni_home)}

    models = (ModelReleaseInputs, ModelNodeRequest)
    for request in (mapping, *(model.model_validate(text) for model in models)):
        result = HandlerRelease().handle(request)
        assert (result.status, result.error) == ("DRY_RUN", None)
        assert [each.repo for each in result.details] == ["alpha"]


@pytest.mark.parametrize(
    "request_",
    [None, "release", 7, [], {1: 2}, {("a",): 1}, {"repos": {"a"}}, {"repos": len}, ID, len],
    ids=repr,
)
@pytest.mark.usefixtures("place")
def test_the_handler_answers_what_is_no_request(request_: object) -> None:
    result = HandlerRelease().handle(request_)

    assert isinstance(result, ModelSkillResult)
    assert (result.status, result.error_code) == ("FAILED", "USAGE_ERROR")


@pytest.mark.usefixtures("place")
def test_the_handler_may_be_called_on_any_thread() -> None:
    results: list[ModelSkillResult] = []

    thread = threading.Thread(
        target=lambda: results.append(HandlerRelease().handle({"repos": [], "dry_run": True}))
    )
    thread.start()
    thread.join()

    assert [each.status for each in results] == ["DRY_RUN"]


def test_any_mapping_is_a_request_and_no_object_makes_it_raise(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNI_HOME", str(small_org.omni_home))
    monkeypatch.setenv("ONEX_STATE_DIR", str(state_home(small_org)))

    class Trap:
        @property
        def model_dump(self) -> None:
            raise RuntimeError

    looked = HandlerRelease().handle(MappingProxyType({"dry_run": True, "offline": True}))
    refused = HandlerRelease().handle(Trap())

    assert looked.status == "DRY_RUN"
    assert refused.error_code == "USAGE_ERROR"
