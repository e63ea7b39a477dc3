"""The workflow that publishes is found among the others, by the line that uploads."""

from __future__ import annotations

import pytest
import yaml

from omninode_release.models.publish import Publish
from omninode_release.text.workflows.called import read_with_calls
from omninode_release.text.workflows.starts import choose_start, uploads_by_tag
from omninode_release.text.workflows.uploads import Upload, find_uploads
from omninode_release.text.workflows.workflow import is_workflow, read_jobs

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


BY_TAG = "push: {tags: ['v*']}"
UP = "[{run: uv publish}]"
TRY = "[{run: twine upload -r testpypi dist/*}]"
ELSEWHERE = "acme/ci/.github/workflows/publish.yml@v1"
BY_LOGIN = "[{run: scripts/publish, env: {TWINE_PASSWORD: x}}]"
FOUND = {
    "the one that only tries": (
        {"publish-test.yml": f"on: {{{BY_TAG}}}\njobs: {{a: {{steps: {TRY}}}}}\n"},
        None,
    ),
    "another than what only tries": (
        {
            "a.yml": f"on: {{{BY_TAG}}}\njobs: {{a: {{steps: {TRY}}}}}\n",
            "b.yml": f"on: {{{BY_TAG}}}\njobs: {{a: {{steps: {UP}}}}}\n",
        },
        ("b.yml", 2),
    ),
    "the one that the tag starts": (
        {
            "release.yml": f"on: {{push: {{tags: ['other-v*']}}}}\njobs: {{a: {{steps: {UP}}}}}\n",
            "nightly.yml": f"on: {{push: {{branches: [main]}}}}\njobs: {{a: {{steps: {UP}}}}}\n",
            "z.yml": f"on: {{{BY_TAG}}}\njobs: {{a: {{steps: {UP}}}}}\n",
        },
        ("z.yml", 2),
    ),
    "a caller of what is elsewhere": (
        {
            "ci.yml": f"on: {{{BY_TAG}}}\njobs:\n  a: {{uses: {ELSEWHERE}}}\n",
            "b.yml": f"on: {{{BY_TAG}}}\njobs: {{a: {{steps: {BY_LOGIN}}}}}\n",
        },
        ("ci.yml", 3),
    ),
    "one elsewhere that a release starts": (
        {
            "nightly.yml": f"on: {{schedule: [{{cron: x}}]}}\njobs: {{a: {{steps: {UP}}}}}\n",
            "z.yml": f"on: {{{BY_TAG}}}\njobs: {{a: {{uses: {ELSEWHERE}}}}}\n",
        },
        ("z.yml", 2),
    ),
    "what logs in": (
        {"b.yml": f"on: {{{BY_TAG}}}\njobs:\n  a:\n    steps: {BY_LOGIN}\n"},
        ("b.yml", 4),
    ),
    "a caller of an action of its own": (
        {
            "b.yml": f"on: {{{BY_TAG}}}\njobs:\n  a:\n    steps: [{{uses: ./actions/up}}]\n",
            "../../actions/up/action.yml": f"runs: {{steps: {UP}}}\n",
        },
        ("b.yml", 4),
    ),
    "nothing that starts another one for branches": (
        {
            "a.yml": (
                "on: {workflow_run: {workflows: [CI]}}\njobs: {a: {if:"
                f" github.event.workflow_run.head_branch == 'main', steps: {UP}}}}}\n"
            ),
            "b.yml": "name: CI\non: push\njobs: {a: {steps: [{run: make}]}}\n",
        },
        ("a.yml", 2),
    ),
    "one that the tag starts beside one that it waits for": (
        {
            "ci.yml": "on: push\nname: CI\njobs: {a: {steps: [{run: make}]}}\n",
            "z.yml": (
                f"on: {{{BY_TAG}, workflow_run: {{workflows: [CI]}}}}\n"
                f"jobs: {{a: {{steps: {UP}}}}}\n"
            ),
        },
        ("z.yml", 2),
    ),
    "what another one waits for": (
        {
            "a.yml": (
                "on: {workflow_run: {workflows: [Wheels]}, workflow_dispatch: {inputs: {run_id:"
                f" {{required: true}}}}}}}}\njobs: {{a: {{steps: {UP}}}}}\n"
            ),
            "b.yml": f"name: Wheels\non: {{{BY_TAG}}}\njobs: {{a: {{steps: [{{run: make}}]}}}}\n",
        },
        ("b.yml", 1),
    ),
}


