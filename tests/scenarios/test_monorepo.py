"""Several packages of one repository: one branch and pull request a run, a tag for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from support.cli import Ran, run_cli
from support.endings import (
    Died,
    break_phase,
    ending,
    main_log,
    release,
    resume,
    state_of,
    worktree,
)
from support.failures import fails
from support.gitrepo import all_refs, git, land, tree_of
from support.monorepo import NEEDS, member
from support.repos import add_repo, configure, leave_steps, manifest

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

SUBJECT = "release: core v1.1.0, tools v1.0.1, app v1.1.0"
TAGS = {"core-v1.1.0", "tools-v1.0.1", "app-v1.1.0"}


@pytest.fixture
def unrehearsed(mono: Org) -> Org:
    leave_steps(mono)
    return mono


def _new_tags(org: Org) -> set[str]:
    there = all_refs(org.remote("mono"))
    return {ref.removeprefix("refs/tags/") for ref in there if ref.startswith("refs/tags/")} - {
        f"{name}-v1.0.0" for name in NEEDS
    }


def test_three_packages_are_released_by_one_pull_request(mono: Org) -> None:
    before = tree_of(mono.remote("mono"), "main")

    ran = release(mono)

    assert ran.code == 0, ran.err
    assert ran.result is not None
    assert ran.result["verify"]["state"] == "passed"
    assert main_log(mono, "mono")[0] == f"{SUBJECT} (#1)"
    assert _new_tags(mono) == TAGS
    pulls = [ref for ref in all_refs(mono.remote("mono")) if ref.startswith("refs/pull/")]
    assert pulls == ["refs/pull/1/head", "refs/pull/1/merge"]
    assert not list(mono.worktrees.rglob("*.toml"))
    assert {path.name for path in mono.index.glob("*-1.[01].[01]-py3-none-any.whl")} >= {
        "core-1.1.0-py3-none-any.whl",
        "tools-1.0.1-py3-none-any.whl",
        "app-1.1.0-py3-none-any.whl",
    }
    _only_versions_and_pins_change(before, tree_of(mono.remote("mono"), "app-v1.1.0"))


def _only_versions_and_pins_change(before: dict[str, str], after: dict[str, str]) -> None:
    changed = {path for path in after if after[path] != before.get(path)}
    packages = {
        f"packages/{name}/{file}" for name in NEEDS for file in ("pyproject.toml", "CHANGELOG.md")
    }
    assert changed == packages | {"uv.lock"}
    edits = {
        "core": {'version = "1.0.0"': 'version = "1.1.0"'},
        "tools": {'version = "1.0.0"': 'version = "1.0.1"', "core==1.0.0": "core==1.1.0"},
        "app": {
            'version = "1.0.0"': 'version = "1.1.0"',
            "core==1.0.0": "core==1.1.0",
            "tools>=1.0.0,<2": "tools==1.0.1",
        },
    }
    for name, pairs in edits.items():
        expected = before[f"packages/{name}/pyproject.toml"]
        for old, new in pairs.items():
            expected = expected.replace(old, new)
        assert after[f"packages/{name}/pyproject.toml"] == expected
    assert before["uv.lock"].replace('version = "1.0.0"', "") == after["uv.lock"].replace(
        'version = "1.1.0"', ""
    ).replace('version = "1.0.1"', "")


def _plan(org: Org) -> Ran:
    git(org.clone("mono"), "fetch", "--quiet", "--tags", "origin")
    return run_cli(org, "--run-id", "next", "--dry-run")


def test_each_changelog_tells_of_its_own_package(mono: Org) -> None:
    assert release(mono).code == 0

    after = tree_of(mono.remote("mono"), "main")
    news = {name: after[f"packages/{name}/CHANGELOG.md"] for name in NEEDS}
    assert ["- more" in news[name] for name in NEEDS] == [True, False, False]
    assert ["- less" in news[name] for name in NEEDS] == [False, True, False]
    assert ["- begin" in news[name] for name in NEEDS] == [False, False, True]


def test_a_commit_outside_of_all_packages_counts_for_none_and_is_told(mono: Org) -> None:
    ran = _plan(mono)

    assert ran.code == 0, ran.err
    assert "'docs: say what they are'" in ran.out
    assert "it counts for no package" in ran.out


def test_a_package_without_news_stays_behind_the_others(mono: Org) -> None:
    assert release(mono).code == 0
    land(mono.remote("mono"), "packages/core/src/core/most.py", "MOST = True\n", "feat: most")

    ran = _plan(mono)

    assert ran.result is not None
    assert {each["repo"]: each["new_version"] for each in ran.result["details"]}["core"] == "1.2.0"
    skipped = [each["repo"] for each in ran.result["details"] if each["error_code"]]
    assert skipped == ["tools", "app"]


STOPS = [
    (Phase.WORKTREE, "core", "after"),
    (Phase.BUMP, "tools", "after"),
    (Phase.PIN, "app", "before"),
    (Phase.LOCK, "core", "after"),
    (Phase.LINT, "app", "before"),
    (Phase.COMMIT, "core", "after"),
    (Phase.PUSH, "core", "after"),
    (Phase.PR, "core", "after"),
    (Phase.MERGE, "core", "after"),
    (Phase.TAG, "tools", "before"),
    (Phase.TAG, "tools", "after"),
    (Phase.PUBLISH, "core", "after"),
]


@pytest.mark.parametrize(("phase", "repo", "when"), STOPS)
@pytest.mark.parametrize("how", ["killed", "failed"])
def test_a_run_that_stops_between_two_packages_is_finished_by_a_resume(
    unrehearsed: Org, phase: Phase, repo: str, when: str, how: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        error = Died() if how == "killed" else None
        break_phase(patch, phase, after_effect=when == "after", error=error, repo=repo)
        if error:
            with pytest.raises(Died):
                release(unrehearsed)
        else:
            assert release(unrehearsed).code in {1, 3}  # 3 once the first is released

    ran = resume(unrehearsed)

    assert ran.code == 0, ran.err
    _is_released_once(unrehearsed)


def test_a_resume_rehearses_nothing_of_a_worktree_that_is_begun(mono: Org) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.WORKTREE, after_effect=True, error=Died(), repo="core")
        with pytest.raises(Died):
            release(mono)

    ran = resume(mono)

    assert ran.code == 0, ran.err
    assert "Rehearsing" not in ran.out
    _is_released_once(mono)


def _is_released_once(org: Org) -> None:
    released = [line for line in main_log(org, "mono") if line.startswith("release: ")]
    assert released == [f"{SUBJECT} (#1)"]
    refs = all_refs(org.remote("mono"))
    assert [ref for ref in refs if ref.startswith("refs/pull/")] == [
        "refs/pull/1/head",
        "refs/pull/1/merge",
    ]
    assert _new_tags(org) == TAGS
    assert not [ref for ref in refs if "/release/" in ref]
    assert not [ref for ref in all_refs(org.clone("mono")) if "/release/" in ref]
    assert not list(org.worktrees.rglob("*.toml"))


def test_a_run_ends_alike_whether_it_was_stopped_or_not(unrehearsed: Org) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.COMMIT, after_effect=False, repo="core")
        assert release(unrehearsed).code == 1
    stopped = state_of(unrehearsed)["repos"]
    assert [each["error_code"] for each in stopped.values()] == [
        "COMMIT_FAILED",
        "TIER_BLOCKED",
        "TIER_BLOCKED",
    ]

    assert resume(unrehearsed).code == 0

    found = ending(unrehearsed)
    assert found["worktrees"] == {}


def test_what_another_pushed_to_the_branch_of_one_package_stops_all(unrehearsed: Org) -> None:
    configure(unrehearsed, late_commits="refuse")
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.MERGE, after_effect=False, repo="core")
        assert release(unrehearsed).code == 1
    remote = unrehearsed.remote("mono")
    _commit_on(unrehearsed, "packages/app/src/app/other.py")

    ran = resume(unrehearsed)

    assert "PLAN_STALE" in ran.err
    assert git(remote, "log", "-1", "--format=%s", "main") == "docs: say what they are"
    codes = [each["error_code"] for each in state_of(unrehearsed)["repos"].values()]
    assert codes == ["PLAN_STALE"] * 3


def _commit_on(org: Org, path: str, subject: str = "feat: other") -> None:
    """A colleague commits to the release branch on the remote, past this machine."""
    clone = org.root / "colleague"
    git(
        org.root,
        "clone",
        "--quiet",
        "--branch",
        "release/pair/mono",
        str(org.remote("mono")),
        str(clone),
    )
    (clone / path).write_text("OTHER = True\n", encoding="utf-8")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", subject)
    git(clone, "push", "--quiet", "origin", "HEAD")


def test_a_feature_pushed_for_the_last_package_is_judged_before_the_first_merges(
    unrehearsed: Org,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.MERGE, after_effect=False, repo="core")
        assert release(unrehearsed).code == 1
    _commit_on(unrehearsed, "packages/tools/src/tools/other.py")

    ran = resume(unrehearsed)

    assert "PLAN_STALE" in ran.err
    assert "feat: other" in ran.err
    assert main_log(unrehearsed, "mono")[0] == "docs: say what they are"


def test_packages_that_went_stale_together_are_planned_anew_together(unrehearsed: Org) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.MERGE, after_effect=False, repo="core")
        assert release(unrehearsed).code == 1
    land(unrehearsed.remote("mono"), "packages/tools/src/tools/new.py", "NEW = 1\n", "feat: new")
    assert "PLAN_STALE" in resume(unrehearsed).err

    ran = run_cli(unrehearsed, "--resume", "pair", "--gate-attestation", "1740312699.000100:pair")

    assert ran.code == 0, ran.err
    assert main_log(unrehearsed, "mono")[0] == (
        "release: core v1.1.0, tools v1.1.0, app v1.1.0 (#2)"
    )
    assert _new_tags(unrehearsed) == {"core-v1.1.0", "tools-v1.1.0", "app-v1.1.0"}


def test_a_version_that_another_run_took_stops_all_before_the_merge(unrehearsed: Org) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.MERGE, after_effect=False, repo="core")
        assert release(unrehearsed).code == 1
    git(unrehearsed.remote("mono"), "tag", "app-v1.1.0", "main")

    ran = resume(unrehearsed)

    assert "PLAN_STALE" in ran.err
    assert main_log(unrehearsed, "mono")[0] == "docs: say what they are"


def test_a_way_through_another_repository_is_refused_before_the_gate(unrehearsed: Org) -> None:
    mono = unrehearsed
    _put_between(mono)

    failure = fails(mono, ErrorCode.PIN_CONFLICT)

    failure.says(
        "app requires", "of between", "omni-release core tools between", "omni-release app"
    )
    assert failure.touched == set()


def test_packages_with_another_repository_beside_them_are_released_one_after_the_other(
    mono: Org,
) -> None:
    add_repo(mono, "beside", {"pyproject.toml": manifest("beside", "1.0.0", "core==1.0.0")})
    configure(
        mono,
        graph={
            "tiers": [
                {"core": []},
                {"beside": ["core"], "tools": ["core"]},
                {"app": ["core", "tools"]},
            ]
        },
    )

    ran = run_cli(mono, "--dry-run")

    assert ran.result is not None
    assert [each["repo"] for each in ran.result["details"]] == ["core", "tools", "app", "beside"]


def _put_between(org: Org) -> None:
    """``app`` needs ``between``, another repository, and that needs ``core``."""
    files = {
        "pyproject.toml": manifest("between", "1.0.0", "core==1.0.0"),
        "src/between/__init__.py": "",
    }
    add_repo(org, "between", files)
    text = member("app", "core==1.0.0", "tools>=1.0.0,<2").replace(
        "dependencies = [\n", 'dependencies = [\n    "between==1.0.0",\n'
    )
    land(org.remote("mono"), "packages/app/pyproject.toml", text, "feat: between")
    configure(
        org,
        graph={
            "tiers": [
                {"core": []},
                {"tools": ["core"], "between": ["core"]},
                {"app": ["core", "tools", "between"]},
            ]
        },
    )


def test_the_name_of_the_repository_is_answered_with_its_packages(mono: Org) -> None:
    failure = fails(mono, ErrorCode.UNKNOWN_REPO, "mono", "--dry-run")

    failure.says("omni-release core tools app releases what mono holds")


def test_a_branch_is_said_once_for_a_repository_of_a_computed_graph(mono: Org) -> None:
    git(mono.remote("mono"), "branch", "--move", "main", "next")
    git(mono.clone("mono"), "fetch", "--quiet", "origin")
    configure(mono, graph="auto", base_branches={"mono": "next"})

    ran = run_cli(mono, "core", "--dry-run")
    configure(mono, base_branches={"mono": "next", "nomo": "next"})
    failure = fails(mono, ErrorCode.CONFIG_INVALID, "--dry-run")

    assert ran.result is not None, ran.err
    assert ran.result["details"][0]["new_version"] == "1.1.0"
    failure.says("found nomo", "core, mono, tools")


def test_a_release_is_explained_by_the_commits_of_its_package(mono: Org) -> None:
    git(mono.remote("mono"), "tag", "tools-v1.0.1", "main")
    git(mono.clone("mono"), "fetch", "--quiet", "--tags", "origin")

    ran = run_cli(mono, "explain", "tools", "--version", "1.0.1")

    assert ran.code == 0, ran.err
    assert "patch: its commits ask for patch" in ran.out
    assert "less" in ran.out
    assert "more" not in ran.out


def test_two_packages_in_one_folder_are_refused(mono: Org) -> None:
    configure(mono, packages={name: {"repository": "mono"} for name in NEEDS})

    failure = fails(mono, ErrorCode.CONFIG_INVALID, "--dry-run")

    failure.says("core and tools are both at the root of mono")


@pytest.mark.parametrize(
    ("place", "advice"),
    [
        ({"repository": "mono", "path": "core"}, "Next: correct packages.core, add one, or take"),
        ({"repository": "nowhere", "path": "core"}, "to release without it; or correct packages.c"),
    ],
)
def test_a_place_where_no_package_is_names_the_key(
    mono: Org, place: dict[str, str], advice: str
) -> None:
    configure(mono, packages={"core": place})

    ran = run_cli(mono, "core", "--dry-run")

    assert advice in ran.out


def test_tags_that_tell_no_package_are_refused(mono: Org) -> None:
    configure(mono, tag_formats=["v{version}"])

    failure = fails(mono, ErrorCode.CONFIG_INVALID, "--dry-run")

    failure.says("tag_formats: expected {name} in the tags of core")


def test_one_package_in_a_folder_is_released(small_org: Org) -> None:
    clone = add_repo(
        small_org,
        "gamma",
        {
            "python/pyproject.toml": manifest("gamma"),
            "python/src/gamma/__init__.py": "",
            "web/index.html": "<p>\n",
            "uv.lock": 'version = 1\nrequires-python = ">=3.11"\n',  # of something else
        },
        tag="v1.0.0",
    )
    remote = small_org.remote("gamma")
    land(remote, "python/src/gamma/more.py", "MORE = True\n", "fix: more")
    land(remote, "web/index.html", "<b>\n", "feat: bold")
    configure(
        small_org,
        graph={"tiers": [{"gamma": []}]},
        packages={"gamma": {"path": "python"}},
        tag_formats=["v{version}"],
        local={"checks": []},
    )

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert "'feat: bold': nothing in python is changed by it" in ran.out.replace("\n", " ")
    after = tree_of(remote, "v1.0.1")
    assert 'version = "1.0.1"' in after["python/pyproject.toml"]
    assert "bold" not in after["python/CHANGELOG.md"]
    assert (small_org.index / "gamma-1.0.1-py3-none-any.whl").is_file()
    assert not worktree(small_org, "gamma").exists()
    assert clone.is_dir()


def test_tags_of_all_packages_together_are_refused(mono: Org) -> None:
    clone, remote = mono.clone("mono"), mono.remote("mono")
    for where in (clone, remote):
        for name in NEEDS:
            git(where, "tag", "--delete", f"{name}-v1.0.0")
    git(remote, "tag", "v1.0.0", "main~1")
    git(clone, "fetch", "--quiet", "--tags", "origin")
    written = mono.omni_home / "release.yaml"
    declared = "tag_formats:\n- '{name}-v{version}'\n"
    assert declared in written.read_text("utf-8")
    written.write_text(written.read_text("utf-8").replace(declared, ""), "utf-8")

    ran = run_cli(mono, "--dry-run", "--offline")

    assert ran.result is not None
    for each in ran.result["details"]:
        assert each["error_code"] == "SCAN_FAILED"
        assert "one of 3 packages of mono, found v1.0.0, which names none" in each["error"]
    formats = {name: ["{name}-v{version}"] for name in NEEDS}
    configure(mono, tag_formats_of=formats)
    ran = run_cli(mono, "--dry-run", "--offline", "--version", "core=1.2.0")
    assert ran.result is not None
    assert ran.result["details"][0]["new_version"] == "1.2.0"
