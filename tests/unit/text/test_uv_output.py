"""uv's own words, as versions of it have written them, and what is made of them."""

from __future__ import annotations

import pytest

from omninode_release.text.uv_output import (
    explain_uv,
    find_index_refusal,
    find_python_limit,
    is_filtered,
    is_not_found,
    is_offline,
)

NO_VERSION = """\
Using CPython 3.11.7
error: No solution found when resolving dependencies
  cause: Because there is no version of alpha==1.1.0 and your project depends on
         alpha==1.1.0, we can conclude that your project's requirements are
         unsatisfiable.
"""
RAISED = """\
error: No solution found when resolving dependencies
  cause: Because only alpha{python_full_version < '3.13'}<=1.0.1 is available and your project
         depends on alpha{python_full_version < '3.13'}>=1.1.0,<2, we can conclude that your
         project's requirements are unsatisfiable.
"""
FILTERED = NO_VERSION + (
    "\nhint: `alpha` was filtered by `exclude-newer` to only include packages uploaded before"
    " 2026-11-19T13:07:28Z. The requested version, v1.1.0, was published at 2026-11-26T13:07:28Z.\n"
)
AFTER_CUTOFF = """\
error: No solution found when resolving dependencies
  cause: Because alpha>1.0.0 was published after the exclude newer time and your project depends
"""
OLDER = """\
  \N{MULTIPLICATION SIGN} No solution found when resolving dependencies:
  ╰─▶ Because there is no version of alpha==1.1.0 and your project depends on
      alpha==1.1.0, we can conclude that your project's requirements are
      unsatisfiable.
"""
NO_FILE = """\
error: Failed to fetch: https://files.example/ab/alpha_pha-1.1.0-py3-none-any.whl.metadata
  cause: HTTP status client error (404 Not Found) for url
         (https://files.example/ab/alpha_pha-1.1.0-py3-none-any.whl.metadata)
"""
NO_INDEX = """\
error: No solution found when resolving dependencies
  cause: Because alpha was not found in the package registry and you require alpha==1.0.0, we can
         conclude that your requirements are unsatisfiable.

hint: """
NO_LOGIN = (
    f"{NO_INDEX}An index URL (https://index.example/simple/) could not be queried due to a lack of"
    " valid authentication credentials (401 Unauthorized)\n"
)
FORBIDDEN = (
    f"{NO_INDEX}An index (https://index.example/simple/) returned a 403 Forbidden error. Check that"
    " the index URL is correct and the credentials are valid.\n"
)
BACKEND = """\
Building source distribution...
running sdist

Traceback (most recent call last):
  File "setup.py", line 1, in <module>
ModuleNotFoundError: No module named 'nowhere'
error: Failed to build `/tree`
  cause: The build backend returned an error
  cause: Call to `backend.build_sdist` failed (exit status: 1)

hint: Build failures usually indicate a problem with the package or the build environment
"""


@pytest.mark.parametrize("output", [NO_VERSION, OLDER])
def test_a_version_that_is_not_there_may_come(output: str) -> None:
    assert is_not_found(output, "Alpha", "1.1.0")
    assert not is_not_found(output, "alpha", "1.2.0")
    assert not is_filtered(output, "alpha")


def test_a_version_that_a_raised_requirement_asks_for_may_come() -> None:
    assert is_not_found(RAISED, "alpha", "1.1.0")
    assert not is_not_found(RAISED, "alpha", "1.0.1")
    assert not is_not_found(RAISED, "pha", "1.1.0")


def test_a_file_that_a_server_of_the_index_does_not_have_yet_may_come() -> None:
    assert is_not_found(NO_FILE, "alpha-pha", "1.1.0")
    assert not is_not_found(NO_FILE, "pha", "1.1.0")
    assert not is_not_found(NO_FILE, "alpha-pha", "1.1")
    assert not is_not_found(NO_FILE.replace("404 Not Found", "403 Forbidden"), "alpha-pha", "1.1.0")


@pytest.mark.parametrize(
    ("output", "words"), [(NO_LOGIN, "(401 Unauthorized)"), (FORBIDDEN, "a 403 Forbidden error")]
)
def test_an_index_that_refuses_the_login_is_told(output: str, words: str) -> None:
    assert (find_index_refusal(output) or "").endswith(words)
    assert "unsatisfiable; An index" in explain_uv(output)
    assert explain_uv(output).endswith(words)
    assert find_index_refusal(NO_VERSION) is None


@pytest.mark.parametrize("output", [FILTERED, AFTER_CUTOFF])
def test_a_version_that_is_kept_out_will_not_come(output: str) -> None:
    assert is_filtered(output, "Alpha")
    assert not is_filtered(output, "alph")
    assert not is_not_found(output, "alpha", "1.1.0")


@pytest.mark.parametrize("output", [NO_VERSION, OLDER])
def test_a_cause_is_told_whole_though_uv_wraps_it(output: str) -> None:
    said = explain_uv(output)

    assert said.startswith("No solution found when resolving dependencies")
    assert said.endswith("we can conclude that your project's requirements are unsatisfiable")
    assert "\n" not in said


def test_a_build_back_end_is_told_with_its_last_lines() -> None:
    assert explain_uv(BACKEND) == (
        "Failed to build `/tree`; The build backend returned an error; Call to"
        " `backend.build_sdist` failed (exit status: 1); Traceback (most recent call last):;"
        " File \"setup.py\", line 1, in <module>; ModuleNotFoundError: No module named 'nowhere'"
    )


def test_silence_is_told_too() -> None:
    assert explain_uv("") == "it said nothing"


def test_a_network_that_was_needed_is_told_from_other_causes() -> None:
    assert is_offline("hint: Packages were unavailable because the network\nwas disabled.")
    assert not is_offline(NO_VERSION)


@pytest.mark.parametrize(
    "output",
    [
        "cause: Because alpha==1.1.0 requires Python >=3.11 and your\nproject depends on alpha",
        "does not satisfy Python>=3.11 and alpha==1.1.0 depends\non Python>=3.11, we can conclude",
    ],
)
def test_a_package_that_needs_a_newer_python_is_named(output: str) -> None:
    assert find_python_limit(output) == "alpha==1.1.0 needs Python >=3.11"


def test_other_causes_are_not_taken_for_it() -> None:
    assert find_python_limit(NO_VERSION) is None
