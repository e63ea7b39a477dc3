"""A repository of three packages: ``core``, ``tools`` which needs it, ``app`` which needs both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.adapters.uv import Uv
from support.gitrepo import git, land
from support.orgs import copy_org, programs
from support.repos import add_repo, configure, manifest

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

NEEDS = {"core": (), "tools": ("core==1.0.0",), "app": ("core==1.0.0", "tools>=1.0.0,<2")}
TAGS = tuple(f"{name}-v1.0.0" for name in NEEDS)
CHECK = """\
repos:
  - repo: local
    hooks:
      - {id: lock, name: the lock is current, language: system, pass_filenames: false,
         entry: uv lock --check --offline}
"""
ROOT = '[tool.uv.workspace]\nmembers = ["packages/*"]\n'


def member(name: str, *needs: str) -> str:
    """A package that takes its siblings from the workspace."""
    sources = [
        f"{need.partition('=')[0].partition('>')[0]} = {{ workspace = true }}\n" for need in needs
    ]
    table = f"\n[tool.uv.sources]  # while developing\n{''.join(sources)}" if needs else ""
    return manifest(name, "1.0.0", *needs) + table


def build_monorepo(template: Org, dest: Path) -> None:
    """The organisation of ``add_monorepo``, in the folder ``dest``."""
    add_monorepo(copy_org(template, dest))


def add_monorepo(org: Org, *, configured: bool = True) -> None:
    """``mono``, released as 1.0.0, where all but ``tools`` have news: a feature and a fix."""
    files = {
        "pyproject.toml": ROOT,
        "README.md": "# Three packages\n",
        ".pre-commit-config.yaml": CHECK,
        ".gitignore": ".venv/\n",
    }
    for name, needs in NEEDS.items():
        files[f"packages/{name}/pyproject.toml"] = member(name, *needs)
        files[f"packages/{name}/src/{name}/__init__.py"] = f'"""{name}."""\n'
        files[f"packages/{name}/CHANGELOG.md"] = (
            "# Changelog\n\n## [1.0.0] - 2026-01-01\n\n- All.\n"
        )
    clone = add_repo(org, "mono", files)
    _lock(clone)
    for tag in TAGS:
        git(clone, "tag", "--annotate", "--message", tag, tag)
    git(clone, "push", "--quiet", "origin", "main", *TAGS)
    remote = org.remote("mono")
    land(remote, "packages/core/src/core/more.py", "MORE = True\n", "feat: more")
    land(remote, "packages/tools/src/tools/less.py", "LESS = True\n", "fix: less")
    land(remote, "packages/app/src/app/main.py", "MAIN = True\n", "feat: begin")
    land(remote, "README.md", "# Three packages of one\n", "docs: say what they are")
    if configured:
        _configure(org)


def _configure(org: Org) -> None:
    configure(
        org,
        graph={"tiers": [{"core": []}, {"tools": ["core"]}, {"app": ["core", "tools"]}]},
        packages={name: {"repository": "mono", "path": f"packages/{name}"} for name in NEEDS},
        tag_formats=["{name}-v{version}"],
        local={"checks": []},
    )


def _lock(clone: Path) -> None:
    Uv(programs(), 60).lock(clone, refresh=())
    git(clone, "add", "uv.lock")
    git(clone, "commit", "--quiet", "--message", "build: lock")
