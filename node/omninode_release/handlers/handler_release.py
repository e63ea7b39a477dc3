"""The class that contract.yaml names and ONEX's runtime makes and calls by reflection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.node import NodeSkillReleaseOrchestrator

if TYPE_CHECKING:
    from omninode_release.models.result import ModelSkillResult


class HandlerRelease:
    """ONEX's way into the node."""

    def handle(self, request: object) -> ModelSkillResult:
        """Carry out one request; see ``NodeSkillReleaseOrchestrator.handle``.

        ``request`` has no default on purpose: ONEX calls a handler that raised TypeError again
        without arguments, and a release must not begin a second time with nothing asked for.
        """
        return NodeSkillReleaseOrchestrator().handle(request)
