"""A policy file: what the owner of a machine demands of every release made on it.

It only ever adds to a configuration: no key here can make a release easier.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic.json_schema import SkipJsonSchema

from omninode_release.models.model import Model

SlackUser = Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{2,}$", examples=["U012ABCDEF"])]
"""A member's id in Slack; a name can be changed."""


class ReleasePolicy(Model):
    """Demands of the machine; a key that is left out demands nothing."""

    gate: Literal["slack", "console"] | SkipJsonSchema[None] = None
    """The least a person is asked by; ``slack`` is stricter than ``environment`` and ``console``. A
    gate token stands in for it only where it is verified in Slack."""
    attestation: Literal["verify"] | SkipJsonSchema[None] = None
    """A gate token is looked up in Slack, or refused."""
    approvers: tuple[SlackUser, ...] | SkipJsonSchema[None] = Field(default=None, min_length=1)
    """Only these may approve, and of these only those whom the configuration names too, where it
    names any. They are asked in Slack, so this demands ``gate: slack``."""
    late_commits: Literal["refuse"] | SkipJsonSchema[None] = None
    """No commit is let in that reached a base branch after the approval."""

    @field_validator("*", mode="before")
    @classmethod
    def _has_a_value(cls, value: object) -> object:
        """``gate:`` with nothing behind it looks like a demand and would be none."""
        if value is None:
            raise ValueError("expected a value, found none; leave the key out to demand nothing")
        return value
