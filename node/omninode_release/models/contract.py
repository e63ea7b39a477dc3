"""contract.yaml as a value: what the node is, and what it promises."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from omninode_release.errors import ErrorCode
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.contract_texts import (
    BumpRule,
    Credential,
    ExitSpec,
    Named,
    Neighbour,
    Prose,
    Rules,
    Stage,
    StatusSpec,
)
from omninode_release.models.model import Model
from omninode_release.models.phase import Phase, PhaseState
from omninode_release.models.result import ResultStatus

Topic = Annotated[
    str,
    Field(
        pattern=r"^onex\.(cmd|evt|dlq|intent)\.[a-z0-9-]+\.[a-z0-9]+(-[a-z0-9]+)*\.v[1-9][0-9]*$",
        examples=["onex.cmd.omniclaude.release.v1"],
    ),
]
"""``onex.<kind>.<producer>.<slug>.v<n>``: the organisation's rule for topics."""
_Module = Annotated[str, Field(examples=["omninode_release.phases.worktree"])]
_NodeName = Annotated[str, Field(examples=["node_skill_release_orchestrator"])]

Agent = Literal["go on", "correct", "mend", "ask", "report"]
"""What an agent may do about a failure; SKILL.md says what each word allows."""

_ANYWHERE = frozenset({ErrorCode.TOOL_MISSING, ErrorCode.OUTPUT_INVALID, ErrorCode.STORAGE_FAILED})


class SemVer(Model):
    """A version as ONEX writes it."""

    major: int
    """Raised when something old stops working."""
    minor: int
    """Raised when something new works."""
    patch: int
    """Raised when something is mended."""


class ModelRef(Model):
    """A model by name and importable module."""

    name: Annotated[str, Field(examples=["ModelSkillRequest"])]
    """Its class."""
    module: _Module
    """Where that is imported from."""


class HandlerRef(Model):
    """The class ONEX calls, and the model it is called with."""

    module: _Module
    """Where the class is imported from."""
    class_: str = Field(alias="class", examples=["HandlerRelease"])
    """Its name."""
    input_model: Annotated[str, Field(examples=["omninode_release.models.request.ModelX"])]
    """The model's dotted path."""


class HandlerRouting(Model):
    """The same for tools of ONEX that look beside the contract, such as `onex compliance`."""

    default_handler: Annotated[
        str, Field(pattern=r"^[a-z_]+:[A-Za-z]+$", examples=["node:NodeSkillReleaseOrchestrator"])
    ]
    """A module beside the contract, and a class of it."""


class Subscription(Model):
    """What wakes the node up."""

    topic: Topic
    """The command topic."""
    consumer_group: str = Field(
        pattern=r"^[a-z0-9-]+\.skill\.[a-z0-9_]+$", examples=["omniclaude.skill.release"]
    )
    """``<producer>.skill.<name>``."""


class Publication(Model):
    """Where the node says how a run ended."""

    success_topic: Topic
    """Of a run that ended with SUCCESS or DRY_RUN."""
    failure_topic: Topic
    """Of any other."""


class EventBus(Model):
    """Topics, once each by role and once as the lists other tools read."""

    subscribe: Subscription
    """What wakes the node up."""
    publish: Publication
    """Where it says how a run ended."""
    subscribe_topics: tuple[Topic, ...]
    """Every topic it reads."""
    publish_topics: tuple[Topic, ...]
    """Every topic it writes."""

    @property
    def topics(self) -> tuple[str, ...]:
        """All of them: what topics.yaml lists."""
        return (*self.subscribe_topics, *self.publish_topics)


class Skill(Model):
    """What an agent runtime is told of the skill beside what stands elsewhere here."""

    name: Annotated[str, Field(examples=["release"])]
    """The word it is called by."""
    category: Annotated[str, Field(examples=["workflow"])]
    """The shelf it is found on."""
    composable: bool
    """Whether another skill may call it."""
    use_when: Prose
    """What a user asks for when an agent should take this skill."""
    allowed_tools: Annotated[str, Field(examples=["Bash(omni-release:*) Read"])]
    """What an agent may use for it without asking, separated by spaces."""
    arguments: tuple[Annotated[str, Field(examples=["--bump"])], ...]
    """Those that stand in the frontmatter."""
    inputs: tuple[Annotated[str, Field(examples=["repos"])], ...]
    """Those that stand in the frontmatter."""


class Capability(Model):
    """One thing that the node can be asked for."""

    name: Annotated[str, Field(examples=["skill.release"])]
    """``skill.<name>``."""
    description: Prose
    """What it does."""
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$", examples=["1.0.0"])
    """The version of what is promised of it: that of the contract."""


