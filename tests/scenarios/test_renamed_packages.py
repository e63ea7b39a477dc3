"""A package that gets another name between two releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from support.cli import run_cli
from support.gitrepo import git, land
from support.monorepo import member
from support.repos import configure, manifest

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org


def _plan(org: Org) -> str:
    for repo in org.repos:
        git(org.clone(repo), "fetch", "--quiet", "origin")
    ran = run_cli(org, "--dry-run")
    assert ran.code == 0, ran.err
    return ran.out


@pytest.mark.usefixtures("only_steps", "no_hooks")
def test_what_requires_it_by_its_former_name_is_told(small_org: Org) -> None:
    renamed = manifest("alpha-core", "1.0.0")
    land(small_org.remote("alpha"), "pyproject.toml", renamed, "feat!: alpha-core")

    said = "beta requires 'alpha>=1.0.0,<2.0.0' (beta/pyproject.toml, project.dependencies), and"
    left = f"{said} alpha-core was called so at v1.0.0: it is neither pinned nor checked"
    assert left in _plan(small_org)

    needing = manifest("beta", "0.3.0", "alpha-core>=1.0.0")
    land(small_org.remote("beta"), "pyproject.toml", needing, "fix: alpha-core")

    assert "was called so" not in _plan(small_org)


def test_tags_of_a_former_name_are_not_left_out_in_silence(mono: Org) -> None:
    remote = mono.remote("mono")
    named = member("kernel").replace('version = "1.0.0"', 'version = "1.0.0"  # was core')
    land(remote, "packages/core/pyproject.toml", named, "feat: kernel")
    _follow_kernel(mono)

    refused = run_cli(mono, "kernel", "--dry-run", "--strict")

    assert "SCAN_FAILED kernel: expected release tags of kernel, found core-v1.0.0," in refused.out
    assert "where it was called core: all commits since the first" in refused.out
    formats = refused.out.partition("tag_formats_of: {kernel: [")[2].partition("]")[0]
    configure(mono, tag_formats_of={"kernel": [each.strip('" ') for each in formats.split(",")]})
    ran = run_cli(mono, "kernel", "--dry-run")
    assert ran.result is not None
    [kernel] = [each for each in ran.result["details"] if each["repo"] == "kernel"]
    assert (kernel["old_version"], kernel["new_version"]) == ("1.0.0", "1.1.0")
    assert kernel["tag"] is None or kernel["tag"] == "kernel-v1.1.0"
    assert kernel["commits_since_tag"] == 2

    configure(mono, tag_formats_of={"kernel": ["{name}-v{version}"]})
    assert "kernel: it has no release tag: all" in run_cli(mono, "kernel", "--dry-run").out


def _follow_kernel(org: Org) -> None:
    """What requires it, and the configuration, call it so, too."""
    remote = org.remote("mono")
    for name, needs in (
        ("tools", ["kernel==1.0.0"]),
        ("app", ["kernel==1.0.0", "tools>=1.0.0,<2"]),
    ):
        land(remote, f"packages/{name}/pyproject.toml", member(name, *needs), "fix: follow")
    path = org.omni_home / "release.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    config["packages"]["kernel"] = config["packages"].pop("core")
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    configure(
        org, graph={"tiers": [{"kernel": []}, {"tools": ["kernel"]}, {"app": ["kernel", "tools"]}]}
    )
    git(org.clone("mono"), "fetch", "--quiet", "origin")
