"""Order inside a tier, and cycles."""

from __future__ import annotations

import pytest

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.tiers import find_cycle, order_within


def edges(**depends_on: str) -> dict[str, frozenset[str]]:
    return {repo: frozenset(names.split()) for repo, names in depends_on.items()}


@pytest.mark.parametrize(
    ("repos", "depends_on", "expected"),
    [
        pytest.param("c a b", {}, "c a b", id="as-listed-without-edges"),
        pytest.param("memory infra", {"memory": "infra"}, "infra memory", id="dependency-first"),
        pytest.param("a b c", {"a": "c"}, "b c a", id="ties-as-listed"),
        pytest.param("d c b a", {"d": "c", "c": "b", "b": "a"}, "a b c d", id="chain"),
        pytest.param("a b", {"a": "core", "b": "core"}, "a b", id="outside-does-not-matter"),
        pytest.param("a b", {"a": "a b"}, "b a", id="an-extra-of-its-own"),
        pytest.param("", {"a": "b"}, "", id="nothing"),
    ],
)
def test_a_dependency_comes_first_and_ties_stay(
    repos: str, depends_on: dict[str, str], expected: str
) -> None:
    assert order_within(repos.split(), edges(**depends_on)) == expected.split()


def test_a_circle_has_no_order_and_is_named() -> None:
    with pytest.raises(ReleaseError) as caught:
        order_within(["x", "a", "b", "c"], edges(a="b", b="c", c="a", x="a"))

    assert caught.value.code is ErrorCode.CONFIG_INVALID
    assert "a -> b -> c -> a" in caught.value.message
    assert "x" not in caught.value.message.split(": ")[1]


@pytest.mark.parametrize(
    ("depends_on", "expected"),
    [
        pytest.param({"a": "b", "b": "c"}, None, id="chain"),
        pytest.param({"a": "b c", "b": "d", "c": "d"}, None, id="diamond"),
        pytest.param({"a": "a"}, None, id="itself"),
        pytest.param({"a": "b", "b": "a"}, ["a", "b", "a"], id="pair"),
        pytest.param({"a": "b", "b": "c", "c": "b"}, ["b", "c", "b"], id="with-a-way-in"),
        pytest.param({"a": "z b", "b": "a"}, ["a", "b", "a"], id="beside-a-dead-end"),
    ],
)
def test_a_cycle_is_found_and_closed(
    depends_on: dict[str, str], expected: list[str] | None
) -> None:
    assert find_cycle(edges(**depends_on)) == expected


def test_a_long_chain_is_no_problem_of_depth() -> None:
    chain = {str(n): frozenset({str(n + 1)}) for n in range(5000)}

    assert find_cycle(chain) is None
