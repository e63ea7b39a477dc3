"""Checks of contract.yaml by itself, and of the topics file made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from omninode_release.contract.conformance.checkout import (
    Finding,
    find_first_difference,
    find_missing_and_unknown,
)
from omninode_release.contract.documents.blocks import topics_file
from omninode_release.errors import ErrorCode
from omninode_release.errors.excerpt import start_of
from omninode_release.models.result import ResultStatus
from omninode_release.system.json_text import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from omninode_release.contract.conformance.checkout import Checkout

# Refusals about a run that is not this invocation's: the result file is that run's.
_OTHER_RUNS = {
    ErrorCode.RUN_EXISTS,
    ErrorCode.RUN_LOCKED,
    ErrorCode.STATE_CORRUPT,
    ErrorCode.STATE_NOT_FOUND,
}
_EXIT_USAGE = 2


def can_be_read(checkout: Checkout) -> Iterator[Finding]:
    """contract.yaml is there and is YAML."""
    try:
        _ = checkout.raw
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        yield Finding("contract.yaml", line, f"cannot be read as YAML: {error.problem}")
    except OSError as error:
        yield Finding("contract.yaml", 1, f"cannot be read: {error.strerror}")


def fits_its_schema(checkout: Checkout) -> Iterator[Finding]:
    """contract.yaml fits its schema and holds a sound release configuration."""
    schema = parse_json(checkout.schemas["contract.schema.json"])
    for problem in Draft202012Validator(schema).iter_errors(checkout.raw):
        path = problem.absolute_path
        yield checkout.in_contract(f"{_join_path(path)}: {start_of(problem.message, 300)}", *path)
    try:
        _ = checkout.contract
    except ValidationError as error:
        for found in error.errors(include_url=False):
            if found["type"] == "value_error":  # what a schema cannot say
                path = found["loc"]
                yield checkout.in_contract(f"{_join_path(path)}: {found['msg']}", *path)


def errors_are_consistent(checkout: Checkout) -> Iterator[Finding]:
    """The error table has every code once, and its columns agree with each other."""
    contract = checkout.contract
    codes = [spec.code for spec in contract.errors]
    for code, matter in find_missing_and_unknown(codes, list(ErrorCode)).items():
        yield checkout.in_contract(f"the code {code} {matter}", "errors")
    exits = {each.code for each in contract.exit_codes}
    for number, spec in enumerate(contract.errors):
        where = ("errors", number)
        if codes.index(spec.code) != number:
            yield checkout.in_contract(f"the code {spec.code} stands here again", *where)
        if spec.exit_code not in exits:
            yield checkout.in_contract(
                f"{spec.code}: expected an exit code of exit_codes, found {spec.exit_code}",
                *where, "exit_code",
            )  # fmt: skip
        silent = spec.exit_code == _EXIT_USAGE or spec.code in _OTHER_RUNS
        if silent is spec.result_file:
            yield checkout.in_contract(
                f"{spec.code}: expected result_file {not silent} of a refusal of its kind",
                *where, "result_file",
            )  # fmt: skip


def phases_fail_repositories(checkout: Checkout) -> Iterator[Finding]:
    """A phase ends with the errors of a repository, never of a whole run."""
    of_repos = {spec.code for spec in checkout.contract.errors if spec.scope == "repo"}
    for number, spec in enumerate(checkout.contract.phases):
        for code in spec.errors:
            if code not in of_repos:
                yield checkout.in_contract(
                    f"{spec.phase} ends with {code}, which is not an error of a repository",
                    "phases", number, "errors",
                )  # fmt: skip


def every_ending_is_explained(checkout: Checkout) -> Iterator[Finding]:
    """Statuses and stages are complete and in order."""
    contract = checkout.contract
    statuses = [each.status for each in contract.statuses]
    if statuses != list(ResultStatus):
        yield checkout.in_contract(
            f"expected the statuses {', '.join(ResultStatus)}, found {', '.join(statuses)}",
            "statuses",
        )
    numbers = [stage.number for stage in contract.stages]
    if numbers != list(range(len(numbers))):
        yield checkout.in_contract(f"expected stages from 0 on, found {numbers}", "stages")


def topics_agree(checkout: Checkout) -> Iterator[Finding]:
    """Topics by role and as lists are the same, and topics.yaml lists them."""
    contract, bus = checkout.contract, checkout.contract.event_bus
    for name, found, expected in (
        ("subscribe_topics", bus.subscribe_topics, (bus.subscribe.topic,)),
        ("publish_topics", bus.publish_topics,
         (bus.publish.success_topic, bus.publish.failure_topic)),
    ):  # fmt: skip
        if found != expected:
            yield checkout.in_contract(
                f"expected {name} to be {', '.join(expected)}, found {', '.join(found)}",
                "event_bus", name,
            )  # fmt: skip
    if contract.terminal_event != bus.publish.success_topic:
        yield checkout.in_contract(
            f"expected the terminal event {bus.publish.success_topic},"
            f" found {contract.terminal_event}",
            "terminal_event",
        )
    capability = f"skill.{contract.skill.name}"
    wanted = (capability, contract.promised_version)
    if wanted not in [(each.name, each.version) for each in contract.capabilities]:
        yield checkout.in_contract(f"expected the capability {' '.join(wanted)}", "capabilities")
    if not bus.subscribe.consumer_group.endswith(f".{capability}"):
        yield checkout.in_contract(
            f"expected a consumer group that ends with .{capability},"
            f" found {bus.subscribe.consumer_group}",
            "event_bus", "subscribe",
        )  # fmt: skip
    found_text = checkout.text("topics.yaml")
    if found_text != topics_file(contract):
        line = find_first_difference(found_text or "", topics_file(contract))
        yield Finding("topics.yaml", line, "expected the contract's topics: run `make docs`")


def _join_path(path: Iterable[str | int]) -> str:
    return ".".join(map(str, path)) or "(top level)"
