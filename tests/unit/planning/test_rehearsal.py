"""What a later step would refuse is refused in the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.models.facts import Tree
from omninode_release.models.plan import PlanStatus
from omninode_release.planning.planner import Planner
from support.facts import an_organisation, some_facts
from support.repos import manifest

if TYPE_CHECKING:
    from omninode_release.models.plan import RepoPlan


@pytest.mark.parametrize(
    ("facts", "code", "part"),
    [
        pytest.param(
            {"manifest": manifest("b", "1.0.0", "a @ https://x.invalid/a.whl")},
            *("PIN_FAILED", 'b/pyproject.toml, line 10 ("a @ https://x.invalid/a.whl",)'),
            id="a-pin",
        ),
        pytest.param(
            {"missing_version_files": ("v.py",)}, "BUMP_FAILED", "b names v.py", id="a-file"
        ),
        pytest.param(
            {"blocking_branch": "release"}, "WORKTREE_CONFLICT", "branch -m release", id="a-branch"
        ),
        pytest.param(
            {"blocking_branch": "Release"}, "WORKTREE_CONFLICT", "branch -m Release", id="a-mac"
        ),
        pytest.param(
            {"blocking_branch": "release on the remote"},
            *("WORKTREE_CONFLICT", "push origin FETCH_HEAD"),
            id="a-remote-branch",
        ),
        pytest.param(
            {"release_branches": ("refs/heads/release/release-1",)},
            *("WORKTREE_CONFLICT", "branch -m release/release-1 release-release-1"),
            id="a-branch-of-the-run",
        ),
        pytest.param(
            {"tags": {"v1.0.0": "0" * 40, "b/v1.0.1/old": "1" * 40}},
            *("TAG_CONFLICT", "found the tag b/v1.0.1/old: git has no room for both"),
            id="a-tag",
        ),
        pytest.param(
            {"tree": Tree(("CHANGELOG.md",), {}, ("CHANGELOG.md",))},
            *("CHANGELOG_FAILED", "expected CHANGELOG.md of b to be UTF-8 text"),
            id="a-changelog",
        ),
        pytest.param(
            {"tree": Tree(("src/b/__init__.py",), {}, ("src/b/__init__.py",))},
            *("BUMP_FAILED", "expected src/b/__init__.py of b to be UTF-8 text"),
            id="a-module",
        ),
    ],
)
def test_what_a_later_step_would_refuse_is_refused_in_the_plan(
    facts: dict[str, Any], code: str, part: str
) -> None:
    org = an_organisation([some_facts("a")], [some_facts("b", "1.0.0", "a", **facts)])

    row = Planner(org.config, org.facts).plan("release-1", ["a", "b"]).entry("b")

    assert (row.status, row.error_code) == (PlanStatus.ERROR, ErrorCode(code))
    assert part in (row.error or "")


_PUBLISHED = {
    "a-url": manifest("b", "1.0.0", "other @ git+https://x.invalid/other"),
    "an-extra": manifest("b")
    + '[project.optional-dependencies]\nx = ["other @ https://x.invalid"]\n',
    "a-table-of-poetry": '[tool.poetry]\nname = "b"\nversion = "1.0.0"\n'
    '[tool.poetry.dependencies]\nother = {git = "https://x.invalid/path=1"}\n',
}
_ON_THIS_MACHINE = {
    "a-url": manifest("b", "1.0.0", "other @ file:///x/other"),
    "of-hatchling": manifest("b", "1.0.0", "other @ {root:uri}/../other"),
    "a-table-of-poetry": '[tool.poetry]\nname = "b"\nversion = "1.0.0"\n'
    '[tool.poetry.dependencies]\nother = {path = "../other", develop = true}\n',
}
_UNPUBLISHED = {
    "a-group": manifest("b") + '[dependency-groups]\ndev = ["other @ file:///x"]\n',
    "a-source": manifest("b", "1.0.0", "other>=1") + '[tool.uv.sources]\nother = {path = "../x"}\n',
    "a-table-for-the-lock": manifest("b", "1.0.0", "other>=1")
    + '[tool.poetry.dependencies]\nother = {path = "../other"}\n',
}


def _plan_b(text: str, **config: Any) -> RepoPlan:
    org = an_organisation([some_facts("b", manifest=text)], **config)
    return Planner(org.config, org.facts).plan("release-1", ["b"]).entry("b")


@pytest.mark.parametrize("text", _PUBLISHED.values(), ids=_PUBLISHED)
def test_a_url_that_the_public_index_turns_down_is_refused_in_the_plan(text: str) -> None:
    row = _plan_b(text, index="pypi")

    assert row.error_code is ErrorCode.SCAN_FAILED
    assert "takes no package that requires another from elsewhere" in (row.error or "")
    own = _plan_b(text, index="pypi", index_url="https://packages.example")
    unpublished = _plan_b(text, index="pypi", publish={"trigger": "none"})
    assert [own.status, unpublished.status] == [PlanStatus.RELEASE] * 2


@pytest.mark.parametrize("text", _ON_THIS_MACHINE.values(), ids=_ON_THIS_MACHINE)
@pytest.mark.parametrize("index", ["pypi", "local"])
def test_a_path_that_no_user_has_is_refused_for_any_index(text: str, index: str) -> None:
    row = _plan_b(text, index=index, index_url="https://packages.example")

    assert row.error_code is ErrorCode.SCAN_FAILED
    assert "users have no such path" in (row.error or "")


@pytest.mark.parametrize("text", _UNPUBLISHED.values(), ids=_UNPUBLISHED)
def test_a_url_that_no_user_reads_is_nothing_to_an_index(text: str) -> None:
    assert _plan_b(text, index="pypi").status is PlanStatus.RELEASE
