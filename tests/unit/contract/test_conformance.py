"""Each check of ``omni-release validate`` finds what it is there for, and says where."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from omninode_release.commands.command_line import describe_command_line
from omninode_release.commands.validate import report
from omninode_release.contract.conformance.checkout import PACKAGE, Checkout, Finding
from omninode_release.contract.conformance.code import (
    bump_rules_are_those_of_the_code,
    every_code_is_raised,
    handlers_can_be_imported,
    schemas_are_generated,
    variables_are_named,
)
from omninode_release.contract.conformance.contract import (
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
from omninode_release.contract.conformance.phases import phases_are_complete
from omninode_release.contract.conformance.rules import RULES, judge_rules
from omninode_release.contract.documents.registry import SKILL_FILES
from omninode_release.release.environment import Environment

Look = Callable[[Checkout], Iterator[Finding]]
ROOT = Path(__file__).resolve().parents[3]
FILES = (
    "contract.yaml", "topics.yaml", "SKILL.md", "prompt.md", "docs/reference.md", "pyproject.toml",
    *(name for name in SKILL_FILES if name.startswith("references/")),
)  # fmt: skip


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of everything that is looked at, the package itself excepted."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("schemas", "tests/scenarios"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__*"))
    return tmp_path


def found(root: Path, look: Look, package: Path = PACKAGE) -> list[str]:
    return [str(finding) for finding in look(Checkout(root, describe_command_line, package))]


def edit(path: Path, old: str, new: str) -> int:
    """Replace the first ``old``, which must be there; answers its line."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {path.name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


class Case(NamedTuple):
    """An edit, and what is said of it."""

    look: Look
    file: str
    old: str
    new: str
    said: str
    at: str | None = None
    """The text on the line that is named, where it is not the edited one."""


