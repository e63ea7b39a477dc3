"""Whether there is a ticket, where a text of the configuration names one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.check import Check
from omninode_release.models.template import names_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.release.record import RunRecord


def check_ticket(record: RunRecord) -> Iterator[Check]:
    """A failed check for a text that cannot be filled."""
    templates, state = record.session.config.templates, record.state
    asking = [text for text in templates if names_place(text, "ticket")]
    if asking and not (state or record.session.request).ticket:
        error = ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"expected a ticket for {asking[0]!r} of the release configuration, found none.",
            hint="omni-release --ticket TICKET and the rest as before",
        )
        yield Check.failure("run", "ticket", error)
