"""Rows as pre-releases: their number, what they lead to, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.commit import Commit
from omninode_release.models.plan import PlanStatus, RepoPlan
from omninode_release.models.version_words import VersionWords
from omninode_release.planning.guards.holders import refuse_stale_versions
from omninode_release.planning.planner import Planner
from omninode_release.planning.rows import plan_row
from support.facts import an_organisation, some_facts
from support.repos import manifest

if TYPE_CHECKING:
    from omninode_release.models.version_words import PreKind

_SCM = (
    '[build-system]\nrequires = ["setuptools", "setuptools-scm"]\n'
    'build-backend = "setuptools.build_meta"\n\n'
    '[project]\nname = "a"\ndynamic = ["version"]\n\n[tool.setuptools_scm]\n'
)


def _row(
    *subjects: str,
    pre: PreKind | None,
    literal: str | None = "1.2.0",
    tags: dict[str, int] | None = None,
    version: str | None = None,
    others: dict[str, str] | None = None,
) -> RepoPlan:
    """The row of ``a`` after 1.2.0; ``subjects`` come oldest first, a tag is on one of them."""
    commits = [
        Commit(f"{at:040x}", (f"{at - 1:040x}",), subject, "")
        for at, subject in enumerate(subjects, start=1)
    ]
    shas = {name: f"{at:040x}" for name, at in (tags or {}).items()}
    facts = replace(
        some_facts("a", last_tag="v1.2.0", tags={"v1.2.0": f"{0:040x}", **shas}),
        commits=tuple(reversed(commits)),
        stand_in=others or {},
        manifest=manifest("a", literal) if literal else _SCM,
    )
    org = an_organisation([facts], tag_formats=["v{version}"])
    words = VersionWords(versions={"a": version} if version else {}, pre=pre)
    return plan_row("a", facts, org.config, words.find("a"), words.pre)


def test_the_first_candidate_is_of_what_the_commits_ask_for() -> None:
    row = _row("feat: x", pre="rc")

    assert (row.new, row.pre_release_of, row.bump) == ("1.3.0rc1", "1.3.0", "minor")
    assert row.current == "1.2.0"


@pytest.mark.parametrize(
    ("literal", "tags", "pre", "new"),
    [
        pytest.param("1.3.0rc1", {"v1.3.0rc1": 2}, "rc", "1.3.0rc2", id="the-next"),
        pytest.param("1.3.0rc1", {}, "rc", "1.3.0rc2", id="a-literal-that-no-tag-has"),
        pytest.param("1.3.0b2", {"v1.3.0b2": 2}, "rc", "1.3.0rc1", id="another-kind"),
        pytest.param(None, {"v1.3.0rc1": 2}, "rc", "1.3.0rc2", id="by-the-tags-alone"),
        pytest.param("1.2.0", {"v1.3.0rc1": 99}, "rc", "1.3.0rc2", id="tagged-elsewhere"),
        pytest.param(None, {"v1.3rc4": 2}, "rc", "1.3.0rc5", id="of-two-numbers"),
        pytest.param(None, {"v1.3rc4": 2}, None, "1.3.0", id="the-final-one-of-two-numbers"),
        pytest.param("1.3.0rc9", {"v1.3.0rc9": 2}, "rc", "1.3.0rc10", id="as-numbers"),
        pytest.param("1.3.0.dev0", {}, "a", "1.3.0a1", id="in-development"),
        pytest.param("1.3.0rc2.dev0", {"v1.3.0rc1": 2}, "rc", "1.3.0rc2", id="begun"),
        pytest.param("1.3.0rc1", {"v1.3.0rc1": 2}, None, "1.3.0", id="the-final-one"),
        pytest.param(None, {"v1.3.0rc1": 2}, None, "1.3.0", id="the-final-one-by-tags"),
    ],
)
def test_the_number_is_above_all_there_are(
    literal: str | None, tags: dict[str, int], pre: PreKind | None, new: str
) -> None:
    subjects = ("feat: x", "release: a v1.3.0rc1", "fix: y")

    assert _row(*subjects, pre=pre, literal=literal, tags=tags).new == new


@pytest.mark.parametrize("literal", ["1.3.0rc1", None], ids=["literal", "by-tag"])
def test_a_candidate_is_never_left_below(literal: str | None) -> None:
    """A person said minor for the first; the commits alone ask for a patch."""
    subjects, tags = ("fix: x", "release: a v1.3.0rc1", "fix: y"), {"v1.3.0rc1": 2}

    assert _row(*subjects, pre="rc", literal=literal, tags=tags).new == "1.3.0rc2"
    final = _row(*subjects, pre=None, literal=literal, tags=tags)
    assert (final.new, final.bump) == ("1.3.0", "minor")


def test_a_breaking_change_after_a_candidate_asks_for_more() -> None:
    subjects, tags = ("feat: x", "release: a v1.3.0rc1", "feat!: y"), {"v1.3.0rc1": 2}

    assert _row(*subjects, pre="rc", literal="1.3.0rc1", tags=tags).new == "2.0.0rc1"
    assert _row(*subjects, pre=None, literal="1.3.0rc1", tags=tags).new == "2.0.0"


def test_nothing_new_since_the_last_candidate_is_nothing_to_release() -> None:
    subjects, tags = ("feat: x", "release: a v1.3.0rc1"), {"v1.3.0rc1": 2}

    again = _row(*subjects, pre="rc", literal="1.3.0rc1", tags=tags)

    assert (again.status, again.error_code) == (PlanStatus.SKIP, ErrorCode.NOTHING_TO_RELEASE)
    assert again.new is None
    assert _row(*subjects, pre=None, literal="1.3.0rc1", tags=tags).new == "1.3.0"


@pytest.mark.parametrize(("stands_in", "new"), [(2, None), (1, "1.3.0rc2"), (0, "1.3.0rc2")])
def test_a_candidate_may_stand_on_a_commit_of_another_package(
    stands_in: int, new: str | None
) -> None:
    """Where the tag says the version, its release changes nothing in the package's folder."""
    others = {f"{9:040x}": f"{stands_in:040x}"}

    row = _row("feat: x", "fix: y", pre="rc", literal=None, tags={"v1.3.0rc1": 9}, others=others)

    assert row.new == new


