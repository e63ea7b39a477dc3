"""What each phase's output shows of itself, for a whole output made of its schema's examples."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.phase import Phase
from omninode_release.models.result import ResultDetail
from omninode_release.models.state import RepoState
from omninode_release.phases.commit import CommitOutput
from omninode_release.phases.lint import LintOutput
from omninode_release.phases.lock import LockOutput
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.pin import PinOutput
from omninode_release.phases.registry import PHASES, phase_handler, read_outputs
from omninode_release.phases.worktree import WorktreeOutput


def example(schema: dict[str, Any], defs: dict[str, Any]) -> Any:
    """A value that fits, as full as the schema allows."""
    if "$ref" in schema:
        return example(defs[schema["$ref"].rpartition("/")[2]], defs)
    if "anyOf" in schema:
        return example(schema["anyOf"][0], defs)
    if "examples" in schema or "enum" in schema:
        return (schema.get("examples") or schema["enum"])[0]
    match schema["type"]:
        case "object":
            return {name: example(each, defs) for name, each in schema["properties"].items()}
        case "array":
            return [example(schema["items"], defs)]
        case "boolean":
            return True
        case other:
            raise AssertionError(f"{other} without an example")


def whole(phase: Phase) -> PhaseOutput:
    schema = PHASES[phase].OUTPUT.model_json_schema()
    return PHASES[phase].OUTPUT.model_validate(example(schema, schema.get("$defs", {})))


@pytest.mark.parametrize("phase", Phase)
def test_a_person_sees_one_line(phase: Phase) -> None:
    line = whole(phase).summary()

    assert line
    assert "\n" not in line


@pytest.mark.parametrize("phase", Phase)
def test_what_it_shows_are_fields_of_state_and_result(phase: Phase) -> None:
    output = whole(phase)

    for model, shown in (
        (RepoState, output.state_fields()),
        (ResultDetail, output.result_fields()),
    ):
        for name, value in shown.items():
            kind: Any = model.model_fields[name].annotation
            TypeAdapter(kind).validate_python(value)


def test_the_files_of_a_release_are_named_by_the_phases_that_write_them() -> None:
    owned = {phase: whole(phase).owned_files() for phase in Phase}

    assert {phase: files for phase, files in owned.items() if files} == {
        "BUMP": ("pyproject.toml",),
        "PIN": ("pyproject.toml",),  # what after_bump changed
        "CHANGELOG": ("CHANGELOG.md", "news/12.feature.md"),
        "LOCK": ("poetry.lock",),
    }
    assert LockOutput(locked=True).owned_files() == ("uv.lock",)
    assert LockOutput(locked=False).owned_files() == ()


def test_late_commits_are_told_where_branch_and_merge_meet_them() -> None:
    assert [phase for phase in Phase if whole(phase).late_commits()] == ["WORKTREE", "MERGE"]


def test_only_a_pin_without_pins_has_nothing_to_do() -> None:
    assert not any(whole(phase).is_empty() for phase in Phase)
    assert PinOutput(pinned=()).is_empty()
    assert PinOutput(pinned=()).summary() == "nothing to pin"


@pytest.mark.parametrize(
    ("output", "line"),
    [
        (WorktreeOutput(worktree_path="/w", branch="b", base_sha="1" * 40), "/w at 111111111111"),
        (LintOutput(ran=True, rewritten=("a.py",)), "every hook passed; hooks tidied a.py"),
        (LintOutput(ran=False, reason="no hooks"), "no hooks"),
        (CommitOutput(sha="2" * 40, subject="release"), "222222222222 release"),
    ],
)
def test_a_summary_in_words(output: PhaseOutput, line: str) -> None:
    assert output.summary() == line


def test_an_output_class_without_a_summary_cannot_be_made() -> None:
    class Silent(PhaseOutput):
        """Nothing to say."""

    with pytest.raises(TypeError, match="abstract"):
        Silent()  # type: ignore[abstract]


def test_outputs_are_read_in_the_order_of_the_phases() -> None:
    recorded = {phase: whole(phase).model_dump(mode="json") for phase in reversed(Phase)}

    outputs = read_outputs(recorded)

    assert list(outputs) == list(Phase)
    assert outputs == {phase: whole(phase) for phase in Phase}


def test_a_phase_without_a_module_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(PHASES, "TAG")

    with pytest.raises(ReleaseError) as raised:
        phase_handler(Phase.TAG)

    assert raised.value.code is ErrorCode.INTERNAL_ERROR
    assert "expected a module for TAG in phases/registry.py" in raised.value.text
