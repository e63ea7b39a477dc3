"""Release tags that name no package of a repository: of one by another name, or of several.

The shapes are those of LangGraph, CrewAI, MLflow and Airflow.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from support.cli import run_cli
from support.endings import APPROVED, RUN, Died, break_phase, main_log, resume
from support.failures import fails
from support.forges import SOON
from support.github import GitHub
from support.gitrepo import all_refs, git, push_main, tree_of
from support.repos import configure, manifest
from support.trains import add_tagged, change, set_out, tag
from support.unconfigured import plan, written

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

CREW = {
    "lib/crew/pyproject.toml": manifest("crew", "1.14.5")
    + '\n[project.optional-dependencies]\ntools = ["crew-tools==1.14.5"]\n',
    "lib/crew/src/crew/__init__.py": "",
    "lib/tools/pyproject.toml": manifest("crew-tools", "1.14.5", "crew==1.14.5"),
    "lib/tools/src/crew_tools/__init__.py": "",
}


def add_again(org: Org, repo: str, files: dict[str, str], *tags: str, **edit: str) -> None:
    """The release after that: the same files, in which the old text is replaced by the new."""
    before, after = edit["before"], edit["after"]
    changed = {path: text.replace(before, after) for path, text in files.items() if before in text}
    change(org, repo, "chore: release", **changed)
    for name in tags:
        tag(org, repo, name)


def test_a_tag_is_that_of_the_package_whose_manifest_said_its_version(bare: Org) -> None:
    files = {
        "libs/graph/pyproject.toml": manifest("graphs", "1.0.2", "graph-check>=3"),
        "libs/check/pyproject.toml": manifest("graph-check", "3.0.1"),
        "libs/sdk-py/pyproject.toml": manifest("graph-sdk", "0.2.9"),
        "libs/new/pyproject.toml": manifest("graph-new", "0.0.1"),
        "libs/like/pyproject.toml": manifest("graph-like", "1.0.2"),  # by chance
    }
    add_tagged(
        bare,
        "graphs",
        files,
        "graph-like==1.0.2",
        "graph-like==1.0.3",
        "1.0.2",
        "check==3.0.1",
        "sdk==0.2.9",
        "cli==0.4.6",
    )
    add_again(bare, "graphs", files, "1.0.3", before='"1.0.2"', after='"1.0.3"')
    for folder in ("graph", "sdk-py"):
        change(bare, "graphs", "fix: more", **{f"libs/{folder}/more.py": "MORE = 1\n"})

    versions, shown = plan(bare)

    assert versions == {
        "graph-check": None,
        "graph-like": None,
        "graph-new": "0.0.1",  # no tag is its own: its first release
        "graph-sdk": "0.2.10",
        "graphs": "1.0.4",
    }
    assert "graphs: 1.0.4, in the format {version}" in shown
    assert "graph-sdk: sdk==0.2.10, in the format sdk=={version}" in shown
    configure(bare, tag_formats_of={"graph-sdk": ["py=={version}", "sdk=={version}"]})
    ran = run_cli(bare, "--dry-run")
    assert "graph-sdk: py==0.2.10, in the format py=={version}" in ran.out


def test_a_package_with_tags_of_its_own_has_no_others(bare: Org) -> None:
    """Its version is that of the other one's tag by chance."""
    files = {
        "libs/one/pyproject.toml": manifest("one", "1.4.1"),
        "libs/two/pyproject.toml": manifest("two", "1.4.1"),
    }
    add_tagged(bare, "both", files, "one-v1.4.1", "sdk-v1.4.1")
    change(bare, "both", "fix: more", **{"libs/two/more.py": "MORE = 1\n"})

    versions, shown = plan(bare)

    assert versions == {"one": None, "two": "1.4.2"}
    assert "two: sdk-v1.4.2, in the format sdk-v{version}" in shown
    assert "tag_formats_of" not in written(bare)


def test_a_package_that_has_moved_since_has_its_tag_still(bare: Org) -> None:
    files = {
        "libs/one/pyproject.toml": manifest("one", "1.4.1"),
        "libs/two/pyproject.toml": manifest("two", "1.4.1"),
    }
    add_tagged(bare, "both", files, "v1.4.1")
    clone = bare.clone("both")
    (clone / "moved").mkdir()
    git(clone, "mv", "libs/two", "moved/two")
    git(clone, "commit", "--quiet", "--message", "refactor: move")
    push_main(clone)
    change(bare, "both", "fix: more", **{"libs/one/more.py": "MORE = 1\n"})

    versions, shown = plan(bare)

    assert versions == {"one": "1.4.2", "two": "1.4.2"}
    assert "two: v1.4.2, in the format v{version}" in shown


