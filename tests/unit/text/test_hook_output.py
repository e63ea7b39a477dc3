"""What pre-commit and prek say of hooks, as they print it."""

from __future__ import annotations

import pytest

from omninode_release.text.hook_output import explain_hooks, find_failed_hooks, keep_failed

PASSED = """\
fine.....................................................................Passed
- hook id: fine
- duration: 0s
ignored..............................................(no files to check)Skipped
"""
CHECK = """\
check....................................................................Failed
- hook id: check
- duration: 0.2s
- exit code: 1

  one.py:3: E501 line too long
3 files Failed
"""
EDITS = """\
edits a file.............................................................Failed
- hook id: edits
- files were modified by this hook
"""
SILENT = """\
silent...................................................................Failed
- hook id: silent
- exit code: 1
"""
ITSELF = """\
An error has occurred: InvalidConfigError:
==> File .pre-commit-config.yaml
=====> did not find expected node content
Check the log at pre-commit.log
"""


INDENTED = """\
\N{MULTIPLICATION SIGN} packages/a
  silent.................................................................Failed
  - hook id: silent
  - exit code: 1
\N{MULTIPLICATION SIGN} packages/b
  check..................................................................Failed
  - hook id: check
  - exit code: 1

    one.py:3: E501 line too long
\N{CHECK MARK} <workspace>
  root...................................................................Passed
"""
HEADED = f"Running hooks for `packages/a`:\n{SILENT}\nRunning hooks for `packages/b`:\n{CHECK}"


def test_a_hook_that_passes_is_not_one_that_failed() -> None:
    failed = find_failed_hooks(PASSED + CHECK + EDITS + PASSED + SILENT)

    assert [hook.id for hook in failed] == ["check", "edits", "silent"]


@pytest.mark.parametrize("output", [INDENTED, HEADED], ids=["since 0.5", "before"])
def test_the_hooks_of_a_workspace_of_prek_are_known(output: str) -> None:
    assert [hook.id for hook in find_failed_hooks(output)] == ["silent", "check"]
    assert explain_hooks(output) == ("silent: it says nothing; check: one.py:3: E501 line too long")


def test_what_a_hook_says_of_its_own_tests_is_part_of_what_it_says() -> None:
    said = f"{SILENT}\n\N{MULTIPLICATION SIGN} b.test.ts\n  AssertionError: expected 1\n{PASSED}"

    assert explain_hooks(said) == "\N{MULTIPLICATION SIGN} b.test.ts"
    assert "  AssertionError: expected 1" in keep_failed(said)


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (PASSED + CHECK + PASSED, "one.py:3: E501 line too long"),
        (
            CHECK + EDITS,
            "check: one.py:3: E501 line too long; edits: files were modified by this hook",
        ),
        (EDITS, "files were modified by this hook"),
        (SILENT, "it says nothing"),
        ("\n".join(CHECK.splitlines()[:2]), "it says nothing"),
        (f"\n{ITSELF}", "; ".join(ITSELF.splitlines()[:3])),
        ("Traceback:\n  a line\nOSError: [Errno 5] a\n", "OSError: [Errno 5] a"),
        (
            "error: it fails\n  caused by: error: at 1:8\n | ^",
            "error: it fails; caused by: error: at 1:8",
        ),
        (
            "stderr:\n    fatal: 'x' is none\n    fatal: So it is.\nError: git\n",
            "fatal: 'x' is none; fatal: So it is.",
        ),
        (
            "ERROR: Ignored the following versions: 1\nERROR: No match " + "x" * 500,
            f"ERROR: No match {'x' * 383}…",
        ),
        ("one\ntwo\n\n  three \nfour", "two; three; four"),
        ("", "it says nothing"),
    ],
)
def test_the_reason_is_what_was_said_first_of_a_hook_and_last_of_a_program(
    output: str, reason: str
) -> None:
    assert explain_hooks(output) == reason


def test_what_is_kept_is_what_failed() -> None:
    assert "\n".join(keep_failed(PASSED + CHECK + PASSED)) == CHECK.rstrip("\n")
    assert keep_failed(ITSELF) == ITSELF.splitlines()
