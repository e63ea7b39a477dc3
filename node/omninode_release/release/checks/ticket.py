"""Whether there is a ticket, where a text of the configuration names one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.check import Check
from omninode_release.models.template import names_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.models.config import ReleaseConfig


def check_ticket(config: ReleaseConfig, ticket: str | None) -> Iterator[Check]:
    """A failed check for a text that cannot be filled."""
    asking = [text for text in config.templates if names_place(text, "ticket")]
    if asking and not ticket:
        error = ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"expected a ticket for {asking[0]!r} of the release configuration, found none.",
            hint="omni-release --ticket TICKET and the rest as before",
        )
        yield Check.failure("run", "ticket", error)
