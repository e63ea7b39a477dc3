"""The contract's own inputs: how a node runner calls the tool that knows contract.yaml alone."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, RootModel, StrictBool

from omninode_release.models.commit import Level
from omninode_release.models.field_types import GateToken, RunId, Ticket, Version
from omninode_release.models.graph import RepoName
from omninode_release.models.model import BuiltLate, Model
from omninode_release.models.request import ModelSkillRequest
from omninode_release.models.version_words import PreKind

Minutes = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]


class ModelReleaseInputs(Model):
    """One call by the inputs contract.yaml names; each is an argument of the command line."""

    repos: tuple[RepoName, ...] = ()
    """Empty: every repository of the graph."""
    bump_override: Level | None = None
    """Level for every repository that has something to release; null takes it from commits."""
    gate_attestation: GateToken | None = None
    """A token issued beforehand; null asks a person."""
    bump_overrides: Annotated[
        dict[RepoName, Level], Field(examples=[{"omnibase_core": "minor"}])
    ] = Field(default_factory=dict)
    """Level of single repositories."""
    version_overrides: Annotated[
        dict[RepoName, Version], Field(examples=[{"omnibase_core": "1.0.0"}])
    ] = Field(default_factory=dict)
    """Version of single repositories, released even where no commit asks for it."""
    plan: Annotated[str, Field(min_length=1, examples=["/home/me/plan.json"])] | None = None
    """A file with the plan that is to be carried out, and no other."""
    pre: PreKind | None = None
    """Every repository gets a pre-release of this kind instead of its final release."""
    dry_run: StrictBool = False
    """Answer the plan and change nothing."""
    resume: RunId | None = None
    """The run to go on with."""
    run_id: RunId | None = None
    """The name of a new run; null makes one from repositories and day."""
    skip_pypi_wait: StrictBool = False
    """Do not wait for the package index after publishing."""
    pypi_timeout_minutes: Minutes | None = None
    """Longest wait for the package index, per repository; null is 10."""
    context_id: RunId | None = None
    """Folder name of the result file; null is the run's."""
    ticket: Ticket | None = None
    """Ticket for commit and pull request."""
    offline: StrictBool = False
    """A dry run does not ask the remotes."""
    strict: StrictBool = False
    """A dry run fails where a real run would refuse."""
    preflight: StrictBool = False
    """A dry run checks all that a real run would need, too."""
    rehearse: StrictBool = False
    """A dry run builds and locks what it plans, too, in throw-away trees."""
    take_over: StrictBool = False
    """The process at work on the run on another machine (``state: git``) is known to be dead."""
    verbose: StrictBool = False
    """Every program that is run is shown on stderr."""
    config: Annotated[str, Field(min_length=1, examples=["/home/me/release.yaml"])] | None = None
    """The release configuration; null looks where the command line does."""
    omni_home: Annotated[str, Field(min_length=1, examples=["/home/me/omni_home"])] | None = None
    """The folder with the clones; null looks where the command line does."""
    correlation_id: (
        Annotated[UUID, Field(examples=["5f0c1d2e-3a4b-4c5d-8e6f-708192a3b4c5"])] | None
    ) = None
    """The caller's name for the call; the release does not use it."""


class ModelNodeRequest(BuiltLate, RootModel[ModelSkillRequest | ModelReleaseInputs]):
    """A call of the node in either form: what contract.yaml names as the handler's input."""

    model_config = ConfigDict(frozen=True)

    @property
    def correlation_id(self) -> UUID | None:
        """What ONEX's runtime puts into the event that ends the call."""
        return self.root.correlation_id
