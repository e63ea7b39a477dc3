"""The node: a request in, its ModelSkillResult out, for a caller in Python."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING
from uuid import UUID

from omninode_release.release.core import answer
from omninode_release.release.ending import refuse
from omninode_release.release.environment import Environment, fix_clock, for_a_program
from omninode_release.system.signals import orderly_stop

if TYPE_CHECKING:
    from omninode_release.models.result import ModelSkillResult


class NodeSkillReleaseOrchestrator:
    """The skill as an ONEX node: contract.yaml's ``node_skill_release_orchestrator``."""

    def handle(self, request: object) -> ModelSkillResult:
        """Carry out ``request``: a skill request or the contract's inputs, as model or mapping.

        Environment and working directory are those of the process, progress goes to its stderr.
        Never raises: of a release that fails, a request that makes no sense, an interruption and a
        bug, the result says so.
        """
        environment = for_a_program(Environment())
        with orderly_stop():
            try:
                environment = fix_clock(environment)
                return answer(_as_json(request), environment).result
            except (Exception, KeyboardInterrupt) as stopped:  # noqa: BLE001 - as said above
                return refuse(stopped, environment).result


def _as_json(request: object) -> str:
    """The request as it would have been typed; what is none is shown, and refused by its reader."""
    try:
        dump = getattr(request, "model_dump", None)
        value = dump(mode="json") if dump is not None else request
        return json.dumps(dict(value) if isinstance(value, Mapping) else value, default=_text)
    except Exception as error:  # noqa: BLE001 - any object that a caller has made up
        return json.dumps(f"{type(request).__name__} that is no JSON: {type(error).__name__}")


def _text(value: object) -> str:
    """What Python callers put where JSON has a text."""
    if isinstance(value, PurePath | UUID):
        return str(value)
    raise TypeError(type(value).__name__)
