"""Several packages of one repository with what surrounds a release."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from omninode_release.models.phase import Phase
from support.cli import Ran, run_cli
from support.endings import APPROVED, RUN, Died, break_phase, main_log
from support.forges import SOON
from support.github import GitHub
from support.gitrepo import all_refs, git, land
from support.monorepo import NEEDS, add_monorepo
from support.repos import configure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.commands.demo_org import Org

SUBJECT = "release: core v1.1.0, tools v1.0.1, app v1.1.0"
TAGS = {"core-v1.1.0", "tools-v1.0.1", "app-v1.1.0"}
WORKFLOW = 'name: Release\non:\n  push:\n    tags: ["*-v*"]\n'


@pytest.fixture
def mono(small_org: Org) -> Org:
    add_monorepo(small_org)
    land(small_org.remote("mono"), ".github/workflows/release.yml", WORKFLOW, "ci: publish")
    return small_org


def new_tags(org: Org) -> set[str]:
    there = all_refs(org.remote("mono"))
    tags = {ref.removeprefix("refs/tags/") for ref in there if ref.startswith("refs/tags/")}
    return tags - {f"{name}-v1.0.0" for name in NEEDS}


# GitHub.


@pytest.fixture
def hub(mono: Org) -> Iterator[GitHub]:
    if shutil.which("gh") is None:
        pytest.skip("gh is not installed")
    made = GitHub(mono)
    made.policy("mono").builds = lambda tag: f"packages/{tag.partition('-v')[0]}"
    configure(mono, forge="github", **SOON)
    yield made
    made.close()


def release(org: Org, hub: GitHub) -> Ran:
    return run_cli(org, "--run-id", RUN, *APPROVED, env=hub.env)


def resume(org: Org, hub: GitHub) -> Ran:
    return run_cli(org, "--resume", RUN, *APPROVED, env=hub.env)


def assert_released(org: Org, hub: GitHub) -> None:
    """One pull request and merge, a tag and a workflow run for each package."""
    assert hub.counts("mono") == {"pull requests": 1, "merges": 1, "runs": 3, "dispatches": 0}
    assert main_log(org, "mono")[0] == f"{SUBJECT} (#1)"
    assert new_tags(org) == TAGS
    tip = git(org.remote("mono"), "rev-parse", "main")
    assert {git(org.remote("mono"), "rev-parse", f"{tag}^{{commit}}") for tag in TAGS} == {tip}
    for name, _, version in (tag.partition("-v") for tag in TAGS):
        assert (org.index / f"{name}-{version}-py3-none-any.whl").is_file()
    assert not [ref for ref in all_refs(org.remote("mono")) if "/release/" in ref]


def test_one_pull_request_and_a_tag_for_each_package(mono: Org, hub: GitHub) -> None:
    ran = release(mono, hub)

    assert ran.code == 0, ran.out + ran.err
    assert_released(mono, hub)
    assert ran.result is not None
    assert ran.result["verify"]["state"] == "passed"
    urls = {each["pr_url"] for each in ran.result["details"]}
    assert urls == {"https://github.com/pair/mono/pull/1"}
    tags = {each["repo"]: each["tag"] for each in ran.result["details"]}
    assert tags == {tag.partition("-v")[0]: tag for tag in TAGS}
    body = hub.repository("mono").pulls[1].body
    assert all(name in body for name in NEEDS)


@pytest.mark.parametrize(
    ("phase", "repo", "after"),
    [
        (Phase.PUSH, "core", True),
        (Phase.PR, "core", True),
        (Phase.MERGE, "core", True),
        (Phase.TAG, "tools", True),
        (Phase.PUBLISH, "app", False),
    ],
)
def test_a_run_killed_on_the_way_ends_the_same(
    mono: Org, hub: GitHub, phase: Phase, repo: str, after: bool
) -> None:
    configure(mono, rehearse=False)
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, phase, after_effect=after, error=Died(), repo=repo)
        with pytest.raises(Died):
            release(mono, hub)

    ran = resume(mono, hub)

    assert ran.code == 0, ran.out + ran.err
    assert_released(mono, hub)
