"""Which step of a workflow uploads, to which index, and what its job waits in."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from omninode_release.text.workflows.event_facts import describe_release, describe_tag_push
from omninode_release.text.workflows.upload_steps import list_upload_environments, may_upload

TRIAL = "https://test.pypi.example/legacy/"
ACTION = "pypa/gh-action-pypi-publish@v1"
BY_EITHER = {"push": {"tags": ["v*"]}, "release": {"types": ["published"]}}
ON_PUSH, ON_RELEASE = "github.event_name == 'push'", "github.event_name == 'release'"


def _workflow(**jobs: dict[str, Any]) -> str:
    return yaml.safe_dump({"on": BY_EITHER, "jobs": jobs})


def _uploads(workflow: str) -> tuple[bool, bool]:
    """Whether a push of a tag may, and a GitHub Release."""
    return (
        may_upload(workflow, describe_tag_push(workflow, "v1.2.0")),
        may_upload(workflow, *describe_release(workflow, "v1.2.0")),
    )


ON_RELEASES = {"if": ON_RELEASE, "steps": [{"run": "uv publish"}]}


@pytest.mark.parametrize(
    "step",
    [
        {"run": "twine upload -r testpypi dist/*"},
        {"run": "twine \\\n upload dist/*", "env": {"TWINE_REPOSITORY_URL": TRIAL}},
        {"run": "hatch publish -r test"},
        {"run": "hatch --no-color publish --yes --repo=test"},
        {"uses": ACTION, "with": {"password": "${{ secrets.TEST_PYPI_TOKEN }}"}},
        {"uses": ACTION, "with": {"repository-url": f"${{{{ {ON_PUSH} && '{TRIAL}' || '' }}}}"}},
        {"uses": "acme/deploy-action@v1", "with": {"command": "publish"}},
        {"run": "uv publish --dry-run"},
        {"uses": ACTION, "with": {"dry-run": True}},
        {"uses": ACTION, "with": {"dry_run": f"${{{{ {ON_PUSH} }}}}"}},
        {"run": "make", "env": {"PIP_INDEX_URL": "https://${{ secrets.PYPI_USER }}@x"}},
    ],
    ids=str,
)
def test_a_step_that_uploads_nothing_for_a_tag(step: dict[str, Any]) -> None:
    assert _uploads(_workflow(build={"steps": [step]}, up=ON_RELEASES)) == (False, True)


@pytest.mark.parametrize(
    "step",
    [
        {"run": "poetry -C packages/x publish --build"},
        {"run": "uv --directory packages/x -q publish"},
        {"run": "if $TRY; then twine upload -r testpypi d/*\nelse twine upload d/*; fi"},
        {"uses": ACTION, "if": "github.event.inputs.index != 'testpypi'", "name": "not TestPyPI"},
        {"uses": ACTION, "with": {"repository-url": f"${{{{ vars.URL || '{TRIAL}' }}}}"}},
        {"uses": "PyO3/maturin-action@v1", "with": {"command": "upload"}},
        {"uses": ACTION, "with": {"dry-run": "false"}},
        {"uses": ACTION, "with": {"dry-run": "${{ vars.DRY || false }}", "publish": "no"}},
    ],
    ids=str,
)
def test_a_step_that_may_upload_for_a_tag(step: dict[str, Any]) -> None:
    assert _uploads(_workflow(build={"steps": [step]}, up=ON_RELEASES)) == (True, True)


def test_the_variables_of_a_job_name_the_index_of_its_steps() -> None:
    trial = {"env": {"TWINE_REPOSITORY": "testpypi", "TEST_PYPI_TOKEN": "x"}}
    named = {"env": {"TEST_PYPI_TOKEN": "x"}}
    upload = {"steps": [{"run": "twine upload dist/*"}]}

    assert _uploads(_workflow(a={**trial, **upload}, up=ON_RELEASES)) == (False, True)
    assert _uploads(_workflow(a={**named, **upload}, up=ON_RELEASES)) == (True, True)


LOGIN = {"run": "scripts/publish", "env": {"TWINE_PASSWORD": "${{ secrets.PYPI_TOKEN }}"}}


@pytest.mark.parametrize(
    "step",
    [
        LOGIN,
        {"run": "tox -e release", "env": {"TWINE_PASSWORD": "x"}},
        {"uses": "acme/poetry-publish@v1", "with": {"token": "${{ secrets.ACME_PYPI_TOKEN }}"}},
    ],
    ids=str,
)
def test_what_logs_in_counts_where_nothing_else_uploads(step: dict[str, Any]) -> None:
    assert _uploads(_workflow(up={"if": ON_RELEASE, "steps": [step]})) == (False, True)
    assert _uploads(_workflow(a={"steps": [step]}, up=ON_RELEASES)) == (False, True)


@pytest.mark.parametrize(
    "step",
    [
        {"run": "make", "env": {"PIP_INDEX_URL": "https://${{ secrets.PYPI_USER }}@x"}},
        {"run": "uv sync", "env": {"UV_INDEX_A_PASSWORD": "${{ secrets.PYPI_PASSWORD }}"}},
        {"run": "pip install -i https://${{ secrets.PYPI_TOKEN }}@index.example x"},
    ],
    ids=str,
)
def test_what_logs_in_to_install_says_nothing_of_an_upload(step: dict[str, Any]) -> None:
    text = _workflow(a={"if": ON_RELEASE, "steps": [step]}, up={"steps": [{"run": "make up"}]})

    assert _uploads(text) == (True, True)


ELSEWHERE = "acme/ci/.github/workflows/publish.yml@v1"


@pytest.mark.parametrize(
    ("given", "uploads"),
    [
        ({}, (True, True)),
        ({"upload_to_pypi": False}, (False, False)),
        ({"upload_to_pypi": True}, (True, True)),
        ({"upload_to_pypi": "refs/tags/v"}, (True, True)),
        ({"publish": f"${{{{ {ON_RELEASE} }}}}"}, (False, True)),
        ({"upload_to_anaconda": False}, (True, True)),
        ({"test_run": f"${{{{ {ON_PUSH} }}}}"}, (False, True)),
        ({"dry-run": "true"}, (False, False)),
    ],
    ids=str,
)
def test_a_workflow_elsewhere_is_told_whether_it_uploads(
    given: dict[str, Any], uploads: tuple[bool, bool]
) -> None:
    assert _uploads(_workflow(up={"uses": ELSEWHERE, "with": given})) == uploads


def test_an_upload_waits_in_the_environments_on_its_way() -> None:
    upload = [{"run": "uv publish"}]
    text = _workflow(
        docs={"environment": "github-pages", "steps": []},
        trial={
            "environment": "trial",
            "if": ON_PUSH,
            "steps": [{"run": "twine upload -r testpypi"}],
        },
        build={"environment": {"name": "${{ 'build' }}"}, "steps": []},
        check={"environment": "${{ vars.WHERE }}", "steps": []},
        up={"environment": "pypi", "needs": ["build", "check"], "if": ON_RELEASE, "steps": upload},
        other={"environment": "other", "if": ON_PUSH, "steps": upload},
    )

    assert list_upload_environments(text, *describe_release(text, "v1.0")) == ("build", "pypi")
    assert list_upload_environments(text, describe_tag_push(text, "v1.0")) == ("other",)


def test_where_no_upload_is_known_it_may_wait_in_any() -> None:
    text = _workflow(build={"steps": []}, ship={"environment": {"name": "pypi"}, "steps": []})

    assert list_upload_environments(text, describe_tag_push(text, "v1.0")) == ("pypi",)
