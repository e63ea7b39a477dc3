"""Packages whose versions are in lockstep: one version for all, or a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.models.plan import Plan, PlanStatus
from omninode_release.models.version_words import NO_WORDS, VersionWords
from omninode_release.planning.planner import Planner
from support.facts import an_organisation, some_facts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omninode_release.models.plan import RepoPlan

IN_STEP = {"b": {"a": "lockstep"}, "c": {"b": "lockstep"}}


def planned(
    *targets: str,
    words: VersionWords = NO_WORDS,
    of: dict[str, list[str]] | None = None,
    versions: tuple[str, str, str] = ("1.2.0", "1.2.0", "1.2.0"),
    needs_c: str = "b>=1.0",
    needs_d: str = "",
    kept: Mapping[str, RepoPlan] | None = None,
    **config: Any,
) -> Plan:
    """A, b that requires a, c that requires b, and d beside them; ``of`` has their commits."""
    commits = {"a": ["fix: x"], "b": ["feat: y"], "c": [], "d": ["fix: z"], **(of or {})}
    needs = {"a": (), "b": ("a==1.2.0",), "c": (needs_c,), "d": (needs_d,) if needs_d else ()}
    made = {
        repo: some_facts(repo, version, *needs[repo], commits=commits[repo], last_tag=f"v{version}")
        for repo, version in zip("abcd", (*versions, "5.0.0"), strict=True)
    }
    tiers = [[made["a"]], [made["b"]], [made["c"]], [made["d"]]]
    org = an_organisation(*tiers, tag_formats=["v{version}"], pins_of=IN_STEP, **config)
    return Planner(org.config, org.facts, words, kept or {}).plan("r", targets or org.order)


def _versions(plan: Plan) -> dict[str, str | None]:
    return {row.repo: row.new for row in plan.entries}


def test_the_highest_of_them_is_that_of_all() -> None:
    plan = planned()

    assert _versions(plan) == {"a": "1.3.0", "b": "1.3.0", "c": "1.3.0", "d": "5.0.1"}
    assert [row.bump for row in plan.entries if row.repo != "d"] == ["minor"] * 3
    pins = {row.repo: [c.after for p in row.pins for c in p.changes] for row in plan.entries}
    assert (pins["b"], pins["c"]) == (["a==1.3.0"], ["b==1.3.0"])
    assert plan.entry("a").word == "1.3.0, lockstep with b, c"
    assert plan.entry("c").cascaded_from == ("a", "b")
    assert plan.entry("a").cascaded_from == ()


def test_a_lower_member_goes_to_the_version_of_the_others() -> None:
    plan = planned(versions=("1.2.0", "1.4.0", "1.2.7"), of={"b": ["fix: y"]})

    assert _versions(plan) == {"a": "1.4.1", "b": "1.4.1", "c": "1.4.1", "d": "5.0.1"}


def test_numbers_are_compared_as_numbers() -> None:
    said = VersionWords(versions={"a": "1.10.0"})
    plan = planned(versions=("1.9.0", "1.9.0", "1.9.0"), words=said)

    assert _versions(plan)["c"] == "1.10.0"


def test_a_bound_is_not_passed() -> None:
    plan = planned(needs_c="b>=1.0,<1.3")

    assert plan.entry("c").error_code is ErrorCode.PIN_CONFLICT
    assert "'b>=1.0,<1.3' does not admit b 1.3.0" in (plan.entry("c").error or "")


def test_what_pins_one_that_comes_along_follows_by_cascade() -> None:
    plan = planned(of={"d": []}, needs_d="c==1.2.0", cascade="patch")

    assert plan.entry("d").new == "5.0.1"
    assert plan.entry("d").cascaded_from == ("c",)


def test_nothing_to_release_is_nothing_for_all() -> None:
    plan = planned(of={"a": [], "b": []})

    assert {row.repo for row in plan.entries if row.status is PlanStatus.SKIP} == {"a", "b", "c"}


@pytest.mark.parametrize("begun", ["a", "ab"])
def test_a_resume_takes_those_along_that_have_no_commits(begun: str) -> None:
    first = planned()
    done = first.entry("a").model_copy(update={"status": PlanStatus.DONE})
    kept = {repo: first.entry(repo) for repo in begun} | {"a": done}

    again = planned(kept=kept)

    assert again.entry("c") == first.entry("c")
    assert again.entry("b") == first.entry("b")


def test_a_resume_leaves_those_alone_that_have_the_version_by_now() -> None:
    done = planned().entry("a").model_copy(update={"status": PlanStatus.DONE})

    again = planned(of={"b": []}, versions=("1.3.0", "1.3.0", "1.3.0"), kept={"a": done})

    assert done.new == "1.3.0"
    assert [again.entry(repo).status for repo in "bc"] == [PlanStatus.SKIP] * 2


def test_a_resume_says_how_to_release_those_that_are_further() -> None:
    done = planned().entry("a").model_copy(update={"status": PlanStatus.DONE})

    again = planned(of={"b": []}, versions=("1.3.0", "1.4.0", "1.3.0"), kept={"a": done})

    found = again.entry("b")
    assert found.error_code is ErrorCode.VERSION_INVALID
    assert "omni-release abandon RUN_ID" in (found.error or "")


def test_what_others_were_released_with_is_refused_where_it_cannot_follow() -> None:
    first = planned()
    kept = {repo: first.entry(repo) for repo in "ab"}

    again = planned(kept=kept, needs_c="b<1.3")

    assert again.entry("c").error_code is ErrorCode.PIN_CONFLICT
    assert again.entry("b") == first.entry("b")


def test_a_part_of_the_group_cannot_be_released_alone() -> None:
    plan = planned("a", "d")

    assert plan.entry("a").error_code is ErrorCode.PIN_CONFLICT
    assert "found no b, c" in (plan.entry("a").error or "")
    assert "omni-release a b c" in (plan.entry("a").error or "")
    assert plan.entry("d").new == "5.0.1"


def test_candidates_are_in_step_too() -> None:
    assert _versions(planned(words=VersionWords(pre="rc"))) == {
        "a": "1.3.0rc1",
        "b": "1.3.0rc1",
        "c": "1.3.0rc1",
        "d": "5.0.1rc1",
    }


def test_a_version_that_was_said_leads() -> None:
    said = VersionWords(versions={"c": "2.0.0"})

    assert _versions(planned(words=said))["a"] == "2.0.0"


@pytest.mark.parametrize(
    "versions",
    [{"a": "1.2.9"}, {"a": "1.5.0", "b": "1.6.0"}],
    ids=["below-another", "two-different"],
)
def test_versions_that_were_said_have_to_agree(versions: dict[str, str]) -> None:
    plan = planned(words=VersionWords(versions=versions))

    assert plan.entry("a").error_code is ErrorCode.VERSION_INVALID
    assert "expected one version of a, b, c" in (plan.entry("a").error or "")


def test_a_member_that_is_refused_holds_the_others() -> None:
    plan = planned(versions=("1.2.0", "1.2.post1", "1.2.0"))

    assert plan.entry("a").error_code is ErrorCode.PIN_CONFLICT
    assert "found that b cannot be" in (plan.entry("a").error or "")


@pytest.mark.parametrize("pre", [None, "rc"])
def test_a_member_that_is_further_than_the_others_says_what_releases_all(pre: Any) -> None:
    """As a run leaves them that released the first of them and was given up."""
    there: dict[str, Any] = {"versions": ("1.3.0", "1.2.0", "1.2.0"), "of": {"a": []}}

    error = planned(words=VersionWords(pre=pre), **there).entry("a").error or ""
    words = VersionWords(versions={"a": "1.3.1"}, pre=pre)
    again = planned("a", "b", "c", words=words, **there)

    last = "1.3.0rc1" if pre else "1.3.0"
    assert f"expected {last}, the version of b, c, to be free for a, which is in" in error
    assert "Next: omni-release a b c --version a=X.Y.Z" in error
    assert len({row.new for row in again.entries}) == 1
    assert again.entry("c").new == ("1.3.1rc1" if pre else "1.3.1")
