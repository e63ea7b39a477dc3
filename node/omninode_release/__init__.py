"""omninode-release: release an organisation's Python packages in dependency order."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omninode_release.node import NodeSkillReleaseOrchestrator

__version__ = "0.2.0"
__all__ = ["NodeSkillReleaseOrchestrator", "__version__"]


def __getattr__(name: str) -> object:
    """The node, imported when it is asked for: a command must not pay for it when it starts."""
    if name == "NodeSkillReleaseOrchestrator":
        from omninode_release.node import NodeSkillReleaseOrchestrator  # noqa: PLC0415

        return NodeSkillReleaseOrchestrator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
