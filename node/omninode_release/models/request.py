"""What a release is asked for, and the form in which an agent runtime asks with JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from uuid import UUID

from pydantic import Field

from omninode_release.errors import usage_error
from omninode_release.models.commit import Level
from omninode_release.models.model import Model
from omninode_release.models.run_id import RUN_ID_RULE, is_run_id
from omninode_release.models.version_words import PreKind, VersionWords

_TICKET = re.compile(r"[A-Z][A-Z0-9]*-\d+", re.ASCII)


class ModelSkillRequest(Model):
    """One call of the skill; ``""`` and ``"true"`` as a value make a bare flag."""

    skill_name: str = Field(min_length=1, pattern=r"\S", examples=["release"])
    """The skill that is called."""
    skill_path: str = Field(pattern=r"SKILL\.md$", examples=["skills/release/SKILL.md"])
    """Where the caller read of it."""
    args: Annotated[dict[str, str], Field(examples=[{"--dry-run": "", "--bump": "minor"}])] = Field(
        default_factory=dict
    )
    """Arguments by name."""
    correlation_id: Annotated[UUID, Field(examples=["5f0c1d2e-3a4b-4c5d-8e6f-708192a3b4c5"])]
    """Links request and result in the caller's log."""


@dataclass(frozen=True)
class ReleaseRequest:
    """What one invocation asks for, however it was made: command line, node runner, handler.

    Raises USAGE_ERROR, naming the option, for what contradicts itself (spec, Arguments).
    """

    repos: tuple[str, ...] = ()
    """Empty: every repository of the graph."""
    all: bool = False
    """Every repository of the graph, said explicitly."""
    bump: Level | None = None
    bumps: Mapping[str, Level] = field(default_factory=dict)
    """The level of single repositories."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """The version of single repositories."""
    plan: Path | None = None
    """A file with the plan that is to be carried out, and no other."""
    pre: PreKind | None = None
    """Every repository gets a pre-release of this kind."""
    dry_run: bool = False
    resume: str | None = None
    skip_pypi_wait: bool = False
    pypi_timeout_minutes: float = 10.0
    run_id: str | None = None
    gate_attestation: str | None = None
    context_id: str | None = None
    ticket: str | None = None
    offline: bool = False
    strict: bool = False
    preflight: bool = False
    rehearse: bool = False
    """A dry run builds and locks what it plans, as a run does before its gate."""
    config: Path | None = None
    omni_home: Path | None = None
    take_over: bool = False
    """The process at work on the run elsewhere (``state: git``) is known to be dead."""
    verbose: bool = False
    """Show every program that is run."""

    def __post_init__(self) -> None:
        if self.all and self.repos:
            raise usage_error("--all and repository names exclude each other: pass one of them.")
        if self.resume:
            self._check_resume()
        if self.plan is not None:
            self._check_plan()
        self._check_dry_run()
        if not 0 < self.pypi_timeout_minutes < math.inf:
            raise usage_error(
                "--pypi-timeout-minutes: expected a number of minutes above 0, found"
                f" {self.pypi_timeout_minutes:g}."
            )
        for option in ("resume", "run_id", "context_id"):
            value = getattr(self, option)
            if value is not None and not is_run_id(value):
                raise usage_error(
                    f"--{option.replace('_', '-')}: expected {RUN_ID_RULE}; found {value!r}."
                )
        if self.ticket is not None and not _TICKET.fullmatch(self.ticket):
            raise usage_error(f"--ticket: expected one like OMN-1234, found {self.ticket!r}.")

    @property
    def words(self) -> VersionWords:
        """What is said of versions."""
        return VersionWords(self.bump, self.bumps, self.versions, self.pre)

    def _check_dry_run(self) -> None:
        if self.take_over and (self.dry_run or not (self.resume or self.run_id)):
            raise usage_error(
                "--take-over belongs to a run by its name: add --resume RUN_ID or --run-id ID, and"
                " leave out --dry-run."
            )
        only_there = (self.offline, self.strict, self.preflight, self.rehearse)
        if any(only_there) and not self.dry_run:
            raise usage_error(
                "--offline, --preflight, --rehearse and --strict belong to --dry-run: add it, or"
                " leave them out."
            )
        if self.offline and self.preflight:
            raise usage_error("--offline and --preflight exclude each other: pass one of them.")

    def _check_resume(self) -> None:
        given = self._list_given("--run-id", "--plan")
        if given:
            raise usage_error(
                f"--resume goes on with what its run was started for: leave out {', '.join(given)}."
            )

    def _check_plan(self) -> None:
        given = self._list_given()
        if given:
            raise usage_error(
                f"--plan says itself what is released: leave out {', '.join(given)}, or make"
                " another plan with them (omni-release plan --out FILE)."
            )

    def _list_given(self, *more: str) -> list[str]:
        """What is said of what is to be released, by its name on the command line."""
        said = {
            "repository names": self.repos,
            "--all": self.all,
            "--bump": self.bump or self.bumps,
            "--version": self.versions,
            "--pre": self.pre,
            "--ticket": self.ticket,
        }
        said |= {name: getattr(self, name[2:].replace("-", "_")) for name in more}
        return [name for name, value in said.items() if value]