def test_the_kind_never_goes_back() -> None:
    subjects, tags = ("feat: x", "release: a v1.3.0rc1", "fix: y"), {"v1.3.0rc1": 2}

    refused = _row(*subjects, pre="b", literal="1.3.0rc1", tags=tags)

    assert refused.error_code is ErrorCode.VERSION_INVALID
    assert "above 1.3.0rc1, found 1.3.0b1 by --pre b" in (refused.error or "")


def test_a_version_that_was_said_is_the_final_one() -> None:
    assert _row("fix: x", pre="rc", version="2.0.0").new == "2.0.0rc1"


def test_a_tuple_of_numbers_cannot_hold_one() -> None:
    text = _SCM.replace('", "setuptools-scm', "").replace(
        "[tool.setuptools_scm]", '[tool.setuptools.dynamic]\nversion = {attr = "a.VERSION"}'
    )
    facts = some_facts(
        "a",
        manifest=text,
        beside={"src/a/__init__.py": "VERSION = (1, 2, 0)\n"},
        commits=["feat: x"],
        last_tag="v1.2.0",
    )
    org = an_organisation([facts], tag_formats=["v{version}"])
    row = plan_row("a", facts, org.config, None, "rc")

    with pytest.raises(
        ReleaseError, match=r"1\.3\.0rc1 in src/a/__init__\.py, found numbers alone"
    ):
        refuse_stale_versions(row, facts, org)


@pytest.mark.parametrize(
    ("rule", "need", "after"),
    [
        pytest.param("exact", "a>=1.0", "a==1.3.0rc1", id="exact"),
        pytest.param("raise", "a>=1.0,<2", "a>=1.3.0rc1,<2", id="raise"),
        pytest.param("raise", "a~=1.2", "a>=1.3.0rc1,<2", id="raise-compatible"),
        pytest.param("raise", "a>=1.0,<1.3", "a>=1.3.0rc1,<1.4", id="raise-past-the-bound"),
        pytest.param("keep", "a>=1.0", None, id="keep"),
        pytest.param("keep", "a>=1.3.0rc1", "", id="keep-what-names-one"),
    ],
)
def test_a_requirement_lets_the_candidate_in(rule: str, need: str, after: str | None) -> None:
    tags = {"last_tag": "v1.2.0"}
    a = some_facts("a", "1.2.0", commits=["feat: x"], **tags)
    b = some_facts("b", "1.2.0", need, commits=["feat: x"], **tags)
    org = an_organisation([a], [b], tag_formats=["v{version}"], pins=rule)

    plan = Planner(org.config, org.facts, VersionWords(pre="rc")).plan("r", ["a", "b"])

    row = plan.entry("b")
    if after is None:
        assert row.error_code is ErrorCode.PIN_CONFLICT
        assert "names no pre-release such as 1.3.0rc1" in (row.error or "")
    else:
        changes = [change.after for pin in row.pins for change in pin.changes]
        assert changes == ([after] if after else [])
        assert row.error_code is None


def test_a_candidate_that_was_merged_and_never_tagged_is_named() -> None:
    body = "Release-Run: one"
    commits = [
        Commit(f"{1:040x}", (), "feat: x", ""),
        Commit(f"{2:040x}", (f"{1:040x}",), "release: a v1.3.0rc1", body),
        Commit(f"{3:040x}", (f"{2:040x}",), "fix: y", ""),
    ]
    tags = {"v1.2.0": f"{0:040x}"}
    facts = replace(
        some_facts("a", "1.3.0rc1", last_tag="v1.2.0", tags=tags),
        commits=tuple(reversed(commits)),
    )
    org = an_organisation([facts], tag_formats=["v{version}"])

    def warn(**tags: str) -> list[str]:
        found = replace(facts, tags={**facts.tags, **tags})
        told = Planner(org.config, replace(org.facts, repos={"a": found}), VersionWords(pre="rc"))
        warnings = told.plan("two", ["a"]).warnings
        return [each for each in warnings if each.startswith("UNFINISHED_RELEASE a")]

    assert "released 1.3.0rc1, which has no tag" in warn()[0]
    assert not warn(**{"v1.3.0rc1": commits[1].sha})
