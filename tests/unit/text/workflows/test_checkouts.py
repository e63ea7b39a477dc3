"""What a workflow checks out beside the files of a commit."""

from __future__ import annotations

import pytest

from omninode_release.text.workflows.checkouts import checks_out

PLAIN = "jobs: {{build: {{steps: [{{uses: actions/checkout@v4{with_}}}, {{run: {run}}}]}}}}"


@pytest.mark.parametrize(
    ("with_", "run", "expected"),
    [
        ("", "uv build", False),
        (", with: {lfs: false}", "uv build", False),
        (", with: {lfs: true}", "uv build", True),
        (", with: {lfs: '${{ inputs.lfs }}'}", "uv build", True),
        (", with: {submodules: recursive}", "uv build", False),
        ("", "git lfs pull && uv build", True),
    ],
)
def test_a_checkout_leaves_git_lfs_out_unless_it_is_asked_for(
    with_: str, run: str, *, expected: bool
) -> None:
    assert checks_out(PLAIN.format(with_=with_, run=run), "lfs") is expected


@pytest.mark.parametrize("said", ["true", "recursive"])
def test_submodules_are_asked_for_in_two_ways(said: str) -> None:
    text = PLAIN.format(with_=f", with: {{submodules: {said}}}", run="uv build")

    assert checks_out(text, "submodules")
    assert not checks_out(text, "lfs")


@pytest.mark.parametrize(
    "text", ["", "jobs: {build: {uses: other/repo/.github/workflows/x.yml@v1}}"]
)
def test_a_workflow_whose_checkouts_cannot_be_seen_is_believed(text: str) -> None:
    assert checks_out(text, "lfs")
