"""The pages of the skill: how long they are, what they say, and who can read their frontmatter."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import omninode_release
from omninode_release.contract.documents.registry import SKILL_FILES
from omninode_release.contract.load import load_contract
from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase, PhaseState

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = load_contract()
# Measured with a tokenizer: 3.6 characters a token on these pages; a little less to be safe.
CHARACTERS_A_TOKEN = 3.5


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def frontmatter() -> str:
    return page("SKILL.md").split("---\n", 2)[1]


def test_what_an_agent_reads_first_is_short() -> None:
    text = page("SKILL.md") + page("prompt.md")

    assert text.count("\n") < 500
    assert len(text) / CHARACTERS_A_TOKEN < 5000


def test_the_frontmatter_is_what_skill_validators_and_the_interface_ask_for() -> None:
    matter: dict[str, Any] = yaml.safe_load(frontmatter())

    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", matter["name"])
    assert matter["name"] == "release"
    assert "Use when the user asks to release, publish, cut" in matter["description"]
    assert len(matter["description"]) <= 1024
    assert not re.search("[<>]", matter["description"])
    assert matter["allowed-tools"].split() == ["Bash(omni-release:*)", "Read"]
    interface = {"name", "description", "version", "category", "tags", "author", "composable"}
    assert matter.keys() == interface | {"args", "inputs", "outputs", "allowed-tools", "license"}
    assert [each["name"] for each in matter["args"]] == list(CONTRACT.skill.arguments)
    assert [each["name"] for each in matter["inputs"]] == list(CONTRACT.skill.inputs)
    assert [each["name"] for each in matter["outputs"]] == ["skill_result"]


def test_no_item_of_a_list_stands_in_column_0() -> None:
    lines = frontmatter().splitlines()

    assert "  - release" in lines
    assert not [line for line in lines if line.startswith("-")]
    keys = [line for line in lines if not line.startswith((" ", "#"))]
    assert all(re.match(r"[a-z-]+:( |$)", line) for line in keys)


# What the interface and the organisation's structural tests of its release skill look for.
IN_SKILL = (
    "I'm using the release skill.", "HIGH_RISK", "Silence is never consent",
    "repos", "--all", "--bump", "--dry-run", "--resume", "--run-id", "--skip-pypi-wait",
    "--pypi-timeout-minutes", "--gate-attestation",
    "Tier 1", "Tier 2", "Tier 3", "Tier 4", "ModelSkillResult", "==X.Y.Z",
    "Phase state machine", "Idempotency", "PR dedupe", "tag dedupe", "worktree reuse", "run_id",
    "atomic", "rename", "merge-sweep", "pr-safety", "auto-merge", "slack-gate", "release.yml",
    "auto-tag-reusable.yml", *ErrorCode, *PhaseState, *(each.status for each in CONTRACT.statuses),
    *(repo for tier in CONTRACT.release.graph.tiers for repo in tier),
)  # fmt: skip
IN_PROMPT = (
    "Phase 0", "Phase 1", "Phase 2", "Phase 3", "Phase 4", "HIGH_RISK", "slack-gate", "merge-sweep",
    "pr-safety", "release.yml", "auto-tag-reusable.yml", "GRAPH_DRIFT", "TIER_GRAPH", "BREAKING",
    "conventional commit", "feat", "minor", "major", "--bump", "==X.Y.Z", "plan_hash", "SHA256",
    "--gate-attestation", "BLOCKED", "later tiers", "state file", "`stays`", *Phase,
)  # fmt: skip


@pytest.mark.parametrize(("name", "words"), [("SKILL.md", IN_SKILL), ("prompt.md", IN_PROMPT)])
def test_every_word_that_is_looked_for_is_there(name: str, words: tuple[str, ...]) -> None:
    text = page(name)

    assert [word for word in words if word not in text] == []


def test_sentences_that_are_looked_for_are_there() -> None:
    skill, prompt = page("SKILL.md"), page("prompt.md")

    assert re.search(r"NOTHING_TO_RELEASE.*skip", skill)
    assert "no state file" in prompt[prompt.index("--dry-run") :]
    assert prompt.lower().count("state update") == len(Phase)
    assert re.search(r"DONE.*skip", prompt)
    for number, said in ((1, "reuse"), (9, "already"), (11, "already")):
        assert said in prompt[prompt.index(f"Sub-Step {number},") :].splitlines()[0]
    assert not re.search(r"git (push.*--force|reset.*--hard)", skill + prompt)


def test_an_interrupted_run_exits_by_its_signal() -> None:
    [line] = [each for each in page("references/errors.md").splitlines() if "`INTERRUPTED`" in each]

    assert line.split(" | ")[-2] == "130 or 143"


def test_every_link_leads_to_a_page_that_is_installed_too() -> None:
    for name in SKILL_FILES:
        for link in re.findall(r"\]\(([^)#]+)", page(name)):
            target = (ROOT / name).parent / link
            assert target.resolve().relative_to(ROOT).as_posix() in SKILL_FILES, (name, link)


def test_the_skill_holds_no_logic_of_its_own() -> None:
    # The organisation's rule for thin skills: no calls of a forge, no loops, no state.
    for line in page("SKILL.md").splitlines():
        assert not re.match(r"\s*`{0,3}\s*(gh (pr|repo|api|issue|run|release)|curl) ", line), line
        thing = r"\b(pr|pull.?request|repo|repositor|ticket|issue)s?\b"
        assert not re.search(rf"\bfor\b.{{0,40}}{thing}", line, re.IGNORECASE), line
        assert not re.search(r"\bstate *\[|state_(file|path)|phase *= *[\"']", line), line


def test_the_package_exports_the_node() -> None:
    node = omninode_release.NodeSkillReleaseOrchestrator

    assert node.__name__ == "NodeSkillReleaseOrchestrator"
    assert "NodeSkillReleaseOrchestrator" in omninode_release.__all__
    with pytest.raises(AttributeError, match="has no attribute 'NodeSkill'"):
        omninode_release.NodeSkill  # noqa: B018 - asking is the test
