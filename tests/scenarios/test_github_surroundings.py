"""What surrounds a release on GitHub: Releases, labels, the start of the publish workflow."""

from __future__ import annotations

import shutil
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.adapters.github.pulls import GitHubPulls
from omninode_release.adapters.github.releases import GitHubReleases
from omninode_release.models.phase import Phase
from support.cli import Ran, run_cli
from support.endings import APPROVED, RUN, before_phase, break_phase, state_of
from support.forges import SOON
from support.github import Fault, FaultKind, GitHub, Refusal
from support.github.actions import Actions
from support.gitrepo import git, land
from support.repos import configure

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

pytestmark = [
    pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed"),
    pytest.mark.usefixtures("only_steps", "no_hooks"),
]

WORKFLOW = ".github/workflows/release.yml"
BY_RELEASE = "name: Release\non:\n  release:\n    types: [published]\n"
BY_HAND = "name: Release\non:\n  workflow_dispatch:\n    inputs: {tag: {required: true}}\n"
URL = "https://github.com/pair/alpha/releases/tag/alpha/v1.1.0"


@pytest.fixture
def hub(github: GitHub, small_org: Org) -> GitHub:
    configure(small_org, forge="github", **SOON)
    return github


def only_own_tags(org: Org) -> None:
    """alpha has always been tagged in the one format that its configuration makes."""
    remote = org.remote("alpha")
    git(remote, "tag", "alpha/v1.0.0", "v1.0.0^{commit}")
    git(remote, "tag", "--delete", "v1.0.0")
    configure(
        org, tag_formats_of={"alpha": ["{repo}/v{version}"]}, tag_formats=["{repo}/v{version}"]
    )


def release(org: Org, hub: GitHub, *args: str) -> Ran:
    return run_cli(org, "alpha", "--run-id", RUN, *APPROVED, *args, env=hub.env)


def resume(org: Org, hub: GitHub) -> Ran:
    return run_cli(org, "--resume", RUN, *APPROVED, env=hub.env)


def test_a_tag_becomes_a_release_with_the_entry_as_notes(small_org: Org, hub: GitHub) -> None:
    configure(small_org, github_release=["alpha"])

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    (made,) = hub.repository("alpha").releases
    assert (made["tag_name"], made["name"]) == ("alpha/v1.1.0", "alpha 1.1.0")
    assert made["draft"] is made["prerelease"] is False
    assert "make_latest" not in made
    entry = state_of(small_org)["repos"]["alpha"]["outputs"]["CHANGELOG"]["entry"]
    assert made["body"] == entry.strip()
    assert made["body"]
    assert state_of(small_org)["repos"]["alpha"]["outputs"]["PUBLISH"]["release_url"] == URL


