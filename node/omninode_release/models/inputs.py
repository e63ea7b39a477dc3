"""The contract's own inputs: how a node runner calls the tool that knows contract.yaml alone."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, RootModel, StrictBool

from omninode_release.models.base import Model
from omninode_release.models.commit import Level
from omninode_release.models.config import RepoName
from omninode_release.models.request import ModelSkillRequest

Minutes = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]


class ModelReleaseInputs(Model):
    """One call by the inputs contract.yaml names; each is an argument of the command line."""

    repos: tuple[RepoName, ...] = ()
    """Empty: every repository of the graph."""
    bump_override: Level | None = None
    gate_attestation: str | None = None
    dry_run: StrictBool = False
    resume: str | None = None
    run_id: str | None = None
    skip_pypi_wait: StrictBool = False
    pypi_timeout_minutes: Minutes | None = None
    context_id: str | None = None
    ticket: str | None = None
    offline: StrictBool = False
    strict: StrictBool = False
    config: str | None = None
    omni_home: str | None = None
    correlation_id: UUID | None = None
    """Whoever called knows the call by it; the release does not."""


class ModelNodeRequest(RootModel[ModelSkillRequest | ModelReleaseInputs]):
    """A call of the node in either form: what contract.yaml names as the handler's input."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    @property
    def correlation_id(self) -> UUID | None:
        """What ONEX's runtime puts into the event that ends the call."""
        return self.root.correlation_id
