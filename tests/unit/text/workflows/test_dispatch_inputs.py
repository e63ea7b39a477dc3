"""The inputs of a dispatch are guessed from what a workflow calls them."""

from __future__ import annotations

import pytest
import yaml

from omninode_release.text.workflows.dispatch_inputs import find_inputs


def _takes(**inputs: object) -> str:
    return yaml.safe_dump({"on": {"workflow_dispatch": {"inputs": inputs}}})


REQUIRED = {"required": True}
FLAG = {"type": "boolean", "default": False}


@pytest.mark.parametrize(
    ("workflow", "inputs"),
    [
        ("on: workflow_dispatch\n", {}),
        ("on: push\n", None),
        (_takes(tag=REQUIRED), None),
        (_takes(tag={}, note={}), None),
        (_takes(version=REQUIRED), {"version": "{version}"}),
        (_takes(version={**REQUIRED, "default": "1.2.3"}), {"version": "{version}"}),
        (_takes(release_version={"default": "v2.0.0"}), {"release_version": "v{version}"}),
        (_takes(version={"description": "such as v1.2"}), {"version": "v{version}"}),
        (_takes(**{"release-tag": REQUIRED, "dry-run": FLAG}), {"release-tag": "{tag}"}),
        (_takes(ref=REQUIRED), {"ref": "{tag}"}),
        (_takes(ref={**REQUIRED, "description": "the full commit SHA"}), None),
        (_takes(sha={"type": "string"}, dry_run=FLAG), {}),
        (_takes(version={"type": "choice", "options": ["major", "minor"], **REQUIRED}), None),
        (_takes(tag=REQUIRED, run_id=REQUIRED), None),
        (
            _takes(**{"python-version": {"default": "3.12"}, "version": REQUIRED}),
            {"version": "{version}"},
        ),
        (_takes(image_tag={"default": "latest"}, version=REQUIRED), {"version": "{version}"}),
        (_takes(version={**REQUIRED, "description": "major, minor or patch"}), None),
        (
            _takes(version=REQUIRED, to={"default": "testpypi", "options": ["testpypi", "live"]}),
            None,
        ),
        (
            _takes(version=REQUIRED, to={"default": "testpypi"}),
            {"version": "{version}", "to": "pypi"},
        ),
        (
            _takes(version={}, to={**REQUIRED, "type": "choice", "options": ["testpypi", "pypi"]}),
            {"version": "{version}", "to": "pypi"},
        ),
    ],
)
def test_what_a_dispatch_has_to_be_given(workflow: str, inputs: dict[str, str] | None) -> None:
    assert find_inputs(workflow) == inputs