def test_one_tag_on_the_wrong_commit_is_forgiven(bare: Org) -> None:
    files = {
        "libs/one/pyproject.toml": manifest("one", "1.0.2"),
        "libs/sdk-py/pyproject.toml": manifest("graph-sdk", "0.1.0"),
    }
    add_tagged(bare, "graphs", files, "one-v1.0.2", "sdk==0.1.0", "sdk==0.2.0")
    add_again(bare, "graphs", files, "sdk==0.3.0", before='"0.1.0"', after='"0.3.0"')
    change(bare, "graphs", "fix: more", **{"libs/sdk-py/more.py": "MORE = 1\n"})

    assert plan(bare)[0] == {"graph-sdk": "0.3.1", "one": None}


@pytest.mark.parametrize("stop", [None, (Phase.TAG, "crew"), (Phase.PUBLISH, "crew-tools")])
def test_packages_that_have_one_tag_are_released_by_one(
    bare: Org, stop: tuple[Phase, str] | None
) -> None:
    add_tagged(bare, "crews", CREW, "1.14.5")
    change(bare, "crews", "feat: agents", **{"lib/crew/src/crew/agents.py": "AGENTS = 1\n"})
    if stop:
        with pytest.MonkeyPatch.context() as patch:
            break_phase(patch, stop[0], after_effect=True, error=Died(), repo=stop[1])
            with pytest.raises(Died):
                set_out(bare)
        ran = resume(bare)
        assert ran.code == 0, ran.err
    else:
        set_out(bare)

    assert written(bare)["tag_formats_of"] == {"crew": ["{version}"], "crew-tools": ["{version}"]}
    remote = bare.remote("crews")
    assert main_log(bare, "crews")[0] == "release: crew v1.15.0, crew-tools v1.15.0 (#1)"
    tags = {ref for ref in all_refs(remote) if ref.startswith("refs/tags/")}
    assert tags == {"refs/tags/1.14.5", "refs/tags/1.15.0"}
    after = tree_of(remote, "1.15.0")
    assert '"crew==1.15.0"' in after["lib/tools/pyproject.toml"]
    assert '"crew-tools==1.15.0"' in after["lib/crew/pyproject.toml"]  # an extra, of a later tier
    wheels = {path.name for path in bare.index.glob("*.whl")}
    assert wheels == {"crew-1.15.0-py3-none-any.whl", "crew_tools-1.15.0-py3-none-any.whl"}
    git(bare.clone("crews"), "fetch", "--quiet", "--tags", "origin")
    again = run_cli(bare, "--run-id", "again", "--dry-run").result
    assert again is not None
    assert {row["error_code"] for row in again["details"]} == {"NOTHING_TO_RELEASE"}


@pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed")
def test_one_run_of_a_workflow_publishes_all_that_have_its_tag(bare: Org) -> None:
    workflow = {".github/workflows/release.yml": 'on: {push: {tags: ["[0-9]*"]}}\n'}
    add_tagged(bare, "crews", CREW | workflow, "1.14.5")
    change(bare, "crews", "feat: agents", **{"lib/crew/src/crew/agents.py": "AGENTS = 1\n"})
    assert run_cli(bare, "init").code == 0
    hub = GitHub(bare)
    hub.policy("crews").builds = lambda _: "lib/crew lib/tools"
    local = {"checks": [], "index_only": True}
    configure(bare, forge="github", attestation="format", local=local, **SOON)

    ran = run_cli(bare, "--run-id", RUN, *APPROVED, env=hub.env)
    hub.close()

    assert ran.code == 0, ran.out + ran.err
    assert hub.counts("crews") == {"pull requests": 1, "merges": 1, "runs": 1, "dispatches": 0}
    wheels = {path.name for path in bare.index.glob("*.whl")}
    assert wheels == {"crew-1.15.0-py3-none-any.whl", "crew_tools-1.15.0-py3-none-any.whl"}


