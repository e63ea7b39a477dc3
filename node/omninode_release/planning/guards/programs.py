"""What lets the programs of a release do less, or other things, than the plan says."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from omninode_release.models.seen import SeenKind, make_seen
from omninode_release.system.child_environment import is_misleading
from omninode_release.text.hook_files import (
    HOOKS_OF_PREK,
    PRE_COMMIT,
    find_hooks_of_other_stages,
    find_other_hook_files,
)
from omninode_release.text.locks.choice import find_locks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omninode_release.models.facts import RepoFacts
    from omninode_release.models.lock import LockName
    from omninode_release.models.plan import RepoPlan
    from omninode_release.models.seen import Seen
    from omninode_release.planning.organisation import Organisation

# Variables that change what a lock is resolved to, or what is written into it; each is told for the
# first kind. Their values may hold a password.
_RESOLUTION = (
    *("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"),
    *("UV_INDEX_STRATEGY", "UV_RESOLUTION", "UV_PRERELEASE", "UV_FORK_STRATEGY", "UV_NO_SOURCES"),
    *("UV_CONFIG_FILE", "UV_NO_CONFIG", "UV_NO_INDEX"),
)
_OF_PDM = ("PDM_PYPI_URL", "PDM_CONFIG_FILE", "PDM_IGNORE_STORED_INDEX", "PDM_USE_UV")
_OF_PIP = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_CONSTRAINT"),
    *("PIP_PRE", "PIP_CONFIG_FILE"),
)
_VARIABLES: Mapping[LockName, tuple[str, ...]] = {
    "uv": _RESOLUTION,
    "pdm": _OF_PDM,
    "requirements": (*_RESOLUTION, *_OF_PIP),
}

_OF_HOOKS = frozenset({"SKIP", "PREK_SKIP", "PRE_COMMIT_ALLOW_NO_CONFIG", "PREK_ALLOW_NO_CONFIG"})


def find_hooks_left(row: RepoPlan, facts: RepoFacts, org: Organisation) -> Iterator[Seen]:
    """Hooks that LINT does not run."""
    tree = facts.around if row.path else facts.tree
    hooks, others = org.config.hooks_for(row.repo), find_other_hook_files(tree.paths)
    if hooks not in {"pre-commit", "prek"}:
        runs = "nothing" if hooks == "none" else f"`{shlex.join(hooks)}` alone"
        why = f"LINT runs {runs}, as hooks of the release configuration says"
        own = [PRE_COMMIT] if PRE_COMMIT in tree.paths else []
        for path in (*own, *others) or (("hooks",) if hooks == "none" else ()):
            yield make_seen(row.repo, SeenKind.HOOK, path, why)
        return
    for path in others:
        if hooks == "prek" and PRE_COMMIT not in tree.paths and path in HOOKS_OF_PREK:
            continue
        yield make_seen(row.repo, SeenKind.HOOK, path, f"LINT runs the hooks of {PRE_COMMIT} alone")
    for hook, stages in find_hooks_of_other_stages(tree.texts.get(PRE_COMMIT, "")).items():
        what = f"{hook} of stage {stages}"
        yield make_seen(
            row.repo, SeenKind.HOOK, what, "LINT runs the hooks of stage pre-commit alone"
        )


def find_variables(row: RepoPlan, facts: RepoFacts, org: Organisation) -> Iterator[Seen]:
    """Variables of the user that look like they decide, and those that do change what is run."""
    variables, tree = org.facts.environment, facts.tree
    paths = frozenset({*tree.paths, *facts.around.paths})
    locks = find_locks(paths, tree.texts, org.config.lock_for(row.repo))
    passed = org.config.pass_environment
    given = (each for each in variables if is_misleading(each, passed) and variables[each])
    for name in sorted(given):
        why = "no program of this run is given it: the tree decides what is locked and built"
        if name in _OF_HOOKS and PRE_COMMIT in paths:
            why = "LINT runs every hook; to leave some out, name it in pass_environment"
        elif name in _OF_HOOKS:
            continue
        yield make_seen(row.repo, SeenKind.ENVIRONMENT, name, why)
    if PRE_COMMIT in paths and variables.get("SKIP") and "SKIP" in passed:
        why = "LINT leaves these hooks out, as pass_environment of the release configuration wants"
        yield make_seen(row.repo, SeenKind.ENVIRONMENT, f"SKIP={variables['SKIP']}", why)
    kinds = [kind for kind in reversed([*_VARIABLES]) if kind in locks]
    deciding = {name: kind for kind in kinds for name in _VARIABLES[kind] if variables.get(name)}
    for name, kind in deciding.items():
        program = "the program of its header" if kind == "requirements" else kind
        why = (
            f"{program} resolves the lock with it; unset it where the lock should not depend on it"
        )
        yield make_seen(row.repo, SeenKind.ENVIRONMENT, name, why)
