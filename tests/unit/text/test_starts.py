"""Whether anything that a run does starts a publish workflow."""

from __future__ import annotations

import pytest

from omninode_release.models.publish import Publish
from omninode_release.text.starts import find_start_trouble

TAGS = ("pair/v1.0.0", "v1.0.0")
BY_TAG = "on: {push: {tags: ['pair/v*']}}\n"
BY_OTHER_TAG = "on: {push: {tags: ['v*']}}\n"
BY_HAND = "on: {workflow_dispatch: {inputs: {tag: {required: true}}}}\n"
BY_HAND_ALONE = "on: workflow_dispatch\n"
BY_RELEASE = (
    "on: {release: {types: [published]}}\njobs: {up: {steps: [{run: twine upload dist/*}]}}\n"
)
BY_CALL = "on: workflow_call\n"

STARTED = {
    "auto": (BY_TAG, BY_OTHER_TAG, BY_HAND, BY_RELEASE),
    "tag": (BY_TAG, BY_HAND),
    "dispatch": (BY_HAND,),
    "release": (BY_RELEASE,),
    "none": (BY_TAG, BY_OTHER_TAG, BY_HAND, BY_HAND_ALONE, BY_RELEASE, BY_CALL, "", "on: [push"),
}
WORKFLOWS = STARTED["none"]


@pytest.mark.parametrize("workflow", WORKFLOWS)
@pytest.mark.parametrize("trigger", STARTED)
def test_a_workflow_is_started_by_what_the_trigger_makes(trigger: str, workflow: str) -> None:
    publish = Publish.model_validate({"trigger": trigger})

    found = find_start_trouble(publish, workflow, TAGS, released=False)

    assert (found is None) is (workflow in STARTED[trigger])


NO_TAG = "it does not listen to the tag pair/v1.0.0 or v1.0.0, and "


@pytest.mark.parametrize(
    ("workflow", "why"),
    [
        ("", "it is not there"),
        (BY_CALL, f"{NO_TAG}it has no workflow_dispatch"),
        (BY_HAND_ALONE, f"{NO_TAG}its workflow_dispatch has no input tag"),
    ],
)
def test_it_is_said_why_nothing_starts_it(workflow: str, why: str) -> None:
    assert find_start_trouble(Publish(), workflow, TAGS, released=False) == why
