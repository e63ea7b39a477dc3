"""What makes a tag in a workflow that is dispatched, and would fail where the tag is there."""

from __future__ import annotations

import pytest

from omninode_release.text.workflows.own_tags import find_own_tag

EVENT = {"github.event_name": "workflow_dispatch"}
ANNOTATED = "git tag --annotate --message=v$V v${{ github.event.inputs.version }} $GITHUB_SHA"


def workflow(script: str, *, condition: str = "", more: str = "") -> str:
    lines = "\n".join(f"          {line}" for line in script.split("\n"))
    said = f"    if: {condition}\n" if condition else ""
    return (
        "on: {workflow_dispatch: {}}\njobs:\n  deploy:\n    runs-on: x\n"
        f"{said}    steps:\n      - run: |\n{lines}\n{more}"
    )


@pytest.mark.parametrize(
    "script",
    [
        ANNOTATED,
        f"git config user.name bot\n{ANNOTATED}\ngit push origin $V",
        'git tag -a -m "$V" "$V"',
        "git tag \\\n  v$VERSION",
        "git -c user.name=bot tag $V",
    ],
)
def test_a_step_that_makes_a_tag_is_found(script: str) -> None:
    assert find_own_tag(workflow(script), EVENT) == "deploy"


@pytest.mark.parametrize(
    "script",
    [
        "git tag -f v${MAJOR}",
        "git tag --force latest-$X",
        "git tag --list 'v*' | grep $V",
        "git tag -d $V",
        "git tag nightly",
        f"{ANNOTATED} || true",
        f"git rev-parse v$V && exit 0\n{ANNOTATED}",
        "echo git tag $V",
        "git push origin $V",
    ],
)
def test_what_moves_reads_or_minds_a_tag_is_passed_over(script: str) -> None:
    assert find_own_tag(workflow(script), EVENT) is None


def test_what_is_for_another_event_is_passed_over() -> None:
    text = workflow(ANNOTATED, condition="github.event_name == 'push'")

    assert find_own_tag(text, EVENT) is None


def test_a_step_that_may_fail_is_passed_over() -> None:
    text = workflow(ANNOTATED, more="        continue-on-error: true\n")

    assert find_own_tag(text, EVENT) is None


def test_without_a_workflow_nothing_is_found() -> None:
    assert find_own_tag("", EVENT) is None