CONTRACT, SKILL = "contract.yaml", "SKILL.md"
PLAIN_USAGE = (
    "exit_code: 2\n    result_status: FAILED\n    state_status: unchanged\n    result_file:"
)
CASES = {
    "an unknown key": Case(
        fits_its_schema, CONTRACT, "node_type:", "node_typ: x\nnode_type:",
        "(top level): Additional properties", at="# The node's contract"),
    "a graph that no schema can refuse": Case(
        fits_its_schema, CONTRACT, "omnibase_spi: []", "omnibase_spi: [omniclaude]",
        "omnibase_spi (tier 1) depends on omniclaude (tier 4)", at="tiers:"),
    "a topic of another form": Case(
        fits_its_schema, CONTRACT, "{topic: onex.cmd.omniclaude.release.v1",
        "{topic: onex.cmd.release", "'onex.cmd.release' does not match"),
    "a consumer group of another form": Case(
        fits_its_schema, CONTRACT, "consumer_group: omniclaude.skill.release",
        "consumer_group: releases", "'releases' does not match"),
    "an error twice": Case(
        errors_are_consistent, CONTRACT, "- code: NOTHING_TO_RELEASE", "- code: GRAPH_DRIFT",
        "the code GRAPH_DRIFT stands here again"),
    "an exit code nobody explains": Case(
        errors_are_consistent, CONTRACT, "exit_code: 70", "exit_code: 71",
        "INTERNAL_ERROR: expected an exit code of exit_codes, found 71"),
    "a usage error with a result": Case(
        errors_are_consistent, CONTRACT, f"{PLAIN_USAGE} false", f"{PLAIN_USAGE} true",
        "USAGE_ERROR: expected result_file False", at="result_file: true"),
    "a status too few": Case(
        every_ending_is_explained, CONTRACT, "status: DRY_RUN,", "status: FAILED,",
        "expected the statuses SUCCESS, PARTIAL, FAILED, DRY_RUN", at="statuses:"),
    "a stage out of order": Case(
        every_ending_is_explained, CONTRACT, "- number: 4", "- number: 5",
        "expected stages from 0 on", at="stages:"),
    "states out of order": Case(
        phases_are_complete, CONTRACT, "[PLANNED, WORKTREE, BUMPED,",
        "[PLANNED, BUMPED, WORKTREE,", "expected PLANNED, WORKTREE, BUMPED", at="states:"),
    "a phase that ends a whole run": Case(
        phases_fail_repositories, CONTRACT, "errors: [BUMP_FAILED]",
        "errors: [BUMP_FAILED, GATE_FAILED]", "BUMP ends with GATE_FAILED"),
    "a phase without a state": Case(
        phases_are_complete, CONTRACT, "    state: BUMPED\n", "",
        "expected `state` in this block, found none", at="- phase: BUMP"),
    "a phase without a module": Case(
        phases_are_complete, CONTRACT, "handler: omninode_release.phases.bump",
        "handler: omninode_release.phases.bumb", "omninode_release.phases.bumb cannot be imported"),
    "the module of another phase": Case(
        phases_are_complete, CONTRACT, "handler: omninode_release.phases.bump",
        "handler: omninode_release.phases.pin", "expected the module of BUMP in the registry"),
    "a model that is not there": Case(
        handlers_can_be_imported, CONTRACT, "{name: ModelSkillRequest,", "{name: ModelSkillWish,",
        "omninode_release.models.request has no ModelSkillWish"),
    "a node that does not stand beside it": Case(
        handlers_can_be_imported, CONTRACT, "node:NodeSkill", "nodes:NodeSkill",
        "omninode_release.nodes cannot be imported", at="handler_routing:"),
    "a handler that cannot be called": Case(
        handlers_can_be_imported, CONTRACT, "node:NodeSkillReleaseOrchestrator", "node:Mapping",
        "omninode_release.node.Mapping has no handle", at="handler_routing:"),
    "a schema that is not there": Case(
        schemas_are_generated, CONTRACT, "output_schema: phase-pin", "output_schema: phase-pim",
        "there is no schema phase-pim"),
    "a schema edited by hand": Case(
        schemas_are_generated, "schemas/plan.schema.json", '"title": "PlanFile"', '"title": "x"',
        "differs from its model: run `make schemas`"),
    "a level the code does not give": Case(
        bump_rules_are_those_of_the_code, CONTRACT, "level: minor}", "level: patch}",
        "expected the level minor of 'feat(container): resolve services by name', found patch"),
    "a topic in one place only": Case(
        topics_agree, CONTRACT, "subscribe_topics: [onex.cmd.omniclaude.release.v1]",
        "subscribe_topics: [onex.cmd.omniclaude.release.v2]",
        "expected subscribe_topics to be onex.cmd.omniclaude.release.v1"),
    "a consumer group of another skill": Case(
        topics_agree, CONTRACT, "consumer_group: omniclaude.skill.release",
        "consumer_group: omniclaude.skill.merge", "ends with .skill.release"),
    "a terminal event of its own": Case(
        topics_agree, CONTRACT, "terminal_event: onex.evt.omniclaude.release-completed.v1",
        "terminal_event: onex.evt.omniclaude.release-done.v1",
        "expected the terminal event onex.evt.omniclaude.release-completed.v1"),
    "topics.yaml edited by hand": Case(
        topics_agree, "topics.yaml", "release-failed", "release-broken", "run `make docs`"),
    "a stale block": Case(
        skill_documents_are_current, SKILL, "- Tier 1: `omnibase_spi`", "- Tier 2: `omnibase_spi`",
        "the block tiers is stale: run `make docs`", at="<!-- generated: tiers -->"),
    "a stale front matter": Case(
        skill_documents_are_current, SKILL, "- name: --all", "- name: --every",
        "the block frontmatter is stale", at="# generated: frontmatter"),
    "a marker cut out": Case(
        skill_documents_are_current, "references/rules.md", "<!-- generated: pin -->", "",
        "'<!-- end: pin -->' on line", at="# What a run does"),
    "a block nobody generates": Case(
        skill_documents_are_current, "prompt.md", "## Phase 0",
        "<!-- generated: moon -->\n<!-- end: moon -->\n## Phase 0",
        "nothing is generated for the block 'moon'", at="# Releasing"),
    "an argument of the frontmatter that there is none of": Case(
        frontmatter_names_what_there_is, CONTRACT, "arguments: [repos, --all",
        "arguments: [repos, --every", "skill.arguments has --every, which there is none of"),
    "an input of the frontmatter that there is none of": Case(
        frontmatter_names_what_there_is, CONTRACT, "inputs: [repos, bump_override",
        "inputs: [repos, bump", "skill.inputs has bump, which there is none of"),
    "a capability of another version": Case(
        topics_agree, CONTRACT, "    version: 1.0.0", "    version: 1.0.1",
        "expected the capability skill.release 1.0.0", at="capabilities:"),
    "a stale reference": Case(
        reference_is_current, "docs/reference.md", "`1440`", "`1441`",
        "the block configuration is stale", at="<!-- generated: configuration -->"),
    "a version of another release": Case(
        one_version_and_one_name, "pyproject.toml", 'version = "', 'version = "9',
        "as the package has it"),
    "a name the entry point does not have": Case(
        one_version_and_one_name, CONTRACT, "\nname: node_", "\nname: other_",
        "expected the name of the entry point in onex.nodes", at="name: other_"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_contradiction_is_found_with_its_place(checkout: Path, name: str) -> None:
    case = CASES[name]
    before = found(checkout, case.look)

    line = edit(checkout / case.file, case.old, case.new)

    (about,) = [
        each for each in found(checkout, case.look) if each not in before and case.said in each
    ]
    file, number, _ = about.split(":", 2)
    assert file == case.file
    if case.at is None:
        assert int(number) == line, about
    else:
        text = (checkout / case.file).read_text(encoding="utf-8").splitlines()
        assert case.at in text[int(number) - 1], about


def test_a_block_that_is_gone_is_found(checkout: Path) -> None:
    text = (checkout / SKILL).read_text(encoding="utf-8")
    start, end = text.index("<!-- generated: tiers"), text.index("<!-- end: tiers -->")
    (checkout / SKILL).write_text(text[:start] + text[end + 19 :], encoding="utf-8")

    assert found(checkout, skill_documents_are_current) == [
        "SKILL.md:1: expected the block tiers, found none"
    ]


def test_a_variable_that_nobody_names_is_found_in_the_code(checkout: Path) -> None:
    edit(checkout / CONTRACT, "name: OMNI_WORKTREES,", "name: OMNI_TREES,")

    (said,) = found(checkout, variables_are_named)

    assert said.startswith("omninode_release/release/environment.py:")
    assert said.endswith("contract.yaml does not name the variable OMNI_WORKTREES")


@pytest.fixture
def package(checkout: Path) -> Path:
    """A copy of the package, too."""
    skipped = shutil.ignore_patterns("__pycache__", "contract.yaml")
    return shutil.copytree(PACKAGE, checkout / "omninode_release", ignore=skipped)


@pytest.mark.parametrize("name", ["commands/doctor.py", "adapters/ports.py", "phases/bump.py"])
def test_a_module_that_is_no_python_is_a_finding(checkout: Path, package: Path, name: str) -> None:
    path = package / name
    path.write_text(f"NotImplementedError\nErrorCode\nif\n{path.read_text()}", encoding="utf-8")

    verdicts = list(judge_rules(Checkout(checkout, describe_command_line, package)))

    told = {str(each) for verdict in verdicts for each in verdict.findings}
    assert f"omninode_release/{name}:3: is no Python: invalid syntax" in told


def test_a_code_that_nothing_raises_is_found(checkout: Path, package: Path) -> None:
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8").replace("ErrorCode.GRAPH_DRIFT", "None")
        path.write_text(text, encoding="utf-8")

    (said,) = found(checkout, every_code_is_raised, package)

    assert said.endswith("nothing raises GRAPH_DRIFT")


def test_a_code_that_is_only_compared_with_counts_as_raised_by_nobody(tmp_path: Path) -> None:
    (tmp_path / CONTRACT).write_text(
        (ROOT / CONTRACT).read_text(encoding="utf-8"), encoding="utf-8"
    )
    source = "if code is ErrorCode.GRAPH_DRIFT: pass\nraise_(ErrorCode.RUN_EXISTS)\n"
    (tmp_path / "module.py").write_text(source, encoding="utf-8")

    said = " ".join(found(tmp_path, every_code_is_raised, tmp_path))

    assert "nothing raises GRAPH_DRIFT" in said
    assert "nothing raises RUN_EXISTS" not in said


def test_a_code_without_a_scenario_is_found(checkout: Path) -> None:
    for path in (checkout / "tests" / "scenarios").glob("test_*.py"):
        text = path.read_text(encoding="utf-8").replace("(ErrorCode.GRAPH_DRIFT)", "()")
        path.write_text(text, encoding="utf-8")

    (said,) = found(checkout, every_code_has_a_scenario)

    assert said.endswith("no scenario provokes GRAPH_DRIFT")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.unlink(), "contract.yaml:1: cannot be read: No such file"),
        (lambda path: path.write_text("name: ["), "contract.yaml:2: cannot be read as YAML"),
    ],
    ids=["missing", "no YAML"],
)
def test_without_a_contract_nothing_else_is_asked(
    checkout: Path, spoil: Callable[[Path], object], said: str
) -> None:
    spoil(checkout / "contract.yaml")
    out = io.StringIO()

    code = report(Environment(stdout=out), Checkout(checkout, describe_command_line))

    assert code == 1
    assert said in out.getvalue()
    assert "it needs a contract that fits its schema" in out.getvalue()
    assert f"0 of 1 checks hold, {len(RULES) - 1} not looked at." in out.getvalue()


def test_a_missing_and_an_unknown_schema_are_found(checkout: Path) -> None:
    (checkout / "schemas" / "plan.schema.json").rename(checkout / "schemas" / "plain.schema.json")

    assert found(checkout, schemas_are_generated) == [
        "schemas/plan.schema.json:1: is missing: run `make schemas`",
        "schemas/plain.schema.json:1: is unknown: run `make schemas`",
    ]


def test_outside_a_checkout_it_says_what_it_cannot_look_at(checkout: Path) -> None:
    (checkout / "pyproject.toml").unlink()
    out = io.StringIO()

    report(Environment(stdout=out), Checkout(checkout, describe_command_line))

    for check in RULES:
        unasked = f"{check.title}: not looked at, it needs a checkout"
        assert (unasked in out.getvalue()) is (check.needs == "checkout")
