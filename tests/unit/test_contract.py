"""contract.yaml and the code it is obeyed by say the same."""

from __future__ import annotations

import importlib
import inspect
import json
import tomllib
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import ValidationError

import omninode_release
from omninode_release.configuration import load_contract
from omninode_release.errors import ErrorCode
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.inputs import ModelReleaseInputs
from omninode_release.models.phase import Phase, PhaseState
from omninode_release.models.state import RunState
from omninode_release.phases import PHASES
from omninode_release.schema_files import schemas
from omninode_release.schemas import resource

CORRELATION = "7b0d2c1e-6f0a-4d57-9a43-0d6c2b8f5a11"
ROOT = Path(__file__).resolve().parents[2]
CONTRACT = load_contract()
RAW = yaml.safe_load((ROOT / "contract.yaml").read_text(encoding="utf-8"))
SCHEMAS = dict(schemas())


def test_error_table_has_every_code_once() -> None:
    assert sorted(spec.code for spec in CONTRACT.errors) == sorted(ErrorCode)


def test_phases_and_states_stand_in_the_order_of_the_code() -> None:
    assert [spec.phase for spec in CONTRACT.phases] == list(Phase)
    assert list(CONTRACT.states) == list(PhaseState)
    assert [spec.state for spec in CONTRACT.phases] == [phase.leads_to for phase in Phase]


@pytest.mark.parametrize("spec", CONTRACT.phases, ids=lambda spec: spec.phase)
def test_a_phase_names_its_module_and_its_schema(spec: object) -> None:
    phase = next(each for each in CONTRACT.phases if each is spec)

    assert importlib.import_module(phase.handler) is PHASES[phase.phase]
    assert f"{phase.output_schema}.schema.json" in SCHEMAS


def test_every_module_that_the_registry_knows_is_a_phase() -> None:
    assert list(PHASES) == list(Phase)


def test_an_error_that_a_phase_ends_with_fails_a_repository() -> None:
    of_phases = {code for spec in CONTRACT.phases for code in spec.errors}

    assert {CONTRACT.error(code).scope for code in of_phases} == {"repo"}
    assert {CONTRACT.error(code).state_status for code in of_phases} <= {"failed", "unchanged"}


# Refusals about a run that is not this invocation's: the result file is that run's.
OTHER_RUNS = {ErrorCode.RUN_EXISTS, ErrorCode.RUN_LOCKED, ErrorCode.STATE_NOT_FOUND}


def test_usage_and_configuration_exit_with_2_and_write_no_result() -> None:
    for spec in CONTRACT.errors:
        silent = spec.exit_code == 2 or spec.code in OTHER_RUNS
        assert silent is (not spec.result_file), spec.code


def test_what_it_takes_and_gives_are_models_of_ours() -> None:
    for ref in (CONTRACT.input_model, CONTRACT.output_model):
        assert hasattr(importlib.import_module(ref.module), ref.name)


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
    assert CONTRACT.capabilities == ("skill.release",)


def test_one_version_stands_in_package_project_and_contract() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    node = CONTRACT.node_version

    assert omninode_release.__version__ == project["version"]
    assert f"{node.major}.{node.minor}.{node.patch}" == project["version"]


def test_node_and_entry_point_have_one_name() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert {CONTRACT.name, CONTRACT.contract_name, CONTRACT.node_name} == set(
        project["entry-points"]["onex.nodes"]
    )


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


def test_schemas_are_what_the_models_generate() -> None:
    committed = {
        path.name: path.read_text(encoding="utf-8") for path in (ROOT / "schemas").iterdir()
    }

    assert committed.keys() == SCHEMAS.keys()
    stale = [name for name, text in SCHEMAS.items() if committed[name] != text]
    assert stale == [], "run `make schemas`"


def test_the_contract_and_its_release_section_fit_their_schemas() -> None:
    for name, value in (("contract", RAW), ("release-config", RAW["release"])):
        validator = Draft202012Validator(json.loads(SCHEMAS[f"{name}.schema.json"]))
        assert [error.message for error in validator.iter_errors(value)] == []


def test_the_state_has_every_field_of_the_specification() -> None:
    run = {"run_id", "started_at", "updated_at", "plan_hash", "gate_token", "status", "repos"}
    repo = {
        "tier", "old_version", "new_version", "bump", "phase", "phase_history", "worktree_path",
        "branch", "pr_url", "pr_number", "tag", "error",
    }  # fmt: skip
    schema = json.loads(SCHEMAS["state.schema.json"])

    assert run <= RunState.model_fields.keys()
    assert repo <= schema["$defs"]["RepoState"]["properties"].keys()


def test_the_default_configuration_has_the_tiers_of_the_specification() -> None:
    graph = ReleaseConfig.model_validate(RAW["release"]).graph

    assert [sorted(tier) for tier in graph.tiers] == [
        ["omnibase_spi"],
        ["omnibase_core"],
        ["omnibase_infra", "omniintelligence", "omnimemory"],
        ["omniclaude"],
    ]
    assert set(graph.tiers[3]["omniclaude"]) == {
        "omnibase_core", "omnibase_infra", "omniintelligence",
    }  # fmt: skip
