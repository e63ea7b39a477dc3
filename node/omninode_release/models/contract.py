"""contract.yaml as a value: what the node is, and what it promises."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from omninode_release.errors import ErrorCode
from omninode_release.models.base import Model
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.phase import Phase, PhaseState
from omninode_release.models.result import ResultStatus


class SemVer(Model):
    """A version as ONEX writes it."""

    major: int
    minor: int
    patch: int


class ModelRef(Model):
    """A model by name and importable module."""

    name: str
    module: str


class HandlerRef(Model):
    """The class ONEX calls, and the model it is called with."""

    module: str
    class_: str = Field(alias="class")
    input_model: str


class PhaseSpec(Model):
    """One phase: where its code is, what it leaves, how a repetition is recognised."""

    phase: Phase
    state: PhaseState
    handler: str
    output_schema: str
    idempotency_key: str
    check: str
    errors: tuple[ErrorCode, ...] = Field(min_length=1)
    """The first is what an unexpected failure of a program becomes."""


class ErrorSpec(Model):
    """What one code means: to the run, to a person, to a caller."""

    code: ErrorCode
    scope: Literal["run", "repo"]
    """A repo failure becomes PARTIAL (exit 3) once another repository has been released."""
    meaning: str
    behavior: str
    recovery: str
    exit_code: int
    result_status: ResultStatus | None
    """None where the code alone does not end a run."""
    state_status: Literal["failed", "partial", "unchanged", "none"]
    result_file: bool


class NamedField(Model):
    """A named input or output."""

    name: str
    description: str


class Contract(Model):
    """The whole of contract.yaml; sections only ONEX reads are kept as they are."""

    name: str
    contract_name: str
    node_name: str
    contract_version: SemVer
    node_version: SemVer
    node_type: str
    description: str
    input_model: ModelRef
    output_model: ModelRef
    handler: HandlerRef
    descriptor: dict[str, Any]
    execution: dict[str, Any]
    event_bus: dict[str, Any]
    terminal_event: str
    capabilities: tuple[str, ...]
    io_operations: tuple[dict[str, Any], ...]
    dependencies: tuple[dict[str, Any], ...]
    inputs: tuple[NamedField, ...]
    outputs: tuple[NamedField, ...]
    states: tuple[PhaseState, ...]
    phases: tuple[PhaseSpec, ...]
    errors: tuple[ErrorSpec, ...]
    release: ReleaseConfig
    metadata: dict[str, Any]

    def error(self, code: ErrorCode) -> ErrorSpec:
        return next(spec for spec in self.errors if spec.code is code)
