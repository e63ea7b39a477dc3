"""From clones that nobody has configured to a released train, every file of it compared."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from packaging.utils import canonicalize_name

from omninode_release.adapters.uv import Links, Uv
from omninode_release.commands.demo_org import Org
from omninode_release.models.phase import Phase
from support.cli import Ran, run_cli
from support.endings import break_phase, release
from support.gitrepo import git, land, tree_of
from support.orgs import programs
from support.repos import add_repo, configure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Edits = dict[str, tuple[tuple[str, str], ...]]
"""Path to what is replaced in it, each once."""
Gone = tuple[str, ...]


def make_bare(root: Path) -> Org:
    """An organisation without repositories and without a configuration."""
    org = Org(root)
    for folder in (org.omni_home, org.remotes, org.index):
        folder.mkdir(parents=True)
    return org


def publish(org: Org, repo: str) -> None:
    """What the clone holds is on the index, as its last release left it there."""
    links = Links(org.index, only=True)
    Uv(programs(), 60, links).build(org.clone(repo), org.index)
    (org.index / ".gitignore").unlink(missing_ok=True)


def add_wheel(org: Org, name: str, version: str) -> None:
    """A package that is on the index, and requires nothing."""
    home = f"{name}-{version}.dist-info"
    with ZipFile(org.index / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        wheel.writestr(
            f"{home}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        wheel.writestr(
            f"{home}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(f"{home}/RECORD", "")


def lock(org: Org, repo: str) -> None:
    """A uv.lock, in the clone and on the remote."""
    clone = org.clone(repo)
    Uv(programs(), 60, Links(org.index, only=True)).lock(clone, refresh=())
    git(clone, "add", "uv.lock")
    git(clone, "commit", "--quiet", "--message", "build: lock")
    git(clone, "push", "--quiet", "origin", "main")


def tag(org: Org, repo: str, name: str) -> None:
    git(org.clone(repo), "tag", name)
    git(org.clone(repo), "push", "--quiet", "origin", name)


def add_tagged(org: Org, repo: str, files: dict[str, str], *tags: str) -> None:
    add_repo(org, repo, files)
    for name in tags:
        tag(org, repo, name)


def change(org: Org, repo: str, message: str, **files: str) -> None:
    """Land each file and let the clone know."""
    for path, text in files.items():
        land(org.remote(repo), path, text, message)
    git(org.clone(repo), "pull", "--quiet", "origin", "main")


def set_out(org: Org, **settings: object) -> tuple[Ran, dict[str, dict[str, str]]]:
    """``init``, a dry run, and the release; answers that and the trees before it."""
    made = run_cli(org, "init")
    assert made.code == 0, made.err
    configure(org, local={"checks": [], "index_only": True}, **settings)
    before = {repo: tree_of(org.remote(repo), "main") for repo in org.repos}
    dry = run_cli(org, "--dry-run")
    assert dry.code == 0, dry.err

    ran = release(org)

    assert ran.code == 0, ran.out + ran.err
    assert ran.result is not None
    assert ran.result["status"] == "SUCCESS"
    assert ran.result["verify"]["state"] == "passed"
    assert dry.result is not None
    planned = {
        canonicalize_name(each["repo"]): each["new_version"] for each in dry.result["details"]
    }
    assert ran.result["verify"]["packages"] == planned
    return ran, before


def stop_before(org: Org, repo: str, phase: Phase) -> None:
    """``init``, and a release that fails at a step of ``repo`` before its effect."""
    assert run_cli(org, "init").code == 0
    configure(org, local={"checks": [], "index_only": True}, rehearse=False, verify="off")
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, phase, after_effect=False, repo=repo)
        assert release(org).code == 1


def assert_changed(
    before: Mapping[str, str], after: Mapping[str, str], edits: Edits, gone: Gone = ()
) -> None:
    """The release is the tree before it, with these edits and without what is gone."""
    expected = {path: text for path, text in before.items() if path not in gone}
    for path, pairs in edits.items():
        for old, new in pairs:
            assert expected[path].count(old) == 1, (path, old)
            expected[path] = expected[path].replace(old, new)
    assert dict(after) == expected
