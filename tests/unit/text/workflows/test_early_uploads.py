"""What would upload a version before it is tagged is known from the workflows."""

from __future__ import annotations

import pytest

from omninode_release.text.workflows.early_uploads import EarlyUpload, find_early_upload

BRANCH = "release/run-1/alpha"
PUSHED = f"the push of {BRANCH}"
PULLED, MERGED = f"the pull request of {BRANCH}", f"the merge of {BRANCH}"
UP = "run: uv publish"
ACTION = "uses: pypa/gh-action-pypi-publish@v1, with: "
BY_PUSH = (PUSHED, False, True)
MERGE_OF_OURS = (
    "github.event.pull_request.merged == true &&"
    " startsWith(github.event.pull_request.head.ref, 'release/')"
)


@pytest.mark.parametrize(
    ("events", "condition", "step", "found"),
    [
        ("push", "", UP, (PUSHED, False, True)),
        ("{push: {branches: ['release/**']}}", "", UP, (PUSHED, False, True)),
        ("{push: {branches: ['release/*']}}", "", UP, None),
        ("{push: {branches: ['**', '!main']}}", "", UP, (PUSHED, False, True)),
        ("{push: {branches-ignore: ['release/**']}}", "", UP, ("the merge into main", True, True)),
        ("{push: {tags: ['v*']}}", "", UP, None),
        ("[push, pull_request]", "startsWith(github.ref, 'refs/tags/')", UP, None),
        ("push", "github.ref == 'refs/heads/main'", UP, ("the merge into main", True, True)),
        ("push", "steps.new.outputs.tag", UP, (PUSHED, False, False)),
        (
            "{push: {branches: [main]}}",
            "github.repository == 'acme/alpha' && github.repository_owner == 'acme'",
            UP,
            ("the merge into main", True, True),
        ),
        ("push", "github.repository == 'other/alpha'", UP, None),
        ("{push: {branches: [main]}, schedule: []}", "github.event_name == 'schedule'", UP, None),
        ("create", "", UP, (PUSHED, False, True)),
        ("create", "github.ref_type == 'tag'", UP, None),
        ("pull_request", "", UP, (PULLED, False, True)),
        ("pull_request_target", "", UP, (PULLED, False, True)),
        ("{pull_request: {types: [closed]}}", MERGE_OF_OURS, UP, (MERGED, True, True)),
        ("{pull_request: {types: [labeled]}}", "", UP, None),
        ("{pull_request: {branches: [next]}}", "", UP, None),
        ("{pull_request: {branches-ignore: [next]}}", "", UP, (PULLED, False, True)),
        ("push", "", "run: twine upload -r testpypi dist/*", None),
        ("push", "", "run: twine upload --repository-url https://nightly.example d/*", None),
        ("push", "", "run: twine upload -r pypi dist/*", (PUSHED, False, True)),
        ("push", "", 'run: "curl https://a.example/x | sh\\nuv publish"', (PUSHED, False, True)),
        ("push", "", f"{ACTION}{{repository-url: https://upload.pypi.example}}", BY_PUSH),
        ("push", "", f"{ACTION}{{repository-url: https://pypi.acme.example}}", None),
        ("{workflow_dispatch: , workflow_call: }", "", UP, None),
    ],
)
def test_an_upload_before_the_tag_is_found(
    events: str, condition: str, step: str, found: tuple[str, bool, bool] | None
) -> None:
    text = f'on: {events}\njobs: {{up: {{if: "{condition}", steps: [{{{step}}}]}}}}\n'

    early = find_early_upload(text, branch=BRANCH, base="main", repository="acme/alpha")

    assert early == (EarlyUpload(*found) if found else None)


def test_what_is_not_sure_of_an_open_pull_request_is_not_told() -> None:
    text = "on: pull_request\njobs: {up: {if: vars.UP, steps: [{run: uv publish}]}}\n"

    assert find_early_upload(text, branch=BRANCH, base="main", repository="acme/alpha") is None
