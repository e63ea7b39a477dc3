"""Programs that are given no tokens: those that run the repositories' own code."""

from __future__ import annotations

from dataclasses import replace

from omninode_release.system.child_environment import build_environment
from omninode_release.system.process import Programs
from omninode_release.system.redaction import secrets_of


def without_tokens(programs: Programs) -> Programs:
    """The same programs without tokens: a build runs the repositories' own code, unapproved."""
    environ = build_environment(programs.environ)
    # A build may come upon them all the same, in a file; that must not be shown either.
    return replace(
        programs, environ=environ, secrets=(*programs.secrets, *secrets_of(programs.environ))
    )