class PhaseSpec(Model):
    """One phase: where its code is, what it leaves, how a repetition is recognised."""

    phase: Phase
    """Its name."""
    state: PhaseState
    """The state a repository is in once it is complete."""
    handler: _Module
    """The module with its ``done`` and ``apply``."""
    output_schema: Annotated[str, Field(examples=["phase-worktree"])]
    """The schema of its evidence: ``schemas/<name>.schema.json``."""
    effect: Prose
    """The one thing it changes in the world."""
    idempotency_key: Prose
    """What is looked at to tell whether that has happened."""
    check: Prose
    """When it has."""
    errors: tuple[ErrorCode, ...] = Field(min_length=1)
    """The first is what an unexpected failure of a program becomes."""


class ErrorSpec(Model):
    """What one code means: to the run, to a person, to a caller."""

    code: ErrorCode
    """Its name."""
    scope: Literal["run", "repo"]
    """A repo failure becomes PARTIAL (exit 3) once another repository has been released."""
    meaning: Prose
    """What is the matter."""
    behavior: Prose
    """What the tool does about it."""
    recovery: Prose
    """What a person does about it."""
    agent: Agent
    """What an agent may do about it; SKILL.md says what each word allows."""
    exit_code: int
    """How the command exits where nothing was released."""
    result_status: ResultStatus | None
    """None where the code alone does not end a run."""
    state_status: Literal["failed", "partial", "unchanged", "none"]
    """What becomes of the run's state file."""
    result_file: bool
    """Whether a result is written."""


class Contract(Model):
    """The whole of contract.yaml; sections only ONEX reads are kept as they are."""

    name: _NodeName
    """The node's name."""
    contract_name: _NodeName
    """The same, for tools that read this key."""
    node_name: _NodeName
    """The same, for tools that read this key."""
    contract_version: SemVer
    """The version of what the contract promises."""
    node_version: SemVer
    """The version of the package."""
    node_type: Annotated[str, Field(examples=["ORCHESTRATOR_GENERIC"])]
    """ONEX's kind of node."""
    description: Prose
    """What the node does."""
    skill: Skill
    """What an agent runtime is told."""
    input_model: ModelRef
    """What a request is."""
    output_model: ModelRef
    """What a result is."""
    handler: HandlerRef
    """What ONEX calls."""
    handler_routing: HandlerRouting
    """What tools of ONEX find that look beside the contract."""
    descriptor: dict[str, Any]
    """ONEX's section."""
    execution: dict[str, Any]
    """ONEX's section."""
    event_bus: EventBus
    """Topics and consumer group."""
    terminal_event: Topic
    """The topic of a run that ended well."""
    capabilities: tuple[Capability, ...]
    """What the node can be asked for."""
    io_operations: tuple[dict[str, Any], ...]
    """ONEX's section."""
    dependencies: tuple[dict[str, Any], ...]
    """ONEX's section."""
    inputs: tuple[Named, ...]
    """What a caller may give."""
    outputs: tuple[Named, ...]
    """What a caller gets."""
    stages: tuple[Stage, ...]
    """The phases of a whole run."""
    states: tuple[PhaseState, ...]
    """The states of a repository, in order."""
    phases: tuple[PhaseSpec, ...]
    """The phases of a repository, in order."""
    statuses: tuple[StatusSpec, ...]
    """How a run can end."""
    exit_codes: tuple[ExitSpec, ...]
    """How the command can exit."""
    errors: tuple[ErrorSpec, ...]
    """Every code."""
    bump_rules: tuple[BumpRule, ...]
    """Commits and the levels they ask for."""
    rules: Rules
    """What a run holds to."""
    credentials: tuple[Credential, ...]
    """What a run authenticates with."""
    neighbours: tuple[Neighbour, ...]
    """Skills and workflows a run has to do with."""
    environment: tuple[Named, ...]
    """Variables that are read."""
    files: tuple[Named, ...]
    """Files and folders that are read or written."""
    release: ReleaseConfig
    """The default release configuration."""
    metadata: dict[str, Any]
    """Author, licence, tags."""

    @property
    def promised_version(self) -> str:
        """``contract_version`` as text: that of the skill and of its capability."""
        version = self.contract_version
        return f"{version.major}.{version.minor}.{version.patch}"

    def error(self, code: ErrorCode) -> ErrorSpec:
        """What the contract says of a code. Raises LookupError where it says nothing."""
        found = next((spec for spec in self.errors if spec.code is code), None)
        if found is None:
            raise LookupError(f"contract.yaml does not explain {code}: see omni-release validate")
        return found

    def phase(self, phase: Phase) -> PhaseSpec:
        """What the contract says of a phase. Raises LookupError where it says nothing."""
        found = next((spec for spec in self.phases if spec.phase is phase), None)
        if found is None:
            raise LookupError(f"contract.yaml has no phase {phase}: see omni-release validate")
        return found

    def code_in(self, phase: Phase, code: ErrorCode) -> ErrorCode:
        """The code under which a failure of a phase is known: its own first, where it is no other.

        Some codes mean the same in every phase and stay as they are.
        """
        allowed = self.phase(phase).errors
        return code if code in allowed or code in _ANYWHERE else allowed[0]
