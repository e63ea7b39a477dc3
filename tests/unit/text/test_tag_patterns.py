"""The tag patterns of a workflow, as GitHub's cheat sheet has them."""

from __future__ import annotations

import pytest

from omninode_release.text.workflows.workflow import dispatch_trouble, is_started_by


@pytest.mark.parametrize(
    ("pattern", "tag", "expected"),
    [
        ("v*", "v1.2.3", True),
        ("v*", "alpha/v1.2.3", False),
        ("*/v*", "alpha/v1.2.3", True),
        ("**", "alpha/v1.2.3", True),
        ("v[0-9]+.[0-9]+.[0-9]+", "v1.20.3", True),
        ("v[0-9]+.[0-9]+.[0-9]+", "v1.20.3rc1", False),
        ("v[12].?", "v2", True),
        ("v[12].?", "v2.", True),
        ("v1.2.3a?", "v1.2.3", True),
        ("[CB]at", "Bat", True),
        ("[^C]at", "Cat", False),
        (r"v\*", "v1", False),
        ("v1.2+", "v1.2222", True),
        ("v1.2+", "v1.", False),
        ("[[&&~~||]x", "&x", True),
        ("[z-a]", "b", False),
        ("", "v1", False),
        ("*" * 500 + "x", "v1.2.3", False),
        ("*a" * 200 + "x", "a" * 200, False),
        ("*?" * 200 + "x", "a" * 200, False),
        ("a+" * 200, "a" * 200, True),
        ("a?" * 200 + "b", "a" * 200, False),
    ],
)
def test_a_tag_starts_the_workflow_where_a_pattern_fits(
    pattern: str, tag: str, *, expected: bool
) -> None:
    workflow = f"on:\n  push:\n    tags: ['{pattern}']\n"

    assert is_started_by(workflow, tag) is expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("branches: [main]", False),
        ("branches-ignore: [dev]", False),
        ("branches-ignore: [dev]\n    tags: ['v*']", True),
        ("tags-ignore: ['nightly-*']", True),
        ("tags-ignore: ['v1.*']", False),
        ("tags-ignore: v1.*", False),
        ("branches: [main]\n    tags-ignore: ['nightly-*']", True),
        ("paths: ['src/**']", True),
        ("paths-ignore: ['docs/**']", True),
    ],
)
def test_filters_of_branches_alone_let_no_tag_in(filters: str, *, expected: bool) -> None:
    assert is_started_by(f"on:\n  push:\n    {filters}\n", "v1.2.3") is expected


@pytest.mark.parametrize("text", ["on: [", "jobs: {}\n", "on: 3\n"])
def test_a_workflow_whose_events_cannot_be_read_says_so(text: str) -> None:
    assert not is_started_by(text, "v1.2.3")
    assert dispatch_trouble(text) == "nothing that it listens to can be read"
    assert dispatch_trouble("on: push\n") == "it has no workflow_dispatch"
