"""Configurations of hook runners, and the hooks of one that a run over all files leaves out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omninode_release.text.formats.toml_document import list_at
from omninode_release.text.formats.yaml_reader import try_read_foreign_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PRE_COMMIT = ".pre-commit-config.yaml"
HOOKS_OF_PREK = (".pre-commit-config.yml", "prek.toml")
"""What prek reads hooks from beside that."""
_OTHERS = re.compile(
    r"\.pre-commit-config\.yml|prek\.toml|\.?lefthook\.(?:ya?ml|toml|json)|\.overcommit\.yml"
    r"|\.husky/pre-(?:commit|push)"
)
_STAGES = {"pre-commit", "commit"}  # the second is its old name


def find_other_hook_files(paths: Iterable[str]) -> list[str]:
    """The configurations that pre-commit does not read."""
    return [path for path in paths if _OTHERS.fullmatch(path)]


def find_hooks_of_other_stages(text: str) -> dict[str, str]:
    """Hook id to its stages, for those that ``pre-commit run`` leaves out.

    Empty where the text cannot be read: pre-commit says what is wrong with it.
    """
    if "stages" not in text:
        return {}
    return dict(_find_others(try_read_foreign_yaml(text)))


def _find_others(config: object) -> Iterator[tuple[str, str]]:
    usual = list_at(config, ("default_stages",))
    for repo in list_at(config, ("repos",)):
        for hook in list_at(repo, ("hooks",)):
            if isinstance(hook, dict):
                stages = hook.get("stages") or usual
                if isinstance(stages, list) and stages and _STAGES.isdisjoint(map(str, stages)):
                    yield str(hook.get("id")), ", ".join(map(str, stages))
