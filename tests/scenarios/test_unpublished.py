"""Repositories with ``trigger: none``: a tag is all there is of their release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.cli import run_cli
from support.endings import release
from support.failures import fails
from support.gitrepo import git, land
from support.repos import configure, manifest

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")

PRIVATE = [
    'classifiers = ["Private :: Do Not Upload"]\n',
    "\n[tool.uv]\npackage = false\n",
]


@pytest.mark.usefixtures("only_steps")
def test_one_may_share_its_name_with_another_package_of_the_index(small_org: Org) -> None:
    configure(small_org, publish_of={"beta": {"trigger": "none"}})
    for name in ("beta-0.4.1.tar.gz", "beta-7.0.0-py3-none-any.whl"):
        (small_org.index / name).write_bytes(b"a stranger's")

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert "beta newest" not in ran.out
    assert "beta/v0.4.1" in git(small_org.remote("beta"), "tag").split()


@pytest.mark.parametrize("says_so", PRIVATE, ids=["classifier", "no package"])
def test_a_private_one_is_pinned_locked_and_tagged(small_org: Org, says_so: str) -> None:
    text = manifest("beta", "0.4.0", "alpha>=1.0.0,<2.0.0") + says_so
    land(small_org.remote("beta"), "pyproject.toml", text, "fix: keep it private")

    refused = fails(small_org, ErrorCode.SCAN_FAILED)
    configure(small_org, publish_of={"beta": {"trigger": "none"}})
    ran = release(small_org)

    refused.says("say so by publish_of.beta.trigger: none")
    checked = run_cli(small_org, "init", "--check")
    assert "graph.ignore" not in checked.out
    assert ran.code == 0, ran.err
    tagged = git(small_org.remote("beta"), "show", "beta/v0.4.1:pyproject.toml")
    assert '"alpha==1.1.0"' in tagged
    assert not list(small_org.index.glob("beta-0.4.1*"))


def test_a_run_that_publishes_nothing_verifies_nothing(small_org: Org) -> None:
    configure(small_org, publish={"trigger": "none"}, verify="fail")

    ran = release(small_org, "alpha")

    assert ran.code == 0, ran.err
    assert "VERIFY" not in ran.out
    assert "alpha 1.1.0 is tagged, to publish nothing" in ran.out
