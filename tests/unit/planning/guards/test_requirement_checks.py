"""What the manifests say plainly of each other is held against the plan before the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.models.plan import PlanStatus
from omninode_release.planning.planner import Planner
from support.facts import an_organisation, some_facts
from support.repos import manifest

if TYPE_CHECKING:
    from omninode_release.models.plan import Plan
    from omninode_release.planning.organisation import Organisation

TABLES = {
    "runtime": '[project]\nname = "c"\nversion = "1.0.0"\ndependencies = ["{}"]\n',
    "extra": '[project.optional-dependencies]\nx = ["{}"]\n',
    "group": '[dependency-groups]\ndev = ["{}"]\n',
    "uv-dev": '[tool.uv]\ndev-dependencies = ["{}"]\n',
    "override": '[tool.uv]\noverride-dependencies = ["{}"]\n',
    "constraint": '[tool.uv]\nconstraint-dependencies = ["{}"]\n',
}


def planned(org: Organisation, *targets: str, **more: object) -> Plan:
    planner = Planner(org.config, org.facts, **more)  # type: ignore[arg-type]
    return planner.plan("release-1", targets or org.order)


def declaring(name: str, table: str, requirement: str) -> str:
    text = TABLES[table].format(requirement)
    return text.replace('"c"', f'"{name}"') if table == "runtime" else manifest(name) + text


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    ("requirement", "refused"),
    [
        ("core>=1.0,<2", True),
        ("core~=1.0", True),
        ("core!=2.0.0", True),
        ("core==1.0.0", False),
        ("core>=1.0", False),
        ("core", False),
    ],
)
def test_a_pin_past_a_bound_is_refused_in_every_table(
    table: str, requirement: str, *, refused: bool
) -> None:
    facts = some_facts("c", manifest=declaring("c", table, requirement))
    core = some_facts("core", commits=["feat!: x"])

    for pins, code in (
        ("exact", ErrorCode.PIN_CONFLICT if refused else None),
        ("override", None),
    ):
        row = planned(an_organisation([core], [facts], pins=pins)).entry("c")

        assert row.error_code is code
        assert [pin.version for pin in row.pins] == ["2.0.0"]
        if code:
            assert f"{requirement!r} does not admit core 2.0.0" in (row.error or "")
            assert "`pins: override`" in (row.error or "")
            assert "c/pyproject.toml on main" in (row.error or "")


def test_the_setting_that_is_offered_is_the_one_that_decides_of_the_edge() -> None:
    facts = some_facts("c", manifest=declaring("c", "runtime", "core>=1.0,<2"))
    core = some_facts("core", commits=["feat!: x"])

    def refuse(rule: str) -> str:
        org = an_organisation([core], [facts], pins="raise", pins_of={"c": {"core": rule}})
        return planned(org).entry("c").error or ""

    assert "`pins_of: {c: {core: override}}`" in refuse("exact")
    assert "`pins: override`" not in refuse("exact")
    assert refuse("override") == ""


@pytest.mark.parametrize("constraint", ["^1.0", "~1.0", "1.*", ">=1.0 <2"])
def test_a_bound_of_poetry_is_a_bound(constraint: str) -> None:
    text = (
        '[tool.poetry]\nname = "c"\nversion = "1.0.0"\n'
        f'[tool.poetry.group.dev.dependencies]\ncore = "{constraint}"\n'
    )
    core = some_facts("core", commits=["feat!: x"])

    row = planned(an_organisation([core], [some_facts("c", manifest=text)])).entry("c")

    assert row.error_code is ErrorCode.PIN_CONFLICT
    assert f"tool.poetry.group.dev.dependencies: {constraint!r}" in (row.error or "")


def test_a_pin_below_what_is_asked_for_is_refused_whatever_is_configured() -> None:
    facts = some_facts("c", "1.0.0", "core>=1.5")
    org = an_organisation([some_facts("core")], [facts], pins="override")

    row = planned(org).entry("c")

    assert row.error_code is ErrorCode.PIN_CONFLICT
    assert "'core>=1.5' asks for more than core 1.0.1" in (row.error or "")


def test_each_of_several_requirements_on_a_sibling_is_judged() -> None:
    facts = some_facts(
        "c", "1.0.0", "core>=1", "core<1.5; python_version < '3.12'", "other<1", "other"
    )
    core = some_facts("core", commits=["feat!: x"])

    row = planned(an_organisation([core, some_facts("other")], [facts])).entry("c")

    assert row.error_code is ErrorCode.PIN_CONFLICT
    assert "core<1.5; python_version" in (row.error or "")
    assert "'other<1' does not admit other 1.0.1" in (row.error or "")
    assert "'core>=1'" not in (row.error or "")


def test_what_to_do_about_several_kept_requirements_is_said_once() -> None:
    parts = [some_facts(name, commits=["feat!: x"]) for name in ("core", "util")]
    needs = 'name = "c"\nversion = "1.0.0"\ndependencies = ["core<2", "util<2"]\n'
    facts = some_facts("c", manifest=f"[project]\n{needs}")

    row = planned(an_organisation(parts, [facts], pins="keep")).entry("c")

    assert row.error_code is ErrorCode.PIN_CONFLICT
    assert (row.error or "").endswith(
        "Next: let each admit what is released (c/pyproject.toml on main), or leave core, util out"
        " of the run"
    )


def test_a_range_that_people_raise_is_offered_the_rule_that_raises_it() -> None:
    core = some_facts("core", commits=["feat: x"])
    needs = 'name = "c"\nversion = "1.0.0"\ndependencies = ["core>=1.0,<1.1"]\n'
    facts = some_facts("c", manifest=f"[project]\n{needs}")

    kept = planned(an_organisation([core], [facts], pins="keep")).entry("c")
    raised = planned(
        an_organisation([core], [facts], pins="keep", pins_of={"c": {"core": "raise"}})
    )

    assert (kept.error or "").endswith(
        ", or write `pins_of: {c: {core: raise}}` into the release configuration"
    )
    assert raised.entry("c").error_code is None
    assert [pin.version for pin in raised.entry("c").pins] == ["1.1.0"]


def test_what_is_released_later_cannot_be_raised_and_that_is_not_offered() -> None:
    spi = some_facts("spi", manifest=declaring("spi", "extra", "core>=1.0,<1.1"))
    core = some_facts("core", commits=["feat: x"])

    row = planned(an_organisation([spi], [core], pins="keep")).entry("spi")

    assert row.error_code is ErrorCode.PIN_CONFLICT
    assert "raise" not in (row.error or "")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    ("requirement", "refused"), [("core<1.1", True), ("core==1.0.0", True), ("core>=0.9", False)]
)
def test_what_is_kept_towards_a_later_tier_has_to_admit_the_planned_version(
    table: str, requirement: str, *, refused: bool
) -> None:
    spi = some_facts("spi", manifest=declaring("spi", table, requirement))
    core = some_facts("core", commits=["feat: x"])
    infra = some_facts("infra", "1.0.0", "spi", "core")

    plan = planned(an_organisation([spi], [core], [infra], pins="override"))

    row = plan.entry("spi")
    assert row.error_code is (ErrorCode.PIN_CONFLICT if refused else None)
    assert (row.status is PlanStatus.ERROR) is refused
    kept = [each for each in plan.warnings if "it keeps its specifier" in each]
    assert len(kept) == (0 if refused else 1)
    if refused:
        told = row.error or ""
        assert f"{requirement!r} does not admit core 1.1.0" in told
        assert "spi/pyproject.toml, " in told
        assert "leave core out of the run" in told


def test_an_extra_that_is_kept_anyway_is_no_warning() -> None:
    spi = some_facts("spi", manifest=declaring("spi", "extra", "core>=0.9"))

    plan = planned(an_organisation([spi], [some_facts("core")], pins="keep"))

    assert plan.entry("spi").error_code is None
    assert not [each for each in plan.warnings if "it keeps its specifier" in each]


def test_a_requirement_on_its_own_package_has_to_admit_the_new_version() -> None:
    org = an_organisation(
        [some_facts("c", "1.0.0", "c[x]<1.0.1")], [some_facts("d", "1.0.0", "d[x]")]
    )

    plan = planned(org)

    assert "'c[x]<1.0.1' does not admit c 1.0.1" in (plan.entry("c").error or "")
    assert plan.entry("d").error_code is None


def test_a_kept_requirement_that_cannot_be_read_is_no_licence() -> None:
    org = an_organisation([some_facts("spi", "1.0.0", "core>=1-x")], [some_facts("core")])

    assert "cannot be read" in (planned(org).entry("spi").error or "")


def test_what_was_begun_earlier_refuses_the_row_it_forbids() -> None:
    org = an_organisation([some_facts("spi", "1.0.0", "core<1.1")], [some_facts("core")])
    done = planned(org).entry("spi").model_copy(update={"status": PlanStatus.DONE})
    later = an_organisation(
        [some_facts("spi", "1.0.1", "core<1.1")], [some_facts("core", commits=["feat: x"])]
    )

    plan = planned(later, kept={"spi": done})

    assert plan.entry("spi").status is PlanStatus.DONE
    assert "'core<1.1' does not admit core 1.1.0" in (plan.entry("core").error or "")
    assert "spi 1.0.1 has been begun in this run" in (plan.entry("core").error or "")
    assert "omni-release abandon release-1" in (plan.entry("core").error or "")


@pytest.mark.parametrize(
    ("ours", "theirs", "refused"),
    [(">=3.11", ">=3.12", True), (">=3.12", ">=3.12", False), (">=3.12", ">=3.11", False)],
)
def test_a_pin_must_not_need_a_newer_python(ours: str, theirs: str, *, refused: bool) -> None:
    def needing(name: str, python: str, *needs: str) -> str:
        return manifest(name, "1.0.0", *needs).replace(">=3.11", python)

    org = an_organisation(
        [some_facts("core", manifest=needing("core", theirs))],
        [some_facts("c", manifest=needing("c", ours, "core>=1"))],
    )

    row = planned(org).entry("c")

    assert (row.error_code is ErrorCode.PIN_CONFLICT) is refused
    if refused:
        assert "c/pyproject.toml lets in Python 3.11 (requires-python >=3.11)" in (row.error or "")
        assert "core 1.0.1 (project.dependencies) does not" in (row.error or "")


def test_what_no_supported_python_asks_for_forbids_nothing() -> None:
    spi = some_facts("spi", "1.0.0", "core<1.1; python_version < '3.9'")
    core = some_facts("core", commits=["feat: x"])

    assert planned(an_organisation([spi], [core])).entry("spi").error_code is None


@pytest.mark.parametrize(("key", "refused"), [("constraint", False), ("dev", True)])
def test_what_uv_only_constrains_brings_no_python_along(key: str, *, refused: bool) -> None:
    uv = f'[tool.uv]\n{key}-dependencies = ["core"]\n'
    core = some_facts("core", manifest=manifest("core").replace(">=3.11", ">=3.12"))
    org = an_organisation([core], [some_facts("c", manifest=manifest("c") + uv)])

    assert (planned(org).entry("c").error_code is ErrorCode.PIN_CONFLICT) is refused