@pytest.mark.parametrize(("files", "first"), FOUND.values(), ids=FOUND)
def test_the_one_that_a_release_starts_is_found_first(
    files: dict[str, str], first: tuple[str, int] | None
) -> None:
    paths = {f"{FOLDER}/{name}".removeprefix(f"{FOLDER}/../../"): files[name] for name in files}

    found = find_uploads(paths, "v1.2.0")

    assert [each[:2] for each in found[:1]] == ([first] if first else [])


def test_what_a_dispatch_needs_is_found_with_it() -> None:
    by_hand = "on: {workflow_dispatch: {inputs: {version: {required: true}}}}"
    text = f"{by_hand}\njobs: {{a: {{steps: {UP}}}}}\n"

    assert find_uploads({f"{FOLDER}/x.yml": text}) == [Upload("x.yml", 2, {"version": "{version}"})]
    both = text.replace("on: {", f"on: {{{BY_TAG}, ")
    assert find_uploads({f"{FOLDER}/x.yml": both}) == [Upload("x.yml", 2)]
    neither = text.replace("version:", "run_id:")
    assert find_uploads({f"{FOLDER}/x.yml": neither}) == [Upload("x.yml", 2, is_started=False)]


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
        (
            (
                "    if: ${{ github.event_name == 'release' || github.event_name =="
                " 'workflow_dispatch' }}\n    steps:\n      - run: uv publish\n"
            ),
            "release",
        ),
        (
            (
                "    needs: gate\n    steps:\n      - run: uv publish\n"
                "  gate:\n    if: github.event_name == 'release'\n    steps: []\n"
            ),
            "release",
        ),
        (
            (
                "    if: ${{ !cancelled() }}\n    needs: [gate]\n"
                "    steps:\n      - run: uv publish\n"
                "  gate:\n    if: github.event_name == 'release'\n    steps: []\n"
            ),
            "tag",
        ),
        (
            (
                "    if: github.event_name == 'release'\n"
                "    uses: acme/ci/.github/workflows/publish.yml@v1\n"
            ),
            "release",
        ),
        ("    uses: acme/ci/.github/workflows/publish.yml@v1\n", "tag"),
    ],
)
def test_a_job_may_upload_for_releases_alone(job: str, start: str) -> None:
    text = f"{ON_BOTH}{BUILD}  upload:\n{job}"

    assert choose_start(Publish(), text, ("1.2.3",), released=False) == start
    on_tags = text.replace("  release: {types: [published]}\n", "")
    assert choose_start(Publish(), on_tags, ("1.2.3",), released=False) == "tag"


ON_EVERY = "on:\n  push: {tags: ['v*']}\n  release: {types: [published]}\n"
UPLOADS = "jobs:\n  upload:\n    steps: [{run: uv publish}]\n"
CALLED = {
    f"{FOLDER}/test.yml": "on: workflow_call\njobs:\n  test:\n    steps: [{run: make}]\n",
    f"{FOLDER}/up.yml": (
        "on: workflow_call\njobs:\n"
        "  build: {steps: [{run: make}]}\n"
        "  upload: {needs: build, environment: pypi, steps: [{uses: ./.github/actions/up}]}\n"
    ),
    ".github/actions/up/action.yaml": "runs: {using: composite, steps: [{run: uv publish}]}\n",
}


