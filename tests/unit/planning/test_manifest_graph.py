"""The graph of the manifests: tiers that never change, circles by file and line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.planning.graph import ManifestGraph
from support.repos import manifest


def graph_of(**manifests: str) -> ManifestGraph:
    files = {name: {"pyproject.toml": text}.get for name, text in manifests.items()}
    return ManifestGraph.read(tuple(manifests), files, {name: name for name in manifests})


def with_build(name: str, *needs: str, build: str) -> str:
    return manifest(name, "1.0.0", *needs).replace("requires = [", f'requires = ["{build}", ')


def test_each_repository_stands_after_all_it_needs() -> None:
    graph = graph_of(
        top=manifest("top", "1.0.0", "left", "base>=1"),
        left=manifest("left", "1.0.0", "base"),
        base=manifest("base"),
        alone=manifest("alone"),
    )

    assert graph.tiers == (
        {"alone": (), "base": ()},
        {"left": ("base",)},
        {"top": ("base", "left")},
    )


def test_extras_groups_and_sources_order_nothing() -> None:
    other = (
        '[project.optional-dependencies]\nx = ["b"]\n[dependency-groups]\ndev = ["b"]\n'
        "[tool.uv.sources]\nb = { workspace = true }\n"
    )
    graph = graph_of(a=manifest("a") + other, b=manifest("b", "1.0.0", "a"))

    assert graph.tiers == ({"a": ()}, {"b": ("a",)})
    assert [(edge.repo, edge.kind.value) for edge in graph.edges] == [
        ("a", "extra"),
        ("a", "group"),
        ("a", "source"),
        ("b", "run"),
    ]


def test_what_a_build_needs_is_released_before() -> None:
    graph = graph_of(a=with_build("a", build="b"), b=manifest("b"))

    assert graph.tiers == ({"b": ()}, {"a": ("b",)})


def test_a_circle_is_named_with_files_and_lines() -> None:
    graph = graph_of(
        a=manifest("a", "1.0.0", "b>=2"), b=manifest("b", "1.0.0", "c"), c=manifest("c", "1", "a")
    )

    with pytest.raises(ReleaseError) as caught:
        graph.tiers  # noqa: B018 - it is computed

    assert caught.value.code is ErrorCode.CONFIG_INVALID
    assert caught.value.message == (
        "these repositories depend on each other in a circle: a -> b -> c -> a:"
        " a requires 'b>=2' (a/pyproject.toml:10, project.dependencies) of b;"
        " b requires 'c' (b/pyproject.toml:10, project.dependencies) of c;"
        " c requires 'a' (c/pyproject.toml:10, project.dependencies) of a."
    )


def test_a_circle_that_only_a_build_closes_is_opened_there() -> None:
    graph = graph_of(a=with_build("a", build="b"), b=manifest("b", "1.0.0", "a"))

    assert graph.tiers == ({"a": ()}, {"b": ("a",)})
    (warning,) = graph.warn_of_open_circles()
    assert "a requires 'b' (a/pyproject.toml:2, build-system.requires) of b" in warning


def test_a_package_that_builds_or_extends_itself_is_no_circle() -> None:
    own = '[project.optional-dependencies]\nall = ["a[x]"]\n'

    assert graph_of(a=with_build("a", build="a") + own).tiers == ({"a": ()},)


def test_a_manifest_that_cannot_be_read_has_no_edges() -> None:
    files = {"a": {"pyproject.toml": "[project"}.get, "b": dict[str, str]().get}

    graph = ManifestGraph.read(("a", "b", "c"), files, {"a": "a", "b": "b", "c": "c"})

    assert graph.tiers == ({"a": (), "b": (), "c": ()},)


NAMES = "abcdefgh"
EDGES = st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES)), max_size=8)


@settings(max_examples=50)
@given(needs=EDGES, order=st.permutations(NAMES))
def test_tiers_do_not_depend_on_the_order_of_reading(
    needs: dict[str, set[str]], order: list[str]
) -> None:
    downward = {one: {two for two in needs.get(one, ()) if two < one} for one in NAMES}
    texts = {one: manifest(one, "1.0.0", *sorted(downward[one])) for one in order}

    tiers = graph_of(**texts).tiers

    place = {repo: number for number, tier in enumerate(tiers) for repo in tier}
    assert tiers == graph_of(**dict(sorted(texts.items()))).tiers
    for one in NAMES:
        below = [place[two] for two in downward[one]]
        assert place[one] == (max(below) + 1 if below else 0)
