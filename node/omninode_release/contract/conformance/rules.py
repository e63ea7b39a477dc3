"""The rules in the order they are reported, and the judging of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from omninode_release.contract.conformance.checkout import find_cause
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
    frontmatter_names_what_there_is,
    one_version_and_one_name,
    reference_is_current,
    skill_documents_are_current,
)
from omninode_release.contract.conformance.phases import (
    phases_are_complete,
    phases_are_those_of_the_code,
)
from omninode_release.contract.conformance.registries import (
    adapters_are_complete,
    commands_are_complete,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omninode_release.contract.conformance.checkout import Checkout, Finding


class Rule(NamedTuple):
    """One question, and what it needs to be asked."""

    title: str
    look: Callable[[Checkout], Iterator[Finding]]
    needs: Literal["nothing", "checkout"] = "nothing"
    basis: str = ""
    """What the rules after it need and do not have when it finds something."""


class Verdict(NamedTuple):
    """What became of one rule."""

    rule: Rule
    findings: tuple[Finding, ...]
    unasked: str = ""
    """Why nothing was looked at; such a rule neither holds nor fails."""


_FIT = "a contract that fits its schema"
_WHOLE = "phases that contract.yaml and the code agree on"
_COMMANDS = "commands that have a word and a module"
RULES = (
    Rule("contract.yaml can be read", can_be_read, basis=_FIT),
    Rule("each phase has a block, a line and a module", phases_are_complete, basis=_WHOLE),
    Rule("phases and states are those of the code", phases_are_those_of_the_code, basis=_WHOLE),
    Rule("contract.yaml fits its schema", fits_its_schema, basis=_FIT),
    Rule("the error table agrees with itself", errors_are_consistent),
    Rule("phases end with errors of a repository", phases_fail_repositories),
    Rule("statuses and stages are complete", every_ending_is_explained),
    Rule("handlers and models can be imported", handlers_can_be_imported),
    Rule("forges and indexes are complete", adapters_are_complete),
    Rule("schemas are what the models generate", schemas_are_generated),
    Rule("every error code is raised", every_code_is_raised),
    Rule("bump rules are what the code does", bump_rules_are_those_of_the_code),
    Rule("environment variables are named", variables_are_named),
    Rule("topics are well-formed and in topics.yaml", topics_agree),
    Rule("each command has a word and a module", commands_are_complete, basis=_COMMANDS),
    Rule("the frontmatter names what there is", frontmatter_names_what_there_is),
    Rule("SKILL.md and prompt.md are current", skill_documents_are_current),
    Rule("docs/reference.md is current", reference_is_current, needs="checkout"),
    Rule("every error code has a scenario", every_code_has_a_scenario, needs="checkout"),
    Rule("one version, one name", one_version_and_one_name, needs="checkout"),
)


def judge_rules(checkout: Checkout) -> Iterator[Verdict]:
    """Judge every rule; what rests on a rule that found something is left unasked."""
    lacking = ""
    for rule in RULES:
        if rule.needs == "checkout" and not checkout.is_checkout:
            yield Verdict(rule, (), "needs a checkout")
        elif lacking:
            yield Verdict(rule, (), f"needs {lacking}")
        else:
            findings = _look(rule, checkout)
            lacking = rule.basis if findings else ""
            yield Verdict(rule, findings)


def _look(rule: Rule, checkout: Checkout) -> tuple[Finding, ...]:
    """What the rule finds; a module in the making that breaks it off is a finding, too."""
    try:
        return tuple(rule.look(checkout))
    except Exception as error:  # noqa: BLE001 - it may raise anything
        return (find_cause(checkout, error),)
