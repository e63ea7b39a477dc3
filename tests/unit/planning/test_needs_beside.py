"""Requirements in setup.cfg and setup.py count in a plan as those of pyproject.toml do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.graph import Graph
from omninode_release.planning.guards.drift import refuse_drift
from omninode_release.planning.planner import Planner
from omninode_release.planning.survey.pin_habits import find_habits
from support.facts import an_organisation, some_facts

if TYPE_CHECKING:
    from omninode_release.models.facts import RepoFacts
    from omninode_release.models.plan import Plan
    from omninode_release.planning.organisation import Organisation

OTHER = Graph.model_validate({"tiers": [{"x": []}]})
PY = "from setuptools import setup\n\nsetup(name='{}', version='1.0.0', install_requires={})\n"


def cfg(repo: str, *needs: str, extra: str = "") -> str:
    options = "".join(f"    {need}\n" for need in needs)
    extras = f"[options.extras_require]\nfast =\n    {extra}\n" if extra else ""
    return (
        f"[metadata]\nname = {repo}\nversion = 1.0.0\n"
        f"[options]\ninstall_requires =\n{options}{extras}"
    )


def in_cfg(repo: str, *needs: str, extra: str = "", **more: Any) -> RepoFacts:
    """A repository of which setup.cfg says all."""
    return some_facts(
        repo, manifest="", beside={"setup.cfg": cfg(repo, *needs, extra=extra)}, **more
    )


def planned(org: Organisation, *targets: str) -> Plan:
    return Planner(org.config, org.facts).plan("release-1", targets or org.order)


def test_setup_cfg_computes_the_tiers() -> None:
    facts = [in_cfg("a", "b>=1", extra="c"), in_cfg("b"), in_cfg("c", "a")]

    assert an_organisation(facts).graph.tiers == ({"b": ()}, {"a": ("b",)}, {"c": ("a",)})


def test_a_circle_is_told_by_its_files() -> None:
    facts = [
        in_cfg("a", "b"),
        some_facts("b", manifest="", beside={"setup.py": PY.format("b", ["a"])}),
    ]

    with pytest.raises(ReleaseError) as caught:
        an_organisation(facts).graph.require_order()

    assert "a requires 'b' (a/setup.cfg:6, options.install_requires) of b" in caught.value.message
    assert "b requires 'a' (b/setup.py:3, install_requires) of a" in caught.value.message


def test_tiers_against_setup_cfg_are_drift() -> None:
    org = an_organisation([in_cfg("a", "b")], [in_cfg("b")])

    with pytest.raises(ReleaseError) as caught:
        Planner(org.config, org.facts, built_in=lambda: OTHER).plan("release-1", ["a", "b"])

    assert caught.value.code is ErrorCode.GRAPH_DRIFT
    assert "a/setup.cfg:6" in caught.value.message


def test_a_stray_is_found_by_its_setup_cfg() -> None:
    org = an_organisation([in_cfg("a")])
    strays = {"s": {"setup.cfg": cfg("s", "a>=1")}}
    org = replace(org, facts=replace(org.facts, outsiders=strays))

    with pytest.raises(ReleaseError, match="s requires a"):
        refuse_drift(org)


@pytest.mark.parametrize(
    ("pins", "need", "after"),
    [
        ("exact", "a>=0.5", "a==1.0.1"),
        ("raise", "a>=0.5,<2", "a>=1.0.1,<2"),
        ("keep", "a>=0.5", None),
    ],
)
def test_pins_go_by_their_rule(pins: str, need: str, after: str | None) -> None:
    org = an_organisation([in_cfg("a")], [in_cfg("b", need)], pins=pins)

    row = planned(org).entry("b")

    assert row.error is None
    changes = [each for pin in row.pins for each in pin.changes]
    assert [each.after for each in changes] == ([after] if after else [])


@pytest.mark.parametrize(
    ("pins", "need", "says"),
    [
        ("exact", "a<1", "b/setup.cfg, options.install_requires: 'a<1' does not admit a 1.0.1"),
        ("keep", "a==1.0.0", "b/setup.cfg, options.install_requires: 'a==1.0.0' does not admit"),
        ("exact", "a @ git+https://a", "b/setup.cfg, line 6, options.install_requires: 'a @ git+"),
    ],
)
def test_what_does_not_fit_is_refused(pins: str, need: str, says: str) -> None:
    org = an_organisation([in_cfg("a")], [in_cfg("b", need)], pins=pins)

    row = planned(org).entry("b")

    assert row.error is not None
    assert row.error.startswith(says)
    assert "setup.cfg" in row.error.partition("Next: ")[2] or "there" in row.error


def test_an_exact_pin_in_setup_cfg_cascades() -> None:
    behind = in_cfg("b", "a==1.0.0", commits=())
    org = an_organisation([in_cfg("a")], [behind], cascade="patch")

    row = planned(org).entry("b")

    assert (row.new, row.cascaded_from) == ("1.0.1", ("a",))
    assert [pin.changes[0].after for pin in row.pins] == ["a==1.0.1"]


def test_a_sibling_outside_is_asked_by_the_setup_cfg_of_its_last_release() -> None:
    outside = in_cfg("b", "a", published_beside={"setup.cfg": cfg("b", "a<1.0.1")}, last_tag="v1")
    org = an_organisation([in_cfg("a")], [outside], [in_cfg("c", "a", "b")])

    row = planned(org, "a", "c").entry("c")

    assert row.error_code is ErrorCode.PIN_CONFLICT
    assert "requires 'a<1.0.1' (options.install_requires)" in (row.error or "")


def test_habits_are_those_of_the_files() -> None:
    kept = some_facts("c", manifest="", beside={"setup.py": PY.format("c", ["a==1.0.0"])})
    org = an_organisation([in_cfg("a")], [in_cfg("b", "a==1.0.0"), kept])

    found = {each.repo: (each.rule, each.where) for each in find_habits(org)}

    assert found["b"] == ("exact", "b/setup.cfg requires a==1.0.0")
    assert found["c"][0] == "keep"
    assert found["c"][1].startswith("c/setup.py requires a==1.0.0; setup.py is a program")


def test_what_setup_py_computes_is_warned_of() -> None:
    computed = some_facts("b", manifest="", beside={"setup.py": PY.format("b", "f()")})
    org = an_organisation([in_cfg("a")], [computed])

    (warning,) = (each for each in planned(org).warnings if "computes" in each)
    assert warning.startswith("b: setup.py computes install_requires (line 3)")


HOOK = "[tool.hatch.metadata.hooks.{}]\n"


@pytest.mark.parametrize(
    ("backend", "tables", "told"),
    [
        ("hatchling.build", HOOK.format("custom"), True),
        ("pdm.backend", "", True),
        ("hatchling.build", HOOK.format("requirements_txt"), False),
        ("poetry.core.masonry.api", "[tool.poetry.dependencies]\npython = '>=3.9'\n", False),
        ("setuptools.build_meta", "", False),
    ],
)
def test_dependencies_that_a_build_alone_decides_are_warned_of(
    backend: str, tables: str, *, told: bool
) -> None:
    project = "[project]\nname = 'b'\nversion = '1.0.0'\ndynamic = ['dependencies']\n"
    manifest = f"{project}[build-system]\nbuild-backend = '{backend}'\n{tables}"
    org = an_organisation([in_cfg("a")], [some_facts("b", manifest=manifest)])

    warnings = [each for each in planned(org).warnings if "are dynamic" in each]

    assert [each.partition(":")[0] for each in warnings] == ["b"] * told


def test_a_guess_makes_no_circle() -> None:
    guessed = PY.format("a", "f('b>=1')")
    facts = [some_facts("a", manifest="", beside={"setup.py": guessed}), in_cfg("b", "a")]

    org = an_organisation(facts)

    assert org.graph.tiers == ({"a": ()}, {"b": ("a",)})
    assert org.order == ["a", "b"]


def test_a_guess_has_to_admit_what_is_released() -> None:
    guessed = some_facts("b", manifest="", beside={"setup.py": PY.format("b", "f('a<1.0.1')")})
    org = an_organisation([in_cfg("a")], [guessed], pins="keep")

    row = planned(org).entry("b")

    assert "b/setup.py, computed: 'a<1.0.1' does not admit a 1.0.1" in (row.error or "")


def test_a_python_that_setup_cfg_lets_in_is_asked_for() -> None:
    newer = cfg("a").replace("[options]", "[options]\npython_requires = >=3.10")
    older = cfg("b", "a").replace("[options]", "[options]\npython_requires = >=3.8")
    facts = [some_facts(each[0], manifest="", beside={"setup.cfg": each[1]})
             for each in (("a", newer), ("b", older))]  # fmt: skip

    row = planned(an_organisation(facts[:1], facts[1:])).entry("b")

    assert row.error_code is ErrorCode.PIN_CONFLICT
    assert "lets in Python 3.8 (requires-python >=3.8), and a 1.0.1" in (row.error or "")
