"""Requirements in setup.cfg, setup.py and files that a build reads: the shapes of organisations.

From clones that nobody has configured to a released train; what is not named here is as it was.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from support.backends import pack_backends
from support.cli import run_cli
from support.endings import release
from support.gitrepo import tree_of
from support.repos import add_repo, configure
from support.trains import assert_changed, change, make_bare, publish, set_out, tag
from support.unconfigured import written

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from omninode_release.commands.demo_org import Org


@pytest.fixture
def bare(tmp_path: Path) -> Org:
    org = make_bare(tmp_path / "org")
    pack_backends(org.index, "setuptools")
    return org


def add(
    org: Org, name: str, files: Mapping[str, str], *, last: str, publishes: bool = True
) -> None:
    """A repository with a release, and a fix since."""
    module = name.replace("-", "_")
    add_repo(org, name, {f"src/{module}/__init__.py": "", **files})
    tag(org, name, last)
    if publishes:
        publish(org, name)
    change(org, name, "fix: a fault", **{f"src/{module}/more.py": "MORE = 1\n"})


def edges_of(org: Org) -> set[tuple[str, ...]]:
    ran = run_cli(org, "graph", "--json")
    assert ran.code == 0, ran.err
    return {
        (each["repo"], each["needs"], each["kind"], f"{each['file']}:{each['line']}")
        for each in json.loads(ran.out)["edges"]
    }


# Everything in setup.cfg, and a pyproject.toml for the build alone: the shape of plugins of pytest.

BUILD = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
CFG = """\
[metadata]
name = {name}
version = {version}

[options]
packages = find:
package_dir =
    =src
python_requires = >=3.8
{options}
[options.packages.find]
where = src

[flake8]
# {name}>=1 is no requirement here
max-line-length = 100
"""
HOOKS = CFG.format(name="pytest-hooks", version="1.2.0", options="")
RETRY = CFG.format(
    name="pytest-retry",
    version="0.9.1",
    options="install_requires =\n    # the oldest that works\n    pytest-hooks>=1.2.0  # run them\n\n"
    "[options.extras_require]\ntesting = pytest_hooks[x]>=1.2.0; attrs\n",
)


def add_plugins(org: Org) -> None:
    add(org, "pytest-hooks", {"pyproject.toml": BUILD, "setup.cfg": HOOKS}, last="v1.2.0")
    add(org, "pytest-retry", {"pyproject.toml": BUILD, "setup.cfg": RETRY}, last="v0.9.1")


def test_setup_cfg_orders_and_is_raised(bare: Org) -> None:
    add_plugins(bare)

    ran, before = set_out(bare)

    assert "pytest-retry  2" in ran.out
    assert written(bare)["pins"] == "raise"
    assert edges_of(bare) == {
        ("pytest-retry", "pytest-hooks", "run", "setup.cfg:13"),
        ("pytest-retry", "pytest-hooks", "extra", "setup.cfg:16"),
    }
    after = tree_of(bare.remote("pytest-retry"), "v0.9.2")
    assert "- Pin pytest-hooks>=1.2.1" in after.pop("CHANGELOG.md")
    raised = (
        ("    pytest-hooks>=1.2.0  #", "    pytest-hooks>=1.2.1  #"),
        ("pytest_hooks[x]>=1.2.0;", "pytest_hooks[x]>=1.2.1;"),
        ("version = 0.9.1", "version = 0.9.2"),
    )
    assert_changed(before["pytest-retry"], after, {"setup.cfg": raised})


def test_setup_cfg_is_pinned_exactly(bare: Org) -> None:
    add_plugins(bare)

    _, before = set_out(bare, pins="exact")

    after = tree_of(bare.remote("pytest-retry"), "v0.9.2")
    del after["CHANGELOG.md"]
    pinned = (
        ("    pytest-hooks>=1.2.0  #", "    pytest-hooks==1.2.1  #"),
        ("pytest_hooks[x]>=1.2.0;", "pytest_hooks[x]==1.2.1;"),
        ("version = 0.9.1", "version = 0.9.2"),
    )
    assert_changed(before["pytest-retry"], after, {"setup.cfg": pinned})
