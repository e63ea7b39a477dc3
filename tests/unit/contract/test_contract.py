"""contract.yaml and the code it is obeyed by say the same."""

from __future__ import annotations

import importlib
import inspect
import json
import tomllib
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from omninode_release.adapters.registry import CHOICES
from omninode_release.commands.command_line import describe_command_line
from omninode_release.contract.conformance.checkout import Checkout
from omninode_release.contract.conformance.rules import RULES, Rule
from omninode_release.contract.load import load_config, load_contract
from omninode_release.contract.schema_files import schemas
from omninode_release.contract.schemas import resource
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.inputs import ModelReleaseInputs
from omninode_release.models.state import RunState

CORRELATION = "7b0d2c1e-6f0a-4d57-9a43-0d6c2b8f5a11"
ROOT = Path(__file__).resolve().parents[3]
CONTRACT = load_contract()


@pytest.mark.parametrize("check", RULES, ids=lambda check: check.title)
def test_it_holds_here(check: Rule) -> None:
    checkout = Checkout.here(describe_command_line)

    assert checkout.root == ROOT
    assert checkout.is_checkout
    assert [str(finding) for finding in check.look(checkout)] == []


def test_the_handler_is_a_class_onex_can_make_and_call() -> None:
    handler = getattr(importlib.import_module(CONTRACT.handler.module), CONTRACT.handler.class_)

    (request,) = inspect.signature(handler().handle).parameters.values()
    # A default would let ONEX begin a second release after a TypeError in the first.
    assert request.default is inspect.Parameter.empty


def test_the_handler_takes_both_forms_of_a_request() -> None:
    module, _, name = CONTRACT.handler.input_model.rpartition(".")
    model = getattr(importlib.import_module(module), name)
    skill: dict[str, object] = {"skill_name": "release", "skill_path": "x/SKILL.md"}

    # As ONEX calls it: by keyword, with the correlation id at hand for the terminal event.
    for form in (skill, {"repos": ["alpha"]}):
        assert str(model(**form, correlation_id=CORRELATION).correlation_id) == CORRELATION
    with pytest.raises(ValidationError):
        model()


def test_the_inputs_of_the_contract_are_those_of_the_model() -> None:
    named = [each.name for each in CONTRACT.inputs]

    assert named[:3] == ["repos", "bump_override", "gate_attestation"]  # the specification's
    assert named == list(ModelReleaseInputs.model_fields)


def test_topics_are_those_of_the_organisation() -> None:
    bus = CONTRACT.event_bus.model_dump()
    completed, failed = (f"onex.evt.omniclaude.release-{end}.v1" for end in ("completed", "failed"))

    assert bus["subscribe"] == {
        "topic": "onex.cmd.omniclaude.release.v1",
        "consumer_group": "omniclaude.skill.release",
    }
    assert bus["publish"] == {"success_topic": completed, "failure_topic": failed}
    assert bus["subscribe_topics"] == (bus["subscribe"]["topic"],)
    assert bus["publish_topics"] == (completed, failed)
    assert CONTRACT.terminal_event == completed
    assert [(each.name, each.version) for each in CONTRACT.capabilities] == [
        ("skill.release", "1.0.0")
    ]
    assert all(each.description for each in CONTRACT.capabilities)


def test_metadata_for_the_pack_says_what_project_and_contract_say() -> None:
    beside = ROOT / "node" / "omninode_release" / "metadata.yaml"
    metadata = yaml.safe_load(beside.read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert (metadata["name"], metadata["version"]) == (CONTRACT.name, project["version"])
    assert metadata["entry_points"] == {"onex.nodes": project["entry-points"]["onex.nodes"]}
    assert metadata["license"] == project["license"] == CONTRACT.metadata["license"]
    assert metadata["tags"] == CONTRACT.metadata["tags"]


def test_the_package_finds_the_contract_of_the_repository() -> None:
    beside = ROOT / "node" / "omninode_release" / "contract.yaml"

    assert beside.is_symlink()
    assert not Path(beside.readlink()).is_absolute()
    assert resource("contract.yaml").resolve() == (ROOT / "contract.yaml").resolve()


def test_the_state_has_every_field_of_the_specification() -> None:
    run = {"run_id", "started_at", "updated_at", "plan_hash", "gate_token", "status", "repos"}
    repo = {
        "tier", "old_version", "new_version", "bump", "phase", "phase_history", "worktree_path",
        "branch", "pr_url", "pr_number", "tag", "error",
    }  # fmt: skip
    schema = json.loads(dict(schemas())["state.schema.json"])

    assert run <= RunState.model_fields.keys()
    assert repo <= schema["$defs"]["RepoState"]["properties"].keys()


def test_the_default_configuration_has_the_tiers_of_the_specification() -> None:
    graph = CONTRACT.release.graph

    assert [sorted(tier) for tier in graph.tiers] == [
        ["omnibase_spi"],
        ["omnibase_core"],
        ["omnibase_infra", "omniintelligence", "omnimemory"],
        ["omniclaude"],
    ]
    assert set(graph.tiers[3]["omniclaude"]) == {
        "omnibase_core", "omnibase_infra", "omniintelligence",
    }  # fmt: skip


def test_the_default_configuration_is_the_whole_section() -> None:
    """It is cut out of the file, which is not read as YAML for it."""
    whole = yaml.safe_load(resource("contract.yaml").read_text(encoding="utf-8"))

    assert load_config(None) == ReleaseConfig.model_validate(whole["release"], context=CHOICES)
