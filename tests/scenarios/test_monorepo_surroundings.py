"""Several packages of one repository with what surrounds a release."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import partial
from typing import TYPE_CHECKING

import pytest
import yaml

from omninode_release.adapters.uv import Links, Uv
from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from omninode_release.phases.shared import next_development
from support.cli import Ran, run_cli
from support.endings import APPROVED, RUN, Died, break_phase, main_log
from support.failures import fails
from support.forges import SOON
from support.github import GitHub
from support.gitrepo import all_refs, git, land, tree_of
from support.machines import share
from support.monorepo import NEEDS
from support.orgs import programs
from support.pypi_server import PyPIServer
from support.repos import add_repo, configure, manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omninode_release.commands.demo_org import Org

SUBJECT = "release: core v1.1.0, tools v1.0.1, app v1.1.0"
TAGS = {"core-v1.1.0", "tools-v1.0.1", "app-v1.1.0"}
WORKFLOW = 'name: Release\non:\n  push:\n    tags: ["*-v*"]\n'


@pytest.fixture
def mono(mono: Org) -> Org:
    land(mono.remote("mono"), ".github/workflows/release.yml", WORKFLOW, "ci: publish")
    return mono


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


def test_a_dispatch_is_told_the_package_by_the_whole_tag(mono: Org, hub: GitHub) -> None:
    takes = "on: {workflow_dispatch: {inputs: {tag: {required: true}}}}\n"
    land(mono.remote("mono"), ".github/workflows/release.yml", takes, "ci: by hand")
    configure(mono, tag_formats=["{name}/v{version}", "{name}-v{version}"])
    hub.policy("mono").builds = lambda tag: f"packages/{tag.partition('/v')[0]}"
    hub.policy("mono").checks_out_input = True

    ran = release(mono, hub)

    assert ran.code == 0, ran.out + ran.err
    assert hub.counts("mono")["dispatches"] == 3
    # A tag v1.1.0 beside them would be that of core and of app, and the root's.
    assert new_tags(mono) == {tag.replace("-v", "/v") for tag in TAGS}


@pytest.mark.parametrize(
    ("phase", "repo"), [(Phase.PR, "core"), (Phase.MERGE, "core"), (Phase.TAG, "tools")]
)
def test_a_run_killed_on_the_way_ends_the_same(
    mono: Org, hub: GitHub, phase: Phase, repo: str
) -> None:
    configure(mono, rehearse=False)
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, phase, after_effect=True, error=Died(), repo=repo)
        with pytest.raises(Died):
            release(mono, hub)

    ran = resume(mono, hub)

    assert ran.code == 0, ran.out + ran.err
    assert_released(mono, hub)


def test_the_pull_request_of_another_run_is_seen_for_each_package(mono: Org, hub: GitHub) -> None:
    configure(mono, rehearse=False)
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.MERGE, after_effect=False, repo="core")
        assert release(mono, hub).code == 1
    other = ("--run-id", "other", "--gate-attestation", "1740312612.000100:other")

    ran = run_cli(mono, "tools", *other, env=hub.env)

    assert ran.err.startswith("PR_FAILED: tools: expected no open release pull request of another")


# Locks of their own.


def lock_each(org: Org, *, source: str) -> None:
    """``core`` and ``tools``, without a workspace: each has a lock; tools takes core from there."""
    table = f"\n[tool.uv.sources]\ncore = {source}\n" if source else ""
    files = {
        "core/pyproject.toml": manifest("core"),
        "core/src/core/__init__.py": "",
        "tools/pyproject.toml": manifest("tools", "1.0.0", "core>=1.0.0") + table,
        "tools/src/tools/__init__.py": "",
    }
    clone = add_repo(org, "duo", files)
    uv = Uv(programs(), 60, Links(org.index, only=True))
    uv.build(clone / "core", org.index)
    for name in ("core", "tools"):
        uv.lock(clone / name, refresh=())
        git(clone, "add", f"{name}/uv.lock")
    git(clone, "commit", "--quiet", "--message", "build: lock")
    for name in ("core", "tools"):
        git(clone, "tag", f"{name}-v1.0.0")
    git(clone, "push", "--quiet", "origin", "main", "core-v1.0.0", "tools-v1.0.0")
    for name in ("core", "tools"):
        land(org.remote("duo"), f"{name}/src/{name}/more.py", "MORE = 1\n", "feat: more")
    configure(
        org,
        graph={"tiers": [{"core": []}, {"tools": ["core"]}]},
        packages={name: {"repository": "duo", "path": name} for name in ("core", "tools")},
        tag_formats=["{name}-v{version}"],
        local={"checks": []},
    )


def test_a_pull_request_that_is_shared_is_closed_by_one_command(
    mono: Org, hub: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        break_phase(patch, Phase.MERGE, after_effect=False, repo="core")
        assert release(mono, hub).code == 1

    ran = run_cli(mono, "abandon", RUN, env=hub.env)

    assert ran.code == 0, ran.err
    assert ran.out.count("gh pr close https://github.com/") == 1


def test_a_lock_of_its_own_takes_a_package_beside_it_from_its_folder(small_org: Org) -> None:
    lock_each(small_org, source='{ path = "../core" }')

    ran = run_cli(small_org, "--run-id", RUN, *APPROVED)

    assert ran.code == 0, ran.out + ran.err
    assert ran.result is not None
    assert ran.result["verify"]["state"] == "passed"
    after = tree_of(small_org.remote("duo"), "tools-v1.1.0")
    assert '"core==1.1.0"' in after["tools/pyproject.toml"]
    assert 'name = "core"\nversion = "1.1.0"' in after["tools/uv.lock"]
    assert 'version = "1.1.0"' in after["core/uv.lock"]


@pytest.mark.parametrize("rule", ["exact", "raise"])
def test_what_a_lock_could_have_only_after_the_merge_is_refused(small_org: Org, rule: str) -> None:
    lock_each(small_org, source="")
    configure(small_org, pins=rule)

    failure = fails(small_org, ErrorCode.LOCK_FAILED, state="none")

    failure.says("to take core 1.1.0 from its folder of the same repository")
    failure.says("omni-release core, and when that is out omni-release tools")
    assert failure.touched == set()


@pytest.mark.parametrize("program", ["poetry", "pip-compile"])
def test_a_lock_that_takes_nothing_from_a_folder_is_advised_otherwise(
    small_org: Org, program: str
) -> None:
    """``[tool.uv.sources]`` are nothing to it."""
    lock_each(small_org, source="")
    clone, folder = small_org.clone("duo"), small_org.index.as_uri()
    git(clone, "pull", "--quiet", "origin", "main")
    git(clone, "rm", "--quiet", "tools/uv.lock")
    with PyPIServer(folder=small_org.index) as server:
        source = f'\n[[tool.poetry.source]]\nname = "ours"\nurl = "{server.url}/simple/"\n'
        text = manifest("tools", "1.0.0", "core>=1.0.0").replace(">=3.11", ">=3.11,<4")
        (clone / "tools/pyproject.toml").write_text(text + source, encoding="utf-8")
        argv = {
            "poetry": ["poetry", "lock", "--no-interaction"],
            "pip-compile": [
                "pip-compile",
                "--no-emit-find-links",
                "-o",
                "requirements.txt",
                "pyproject.toml",
            ],
        }[program]
        env = {**os.environ, "PIP_FIND_LINKS": folder}
        subprocess.run(argv, cwd=clone / "tools", env=env, check=True, capture_output=True)
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", "--message", "build: another lock")
        git(clone, "push", "--quiet", "origin", "main")

        failure = fails(small_org, ErrorCode.LOCK_FAILED, state="none")
        server.unknown.clear()

    failure.says("to take core 1.1.0 from its folder of the same repository")
    failure.says("omni-release core, and when that is out omni-release tools; or write lock_of:")
    assert "tool.uv.sources" not in failure.error


def test_a_lock_around_that_keeps_the_old_version_is_named(small_org: Org) -> None:
    """That of a package which this run does not release; what is said to type writes it."""
    lock_each(small_org, source='{ path = "../core", editable = true }')
    git(small_org.clone("duo"), "pull", "--quiet", "origin", "main")

    both = run_cli(small_org, "--dry-run")
    alone = run_cli(small_org, "--dry-run", "core")
    told = (
        "tools/uv.lock: it keeps 1.0.0 of core, which `uv lock --check` refuses then; after_bump:"
    )
    (line,) = (each for each in alone.out.splitlines() if told in each)
    configure(
        small_org, **yaml.safe_load(line[line.index("after_bump:") :].partition(" writes")[0])
    )
    ran = run_cli(small_org, "core", "--run-id", RUN, *APPROVED)

    assert told not in both.out
    assert ran.code == 0, ran.out + ran.err
    assert told not in ran.out
    after = tree_of(small_org.remote("duo"), "core-v1.1.0")
    assert 'name = "core"\nversion = "1.1.0"' in after["tools/uv.lock"]


def test_what_it_says_to_type_fits_candidates_and_lockstep(small_org: Org) -> None:
    lock_each(small_org, source="")

    failure = fails(small_org, ErrorCode.LOCK_FAILED, "--pre", "rc", state="none")
    configure(small_org, pins="lockstep")
    joined = fails(small_org, ErrorCode.LOCK_FAILED, state="none")

    failure.says("omni-release core --pre rc, and when that is out omni-release tools --pre rc; or")
    joined.says('Next: write core = { path = "../core" }')


def test_the_same_stops_a_run_that_rehearses_nothing_before_its_merge(small_org: Org) -> None:
    lock_each(small_org, source="")
    configure(small_org, rehearse=False)

    ran = run_cli(small_org, "--run-id", RUN, *APPROVED)

    assert ran.code == 1
    assert ran.err.startswith("LOCK_FAILED: tools: expected the lock of")
    assert 'core = { path = "../core" }' in ran.err
    assert main_log(small_org, "duo")[0] == "feat: more"
    assert not [ref for ref in all_refs(small_org.remote("duo")) if "/release/" in ref]


# The next version in development.

AFTER = f"after-release/{RUN}/mono"


@pytest.mark.parametrize("rule", ["exact", "raise"])
def test_the_next_versions_stand_in_one_pull_request(mono: Org, rule: str) -> None:
    configure(mono, after_release="dev", pins=rule)

    ran = run_cli(mono, "--run-id", RUN, *APPROVED)

    assert ran.code == 0, ran.out + ran.err
    said = ran.out + ran.err
    assert "no pull request with the next version" not in said
    assert "starts 1.1.1.dev0 (core), 1.0.2.dev0 (tools), 1.1.1.dev0 (app); it is yours" in said
    remote = mono.remote("mono")
    assert main_log(mono, "mono")[0] == f"{SUBJECT} (#1)"
    assert git(remote, "log", "--format=%s", f"main..{AFTER}").splitlines() == [
        "Back to development: 1.1.1.dev0 (core), 1.0.2.dev0 (tools), 1.1.1.dev0 (app)"
    ]
    before, after = tree_of(remote, "main"), tree_of(remote, AFTER)
    changed = {path for path in after if after[path] != before.get(path)}
    assert changed == {"uv.lock", *(f"packages/{name}/pyproject.toml" for name in NEEDS)}
    app = before["packages/app/pyproject.toml"].replace(
        'version = "1.1.0"', 'version = "1.1.1.dev0"'
    )
    if rule == "exact":
        app = app.replace("core==1.1.0", "core==1.1.1.dev0").replace("==1.0.1", "==1.0.2.dev0")
    assert after["packages/app/pyproject.toml"] == app

    git(remote, "update-ref", "refs/heads/main", AFTER)
    git(mono.clone("mono"), "fetch", "--quiet", "--tags", "origin")
    plan = run_cli(mono, "--dry-run")
    assert plan.result is not None
    assert {each["error_code"] for each in plan.result["details"]} == {"NOTHING_TO_RELEASE"}

    land(remote, "packages/tools/src/tools/again.py", "AGAIN = 1\n", "fix: again")
    git(mono.clone("mono"), "fetch", "--quiet", "origin")
    alone = run_cli(mono, "--dry-run")
    assert ("'core==1.1.1.dev0' admits no release of core" in alone.out) is (rule == "exact")
    for name in ("core", "app"):
        land(remote, f"packages/{name}/src/{name}/again.py", "AGAIN = 1\n", "fix: again")
    token = ("--gate-attestation", "1740312612.000100:second")
    again = run_cli(mono, "--run-id", "second", *token)
    assert again.code == 0, again.out + again.err
    assert {"core-v1.1.1", "tools-v1.0.2", "app-v1.1.1"} < new_tags(mono)


def test_a_killed_run_opens_it_once(mono: Org) -> None:
    configure(mono, after_release="dev", rehearse=False)
    whole = next_development._commit
    for kill in (_before, _after):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(next_development, "_commit", partial(kill, whole))
            ran = run_cli(mono, "--resume" if kill is _after else "--run-id", RUN, *APPROVED)
        assert ran.code == 130

    ran = run_cli(mono, "--resume", RUN, *APPROVED)

    assert ran.code == 0, ran.err
    assert git(mono.remote("mono"), "rev-list", "--count", f"main..{AFTER}") == "1"
    pulls = [ref for ref in all_refs(mono.remote("mono")) if ref.endswith("/head")]
    assert len(list((mono.remotes / "mono.forge" / "pulls").glob("*.json"))) == 2, pulls
    assert not list(mono.worktrees.rglob("*.toml"))


def _before(*_: object) -> None:
    raise KeyboardInterrupt


def _after(whole: Callable[..., object], *args: object) -> None:
    whole(*args)
    raise KeyboardInterrupt


# State that machines share.


@pytest.mark.parametrize(
    ("phase", "repo"), [(Phase.LOCK, "tools"), (Phase.COMMIT, "core"), (Phase.TAG, "app")]
)
def test_a_run_killed_on_one_machine_ends_on_another(mono: Org, phase: Phase, repo: str) -> None:
    configure(mono, rehearse=False)
    other = share(mono)
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, phase, after_effect=True, error=Died(), repo=repo)
        with pytest.raises(Died):
            run_cli(mono, "--run-id", RUN, *APPROVED)

    ran = other.resume("--take-over")

    assert (ran.code, ran.err) == (0, "")
    assert "SUCCESS pair: 3 released" in ran.out
    assert main_log(mono, "mono")[0] == f"{SUBJECT} (#1)"
    assert new_tags(mono) == TAGS
    assert len(list((mono.remotes / "mono.forge" / "pulls").glob("*.json"))) == 1
    assert not [ref for ref in all_refs(mono.remote("mono")) if "/release/" in ref]
