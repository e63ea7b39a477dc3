"""The checks in the order they are reported, and the running of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from omninode_release.contract.conformance.adapters import adapters_are_complete
from omninode_release.contract.conformance.code import (
    bump_rules_are_those_of_the_code,
    every_code_is_raised,
    handlers_can_be_imported,
    schemas_are_generated,
    variables_are_named,
)
from omninode_release.contract.conformance.contract import (
    can_be_read,
    errors_are_consistent,
    every_ending_is_explained,
    fits_its_schema,
    phases_fail_repositories,
    topics_agree,
)
from omninode_release.contract.conformance.documents import (
    every_code_has_a_scenario,
    one_version_and_one_name,
    reference_is_current,
    skill_documents_are_current,
)
from omninode_release.contract.conformance.phases import (
    phases_are_complete,
    phases_are_those_of_the_code,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omninode_release.contract.conformance.checkout import Finding, Subject


class Check(NamedTuple):
    """One question, and what it needs to be asked."""

    title: str
    look: Callable[[Subject], Iterator[Finding]]
    needs: Literal["nothing", "checkout"] = "nothing"
    basis: str = ""
    """What the checks after it need and do not have when it finds something."""


class Answer(NamedTuple):
    """What became of one check."""

    check: Check
    findings: tuple[Finding, ...]
    unasked: str = ""
    """Why nothing was looked at; such a check neither holds nor fails."""


_FIT = "a contract that fits its schema"
_WHOLE = "phases that contract.yaml and the code agree on"
CHECKS = (
    Check("contract.yaml can be read", can_be_read, basis=_FIT),
    Check("each phase has a block, a line and a module", phases_are_complete, basis=_WHOLE),
    Check("phases and states are those of the code", phases_are_those_of_the_code, basis=_WHOLE),
    Check("contract.yaml fits its schema", fits_its_schema, basis=_FIT),
    Check("the error table agrees with itself", errors_are_consistent),
    Check("phases end with errors of a repository", phases_fail_repositories),
    Check("statuses and stages are complete", every_ending_is_explained),
    Check("handlers and models can be imported", handlers_can_be_imported),
    Check("forges and indexes are complete", adapters_are_complete),
    Check("schemas are what the models generate", schemas_are_generated),
    Check("every error code is raised", every_code_is_raised),
    Check("bump rules are what the code does", bump_rules_are_those_of_the_code),
    Check("environment variables are named", variables_are_named),
    Check("topics are well-formed and in topics.yaml", topics_agree),
    Check("SKILL.md and prompt.md are current", skill_documents_are_current),
    Check("docs/reference.md is current", reference_is_current, needs="checkout"),
    Check("every error code has a scenario", every_code_has_a_scenario, needs="checkout"),
    Check("one version, one name", one_version_and_one_name, needs="checkout"),
)


def answers(subject: Subject) -> Iterator[Answer]:
    """Ask everything; what rests on a check that found something is left unasked."""
    lacking = ""
    for check in CHECKS:
        if check.needs == "checkout" and not subject.is_checkout:
            yield Answer(check, (), "needs a checkout")
        elif lacking:
            yield Answer(check, (), f"needs {lacking}")
        else:
            findings = tuple(check.look(subject))
            lacking = check.basis if findings else ""
            yield Answer(check, findings)
