"""The workflow that publishes is found among the others, by the line that uploads."""

from __future__ import annotations

import pytest

from omninode_release.models.publish import Publish
from omninode_release.text.workflow import Upload, choose_start, find_uploads, is_workflow

FOLDER = ".github/workflows"
ON_TAG = "on: {push: {tags: ['v*']}}\njobs:\n"


@pytest.mark.parametrize(
    "step",
    [
        "- uses: pypa/gh-action-pypi-publish@release/v1",
        "- run: twine upload dist/*",
        "- run: python -m twine --verbose upload dist/*",
        "- run: uv publish",
        "- run: uv --quiet publish --token $T",
        "- run: poetry publish --build",
        "- run: flit publish",
        "- run: hatch publish",
        "- run: maturin upload x.whl",
        "  with: {command: upload}",
    ],
)
def test_a_step_that_uploads_is_known(step: str) -> None:
    text = f"{ON_TAG}  # twine upload\n    {step}\n"

    assert find_uploads({f"{FOLDER}/x.yml": text}) == [Upload("x.yml", 4)]


@pytest.mark.parametrize(
    "step",
    [
        "- run: make publish",
        "- run: uv build # uv publish",
        "- run: twine check dist/*",
        "",
        "[",
        "- run: uv build # and then\u2028uv publish",
    ],
)
def test_others_are_no_upload(step: str) -> None:
    assert find_uploads({f"{FOLDER}/x.yml": f"{ON_TAG}    {step}\n"}) == []


def test_a_line_ends_where_a_workflow_says_so() -> None:
    text = f"{ON_TAG}  # one\u2028two\x85three\r\n  - run: uv publish\r\n"

    assert find_uploads({f"{FOLDER}/x.yml": text}) == [Upload("x.yml", 4)]


def test_a_caller_goes_before_what_it_calls_and_the_usual_name_before_others() -> None:
    called = "on: workflow_call\njobs:\n  - run: uv publish\n"
    caller = f"{ON_TAG}  x: {{uses: ./.github/workflows/called.yml}}\n"
    other = f"{ON_TAG}  - run: uv publish\n"
    texts = {"called.yml": called, "zzz.yml": caller, "release.yml": other, "aaa.yml": other}

    found = find_uploads({f"{FOLDER}/{name}": text for name, text in texts.items()})

    assert [each.workflow for each in found] == ["release.yml", "aaa.yml", "zzz.yml", "called.yml"]
    assert found[2] == Upload("zzz.yml", 3)


def test_only_what_stands_in_the_folder_is_a_workflow() -> None:
    paths = [f"{FOLDER}/a.yml", f"{FOLDER}/b.yaml", f"{FOLDER}/c.txt", f"{FOLDER}/d/e.yml", "f.yml"]

    assert [path for path in paths if is_workflow(path)] == paths[:2]


ON_BOTH = "on:\n  push: {tags: ['*']}\n  release: {types: [published]}\n  workflow_dispatch:\n"
BUILD = "jobs:\n  build:\n    steps:\n      - run: make\n"
TEST_PYPI = (
    "{uses: pypa/gh-action-pypi-publish@v1, with: {repository-url: https://test.pypi.example/x}}"
)


@pytest.mark.parametrize(
    ("job", "start"),
    [
        (
            "    if: github.event.action == 'published'\n    steps:\n      - run: uv publish\n",
            "release",
        ),
        ("    steps:\n      - {run: uv publish, if: github.event_name == 'release'}\n", "release"),
        (f"    if: github.event_name == 'push'\n    steps:\n      - {TEST_PYPI}\n", "tag"),
        (
            (
                "    steps:\n      - run: uv publish --index testpypi\n"
                "      - {run: uv publish, if: github.event_name == 'release'}\n"
            ),
            "release",
        ),
        (
            (
                "    if: github.event_name == 'release'\n    steps:\n"
                "      - {uses: PyO3/maturin-action@v1, with: {command: upload, args: dist/*}}\n"
            ),
            "release",
        ),
        (
            (
                "    steps:\n      - run: |\n          make # uv publish\n      -\n"
                "      - {run: uv publish, if: github.event_name == 'release'}\n"
            ),
            "release",
        ),
        ("    steps:\n      - run: uv publish\n", "tag"),
        (
            (
                "    if: github.event_name == 'release' || github.ref_type == 'tag'\n"
                "    steps:\n      - run: uv publish\n"
            ),
            "tag",
        ),
    ],
)
def test_a_job_may_upload_for_releases_alone(job: str, start: str) -> None:
    text = f"{ON_BOTH}{BUILD}  upload:\n{job}"

    assert choose_start(Publish(), text, ("1.2.3",), released=False) == start
    on_tags = text.replace("  release: {types: [published]}\n", "")
    assert choose_start(Publish(), on_tags, ("1.2.3",), released=False) == "tag"