def test_a_release_tells_what_came_after_its_entry_was_written(
    small_org: Org, hub: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(small_org, github_release=["alpha"])
    remote, late = small_org.remote("alpha"), "fix: late, fixes #7"
    act = partial(land, remote, "late.md", "Late.\n", late)
    before_phase(monkeypatch, Phase.MERGE, act, repo="alpha")

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    sha = git(remote, "rev-parse", "main~1")[:12]
    (made,) = hub.repository("alpha").releases
    entry = state_of(small_org)["repos"]["alpha"]["outputs"]["CHANGELOG"]["entry"].strip()
    after = f"### Released with it, after this was written\n\n- fix: late, fixes (#7) ({sha})"
    assert made["body"] == f"{entry}\n\n{after}"


def test_a_release_of_an_older_series_is_not_the_latest(small_org: Org, hub: GitHub) -> None:
    remote = small_org.remote("alpha")
    git(remote, "branch", "1.x", "main")
    land(remote, "next.md", "Next.", "feat: next")
    git(remote, "tag", "alpha/v2.0.0", "main")
    git(remote, "tag", "alpha/v3.0.0rc1", "main")
    configure(small_org, github_release=True, base_branches={"alpha": "1.x"})

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    (made,) = hub.repository("alpha").releases
    assert (made["tag_name"], made["make_latest"]) == ("alpha/v1.1.0", "false")


def test_a_release_is_what_starts_the_workflow(small_org: Org, hub: GitHub) -> None:
    land(small_org.remote("alpha"), WORKFLOW, BY_RELEASE, "ci: by release")

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert len(hub.repository("alpha").releases) == 1
    assert [run.event for run in hub.actions("alpha").runs] == ["release"]
    assert hub.counts("alpha")["dispatches"] == 0
    assert list(small_org.index.glob("alpha-1.1.0*"))


@pytest.mark.parametrize("kind", ["502", "lost", "429", "secondary"])
def test_every_call_about_it_may_fail_once(small_org: Org, hub: GitHub, kind: FaultKind) -> None:
    land(small_org.remote("alpha"), WORKFLOW, BY_RELEASE, "ci: by release")
    hub.policy("alpha").labels = ("release",)
    configure(small_org, pull_request={"labels": ["release"]})
    calls = ("release", "releases", "publish", "label", "labels", "add labels")
    hub.inject(*(Fault(kind, call, "alpha") for call in calls))

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert hub.faulted("alpha") == {*calls}
    assert len(hub.repository("alpha").releases) == 1
    assert len(hub.actions("alpha").runs) == 1
    assert hub.repository("alpha").pulls[1].labels == ["release"]


@pytest.mark.parametrize("answer", [[], {}], ids=["no labels", "nothing"])
def test_a_label_that_github_does_not_name_is_added_again(
    small_org: Org, hub: GitHub, answer: dict[str, Any] | list[Any]
) -> None:
    hub.policy("alpha").labels = ("release",)
    configure(small_org, pull_request={"labels": ["release"]})
    hub.policy("alpha").early = {"add labels": (2, Refusal(200, answer))}

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert hub.repository("alpha").pulls[1].labels == ["release"]


@pytest.mark.parametrize("made", [GitHubReleases, GitHubPulls], ids=["create_release", "create"])
def test_a_run_that_is_killed_behind_it_makes_it_once(
    small_org: Org, hub: GitHub, monkeypatch: pytest.MonkeyPatch, made: Any
) -> None:
    land(small_org.remote("alpha"), WORKFLOW, BY_RELEASE, "ci: by release")
    hub.policy("alpha").labels = ("release",)
    configure(small_org, pull_request={"labels": ["release"]})
    act = made.create

    def killed(self: object, *args: object, **given: object) -> None:
        act(self, *args, **given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(made, "create", killed)
        assert release(small_org, hub).code == 130

    ran = resume(small_org, hub)

    assert ran.code == 0, ran.err
    assert len(hub.repository("alpha").releases) == 1
    assert [run.event for run in hub.actions("alpha").runs] == ["release"]
    assert [pull.labels for pull in hub.repository("alpha").pulls.values()] == [["release"]]


def test_a_run_that_is_killed_once_all_is_published_finds_its_release(
    small_org: Org, hub: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(small_org.remote("alpha"), WORKFLOW, BY_RELEASE, "ci: by release")
    with monkeypatch.context() as patch:
        break_phase(patch, Phase.PUBLISH, after_effect=True, repo="alpha")
        assert release(small_org, hub).code == 1

    ran = resume(small_org, hub)

    assert ran.code == 0, ran.err
    assert len(hub.actions("alpha").runs) == 1
    assert state_of(small_org)["repos"]["alpha"]["outputs"]["PUBLISH"]["release_url"] == URL


def test_a_release_that_a_person_made_stays_as_it_is(
    small_org: Org, hub: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(small_org, github_release=True)

    def first(self: GitHubReleases, tag: str) -> str:
        theirs = {"tag_name": tag, "html_url": URL, "body": "by hand", "draft": False}
        hub.repository("alpha").releases[:] = [theirs]
        return str(self.find_published(tag))

    monkeypatch.setattr(GitHubReleases, "find", first)

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert [each["body"] for each in hub.repository("alpha").releases] == ["by hand"]


def test_a_draft_is_for_a_person_and_found_before_the_gate(small_org: Org, hub: GitHub) -> None:
    configure(small_org, github_release=True)
    hub.policy("alpha").drafts = ("alpha/v1.1.0",)

    ran = release(small_org, hub)

    assert ran.code != 0
    assert "expected no Release of alpha/v1.1.0 in pair/alpha, found the draft" in ran.err
    assert "gh release delete alpha/v1.1.0 --repo pair/alpha" in ran.err
    assert hub.counts("alpha")["pull requests"] == 0


def test_a_draft_that_was_prepared_meanwhile_is_for_a_person(
    small_org: Org, hub: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(small_org, github_release=True)

    def prepare() -> None:
        hub.policy("alpha").drafts = ("alpha/v1.1.0",)

    before_phase(monkeypatch, Phase.PUBLISH, prepare, repo="alpha")

    ran = release(small_org, hub)

    assert ran.code == 1
    assert "PUBLISH_FAILED: alpha: expected no Release of alpha/v1.1.0 in pair/alpha" in ran.err
    assert "--repo pair/alpha (or publish it), then omni-release --resume" in ran.err
    assert hub.repository("alpha").releases == []


def test_a_release_that_starts_no_run_or_a_red_one_is_for_a_person(
    small_org: Org, hub: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(small_org.remote("alpha"), WORKFLOW, BY_RELEASE, "ci: by release")
    with monkeypatch.context() as patch:
        patch.setattr(Actions, "released", lambda *_: None)
        ran = release(small_org, hub)
    assert "for the Release of alpha/v1.1.0, found none, and it has no workflow" in ran.err
    assert "make the Release a draft and publish it again" in ran.err

    hub.policy("alpha").run = "red"
    hub.actions("alpha").released("alpha/v1.1.0")
    assert "found the publish workflow failed" in resume(small_org, hub).err
    ran = resume(small_org, hub)

    assert "/actions/runs/1 failed, and it has no workflow_dispatch" in ran.err
    assert "start that run again on the forge" in ran.err
    assert len(hub.repository("alpha").releases) == 1
    assert hub.counts("alpha")["dispatches"] == 0


def test_a_label_that_is_missing_is_found_before_the_gate(small_org: Org, hub: GitHub) -> None:
    configure(small_org, pull_request={"labels": ["release"]})

    ran = release(small_org, hub)

    assert "found none named 'release'" in ran.err
    assert hub.counts("alpha")["pull requests"] == 0


def test_a_workflow_that_listens_to_no_release_is_found_before_the_gate(
    small_org: Org, hub: GitHub
) -> None:
    configure(small_org, publish_of={"alpha": {"trigger": "release"}})

    ran = release(small_org, hub)

    assert "to be started by the GitHub Release of alpha/v1.1.0, found that it does not" in ran.err
    assert hub.counts("alpha")["pull requests"] == 0


ON_BOTH = "on:\n  push: {tags: ['*/v*', 'v*']}\n  release: {types: [published]}\njobs:\n"
UP = "on: workflow_call\njobs:\n  up: {steps: [{run: uv publish}]}\n"


def test_a_called_workflow_that_uploads_for_a_release_gets_one(small_org: Org, hub: GitHub) -> None:
    remote = small_org.remote("alpha")
    call = "  up:\n    if: github.event_name == 'release'\n    uses: ./.github/workflows/up.yml\n"
    land(remote, ".github/workflows/up.yml", UP, "ci: up")
    land(remote, WORKFLOW, f"{ON_BOTH}{call}", "ci: call it")

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert [each["tag_name"] for each in hub.repository("alpha").releases] == ["alpha/v1.1.0"]


def test_a_tag_for_which_no_job_uploads_is_told_before_the_gate(
    small_org: Org, hub: GitHub
) -> None:
    job = "  up: {if: github.ref == 'refs/heads/main', steps: [{run: uv publish}]}\n"
    land(small_org.remote("alpha"), WORKFLOW, f"{ON_BOTH}{job}", "ci: on main")

    ran = release(small_org, hub)

    assert "each job of it that uploads says under `if` that it is for something else" in ran.out


def test_a_release_that_starts_a_second_run_is_told_of(small_org: Org, hub: GitHub) -> None:
    both = BY_RELEASE + "  push: {tags: ['*/v*', 'v*']}\n"
    land(small_org.remote("alpha"), WORKFLOW, both, "ci: both")
    configure(small_org, github_release=True)

    ran = release(small_org, hub)

    assert "listens to the GitHub Release, too" in ran.out


def test_a_release_that_starts_nothing_is_published_again_as_the_hint_says(
    small_org: Org, hub: GitHub
) -> None:
    land(small_org.remote("alpha"), WORKFLOW, BY_RELEASE, "ci: by release")
    hub.policy("alpha").push_starts = False

    ran = release(small_org, hub)

    assert ran.code == 1
    assert "for the Release of alpha/v1.1.0, found none" in ran.err
    assert "Next: make the Release a draft and publish it again, in your own name" in ran.err


def test_a_second_run_that_does_nothing_hides_no_run_at_work(small_org: Org, hub: GitHub) -> None:
    both = BY_RELEASE + "  push: {tags: ['*/v*', 'v*']}\n"
    land(small_org.remote("alpha"), WORKFLOW, both, "ci: both")
    only_own_tags(small_org)
    configure(small_org, github_release=True)
    hub.policy("alpha").skips_events = ("release",)
    hub.policy("alpha").run_looks = 40

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert [run.event for run in hub.actions("alpha").runs] == ["push", "release"]
    assert "https://github.com/pair/alpha/actions/runs/1" in ran.out


def test_a_run_whose_jobs_are_all_skipped_is_none(small_org: Org, hub: GitHub) -> None:
    on = "name: Release\non: {push: {tags: ['v*']}, workflow_dispatch: {inputs: {tag: {}}}}\n"
    land(small_org.remote("alpha"), WORKFLOW, on, "ci: both")
    hub.policy("alpha").skips_events = ("push",)

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert [run.event for run in hub.actions("alpha").runs] == ["push", "workflow_dispatch"]


def test_a_workflow_that_is_to_be_dispatched_and_cannot_be_is_found_before_the_gate(
    small_org: Org, hub: GitHub
) -> None:
    land(small_org.remote("alpha"), WORKFLOW, "on: {push: {tags: ['*/v*']}}\n", "ci: by tag")
    configure(small_org, publish_of={"alpha": {"trigger": "dispatch"}})

    ran = release(small_org, hub)

    words = "by a dispatch with the input tag, found that it has no workflow_dispatch."
    assert f"expected release.yml of pair/alpha to be started {words}" in ran.err
    assert hub.counts("alpha")["pull requests"] == 0


def test_the_tag_that_a_dispatch_names_is_pushed_before(small_org: Org, hub: GitHub) -> None:
    land(small_org.remote("alpha"), WORKFLOW, BY_HAND, "ci: by hand")
    only_own_tags(small_org)
    hub.policy("alpha").checks_out_input = True

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert {"alpha/v1.1.0", "v1.1.0"} <= {*hub.repository("alpha").tags()}
    assert hub.counts("alpha")["dispatches"] == 1


def test_the_tag_that_a_dispatch_names_has_to_be_free(small_org: Org, hub: GitHub) -> None:
    land(small_org.remote("alpha"), WORKFLOW, BY_HAND, "ci: by hand")
    only_own_tags(small_org)
    git(small_org.remote("alpha"), "tag", "v1.1.0", "main~1")

    ran = release(small_org, hub)

    assert ran.code != 0
    assert "v1.1.0" in ran.err
    assert hub.counts("alpha")["pull requests"] == 0


def test_a_tag_that_starts_the_workflow_is_pushed_where_a_tag_is_to(
    small_org: Org, hub: GitHub
) -> None:
    # The workflow listens to v1.1.0 and not to alpha/v1.1.0, which is the first format.
    configure(small_org, publish_of={"alpha": {"trigger": "tag"}})
    hub.policy("alpha").checks_out_input = True

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert {"alpha/v1.1.0", "v1.1.0"} <= {*hub.repository("alpha").tags()}
    assert [run.event for run in hub.actions("alpha").runs] == ["push"]


def test_a_dispatch_that_names_a_tag_nobody_makes_is_told(small_org: Org, hub: GitHub) -> None:
    configure(small_org, publish_of={"alpha": {"trigger": "dispatch"}})

    ran = release(small_org, hub, "--dry-run", "--preflight")

    assert ran.result is not None
    (told,) = (each for each in ran.result["warnings"] if " workflow: " in each)
    assert "release.yml is dispatched with the tag v1.1.0, which no run makes" in told


@pytest.mark.parametrize(
    ("on", "inputs", "advice"),
    [
        ("workflow_dispatch: {inputs: {v: {}}}", {"w": "{tag}"}, "Next: correct publish.inputs in"),
        (
            "workflow_dispatch: {inputs: {tag: {required: true}}}",
            {},
            "Next: correct publish.inputs",
        ),
        ("push: {branches: [main]}", None, "{required: true}}}` under `on:` of release.yml"),
    ],
)
def test_it_is_said_how_a_dispatch_would_be_taken(
    small_org: Org, hub: GitHub, on: str, inputs: dict[str, str] | None, advice: str
) -> None:
    land(small_org.remote("alpha"), WORKFLOW, f"on:\n  {on}\n", "ci: on")
    configure(small_org, publish={"trigger": "dispatch", "inputs": inputs})

    ran = release(small_org, hub)

    assert ran.err.startswith("PUBLISH_FAILED: ")
    assert advice in ran.err


def test_inputs_can_be_said(small_org: Org, hub: GitHub) -> None:
    land(small_org.remote("alpha"), WORKFLOW, BY_HAND.replace("tag:", "ref:"), "ci: by hand")
    configure(small_org, publish_of={"alpha": {"inputs": {"ref": "{tag}"}}})
    hub.policy("alpha").checks_out_input = False

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert "v1.1.0" not in hub.repository("alpha").tags()
    assert hub.counts("alpha")["dispatches"] == 1


def test_a_base_branch_of_its_own(small_org: Org, hub: GitHub) -> None:
    git(small_org.remote("alpha"), "branch", "develop", "main")
    configure(small_org, base_branches={"alpha": "develop"})
    main = git(small_org.remote("alpha"), "rev-parse", "main")

    ran = release(small_org, hub)

    assert ran.code == 0, ran.err
    assert hub.repository("alpha").pulls[1].base == "develop"
    assert git(small_org.remote("alpha"), "rev-parse", "main") == main


def test_a_title_is_cut_where_github_takes_no_more(small_org: Org, hub: GitHub) -> None:
    # As that of a repository with a dozen packages, each with its name and version.
    configure(small_org, pull_request={"title": f"release: {{version}}{' {run_id}' * 4}"})
    run = "r" * 64

    ran = run_cli(
        small_org, "alpha", "--run-id", run, "--gate-attestation", f"1740312612.000100:{run}",
        env=hub.env,
    )  # fmt: skip

    assert ran.code == 0, ran.err
    (pull,) = hub.repository("alpha").pulls.values()
    assert pull.title == "".join(["release: 1.1.0", *[f" {run}"] * 4])[:255] + "…"
