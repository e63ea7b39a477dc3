"""``omni-release validate FILE``: what is wrong with a configuration, on which line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.cli import run_cli

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

WRONG = """\
# how we release
organization: 3
graph:
  tiers:
    - alpha: []
    - beta: alpha
  ignored: [x]
forge: gitlab
timeouts:
  gate_minute: 4
  lint_minutes: soon
  git_seconds: 0
major_on_zero: maybe
default_bump: huge
"""
SAID = [
    "line 2: organization: expected text, found 3",
    "line 6: graph.tiers.1.beta: expected a list, found 'alpha'",
    "line 7: graph.ignored: unknown key, ignore perhaps",
    "line 8: forge: expected github or local, found 'gitlab'",
    "line 10: timeouts.gate_minute: unknown key, gate_minutes perhaps",
    "line 11: timeouts.lint_minutes: expected a number, found 'soon'",
    "line 12: timeouts.git_seconds: expected a value greater than 0, found 0",
    "line 13: major_on_zero: expected true or false, found 'maybe'",
    "line 14: default_bump: expected 'major', 'minor' or 'patch', found 'huge'.",
]
SOME = "organization: x\ngraph: auto\n"
ONE: dict[str, tuple[str, str]] = {
    "graph by a wrong word": (
        "organization: x\ngraph: atuo\n",
        "line 2: graph: expected auto, or the keys tiers and ignore, found 'atuo'",
    ),
    "no tier": (
        "organization: x\ngraph:\n  tiers: []\n",
        "line 3: graph.tiers: expected at least one tier, or auto, found an empty list",
    ),
    "a key of a repository in no tier": (
        "organization: x\ngraph: {tiers: [{a: []}]}\nversion_files: {b: [x.py]}\n",
        "line 3: version_files names b, which stands in no tier",
    ),
    "below release": ("release:\n  graph: auto\n  gate: no\n  organization: x\n", "line 3: gate: "),
    "a missing key": ("graph: auto\n", ": organization: expected this key, found none"),
    "a name that is none": (
        "organization: x\ngraph:\n  tiers:\n  - '../a': []\n",
        "line 4: graph.tiers.0.../a: expected letters, digits, '.', '_' and '-', found '../a'",
    ),
    "a name that begins wrongly": (
        "organization: x\ngraph:\n  ignore: [.github]\n",
        "ignore.0: expected at most 100 letters, digits, '.', '_' and '-', no mark first, found '",
    ),
    "a branch that is none": (
        f"{SOME}base_branches: {{a: a branch}}\n",
        "line 3: base_branches.a: expected a branch's name of letters, digits and ",
    ),
    "a type in capitals": (
        f"{SOME}changelog: {{exclude: [Feat]}}\n",
        "line 3: changelog.exclude.0: expected a commit's type in small letters, found 'Feat'",
    ),
    "a label with a comma": (
        f"{SOME}pull_request: {{labels: ['a,b']}}\n",
        "labels.0: expected a label's name of at most 50 characters, without a comma, found 'a,b'",
    ),
    "a variable that is none": (
        f"{SOME}pass_environment: [A-B]\n",
        "pass_environment.0: expected a variable's name of letters, digits and '_', found 'A-B'",
    ),
    "a subject that is a change": (
        f"{SOME}commit_subject: 'bump {{version}}'\n",
        "line 3: commit_subject: expected what is known for a release",
    ),
    "a title that is a change, below release": (
        "release:\n  organization: x\n  graph: auto\n  pull_request: {title: 'feat: {version}'}\n",
        "line 4: pull_request.title: expected what is known for a release",
    ),
    "a variable that no program is given": (
        f"{SOME}pass_environment: [GIT_DIR]\n",
        "line 3: pass_environment: expected variables that programs can be given, found GIT_DIR",
    ),
    "an address": (f"{SOME}index_url: x\n", "line 3: index_url: expected https://HOST[/PATH]"),
    "one of several kinds": (
        f"{SOME}lock: cargo\n",
        "lock: expected 'uv', 'poetry', 'pdm' or 'requirements', or 'none', or a list, found 'c",
    ),
    "one of several kinds, of one": (
        f"{SOME}hooks_of: {{a: []}}\n",
        "line 3: hooks_of.a: expected 'pre-commit', 'prek' or 'none', or at least one, found [].",
    ),
    "a key of one of several kinds": (
        f"{SOME}version_scheme: {{calver: YYYY}}\n",
        "tion: line 3: version_scheme.calver: 'YYYY' must be a year",
    ),
    "no key of one of several kinds": (
        f"{SOME}state: {{}}\n",
        "tion: line 3: state.git: expected this key, found none.",
    ),
    "an unknown key of one of several kinds": (
        f"{SOME}state: {{gitt: x}}\n",
        "line 3: state.gitt: unknown key, git perhaps",
    ),
    "not YAML": ("organization: [\n", "line 2, column 1"),
    "a key twice": ("organization: x\norganization: y\n", "line 2, column 1"),
    "nothing": ("", "(top level): expected keys and values, found nothing"),
}


def validate(org: Org, text: str) -> tuple[int, str, Path]:
    path = org.root / "checked.yaml"
    path.write_text(text, encoding="utf-8")
    ran = run_cli(org, "validate", str(path))
    assert ran.err == ""
    return ran.code, ran.out, path


def test_everything_that_is_wrong_is_named_with_its_line(small_org: Org) -> None:
    code, out, path = validate(small_org, WRONG)

    assert code == 1
    assert out.splitlines() == [
        f"  FAIL  {path} is not a release configuration:",
        *(f"        {each}" for each in SAID),
    ]


@pytest.mark.parametrize(("text", "says"), ONE.values(), ids=ONE)
def test_one_thing_is_said_in_plain_words(small_org: Org, text: str, says: str) -> None:
    code, out, _ = validate(small_org, text)

    assert code == 1
    assert says in out


def test_a_refused_run_says_the_same_and_what_to_type(small_org: Org) -> None:
    _, _, path = validate(small_org, WRONG)

    ran = run_cli(small_org, "--dry-run", "--config", str(path))

    assert ran.code == 2
    assert all(each in ran.err for each in SAID)
    assert f"omni-release validate {path} looks again" in ran.err


def test_a_configuration_that_is_one_is_told(small_org: Org) -> None:
    path = small_org.omni_home / "release.yaml"

    ran = run_cli(small_org, "validate", str(path))
    assert (ran.code, ran.out) == (0, f"  ok    {path} is a release configuration (tiers: 2)\n")

    path.write_text("organization: x\ngraph: auto\n", encoding="utf-8")
    for args in (("--config", str(path)), ("--omni-home", str(small_org.omni_home))):
        ran = run_cli(small_org, "validate", *args)
        assert (ran.code, ran.out) == (
            0,
            f"  ok    {path} is a release configuration (tiers: computed)\n",
        )


def test_a_file_that_is_not_there_is_an_error(small_org: Org, tmp_path: Path) -> None:
    ran = run_cli(small_org, "validate", str(tmp_path / "gone.yaml"))

    assert ran.code == 2
    assert f"expected a configuration file at {tmp_path / 'gone.yaml'}" in ran.err


def test_without_a_file_the_one_in_use_is_looked_at_beside_the_contract(small_org: Org) -> None:
    path = small_org.omni_home / "release.yaml"
    ran = run_cli(small_org, "validate")
    assert ran.out.splitlines()[-2].endswith("checks hold.")
    assert ran.out.endswith(f"  ok    {path} is a release configuration (tiers: 2)\n")

    path.write_text("organization: x\n", encoding="utf-8")
    ran = run_cli(small_org, "validate")
    assert ran.code == 1
    assert ran.out.endswith(": graph: expected this key, found none.\n")
