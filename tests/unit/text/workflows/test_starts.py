"""Whether anything that a run does starts a publish workflow."""

from __future__ import annotations

import pytest

from omninode_release.models.publish import Publish
from omninode_release.text.workflows.starts import (
    choose_start,
    choose_tags,
    find_environments,
    find_start_trouble,
    tag_only_builds,
    uploads_by_dispatch,
    uploads_by_tag,
)
from omninode_release.text.workflows.workflow import is_started_by

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
    "tag": (BY_TAG, BY_OTHER_TAG, BY_HAND),
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


ON_BOTH = "on: {push: {tags: ['v*', 'pair/v*']}}\n"
UPLOAD = "steps: [{run: uv publish}]"
OF_OTHER_TAG = f"jobs:\n  up: {{if: \"startsWith(github.ref, 'refs/tags/v')\", {UPLOAD}}}\n"
BY_SCRIPT = "  my: {steps: [{run: ./up.sh, env: {T: '${{ secrets.PYPI }}'}}]}\n"
MADE = {
    "it starts by the first": (BY_TAG + f"jobs: {{up: {{{UPLOAD}}}}}\n", TAGS[:1]),
    "it starts by the other": (BY_OTHER_TAG + f"jobs: {{up: {{{UPLOAD}}}}}\n", TAGS),
    "it starts by both, and uploads for the other": (ON_BOTH + OF_OTHER_TAG, TAGS),
    "it starts by both": (ON_BOTH + f"jobs: {{up: {{{UPLOAD}}}}}\n", TAGS[:1]),
    "a script may upload for the first": (ON_BOTH + OF_OTHER_TAG + BY_SCRIPT, TAGS[:1]),
}  # fmt: skip


@pytest.mark.parametrize(("workflow", "made"), MADE.values(), ids=MADE)
def test_the_tag_is_made_that_the_workflow_uploads_for(
    workflow: str, made: tuple[str, ...]
) -> None:
    found = choose_tags(
        Publish(), workflow, TAGS, starts=lambda tag: is_started_by(workflow, tag),
        released=False, runs_elsewhere=True,
    )  # fmt: skip

    assert found == made


@pytest.mark.parametrize(
    ("trigger", "released", "made"),
    [("auto", True, TAGS[:1]), ("auto", False, TAGS[:1]), ("tag", True, TAGS[:1]),
     ("tag", False, TAGS)],
)  # fmt: skip
def test_no_tag_is_made_for_what_the_release_of_the_first_uploads(
    trigger: str, made: tuple[str, ...], *, released: bool
) -> None:
    condition = "github.event_name == 'release' || startsWith(github.ref, 'refs/tags/v')"
    both = "on: {push: {tags: ['v*', 'pair/v*']}, release: {types: [published]}}\n"
    workflow = f'{both}jobs:\n  up: {{if: "{condition}", {UPLOAD}}}\n'

    found = choose_tags(
        Publish.model_validate({"trigger": trigger}), workflow, TAGS,
        starts=lambda tag: is_started_by(workflow, tag), released=released, runs_elsewhere=True,
    )  # fmt: skip

    assert found == made


BY_TARGET = """
on: {push: {tags: ['v*']}, workflow_dispatch: {inputs: {
  tag: {required: true}, index: {default: trial}, real: {type: boolean}, note: {},
  where: {type: choice, options: [a, b]}}}}
"""


@pytest.mark.parametrize(
    ("condition", "inputs", "uploads"),
    [
        ("inputs.index == 'pypi'", {}, False),
        ("github.event.inputs.index == 'pypi'", {"index": "pypi"}, True),
        ("inputs.real", {}, False),
        ("inputs.real && github.event.inputs.real == 'true'", {"real": "True"}, True),
        ("!inputs.real && inputs.real != 'false' && inputs.note == ''", {}, True),
        ("inputs.where == 'b'", {}, True),
        ("inputs.tag == 'v1.0.0'", {}, True),
        ("inputs.tag == 'v2.0.0'", {}, False),
        ("inputs.index == 'alpha'", {"index": "{repo}"}, True),
        ("github.event.ref == 'refs/tags/v1.0.0'", {}, True),
    ],
)
def test_a_dispatch_uploads_as_its_inputs_say(
    condition: str,
    inputs: dict[str, str],
    uploads: bool,  # noqa: FBT001
) -> None:
    text = f'{BY_TARGET}jobs: {{a: {{if: "{condition}", steps: [{{run: uv publish}}]}}}}\n'
    publish = Publish.model_validate({"inputs": {"tag": "{tag}", **inputs} if inputs else None})

    assert uploads_by_dispatch(publish, text, "v1.0.0") is uploads
    assert uploads_by_tag(text, "v1.0.0") is (
        condition.startswith(("github.event.ref", "!inputs.real"))
    )


def test_the_environment_is_that_of_what_starts_it() -> None:
    name = "${{ inputs.index || github.event_name == 'push' && 'pypi' || 'trial' }}"
    text = f'{BY_TARGET}jobs: {{a: {{environment: "{name}", steps: [{{run: uv publish}}]}}}}\n'
    by_hand, by_release = text.replace("push:", "pull_request:"), text.replace("push:", "release:")
    by_release = by_release.replace("tags: ['v*']", "")

    found = [
        find_environments(Publish(), each, ("v1.0.0",), released=released)
        for each, released in ((text, False), (by_hand, False), (by_release, True))
    ]

    assert found == [("pypi",), ("trial",), ("trial",)]
    assert choose_start(Publish(), by_release, ("v1.0.0",), released=True) == "release"


@pytest.mark.parametrize(
    "job",
    [
        "uses: acme/ci/.github/workflows/publish.yml@main",
        "steps: [{run: ./upload.sh, env: {TWINE_PASSWORD: x}}]",
    ],
    ids=["a call", "a script"],
)
def test_no_dispatch_uploads_beside_a_run_that_may_upload_in_another_way(job: str) -> None:
    text = (
        "on: {push: {tags: ['v*']}, workflow_dispatch: {inputs: {tag: {required: true}}}}\njobs:\n"
        "  a: {if: github.event_name == 'workflow_dispatch', steps: [{run: uv publish}]}\n"
        f"  b: {{if: github.event_name == 'push', {job}}}\n"
    )
    tags = ("v1.0.0",)

    assert choose_start(Publish(), text, tags, released=False) == "tag"
    assert not tag_only_builds(Publish(), text, tags, released=False)


def test_a_run_of_which_no_upload_is_known_counts_as_one_that_uploads() -> None:
    publish = Publish.model_validate({"trigger": "dispatch"})
    text = (
        "on: {push: {tags: ['v*']}, workflow_dispatch: {inputs: {tag: {required: true}}}}\n"
        "jobs: {a: {steps: [{run: make all}]}}\n"
    )

    assert not tag_only_builds(publish, text, ("v1.0.0",), released=False)