@pytest.mark.parametrize(
    ("job", "start"),
    [
        ("{if: github.event_name == 'release', uses: ./.github/workflows/up.yml}", "release"),
        ("{uses: ./.github/workflows/up.yml}", "tag"),
        (
            "{if: github.event_name == 'release', steps: [{uses: ./.github/actions/up/}]}",
            "release",
        ),
        ("{steps: [{uses: ./.github/actions/up, if: github.event_name == 'push'}]}", "tag"),
        ("{if: github.event_name == 'release', uses: ./.github/workflows/publish.yml}", "release"),
    ],
    ids=["called", "called-always", "action", "action-by-tag", "missing"],
)
def test_what_a_workflow_calls_counts_as_its_own(job: str, start: str) -> None:
    text = f"{ON_EVERY}jobs:\n  test: {{uses: ./.github/workflows/test.yml}}\n  upload: {job}\n"

    whole = read_with_calls({**CALLED, "x.yml": text}.get, "x.yml") or ""

    assert choose_start(Publish(), whole, ("v1.2.3",), released=False) == start
    named = [each.get("environment") for each in read_jobs(whole).values()]
    assert ("pypi" in named) is ("up.yml" in job)


def test_what_calls_nothing_is_as_it_was_written() -> None:
    text = f"# A comment.\n{ON_EVERY}jobs:\n  x: {{uses: acme/ci/.github/workflows/x.yml@v1}}\n"

    assert read_with_calls({"x.yml": text}.get, "x.yml") == text
    assert read_with_calls({"x.yml": "["}.get, "x.yml") == "["
    assert read_with_calls({"y.yml": text}.get, "x.yml") is None


def test_workflows_that_call_each_other_come_to_an_end() -> None:
    calls = "".join(f"  j{at}: {{uses: ./.github/workflows/x.yml}}\n" for at in range(30))
    path = f"{FOLDER}/x.yml"

    whole = read_with_calls({path: f"on: push\njobs:\n{calls}"}.get, path) or ""

    assert 30 < len(read_jobs(whole)) < 10_000


@pytest.mark.parametrize(
    ("types", "final", "early"),
    [
        ("[published]", "release", "release"),
        ("[released]", "release", "dispatch"),
        ("[prereleased]", "dispatch", "release"),
        ("[edited]", "dispatch", "dispatch"),
    ],
)
def test_a_pre_release_is_another_event(types: str, final: str, early: str) -> None:
    text = f"on: {{release: {{types: {types}}}}}\n{UPLOADS}"

    starts = [
        choose_start(Publish(), text, (tag,), released=True) for tag in ("v1.2.0", "v1.2.0rc1")
    ]

    assert starts == [final, early]


@pytest.mark.parametrize(
    ("condition", "tag", "by_tag"),
    [
        ("startsWith(github.ref, 'refs/tags/')", "v1.2.0", True),
        ("startsWith( github.ref, 'refs/heads/' )", "v1.2.0", False),
        ("github.ref == 'refs/heads/main' && github.event_name == 'push'", "v1.2.0", False),
        ("github.event_name == 'workflow_dispatch'", "v1.2.0", False),
        ("!contains(github.ref_name, 'rc')", "v1.2.0rc1", False),
        ("github.repository == 'acme/x' && github.ref_type != 'branch'", "v1.2.0", True),
        ("always() && github.ref_type == 'TAG'", "v1.2.0", True),
        ("needs.build.outputs.publish == 'true'", "v1.2.0", True),
        ("github.event.inputs['x'] || false", "v1.2.0", True),
        ("'it''s' == \"", "v1.2.0", True),
        ("(" * 5000, "v1.2.0", True),
        ("!" * 1999, "v1.2.0", True),
        ("false", "v1.2.0", False),
    ],
)
def test_a_condition_says_whether_a_tag_uploads(condition: str, tag: str, by_tag: bool) -> None:  # noqa: FBT001
    job = {"if": condition, "steps": [{"run": "uv publish"}]}
    text = yaml.safe_dump({"on": {"push": {"tags": ["v*"]}}, "jobs": {"upload": job}})

    assert uploads_by_tag(text, tag) is by_tag


