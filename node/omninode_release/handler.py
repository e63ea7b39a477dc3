"""The handler beside contract.yaml, for tools that look there and not at ``handler.module``."""

from omninode_release.handlers.handler_release import HandlerRelease

__all__ = ["HandlerRelease"]
