"""A request as the command line that a person types for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from omninode_release.errors import typed
from omninode_release.gate.ports import START_AGAIN
from omninode_release.models.request import ReleaseRequest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from omninode_release.errors import ReleaseError

_PLAIN = ReleaseRequest()
_OF_ALL_REPOS = {"bumps": "bump", "versions": "version"}
_IN_A_PLAN = frozenset({"bump", "bumps", "versions", "pre", "ticket"})
_ELSEWHERE = frozenset({"repos", "plan", "resume", "gate_attestation", "config", "omni_home"})
"""What has a place of its own in the command, and what is said where its hint is shown."""
_OF_DRY_RUNS = frozenset({"dry_run", "offline", "strict", "preflight", "rehearse"})


def type_request(request: ReleaseRequest, plan: Path | None = None) -> tuple[str, ...]:
    """The command that asks for the same release; ``plan`` is the file that says what of."""
    if request.resume:
        return ("omni-release", "--resume", request.resume)
    said = ("--plan", str(plan)) if plan else request.repos
    left_out = {"all"} | _ELSEWHERE | _OF_DRY_RUNS | (_IN_A_PLAN if plan else frozenset())
    return ("omni-release", "release", *said, *_type_options(request, left_out))


def type_start(request: ReleaseRequest, run_id: str, plan: Path | None = None) -> tuple[str, ...]:
    """The command that begins the run by its name, without what would take it over."""
    begun = replace(request, resume=None, run_id=run_id, take_over=False)
    program, word, *said = type_request(begun, plan)
    return (program, *said) if said[0].startswith("-") else (program, word, *said)


def type_again(error: ReleaseError, command: Sequence[str]) -> None:
    """Let the hint of a gate's error name the command that asks again."""
    error.hint = (error.hint or "").replace(START_AGAIN, typed(command))


def _type_options(request: ReleaseRequest, left_out: Collection[str]) -> Iterator[str]:
    for each in fields(request):
        value = getattr(request, each.name)
        if each.name in left_out or value == getattr(_PLAIN, each.name):
            continue
        option = "--" + _OF_ALL_REPOS.get(each.name, each.name).replace("_", "-")
        if isinstance(value, Mapping):
            for repo, word in value.items():
                yield from (option, f"{repo}={word}")
        else:
            yield from (option,) if value is True else (option, str(value))
