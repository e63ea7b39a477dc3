"""``omni-release graph``: tiers and edges, for people, for programs and as a drawing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from support.cli import run_cli
from support.gitrepo import world
from support.repos import add_repo, configure, manifest

if TYPE_CHECKING:
    import pytest

    from omninode_release.commands.demo_org import Org

LONG = "this-is-a-sibling-with-a-name-that-nobody-should-have-to-read-in-a-table"
EVERY_KIND = (
    manifest("gamma", "1.0.0", "beta>=0.4", "alpha[extra]>=1.0,<2; python_version >= '3.11'")
    + '[project.optional-dependencies]\nmore = ["alpha"]\n'
    + '[dependency-groups]\ndev = ["alpha"]\n'
    + "[tool.uv.sources]\nalpha = { workspace = true }\n"
)


def show(org: Org, *args: str) -> str:
    ran = run_cli(org, "graph", *args)
    assert (ran.code, ran.err) == (0, "")
    return ran.out


def test_each_repository_is_shown_with_what_it_names(small_org: Org) -> None:
    add_repo(small_org, "gamma", {"pyproject.toml": EVERY_KIND})
    configure(small_org, graph="auto")
    before = world(small_org)

    lines = show(small_org).splitlines()

    assert lines[:2] == [
        "pair: 3 repositories, tiers from: the manifests",
        f"Configuration: {small_org.omni_home / 'release.yaml'}",
    ]
    assert lines[3:5] == ["Tier 1", "  alpha"]
    assert lines[lines.index("  gamma") :] == [
        "  gamma",
        "    run       beta   pyproject.toml:10  beta>=0.4",
        "    run       alpha  pyproject.toml:11  alpha[extra]>=1.0,<2; python_version >=…",
        "    (extra)   alpha  pyproject.toml:14  alpha",
        "    (group)   alpha  pyproject.toml:16  alpha",
        "    (source)  alpha  pyproject.toml:18  {workspace = true}",
    ]
    assert max(map(len, lines[2:])) <= 80
    assert world(small_org) == before


def test_a_name_that_is_too_long_is_shown_whole(small_org: Org) -> None:
    add_repo(small_org, LONG, {"pyproject.toml": manifest(LONG)})
    add_repo(small_org, "gamma", {"pyproject.toml": manifest("gamma", "1.0.0", LONG)})
    configure(small_org, graph="auto")

    assert LONG in show(small_org)


def test_what_the_manifests_ask_for_against_declared_tiers_is_shown(small_org: Org) -> None:
    configure(small_org, graph={"tiers": [{"beta": []}, {"alpha": []}]})

    shown = show(small_org)

    assert "tiers from: declared" in shown
    assert "Against the tiers:\n  beta (tier 1) requires 'alpha" in shown
    assert shown.endswith("    which alpha of tier 2 releases\n")


def test_programs_get_tiers_and_edges(small_org: Org) -> None:
    add_repo(small_org, "gamma", {"pyproject.toml": EVERY_KIND})
    configure(small_org, graph="auto")

    value: dict[str, Any] = json.loads(show(small_org, "--json"))

    assert (value["organization"], value["computed"]) == ("pair", True)
    assert value["configuration"] == str(small_org.omni_home / "release.yaml")
    assert value["tiers"] == [{"alpha": []}, {"beta": ["alpha"]}, {"gamma": ["alpha", "beta"]}]
    assert value["edges"][-1] == {
        "repo": "gamma",
        "needs": "alpha",
        "kind": "source",
        "orders": False,
        "requirement": "{workspace = true}",
        "table": "tool.uv.sources",
        "file": "pyproject.toml",
        "line": 18,
    }


def test_mermaid_draws_what_orders_and_dots_the_rest(small_org: Org) -> None:
    add_repo(small_org, "end", {"pyproject.toml": EVERY_KIND.replace('"gamma"', '"end"')})
    configure(small_org, graph="auto")

    lines = show(small_org, "--mermaid").splitlines()

    assert lines[0] == "flowchart TD"
    assert '        n2["end"]' in lines  # a word of Mermaid's own
    assert [line.strip() for line in lines if "n2 -" in line] == [
        "n2 --> n1",
        "n2 --> n0",
        "n2 -.->|extra| n0",
        "n2 -.->|group| n0",
        "n2 -.->|source| n0",
    ]


def test_one_form_at_a_time(small_org: Org) -> None:
    ran = run_cli(small_org, "graph", "--json", "--mermaid")

    assert ran.code == 2
    assert "USAGE_ERROR: graph: expected --mermaid or --json, found both." in ran.err
    assert run_cli(small_org, "graph", "--mermaid").code == 0


def test_the_graph_is_shown_of_the_folder_one_stands_in(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small_org.omni_home)

    assert "pair: 2 repositories" in run_cli(small_org, "graph", env={"OMNI_HOME": ""}).out
