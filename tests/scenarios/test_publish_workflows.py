"""Publish workflows as real projects have them: what starts the upload, and what would not."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from support.cli import Ran, run_cli
from support.endings import APPROVED, RUN
from support.forges import SOON
from support.gitrepo import git, land
from support.preflight_desk import BY_POLICY
from support.repos import configure

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org
    from support.github import GitHub

pytestmark = [
    pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed"),
    pytest.mark.usefixtures("only_steps", "no_hooks"),
]

WORKFLOW = ".github/workflows/release.yml"
TAGS = "push: {tags: ['*/v*', 'v*']}"


@pytest.fixture
def hub(github: GitHub, small_org: Org) -> GitHub:
    configure(small_org, forge="github", **SOON)
    return github


def release(org: Org, hub: GitHub) -> Ran:
    return run_cli(org, "alpha", "--run-id", RUN, *APPROVED, env=hub.env)


def land_workflow(org: Org, text: str) -> None:
    """On the remote, and as the clone knows it."""
    remote = org.remote("alpha")
    land(remote, WORKFLOW, text, "ci: another workflow")
    git(org.clone("alpha"), "fetch", "--quiet", str(remote), "main:refs/remotes/origin/main")


def test_a_dispatch_uploads_what_the_tag_only_builds(small_org: Org, hub: GitHub) -> None:
    text = (
        f"on: {{{TAGS}, workflow_dispatch: {{inputs: {{tag: {{required: true}}}}}}}}\njobs:\n"
        "  build: {steps: [{run: uv build}]}\n"
        "  up: {needs: build, if: github.event_name != 'push', steps: [{run: uv publish}]}\n"
    )
    land_workflow(small_org, text)
    hub.policy("alpha").builds_events = ("push",)
    hub.policy("alpha").checks_out_input = True

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert "release.yml is dispatched" in run_cli(small_org, "doctor", "alpha", env=hub.env).out
    assert [run.event for run in hub.actions("alpha").runs] == [*["push"] * 2, "workflow_dispatch"]


def test_inputs_of_another_name_are_given_as_the_hint_says(small_org: Org, hub: GitHub) -> None:
    takes = "inputs: {version: {required: true}}"
    text = (
        f"on: {{workflow_dispatch: {{{takes}}}}}\njobs: {{up: {{steps: [{{run: uv publish}}]}}}}\n"
    )
    land_workflow(small_org, text)

    refused = release(small_org, hub)
    configure(small_org, publish_of={"alpha": {"inputs": {"version": "{version}"}}})
    ran = release(small_org, hub)

    assert refused.code == 1
    said = 'write publish.inputs: {version: "{version}"} in the release configuration'
    assert said in " ".join(refused.err.split())
    assert ran.code == 0, ran.err
    assert hub.counts("alpha")["dispatches"] == 1


def test_a_workflow_that_waits_for_another_is_named_with_it(small_org: Org, hub: GitHub) -> None:
    text = "on: {workflow_run: {workflows: [Wheels], types: [completed]}}\njobs: {}\n"
    land_workflow(small_org, text)

    ran = release(small_org, hub)

    assert ran.code == 1
    said = "name the file of 'Wheels', at whose end it starts, as publish.workflow"
    assert said in " ".join(ran.err.split())


def test_a_dispatch_that_only_tries_is_told_before_the_gate(small_org: Org, hub: GitHub) -> None:
    text = (
        "on: {workflow_dispatch: {inputs: {tag: {}, index: {default: testpypi}}}}\njobs:\n"
        "  try: {if: inputs.index == 'testpypi', steps: [{run: uv publish --index testpypi}]}\n"
        "  up: {if: inputs.index == 'pypi', steps: [{run: uv publish}]}\n"
    )
    land_workflow(small_org, text)

    told = run_cli(small_org, "doctor", "alpha", env=hub.env).out
    configure(small_org, publish_of={"alpha": {"inputs": {"tag": "{tag}", "index": "pypi"}}})
    mended = run_cli(small_org, "doctor", "alpha", env=hub.env).out

    assert "release.yml is dispatched, and each job of it that uploads says under `if`" in told
    assert "release.yml is dispatched\n" in mended


def test_only_the_environment_of_the_upload_has_to_admit_the_tag(
    small_org: Org, hub: GitHub
) -> None:
    text = (
        f"on: {{{TAGS}}}\njobs:\n"
        "  docs: {environment: github-pages, steps: []}\n"
        "  try: {environment: trial, steps: [{run: twine upload -r testpypi dist/*}]}\n"
        "  up: {environment: pypi, steps: [{run: uv publish}]}\n"
    )
    land_workflow(small_org, text)
    closed = {"deployment_branch_policy": BY_POLICY}
    hub.policy("alpha").environments = {"github-pages": closed, "trial": closed, "pypi": {}}
    hub.policy("alpha").admits = ()

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err


AT_MERGE = (
    "on: {pull_request: {types: [closed]}}\njobs:\n"
    "  up: {if: github.event.pull_request.merged, steps: [{run: uv publish}]}\n"
)


def test_an_upload_by_the_merge_is_told_before_the_gate(small_org: Org, hub: GitHub) -> None:
    remote = small_org.remote("alpha")
    land(remote, ".github/workflows/merged.yml", AT_MERGE, "ci: upload at the merge")

    git(small_org.clone("alpha"), "fetch", "--quiet", str(remote), "main:refs/remotes/origin/main")

    ran = run_cli(small_org, "alpha", "--dry-run", "--preflight", env=hub.env)

    assert ran.result is not None
    (told,) = (each for each in ran.result["warnings"] if " early: " in each)
    assert "the merge of release/" in told
    assert "starts .github/workflows/merged.yml, which may upload alpha before it is" in told


def test_a_subject_that_starts_nothing_uploads_nothing_early(small_org: Org, hub: GitHub) -> None:
    land(small_org.remote("alpha"), ".github/workflows/merged.yml", AT_MERGE, "ci: upload")
    configure(small_org, commit_subject="release: {repo} v{version} [skip ci]")

    ran = run_cli(small_org, "alpha", "--dry-run", "--preflight", env=hub.env)

    assert ran.result is not None
    assert not any(" early: " in each for each in ran.result["warnings"])


def test_a_merge_may_publish_where_the_configuration_says_so(small_org: Org, hub: GitHub) -> None:
    land(small_org.remote("alpha"), WORKFLOW, AT_MERGE, "ci: upload at the merge")
    configure(small_org, publish_of={"alpha": {"trigger": "none"}})

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err


def test_a_push_that_may_upload_is_told_of(small_org: Org, hub: GitHub) -> None:
    job = "up: {steps: [{if: steps.new.outputs.tag, run: uv publish}]}"
    land_workflow(small_org, f"on: [push]\njobs: {{{job}}}\n")

    told = run_cli(small_org, "doctor", "alpha", env=hub.env).out

    assert "the push of release/RUN/alpha starts .github/workflows/release.yml" in told
    assert "let the job of .github/workflows/release.yml that uploads say" in told
