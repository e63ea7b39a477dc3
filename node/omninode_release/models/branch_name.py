"""How a branch is named, as a configuration writes it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field


def _check_name(name: str) -> str:
    """Refuse what git does not take for a branch (git-check-ref-format(1))."""
    parts = name.split("/")
    if any(not part or part[0] == "." or part.endswith((".", ".lock")) for part in parts):
        raise ValueError(f"{name!r} is no name of a branch")
    if ".." in name or name == "HEAD":
        raise ValueError(f"{name!r} is no name of a branch")
    return name


BRANCH_NAME = r"^[A-Za-z0-9_][A-Za-z0-9_./+@#-]{0,199}$"
BranchName = Annotated[
    str,
    Field(pattern=BRANCH_NAME, examples=["develop"]),
    AfterValidator(_check_name),
]
"""A branch's name, without ``refs/heads/``."""