def test_a_tag_of_several_packages_is_refused_until_it_is_said_what_it_means(bare: Org) -> None:
    add_tagged(bare, "crews", CREW, "1.14.5")
    change(bare, "crews", "feat: agents", **{"lib/crew/src/crew/agents.py": "AGENTS = 1\n"})
    assert run_cli(bare, "init").code == 0
    path = bare.omni_home / "release.yaml"
    said = "tag_formats_of:\n  crew:\n  - '{version}'\n  crew-tools:\n  - '{version}'\n"
    assert said in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(said, ""), "utf-8")

    told = run_cli(bare, "--dry-run").out
    assert "found 1.14.5, which names none and says the version of crew, crew-tools." in told
    assert 'tag_formats_of: {crew: ["{version}"], crew-tools: ["{version}"]}' in told

    configure(bare, tag_formats_of={"crew": ["{version}"]})  # and what of crew-tools?
    told = run_cli(bare, "--dry-run").out
    assert "SCAN_FAILED crew-tools: expected release tags that name crew-tools" in told

    own = {name: ["{name}-v{version}", "{version}"] for name in ("crew", "crew-tools")}
    configure(bare, tag_formats_of=own)
    ran = run_cli(bare, "--dry-run")
    assert "crew: crew-v1.15.0, in the format {name}-v{version}" in ran.out
    assert "crew-tools: no commit counts, all of main is in 1.14.5" in ran.out


def test_one_of_those_that_have_one_tag_is_not_released_alone(bare: Org) -> None:
    add_tagged(bare, "crews", CREW, "1.14.5")
    change(bare, "crews", "feat: agents", **{"lib/crew/src/crew/agents.py": "AGENTS = 1\n"})
    assert run_cli(bare, "init").code == 0

    failure = fails(bare, ErrorCode.PIN_CONFLICT, "crew")

    failure.says("all of crew, crew-tools in the run", "omni-release crew crew-tools")


def test_a_workflow_that_publishes_one_at_a_time_needs_a_tag_for_each(bare: Org) -> None:
    add_tagged(bare, "crews", CREW, "1.14.5")
    change(bare, "crews", "feat: agents", **{"lib/crew/src/crew/agents.py": "AGENTS = 1\n"})
    assert run_cli(bare, "init").code == 0
    configure(bare, publish={"inputs": {"package": "{repo}"}})

    told = run_cli(bare, "--dry-run").out

    assert (
        "TAG_CONFLICT crew: expected one run of release.yml to publish crew and crew-tools" in told
    )
    assert 'tag_formats_of: {crew-tools: ["{name}-v{version}", "{version}"]}' in told


def test_a_package_inside_that_follows_the_root_is_released_with_it(bare: Org) -> None:
    files = {
        "pyproject.toml": manifest("flow", "3.0.0", "flow-skinny==3.0.0"),
        "src/flow/__init__.py": "",
        "libs/skinny/pyproject.toml": manifest("flow-skinny", "3.0.0"),
        "libs/skinny/src/flow_skinny/__init__.py": "",
        "libs/typing/pyproject.toml": manifest("flow-typing", "3.0.0"),
    }
    add_tagged(bare, "flow", files, "v3.0.0")
    later = {path: files[path] for path in ("pyproject.toml", "libs/skinny/pyproject.toml")}
    add_again(bare, "flow", later, "v3.1.0", before="3.0.0", after="3.1.0")
    change(bare, "flow", "feat: flows", **{"src/flow/more.py": "MORE = 1\n"})

    ran, _ = set_out(bare)

    assert ran.result is not None
    rows = {row["repo"]: (row["new_version"], row["tag"]) for row in ran.result["details"]}
    assert rows == {"flow-skinny": ("3.2.0", "v3.2.0"), "flow": ("3.2.0", "v3.2.0")}
    assert written(bare)["packages"] == {
        "flow": {},
        "flow-skinny": {"repository": "flow", "path": "libs/skinny"},
    }
    after = tree_of(bare.remote("flow"), "v3.2.0")
    assert '"flow-skinny==3.2.0"' in after["pyproject.toml"]
    assert 'version = "3.0.0"' in after["libs/typing/pyproject.toml"]


def test_what_is_only_tagged_needs_no_workflow_run(bare: Org) -> None:
    add_tagged(bare, "crews", CREW, "1.14.5")
    change(bare, "crews", "feat: agents", **{"lib/crew/src/crew/agents.py": "AGENTS = 1\n"})
    assert run_cli(bare, "init").code == 0
    one_of = {"crew": {"trigger": "none"}}
    configure(bare, publish={"inputs": {"package": "{repo}"}}, publish_of=one_of)

    told = run_cli(bare, "--dry-run").out

    assert "TAG_CONFLICT" not in told
    assert "crew-tools" in told
