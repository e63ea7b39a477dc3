"""Who needs whom, by the manifests, and the order that follows from it."""

from __future__ import annotations

from omninode_release.planning.versions.declared import read_needs
from support.facts import an_organisation, some_facts

DEV = '[dependency-groups]\ndev = ["{}"]\n'


def test_a_sibling_is_known_by_the_name_of_its_package() -> None:
    named = some_facts("core_repo", manifest='[project]\nname = "Some.Core"\nversion = "1.0.0"\n')
    broken = some_facts("Broken_Repo", manifest="[project")

    org = an_organisation([named, broken])

    assert org.siblings == {"some-core": "core_repo", "broken-repo": "Broken_Repo"}
    assert set(org.manifests) == {"core_repo"}


def test_requirements_count_also_where_the_version_cannot_be_read() -> None:
    dynamic = some_facts(
        "b", manifest='[project]\nname = "b"\ndynamic = ["version"]\ndependencies = ["a", "x"]\n'
    )

    org = an_organisation([some_facts("a"), dynamic])

    assert org.needs_of("b") == {"a"}
    assert org.needs_of("nowhere") == frozenset()


def test_inside_a_tier_the_manifests_decide_and_then_the_list() -> None:
    org = an_organisation([some_facts("c", "1.0.0", "b"), some_facts("d"), some_facts("b")])

    assert org.order == ["d", "b", "c"]


def test_a_tier_goes_before_the_next_whatever_the_manifests_say() -> None:
    org = an_organisation([some_facts("a", "1.0.0", "b")], [some_facts("b")])

    assert org.order == ["a", "b"]


def test_in_a_circle_runtime_dependencies_alone_decide() -> None:
    a, b = some_facts("a", "1.0.0", "b"), some_facts("b")
    b = some_facts("b", manifest=f"{b.manifest}{DEV.format('a')}")

    org = an_organisation([a, b])

    assert org.needs_of("b") == {"a"}
    assert org.needs_of("b", runtime_only=True) == frozenset()
    assert org.order == ["b", "a"]


def test_what_cannot_be_read_requires_nothing() -> None:
    assert (
        read_needs(dict[str, str]().get, "x")
        == read_needs({"pyproject.toml": "[project"}.get, "x")
        == ()
    )
