"""Hooks that a run over all files leaves out."""

from __future__ import annotations

import pytest

from omninode_release.text.hook_files import find_hooks_of_other_stages, find_other_hook_files

CONFIG = """\
{top}
repos:
  - repo: local
    hooks:
      - id: a
      - id: b
        stages: [pre-push, manual]
      - {{id: c, stages: [commit]}}
      - id: d
        stages:
          - manual
      - id: e
        stages: [pre-commit, pre-push]
"""


@pytest.mark.parametrize(
    ("top", "left"),
    [
        ("", {"b": "pre-push, manual", "d": "manual"}),
        ("default_stages: [commit, push]", {"b": "pre-push, manual", "d": "manual"}),
        ("default_stages: [push]", {"a": "push", "b": "pre-push, manual", "d": "manual"}),
    ],
)
def test_hooks_of_other_stages(top: str, left: dict[str, str]) -> None:
    assert find_hooks_of_other_stages(CONFIG.format(top=top)) == left


@pytest.mark.parametrize(
    "text",
    ["", "repos: []", "stages: [", "stages", "repos: [{hooks: 1}, 2]\nx: stages", "- stages"],
)
def test_what_cannot_be_read_has_none(text: str) -> None:
    assert find_hooks_of_other_stages(text) == {}


def test_other_runners() -> None:
    others = [".husky/pre-commit", ".pre-commit-config.yml", "lefthook.yml", "prek.toml"]

    assert find_other_hook_files([".pre-commit-config.yaml", *others, "x/lefthook.yml"]) == others