@pytest.mark.parametrize(
    ("declared", "given", "condition", "by_tag"),
    [
        ("", "with: {up: \"${{ github.event_name == 'release' }}\"}", "inputs.up", False),
        ("", "with: {up: \"${{ github.event_name == 'push' }}\"}", "inputs.up", True),
        ("", "with: {up: true}", "${{ inputs.up == true }}", True),
        ("", "with: {up: false}", "inputs.up", False),
        ("default: true, ", "", "inputs['up']", True),
        ("", "", "inputs.up", False),
        ("", "with: {up: 'by ${{ github.actor }}'}", "inputs.up == 'by me'", True),
        ("", "with: {up: it's}", "inputs.up == 'it''s'", True),
        ("", "with: {up: 3}", "inputs.up > 3", False),
        ("", "with: {up: true}", "github.event.inputs.up == 'true' || inputs.other", False),
    ],
)
def test_a_called_workflow_has_the_inputs_that_its_caller_gives(
    declared: str,
    given: str,
    condition: str,
    by_tag: bool,  # noqa: FBT001
) -> None:
    by_hand = "  workflow_dispatch: {inputs: {up: {default: 'true'}}}\n"
    text = f"{ON_EVERY}{by_hand}jobs:\n  go:\n    uses: ./{FOLDER}/up.yml\n    {given}\n"
    called = (
        f"on: {{workflow_call: {{inputs: {{up: {{{declared}type: boolean}}}}}}}}\n"
        f'jobs:\n  up: {{if: "{condition}", steps: [{{run: uv publish}}]}}\n'
    )

    whole = read_with_calls({f"{FOLDER}/up.yml": called, "x.yml": text}.get, "x.yml") or ""

    assert uploads_by_tag(whole, "v1.2.3") is by_tag


UPLOAD_TO = """on: {workflow_call: {inputs: {url: {type: string}, environment: {type: string}}}}
jobs:
  up:
    environment: ${{ inputs.environment }}
    steps:
      - {uses: pypa/gh-action-pypi-publish@v1, with: {repository-url: "${{ inputs.url }}"}}
"""


def test_one_called_workflow_uploads_to_the_index_of_each_caller() -> None:
    trial = "{url: https://test.pypi.example/x, environment: trial}"
    text = (
        f"{ON_EVERY}jobs:\n"
        f"  try: {{if: github.event_name == 'push', uses: ./{FOLDER}/up.yml, with: {trial}}}\n"
        f"  real: {{if: github.event_name == 'release', uses: ./{FOLDER}/up.yml,"
        " with: {url: https://pypi.example, environment: pypi}}\n"
    )

    whole = read_with_calls({f"{FOLDER}/up.yml": UPLOAD_TO, "x.yml": text}.get, "x.yml") or ""

    assert choose_start(Publish(), whole, ("v1.2.3",), released=False) == "release"
    named = [each.get("environment") for each in read_jobs(whole).values()]
    assert [each for each in named if each] == ["trial", "pypi"]


def test_an_action_takes_texts() -> None:
    action = "runs: {steps: [{run: uv publish, if: inputs.up == 'true'}]}\n"
    files = {".github/actions/up/action.yml": f"inputs: {{up: {{default: 'false'}}}}\n{action}"}
    found = []
    for given in ("", ", with: {up: true}", ", with: {up: \"${{ github.event_name == 'x' }}\"}"):
        step = f"{{uses: ./.github/actions/up{given}}}"
        text = f"{ON_EVERY}jobs: {{go: {{steps: [{step}]}}}}\n"
        whole = read_with_calls({**files, "x.yml": text}.get, "x.yml") or ""
        found.append(uploads_by_tag(whole, "v1.2.3"))

    assert found == [False, True, True]


def test_an_action_that_speaks_of_a_workflow_which_cannot_be_read_is_none() -> None:
    files = {
        f"{FOLDER}/up.yml": "on: [push\n  run: uv publish\n",
        "act/action.yml": f"# like uses: ./{FOLDER}/up.yml\nruns: {{using: composite}}\n",
    }

    assert [each.workflow for each in find_uploads(files)] == ["up.yml"]
