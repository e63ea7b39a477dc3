"""Types of the models' fields: one name for each kind of text, with an example for the schemas.

A type here checks nothing: the place that takes a value in says what it may be (``config``, the
command line).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from omninode_release.models.commit import Level

Repo = Annotated[str, Field(examples=["omnibase_core"])]
"""A repository's name in the tier graph."""
Distribution = Annotated[str, Field(examples=["omnibase-core"])]
"""What the package is called on the index."""
Version = Annotated[str, Field(examples=["1.5.0"])]
RunId = Annotated[str, Field(examples=["release-20260225-0e587f"])]
Sha = Annotated[str, Field(examples=["ed5dc345b1f0a7c2d9e8f7061524334251607f8e"])]
"""A commit's whole id."""
PlanHash = Annotated[
    str,
    Field(examples=["sha256:9b1f0c5e7a2d4483d1f0a9b8c7d6e5f4031221304f5e6d7c8b9aa0b1c2d3e4f5"]),
]
RowDigest = Annotated[
    str, Field(examples=["5d41402abc4b2a76b9719d911017c592aa0b1c2d3e4f5a6b7c8d9e0f10213243"])
]
GateToken = Annotated[str, Field(examples=["1740312612.000100:release-20260225-0e587f"])]
"""``<slack_ts>:<run_id>``."""
Tag = Annotated[str, Field(examples=["omnibase_core/v1.5.0"])]
Branch = Annotated[str, Field(examples=["release/release-20260225-0e587f/omnibase_core"])]
Origin = Annotated[str, Field(examples=["github.com/omninode-ai/omnibase_core"])]
PullUrl = Annotated[str, Field(examples=["https://github.com/OmniNode-ai/omnibase_core/pull/42"])]
RunUrl = Annotated[
    str, Field(examples=["https://github.com/OmniNode-ai/omnibase_core/actions/runs/7"])
]
TagUrl = Annotated[
    str, Field(examples=["https://github.com/OmniNode-ai/omnibase_core/releases/tag/v1.5.0"])
]
IndexUrl = Annotated[str, Field(examples=["https://index.example/simple/omnibase-core/"])]
Folder = Annotated[str, Field(examples=["/home/me/omni_worktrees/release/r1/omnibase_core"])]
ConfigFile = Annotated[str, Field(examples=["/home/me/omni_home/release.yaml"])]
"""The path of a release configuration, absolute, or ``built in``."""
RepoFile = Annotated[str, Field(examples=["pyproject.toml"])]
"""A path relative to the repository."""
Subject = Annotated[str, Field(examples=["feat(container): resolve services by name (#12)"])]
"""The first line of a commit's message."""
Requirement = Annotated[str, Field(examples=["omnibase-core==1.5.0"])]
Ticket = Annotated[str, Field(examples=["OMN-1234"])]
Problem = Annotated[
    str,
    Field(examples=["expected every pre-commit hook to pass, found ruff failing. Next: fix it"]),
]
"""What was expected and found, and the next thing to type."""
Commands = Annotated[
    tuple[tuple[str, ...], ...],
    Field(examples=[[["omni-release", "--resume", "release-20260225-0e587f"]]]),
]
"""Commands, word by word, as they can be run without a shell."""
LastOutput = Annotated[
    str, Field(examples=["ruff.....Failed\nsrc/omnibase_core/container.py:12:1: F401 unused"])
]
"""What a failing program printed last: without secrets, some thousand characters at most."""
Bumps = Annotated[dict[Repo, Level], Field(examples=[{"omnibase_core": "minor"}])]
"""The level of single repositories."""
Versions = Annotated[dict[Repo, Version], Field(examples=[{"omnibase_core": "1.0.0"}])]
ConfigDigest = Annotated[dict[str, str], Field(examples=[{"forge": "0a1b2c3d4e5f"}])]
"""Top-level configuration key to a digest of its value."""
Warned = Annotated[str, Field(examples=["the clone of omnibase_core is behind its remote"])]
Moment = Annotated[AwareDatetime, Field(examples=["2026-02-25T14:00:00Z"])]
"""A time with its zone; written as UTC."""
