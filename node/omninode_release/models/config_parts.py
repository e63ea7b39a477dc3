"""Parts of a configuration that stand under a key of their own."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from omninode_release.models.branch_name import BranchName
from omninode_release.models.model import Model
from omninode_release.models.template import LineTemplate, SubjectTemplate

_NO = frozenset({"cancel", "deny", "hold", "no", "reject", "stop"})
_FINITE = ConfigDict(allow_inf_nan=False)

Argv = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...],
    Field(min_length=1, examples=[["python3", "scripts/write_docs.py"]]),
]
"""A command as a list of words; no shell reads it."""
LABEL = r"^[^\s,\x00-\x1f](?:[^,\x00-\x1f]{0,48}[^\s,\x00-\x1f])?$"
Label = Annotated[str, Field(pattern=LABEL)]
"""A label's name."""


class Local(Model):
    """The embedded forge and index: everything on this machine."""

    index_dir: str = Field(default="../index", min_length=1, examples=["../index"])
    """The folder index, relative to omni_home or absolute."""
    index_only: bool = False
    """True where the folder holds everything a release needs: uv then asks no other index."""
    checks: tuple[str, ...] = Field(default=(), examples=[["python3", "scripts/check.py"]])
    """The command run in the head commit's tree of a pull request; empty: nothing to check."""


class GitState(Model):
    """A branch of a control repository, where runs are kept beside the machine's own folder."""

    git: str = Field(min_length=1, examples=["git@github.com:OmniNode-ai/release-state.git"])
    """The repository: an address as git takes it, or a path, relative to omni_home or absolute."""
    branch: BranchName = Field(default="omni-release-state", examples=["omni-release-state"])
    """The branch; the first run makes it, and nothing but runs should write to it."""


class Timeouts(Model):
    """How long one thing may take before the tool gives up on it."""

    model_config = _FINITE

    gate_minutes: float = Field(default=1440, gt=0)
    """How long the gate waits for a person."""
    git_seconds: float = Field(default=120, gt=0)
    """How long one git command may take."""
    lock_minutes: float = Field(default=15, gt=0)
    """How long it may take to lock one repository."""
    lint_minutes: float = Field(default=30, gt=0)
    """How long the hooks that LINT runs may take."""
    after_bump_minutes: float = Field(default=15, gt=0)
    """How long one command of ``after_bump`` may take."""
    checks_minutes: float = Field(default=30, gt=0)
    """How long the embedded forge's check command may take."""
    merge_minutes: float = Field(default=60, gt=0)
    """How long checks, reviews and a merge queue are waited for, in all."""
    api_seconds: float = Field(default=60, gt=0, le=86_400)
    """How long one call of a service's API may take."""
    checks_grace_seconds: float = Field(default=60, ge=0)
    """How long checks may take to report for the first time where none is required, and to begin
    again where they were cancelled."""
    workflow_grace_seconds: float = Field(default=60, ge=0)
    """How long a run for the tag may take to show up, before one is dispatched."""
    own_grace_seconds: float = Field(default=90, ge=0)
    """How long what the run did a moment ago may take to show: a push, a merge, a dispatch."""
    index_grace_seconds: float = Field(default=60, ge=0)
    """How long a version may take to show up on the index after its workflow run failed."""
    verify_minutes: float = Field(default=10, gt=0)
    """How long the packages of a run may take to install together."""
    orphan_seconds: float = Field(default=60, ge=0)
    """How long a run waits for the child processes of a killed one."""


class Polling(Model):
    """How often a wait looks again: soon at first, then after a tenth of the time waited so far."""

    model_config = _FINITE

    min_seconds: float = Field(default=1, gt=0)
    """The first pause; the next are twice as long, until that is a tenth of the time waited."""
    max_seconds: float = Field(default=30, gt=0)
    """The longest pause."""


class GateCommands(Model):
    """The words a person answers the gate with."""

    approve: tuple[str, ...] = Field(default=("approve",), min_length=1, examples=[["approve"]])
    """Each of them, as the whole reply, approves; the first is shown."""
    reject: tuple[str, ...] = Field(default=("reject",), min_length=1, examples=[["reject"]])
    """Each of them, as the first word of a reply, rejects; the first is shown."""

    @model_validator(mode="after")
    def _words_are_told_apart(self) -> Self:
        """A word that means no in everybody's mouth must not approve."""
        no = {*map(str.lower, self.reject), *_NO}
        both = sorted(no & {*map(str.lower, self.approve)})
        if both:
            raise ValueError(f"approve: {both[0]!r} rejects")
        broken = [each for each in (*self.approve, *self.reject) if len(each.split()) != 1]
        if broken:
            raise ValueError(f"expected single words, found {broken[0]!r}")
        return self


VARIABLE_NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"
VariableName = Annotated[str, Field(pattern=VARIABLE_NAME)]
"""A variable of the environment, by its name alone."""

Hooks = Literal["pre-commit", "prek", "none"] | Argv
"""What LINT runs."""


class PullWords(Model):
    """What pull requests of releases say beside what the run writes."""

    title: SubjectTemplate | None = None
    """The title, where it is not the subject of the release commit."""
    body: tuple[LineTemplate, ...] = Field(default=(), examples=[["Evidence-Ticket: {ticket}"]])
    """Lines of the body, above the lines by which the run knows its own."""
    labels: tuple[Label, ...] = Field(default=(), examples=[["release"]])
    """Labels that the repository has."""
