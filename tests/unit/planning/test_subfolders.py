"""Which folders of a repository are packages of it."""

from __future__ import annotations

import pytest

from omninode_release.planning.subfolders import is_member


@pytest.mark.parametrize(
    ("workspace", "expected"),
    [
        ('members = ["packages/*"]', True),
        ('members = ["./packages/*/"]', True),
        ('members = ["libs/*", "packages/core"]', True),
        ('members = ["packages/**"]', True),
        ('members = ["**/core"]', True),
        ('members = ["packages/core/**/**"]', True),
        ('members = ["packages/c?re"]', True),
        ('members = ["packages"]', False),
        ('members = ["*"]', False),
        ('members = ["packages/core/*"]', False),
        ('members = ["packages/*"]\nexclude = ["packages/core"]', False),
        ('members = ["packages/*"]\nexclude = ["./packages/c*"]', False),
        ("members = 1", False),
        ("", False),
    ],
)
def test_a_workspace_has_what_its_globs_have(workspace: str, *, expected: bool) -> None:
    assert is_member(f"[tool.uv.workspace]\n{workspace}\n", "packages/core") is expected
