"""Configurations that must not be used: each is refused at once and the key named."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.errors import ErrorCode
from support.cli import run_cli
from support.failures import fails
from support.gitrepo import land
from support.repos import add_repo, configure, manifest

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

GRAPHS: dict[str, tuple[Any, str]] = {
    "an unknown dependency": (
        [{"alpha": []}, {"beta": ["gamma"]}],
        "graph.tiers: beta depends on gamma, which stands in no tier",
    ),
    "a later dependency": (
        [{"alpha": ["beta"]}, {"beta": []}],
        "alpha (tier 1) depends on beta (tier 2)",
    ),
    "a circle": ([{"alpha": ["beta"], "beta": ["alpha"]}], "in a circle: alpha -> beta -> alpha"),
    "a circle of three": (
        [{"a": ["b"], "b": ["c"], "c": ["a"]}],
        "in a circle: a -> b -> c -> a",
    ),
    "a repository twice": ([{"alpha": []}, {"alpha": []}], "stands in tier 1 and in tier 2"),
    "a command word": ([{"alpha": [], "status": []}], "status is a command word"),
    "a path": ([{"../alpha": []}], "graph.tiers.0"),
    "an option": ([{"--all": []}], "graph.tiers.0"),
    "what git calls a lock": ([{"alpha.lock": []}], "'alpha.lock' cannot be part of a branch"),
    "two dots": ([{"alpha..beta": []}], "'alpha..beta' cannot be part of a branch"),
    "no tier": ([], "graph.tiers"),
    "tiers that are no lists": ("alpha", "graph.tiers"),
}
KEYS: dict[str, tuple[dict[str, Any], str]] = {
    "a misspelt key": (
        {"major_on_zeroo": False},
        "major_on_zeroo: unknown key, major_on_zero perhaps",
    ),
    "a misspelt key inside": (
        {"timeouts": {"gate_minute": 5}},
        "unknown key, gate_minutes perhaps",
    ),
    "a misspelt key of a changelog": (
        {"changelog_of": {"alpha": {"exlude": ["chore"]}}},
        "changelog_of.alpha.exlude: unknown key, exclude perhaps",
    ),
    "a key in the wrong place": (
        {"labels": ["release"]},
        "labels: unknown key, pull_request.labels perhaps",
    ),
    "a wrong value": ({"default_bump": "huge"}, "default_bump"),
    "an unknown forge": (
        {"forge": "gitlab"},
        "forge: expected github or local, found 'gitlab'",
    ),
    "no index": ({"index": None}, "index: expected pypi or local, found None"),
    "no time at all": ({"timeouts": {"gate_minutes": 0}}, "timeouts.gate_minutes"),
    "a tag without a version": ({"tag_formats": ["v1"]}, "must end with {version}"),
    "a tag of one without a version": (
        {"tag_formats_of": {"alpha": ["v{version}", "v"]}},
        "'v' must end with {version}",
    ),
    "no format for one": (
        {"tag_formats_of": {"alpha": []}},
        "tag_formats_of.alpha: expected at least one, found []",
    ),
    "formats of a stranger": (
        {"tag_formats_of": {"gamma": ["v{version}"]}},
        "tag_formats_of names gamma",
    ),
    "a version file outside": (
        {"version_files": {"alpha": ["../x.py"]}},
        "'../x.py' leaves the repository",
    ),
    "a no that approves": ({"commands": {"approve": ["No"]}}, "commands: approve: 'no' rejects"),
    "a word for both": (
        {"commands": {"approve": ["ok"], "reject": ["OK"]}},
        "commands: approve: 'ok' rejects",
    ),
    "two words": ({"commands": {"approve": ["go ahead"]}}, "expected single words"),
    "a version file of git's own": (
        {"version_files": {"alpha": [".GIT/hooks/pre-push"]}},
        "'.GIT/hooks/pre-push' leaves the repository",
    ),
    "a tag that git refuses": (
        {"tag_formats": ["{repo}~{version}"]},
        "tag_formats: '{repo}~{version}' makes no tag that git takes ('alpha~1.2.3')",
    ),
    "a second tag that git refuses": (
        {"tag_formats": ["v{version}", "-v{version}"]},
        "tag_formats: '-v{version}' makes no tag that git takes",
    ),
    "a tag of one that git refuses": (
        {"tag_formats_of": {"alpha": ["v{version}", "a b-{version}"]}},
        "line 23: tag_formats_of.alpha: 'a b-{version}' makes no tag that git takes",
    ),
    "a tag that git refuses of a computed graph": (
        {"tag_formats": ["a b-{version}"], "graph": "auto"},
        "tag_formats: 'a b-{version}' makes no tag that git takes ('a b-1.2.3')",
    ),
    "a workflow of one elsewhere": (
        {"publish_of": {"alpha": {"workflow": "../release.yml"}}},
        "publish_of.alpha.workflow: expected the name of a file, found '../release.yml'",
    ),
    "an index without a folder": ({"local": {"index_dir": ""}}, "local.index_dir"),
    "a call that may take for ever": ({"timeouts": {"api_seconds": 1e9}}, "timeouts.api_seconds"),
    "a folder with a line at its end": (
        {"packages": {"alpha": {"path": "python/"}}},
        "such as packages/core, with no / at either end; found 'python/'",
    ),
    "a workflow elsewhere": (
        {"publish": {"workflow": "../release.yml"}},
        "publish.workflow: expected the name of a file",
    ),
    "an index that is no address": (
        {"index_url": "https://bot:s3cr3t@[::1"},
        "index_url: expected https://HOST[/PATH], found that it is no address",
    ),
    "a line end in a word": (
        {"local": {"index_dir": "a\nb"}},
        "local.index_dir: expected text on one line",
    ),
    "a byte that ends a text": ({"organization": "a\0b"}, "organization: expected text"),
    "a version file of a stranger": ({"version_files": {"gamma": ["x.py"]}}, "names gamma"),
}
FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "expected keys and values, found nothing"),
    "a list": (b"- alpha\n", "expected keys and values, found ['alpha']"),
    "not YAML": (b"graph: [", "cannot be read as YAML"),
    "a key twice": (b"forge: local\ngate: console\nforge: github\n", "'forge' is written twice"),
    "a key twice inside": (b"graph:\n  ignore: []\n  ignore: [x]\n", "line 3, column 3"),
    "not text": (b"\xff\xff", "cannot be read as YAML"),
    "a date that is none": (b"forge: local\norganization: 2024-13-45\n", "line 2, column 15"),
    "an empty number": (b"organization: !!int ''\n", "line 1, column 15"),
    "brackets without end": (b"graph: " + b"[" * 100_000, "nested more than 100 levels"),
    "a number without end": (b"release: 0x" + b"f" * 10_000, "a number of more than 300"),
    "aliases without end": (b"a: &a [*a]\n", "a value that contains itself"),
    "a Python object": (b"!!python/object/apply:os.getcwd []\n", "cannot be read as YAML"),
}


@pytest.mark.parametrize(("tiers", "says"), GRAPHS.values(), ids=GRAPHS)
def test_a_graph_that_is_none_is_refused(small_org: Org, tiers: Any, says: str) -> None:
    configure(small_org, graph={"tiers": tiers})

    failure = fails(small_org, ErrorCode.CONFIG_INVALID)

    failure.says(str(small_org.omni_home / "release.yaml"), says)


@pytest.mark.parametrize(("changes", "says"), KEYS.values(), ids=KEYS)
def test_a_key_that_is_wrong_is_named(small_org: Org, changes: dict[str, Any], says: str) -> None:
    configure(small_org, **changes)

    failure = fails(small_org, ErrorCode.CONFIG_INVALID)

    failure.says(str(small_org.omni_home / "release.yaml"), says)


@pytest.mark.parametrize(("content", "says"), FILES.values(), ids=FILES)
def test_a_file_that_is_no_configuration_is_refused(
    small_org: Org, content: bytes, says: str
) -> None:
    path = small_org.omni_home / "release.yaml"
    path.write_bytes(content)

    failure = fails(small_org, ErrorCode.CONFIG_INVALID)

    failure.says(str(path), says)


def test_a_file_that_is_named_and_not_there_is_an_error(small_org: Org) -> None:
    failure = fails(small_org, ErrorCode.CONFIG_INVALID, "--config", "/nowhere/release.yaml")

    failure.says("/nowhere/release.yaml", "No such file")


def test_packages_that_require_each_other_in_one_tier_have_no_order(small_org: Org) -> None:
    configure(small_org, graph={"tiers": [{"alpha": [], "beta": []}]})
    land(
        small_org.remote("alpha"), "pyproject.toml", manifest("alpha", "1.0.0", "beta"), "fix: need"
    )

    failure = fails(small_org, ErrorCode.CONFIG_INVALID)

    failure.says(
        "alpha -> beta -> alpha",
        "alpha requires 'beta' (alpha/pyproject.toml:10, project.dependencies) of beta",
        "(beta/pyproject.toml:",
    )


def test_a_repository_that_is_not_on_the_forge_is_found_before_the_gate(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gh = tmp_path / "gh"  # only its version is asked for
    gh.write_text("#!/bin/sh\necho gh version 2.60.0\n", encoding="utf-8")
    gh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    configure(small_org, forge="github")

    failure = fails(small_org, ErrorCode.CONFIG_INVALID)

    failure.says("forge: github needs", str(small_org.clone("alpha")), "remote set-url")
    assert run_cli(small_org, "--dry-run").code == 0


def test_a_check_of_the_embedded_forge_that_cannot_be_run_is_found_before_the_gate(
    small_org: Org,
) -> None:
    configure(small_org, local={"checks": ["no-such-check"]}, rehearse=False)

    failure = fails(small_org, ErrorCode.TOOL_MISSING, state="none")

    failure.says("the program 'no-such-check' was not found")


def test_a_stranger_that_is_ignored_is_no_drift(small_org: Org) -> None:
    add_repo(small_org, "gamma", {"pyproject.toml": manifest("gamma", "0.1.0", "alpha")})
    assert run_cli(small_org, "--dry-run").err.startswith("GRAPH_DRIFT")

    configure(small_org, graph={"ignore": ["gamma"]})

    assert run_cli(small_org, "--dry-run").code == 0
