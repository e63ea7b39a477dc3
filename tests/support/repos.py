"""Organisations made unusual: a repository more, a changed configuration, a hook that objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from support.gitrepo import SOME_DAY, git, land
from support.orgs import PAIR

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

HOOKS = PAIR.parents[1] / "demo" / "common" / ".pre-commit-config.yaml"


def manifest(name: str, version: str = "1.0.0", *needs: str) -> str:
    """A pyproject.toml that needs no network to be built."""
    needed = "".join(f'    "{need}",\n' for need in needs)
    return (
        '[build-system]\nrequires = ["uv_build>=0.8,<1"]\nbuild-backend = "uv_build"\n\n'
        f'[project]\nname = "{name}"\nversion = "{version}"\nrequires-python = ">=3.11"\n'
        f"dependencies = [\n{needed}]\n"
    )


def add_repo(org: Org, name: str, files: Mapping[str, str], *, tag: str | None = None) -> Path:
    """A repository with one commit on its remote, and the user's clone of it, which is answered."""
    clone = org.clone(name)
    git(org.remotes, "init", "--quiet", "--bare", "--template=", "-b", "main", f"{name}.git")
    git(org.omni_home, "clone", "--quiet", "--template=", str(org.remote(name)), name)
    for path, text in files.items():
        (clone / path).parent.mkdir(parents=True, exist_ok=True)
        (clone / path).write_text(text, encoding="utf-8")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--allow-empty", "--message", f"feat: {name}", when=SOME_DAY)
    if tag:
        git(clone, "tag", tag)
    git(clone, "push", "--quiet", "origin", "main", *([tag] if tag else []))
    git(clone, "remote", "set-head", "origin", "main")
    return clone


def configure(org: Org, **changes: Any) -> None:
    """Change top-level keys of the organisation's release.yaml; a mapping is merged."""
    path = org.omni_home / "release.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key, value in changes.items():
        merged = isinstance(value, dict) and isinstance(config.get(key), dict)
        config[key] = {**config[key], **value} if merged else value
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")


def leave_steps(org: Org) -> None:
    """Leave out what stands around the steps, where they are what is tried.

    That is the rehearsal before the gate, and the look whether what was published installs: a
    fifth of the CPU that a release of two repositories takes. test_rehearsed_release.py and
    test_verify.py have them.
    """
    configure(org, rehearse=False, verify="off")


def run_hooks(org: Org) -> None:
    """Hooks are something to this test, whatever ``no_hooks`` says of the others beside it."""
    path = org.omni_home / "release.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("hooks: none\n", ""), encoding="utf-8")


def spoil(org: Org, repo: str) -> None:
    """A colleague lands what a hook objects to, and the hooks where there are none yet."""
    run_hooks(org)
    remote = org.remote(repo)
    if HOOKS.name not in git(remote, "ls-tree", "--name-only", "main").splitlines():
        land(remote, HOOKS.name, HOOKS.read_text(encoding="utf-8"), "ci: hooks")
    land(remote, "notes.md", "spaces  \n", "docs: notes")


def hook(repository: Path, name: str, script: str) -> Path:
    """Give a clone or a bare repository a git hook; ``script`` is sh."""
    inside = repository / ".git" if (repository / ".git").is_dir() else repository
    path = inside / "hooks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def hook_at_merge(remote: Path, script: str) -> Path:
    """Give a bare repository a hook that runs ``script`` once, as its main has moved."""
    once = f"[ -e merged ] || {{ touch merged; {script}; }}"
    moved = f'while read old new ref; do [ "$ref" != refs/heads/main ] || {{ {once}; }}; done'
    return hook(remote, "reference-transaction", f'[ "$1" != committed ] || {moved}')


def lands(path: str, content: str, message: str) -> str:
    """sh for a hook in a bare repository: a colleague commits on main as our branch arrives."""
    return f"""while read old new ref; do case $ref in refs/heads/release/*)
git fast-import --quiet <<END
commit refs/heads/main
committer Cole League <cole@tests.example> 1771934400 +0000
data {len(message)}
{message}
from refs/heads/main^0
M 100644 inline {path}
data {len(content)}
{content}
END
;; esac; done"""
