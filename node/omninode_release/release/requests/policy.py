"""Holding a configuration to what the machine demands: of the two the stricter wins.

Every policy file that is there is read, and each can only add. What a caller chooses (a
configuration, a request, a variable) therefore never takes a demand away; it can name one more
file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from omninode_release.contract.load import load_policy
from omninode_release.errors import ErrorCode, ReleaseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from omninode_release.contract.load import Source
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.policy import ReleasePolicy


class PolicyFile(NamedTuple):
    """One file of demands."""

    source: Source
    demands: ReleasePolicy

    def __str__(self) -> str:
        said = self.demands.model_dump(exclude_defaults=True)
        return ", ".join(f"{key}: {_show(value)}" for key, value in said.items())


@dataclass(frozen=True)
class Rules:
    """What a run is held to, and who said so."""

    config: ReleaseConfig
    """The configuration after every demand of the machine."""
    written: ReleaseConfig
    """The same as a person wrote it."""
    source: Source
    """The file it was written in."""
    policies: tuple[PolicyFile, ...] = ()

    def changes(self) -> list[str]:
        """What the policy makes of the configuration, a line each."""
        keys = ("gate", "attestation", "approvers", "late_commits")
        names = " and ".join(str(policy.source.path) for policy in self.policies)
        return [
            f"{names} makes it {key}: {_show(now)}; the configuration says {_show(before)}"
            for key in keys
            if (now := getattr(self.config, key)) != (before := getattr(self.written, key))
        ]


def read_policies(paths: Iterable[Path], *, named: Path | None) -> tuple[PolicyFile, ...]:
    """The policy files that are there; ``named`` must be. Raises CONFIG_INVALID."""
    found = {}
    for path in (*paths, *([named] if named else [])):
        try:
            demands, source = load_policy(path)
        except FileNotFoundError:
            if path == named:
                raise ReleaseError(
                    ErrorCode.CONFIG_INVALID,
                    f"expected the release policy OMNI_RELEASE_POLICY names at {path}, found no"
                    " file.",
                    hint="write it, correct the variable, or unset it",
                ) from None
        else:
            found[path] = PolicyFile(source, demands)
    return tuple(found.values())


def make_rules(written: ReleaseConfig, source: Source, policies: tuple[PolicyFile, ...]) -> Rules:
    """The configuration under every demand. Raises CONFIG_INVALID where no person could approve."""
    demands = [policy.demands for policy in policies]
    changes: dict[str, Any] = {}
    if any(each.gate == "slack" or each.approvers for each in demands):
        changes["gate"] = "slack"
    if any(each.gate or each.attestation or each.approvers for each in demands):
        changes["attestation"] = "verify"
    if any(each.late_commits for each in demands):
        changes["late_commits"] = "refuse"
    if any(each.approvers for each in demands):
        changes["approvers"] = _who_may(written, source, policies)
    return Rules(written.model_copy(update=changes), written, source, policies)


def _who_may(
    written: ReleaseConfig, source: Source, policies: Sequence[PolicyFile]
) -> tuple[str, ...]:
    """Those whom every list names that names any."""
    lists = {str(each.source.path): each.demands.approvers or () for each in policies}
    lists[str(source.path)] = written.approvers
    given = {where: names for where, names in lists.items() if names}
    first, *others = given.values()
    left = tuple(name for name in dict.fromkeys(first) if all(name in each for each in others))
    if left:
        return left
    told = "; ".join(f"{where} names {', '.join(names)}" for where, names in given.items())
    raise ReleaseError(
        ErrorCode.CONFIG_INVALID,
        f"expected an approver whom policy and configuration both name, found none: {told}.",
        hint=f"name one of the policy's approvers in {source.path}, or leave `approvers` out there",
    )


def _show(value: object) -> str:
    """A setting as YAML would have it."""
    return f"[{', '.join(value)}]" if isinstance(value, tuple) else str(value)
