"""Packages in folders that no uv workspace joins: each is told from the root, or is named.

The shapes are those of LangChain, Prefect, Airflow and LlamaIndex.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.cli import run_cli
from support.endings import release
from support.gitrepo import git, land, tree_of
from support.repos import add_repo, configure, manifest
from support.trains import add_tagged, change, set_out
from support.unconfigured import plan, written

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org


def test_tags_may_call_a_package_by_its_folder(bare: Org) -> None:
    files = {
        "CHANGELOG.md": "# Changelog\n\n## acme-core 1.2.0\n\n- All.\n",
        "packages/core/pyproject.toml": manifest("acme-core", "1.2.0"),
        "packages/core/src/acme_core/__init__.py": "",
        "packages/http/pyproject.toml": manifest("acme-http", "0.4.0", "acme-core>=1.2.0"),
        "packages/http/src/acme_http/__init__.py": "",
    }
    add_tagged(bare, "platform", files, "core-v1.2.0", "http-v0.4.0")
    change(bare, "platform", "fix: core", **{"packages/core/src/acme_core/more.py": "MORE = 1\n"})
    change(bare, "platform", "feat: http", **{"packages/http/src/acme_http/more.py": "MORE = 1\n"})

    ran, _ = set_out(bare)

    assert ran.result is not None
    tags = {row["repo"]: row["tag"] for row in ran.result["details"]}
    assert tags == {"acme-core": "core-v1.2.1", "acme-http": "http-v0.5.0"}
    told = "CHANGELOG.md of the repository, which tells of 1.2.0: what is written is packages/core/"
    assert f"acme-core: changelog {told}CHANGELOG.md" in ran.out
    after = tree_of(bare.remote("platform"), "http-v0.5.0")
    assert after["CHANGELOG.md"] == files["CHANGELOG.md"]
    assert '"acme-core>=1.2.1"' in after["packages/http/pyproject.toml"]


def test_no_changelog_is_said_to_be_written_where_none_is(mono: Org) -> None:
    land(mono.remote("mono"), "CHANGELOG.md", "# Changelog\n\n## 1.0.0\n\n- All.\n", "docs: all")
    git(mono.clone("mono"), "pull", "--quiet", "origin", "main")
    configure(mono, changelog={"kind": "none"})

    ran = run_cli(mono, "--dry-run")

    told = "CHANGELOG.md of the repository, which tells of 1.0.0: write the entry for 1.1.0 by hand"
    assert told in ran.out, ran.out
    assert "what is written is" not in ran.out


@pytest.mark.parametrize("version", ["1.1.0", "1.3.0"])
def test_an_entry_of_a_package_beside_it_is_not_taken_for_its_own(mono: Org, version: str) -> None:
    told = f"# Changelog\n\n## tools {version} - 2026-01-05\n\n- New.\n"
    path, own = "packages/core/CHANGELOG.md", "\n## core 1.0.0 - 2026-01-01\n\n- All.\n"
    land(mono.remote("mono"), path, told + own, "docs: one changelog")
    git(mono.clone("mono"), "pull", "--quiet", "origin", "main")

    ran = run_cli(mono, "--dry-run", "core")

    assert f"found line 3 (tools {version} - 2026-01-05), which is of tools." in ran.out, ran.out
    configure(mono, changelog_of={"core": {"kind": "none"}})
    released = release(mono, "core")
    assert released.code == 0, released.out + released.err
    assert tree_of(mono.remote("mono"), "core-v1.1.0")[path] == told + own


@pytest.mark.parametrize("key", ["directory", "filename"])
def test_a_changelog_that_towncrier_keeps_outside_of_the_package_is_left(
    mono: Org, key: str
) -> None:
    path = "packages/core/pyproject.toml"
    settings = f'\n[tool.towncrier]\nname = "core"\n{key} = "../../news"\n'
    text = tree_of(mono.remote("mono"), "main")[path]
    land(mono.remote("mono"), path, text + settings, "build: towncrier")
    land(mono.remote("mono"), "news/9.removal.rst", "Gone.\n", "docs: news")

    ran = release(mono)

    assert ran.code == 0, ran.out + ran.err
    told = "towncrier's settings lead to ../../news, out of the package's folder; write the entry"
    assert told in ran.out
    assert "news/9.removal.rst" in tree_of(mono.remote("mono"), "core-v1.1.0")


def test_a_root_that_only_holds_packages_together_is_left_out(bare: Org) -> None:
    needs = manifest("langchain", "0.3.12", "langchain-core>=0.3.20,<0.4")
    source = '\n[tool.uv.sources]\nlangchain-core = { path = "../core", editable = true }\n'
    files = {
        "pyproject.toml": manifest("langchain-monorepo", "0.0.1"),
        "libs/core/pyproject.toml": manifest("langchain-core", "0.3.24"),
        "libs/langchain/pyproject.toml": needs + source,
    }
    add_tagged(bare, "langchain", files, "langchain-core==0.3.24", "langchain==0.3.12")
    change(bare, "langchain", "fix: core", **{"libs/core/more.py": "MORE = 1\n"})
    change(bare, "langchain", "feat: say more", **{"docs/more.md": "more\n"})

    versions, shown = plan(bare)

    assert versions == {"langchain-core": "0.3.25", "langchain": None}
    assert "langchain-core: langchain-core==0.3.25, in the format {repo}=={version}" in shown
    assert written(bare)["graph"] == {"tiers": "auto", "ignore": ["langchain-monorepo"]}
    assert written(bare)["packages"] == {
        "langchain-monorepo": {"repository": "langchain"},
        "langchain": {"path": "libs/langchain"},
        "langchain-core": {"repository": "langchain", "path": "libs/core"},
    }


def test_a_package_called_nearly_like_the_repository_has_its_tags(bare: Org) -> None:
    files = {
        "pyproject.toml": manifest("llama-all", "0.0.1"),
        "libs/index/pyproject.toml": manifest("llama-index", "0.12.0"),
    }
    add_tagged(bare, "llama_index", files, "llama-index-v0.12.0")
    change(bare, "llama_index", "feat: more", **{"libs/index/more.py": "MORE = 1\n"})

    versions, _ = plan(bare)

    assert versions == {"llama-index": "0.13.0"}
    assert written(bare)["graph"]["ignore"] == ["llama-all"]


def test_what_changes_a_tagged_package_is_none_of_the_roots(bare: Org) -> None:
    files = {
        "pyproject.toml": manifest("flow", "3.1.5"),
        "src/flow/__init__.py": "",
        "src/integrations/flow-aws/pyproject.toml": manifest("flow-aws", "0.5.2", "flow>=3.0"),
        "providers/http/pyproject.toml": manifest("flow-providers-http", "4.13.3"),
        "tests/plugin/pyproject.toml": manifest("plugin"),
    }
    add_tagged(bare, "flow", files, "3.1.5", "flow-aws-0.5.2", "providers-http/4.13.3")
    more = {"src/integrations/flow-aws/more.py": "MORE = 1\n"}
    change(bare, "flow", "feat: buckets", **more)
    change(bare, "flow", "fix: flows", **{"src/flow/more.py": "MORE = 1\n"})

    versions, shown = plan(bare)

    assert versions == {"flow": "3.1.6", "flow-aws": "0.6.0", "flow-providers-http": None}
    assert "flow-aws: flow-aws-0.6.0, in the format {repo}-{version}" in shown
    assert "all of main is in providers-http/4.13.3" in shown.replace("\n", " ")


def test_packages_without_tags_are_named_and_keep_their_versions(bare: Org) -> None:
    files = {
        "pyproject.toml": manifest("llama-index", "0.12.5", "llama-index-core>=0.12.5"),
        "llama_index/__init__.py": "",
        "llama-index-core/pyproject.toml": manifest("llama-index-core", "0.12.5"),
        "llama-index-core/llama_index/core/__init__.py": '__version__ = "0.12.5"\n',
        "llms/openai/pyproject.toml": manifest("llama-index-llms-openai", "0.3.2"),
    }
    add_tagged(bare, "llama_index", files, "v0.12.5")
    change(bare, "llama_index", "feat: more", **{"llms/openai/more.py": "MORE = 1\n"})

    versions, shown = plan(bare)

    assert versions == {"llama_index": "0.13.0"}
    assert "version_files" not in written(bare)
    assert (
        "package llama-index-core in llama-index-core and 1 more: what changes there is released"
        " as llama_index; packages: {llama_index: {}, llama-index-core: {repository: llama_index,"
        " path: llama-index-core}} parts them"
    ) in shown


def test_a_tool_without_a_version_is_left_out_beside_what_is_released(bare: Org) -> None:
    files = {
        "sdk/core/pyproject.toml": manifest("core", "1.2.0"),
        "sdk/new/pyproject.toml": manifest("new", "0.1.0"),
        "eng/tool/pyproject.toml": manifest("dev-tool", "0.0.0"),
    }
    add_tagged(bare, "acme", files, "core_1.2.0")
    change(bare, "acme", "fix: more", **{"sdk/core/more.py": "MORE = 1\n"})

    versions, _ = plan(bare)

    assert versions == {"core": "1.2.1", "new": "0.1.0"}
    assert written(bare)["graph"] == {"tiers": "auto", "ignore": ["dev-tool"]}


def test_what_a_bump_tool_notes_at_the_root_of_the_repository_is_told(bare: Org) -> None:
    noted = '{"packages/core": "1.2.0", "packages/core-extra": "9.0.0"}\n'
    listed = '[tool.commitizen]\nversion = "1.2.0"\nversion_files = ["packages/core/x.py"]\n'
    files = {
        ".release-please-manifest.json": noted,
        ".cz.toml": listed,
        "pyproject.toml": '[tool.uv.workspace]\nmembers = ["packages/core"]\n[x]\ny = "1.2.0"\n',
        ".bumpversion.toml": '[tool.bumpversion]\ncurrent_version = "1.2.0"\n',  # of something else
        "packages/core/pyproject.toml": manifest("core", "1.2.0"),
        "packages/other/pyproject.toml": manifest("other", "1.2.0"),
    }
    add_tagged(bare, "acme", files, "core-v1.2.0", "other-v1.2.0")
    for name in ("core", "other"):
        change(bare, "acme", "fix: more", **{f"packages/{name}/more.py": "MORE = 1\n"})

    _, shown = plan(bare)

    for path in (".release-please-manifest.json", ".cz.toml"):
        noted = f"core: version {path} of the repository, which notes 1.2.0 for packages/core: BUMP"
        assert noted in shown
        assert f"other: version {path}" not in shown
    assert ".bumpversion.toml" not in shown
    assert "pyproject.toml of the repository" not in shown


def test_a_path_to_a_package_beside_it_gives_way_where_that_is_wanted(bare: Org) -> None:
    files = {
        "core/pyproject.toml": manifest("acme-core"),
        "core/src/acme_core/__init__.py": "",
        "cli/pyproject.toml": manifest("acme-cli", "1.0.0", "acme-core @ file:///home/me/core"),
        "cli/src/acme_cli/__init__.py": "",
    }
    add_tagged(bare, "acme", files, "core-v1.0.0", "cli-v1.0.0")
    for name in ("core", "cli"):
        change(bare, "acme", "fix: more", **{f"{name}/src/acme_{name}/more.py": "MORE = 1\n"})
    assert run_cli(bare, "init").code == 0
    refused = run_cli(bare, "--dry-run").out
    (bare.omni_home / "release.yaml").unlink()

    set_out(bare, sources="replace", pins="raise")

    assert "users have no such path. Next: require acme-core from the index" in refused
    assert "with `sources: replace` and `pins: raise` in the release configuration" in refused
    after = tree_of(bare.remote("acme"), "cli-v1.0.1")
    assert '"acme-core>=1.0.1"' in after["cli/pyproject.toml"]


def test_the_members_of_a_workspace_that_is_no_package_are_found(bare: Org) -> None:
    root = (
        '[project]\nname = "all"\nversion = "0.1.0"\n\n[tool.uv.workspace]\nmembers = ["libs/*"]\n'
    )
    files = {
        "pyproject.toml": root,
        "libs/one/pyproject.toml": manifest("one", "0.1.0"),
        "libs/two/pyproject.toml": manifest("two", "0.1.0", "one"),
    }
    add_repo(bare, "all", files)
    for name in ("one", "two"):
        publish_from(bare, name)

    versions, _ = plan(bare)

    assert versions == {"one": "0.1.0", "two": "0.1.0"}


def publish_from(org: Org, name: str) -> None:
    change(org, "all", f"feat: {name}", **{f"libs/{name}/src/{name}/__init__.py": ""})
