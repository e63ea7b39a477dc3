"""A request in JSON means what a command line means, or is refused with the reason."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from omninode_release.commands import carry_out, release
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.request import ReleaseRequest
from omninode_release.release.requests.request_json import MOST_CHARACTERS, read_request

ID = "7b0d2c1e-6f0a-4d57-9a43-0d6c2b8f5a11"


def skill(args: Any = None, **other: Any) -> dict[str, Any]:
    """A skill request; ``other`` replaces or adds keys."""
    request = {"skill_name": "release", "skill_path": "skills/release/SKILL.md"}
    return {**request, "args": args or {}, "correlation_id": ID, **other}


def read(request: Any) -> ReleaseRequest:
    return read_request(json.dumps(request))


def typed(*words: str) -> ReleaseRequest:
    """What a command line asks for."""
    given = release.command.make_context("release", list(words)).params
    return carry_out.read_request(
        {
            name: each
            for name, each in given.items()
            if name not in {"as_json", "in_background", "html", "events"}
        }
    )


MEANT: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "nothing at all is everything": (skill(), ()),
    "a flag that is empty": (skill({"dry-run": ""}), ("--dry-run",)),
    "a flag that is true": (skill({"dry-run": "true"}), ("--dry-run",)),
    "names with dashes": (
        skill({"--dry-run": "", "--bump": "minor"}), ("--dry-run", "--bump", "minor"),
    ),
    "a name with underscores": (skill({"skip_pypi_wait": ""}), ("--skip-pypi-wait",)),
    "repositories": (skill({"repos": "alpha beta"}), ("alpha", "beta")),
    "repositories with commas": (skill({"repos": "alpha, beta"}), ("alpha", "beta")),
    "a value with spaces": (skill({"omni-home": "/my clones/x"}), ("--omni-home", "/my clones/x")),
    "a repository like an option": (skill({"repos": "--resume"}), ("--", "--resume")),
    "a short version": ({"version_overrides": {"alpha": "2.1"}}, ("--version", "alpha=2.1")),
    "every input": (
        {
            "repos": ["alpha"],
            "bump_override": "minor",
            "gate_attestation": "1.2:x",
            "dry_run": True,
            "run_id": "x",
            "skip_pypi_wait": True,
            "pypi_timeout_minutes": 3,
            "context_id": "c",
            "ticket": "OMN-1",
            "offline": True,
            "strict": True,
            "config": "release.yaml",
            "omni_home": "/clones",
            "correlation_id": ID,
        },
        (
            "alpha", "--bump", "minor", "--gate-attestation", "1.2:x", "--dry-run", "--run-id",
            "x", "--skip-pypi-wait", "--pypi-timeout-minutes", "3", "--context-id", "c",
            "--ticket", "OMN-1", "--offline", "--strict", "--config", "release.yaml",
            "--omni-home", "/clones",
        ),
    ),
    "words on single repositories": (
        skill({"bump": "patch, alpha=minor", "version": "beta=2.0.0"}),
        ("--bump", "patch", "--bump", "alpha=minor", "--version", "beta=2.0.0"),
    ),
    "inputs on single repositories": (
        {"bump_overrides": {"alpha": "minor"}, "version_overrides": {"beta": "2.0.0"}},
        ("--bump", "alpha=minor", "--version", "beta=2.0.0"),
    ),
    "a kind of pre-release": (skill({"pre": "rc"}), ("--pre", "rc")),
    "the same as an input": ({"pre": "rc"}, ("--pre", "rc")),
    "a dry run that checks": (
        {"dry_run": True, "preflight": True}, ("--dry-run", "--preflight")
    ),
    "minutes": (skill({"pypi-timeout-minutes": "2.5"}), ("--pypi-timeout-minutes", "2.5")),
    "a resume": ({"resume": "x"}, ("--resume", "x")),
    "no repositories are all": ({"repos": []}, ()),
    "what is null is not said": ({"repos": [], "bump_override": None}, ()),
    "what is false is not said": ({"repos": [], "dry_run": False}, ()),
}  # fmt: skip


@pytest.mark.parametrize(("request_", "words"), MEANT.values(), ids=MEANT)
def test_a_request_is_the_command_line_it_stands_for(
    request_: dict[str, Any], words: tuple[str, ...]
) -> None:
    assert read(request_) == typed(*words)


def test_the_two_requests_of_the_manual_mean_the_same() -> None:
    manual = Path(__file__).resolve().parents[4] / "docs" / "node.md"
    shown = re.findall(r"```json\n(.*?)```", manual.read_text(encoding="utf-8"), re.DOTALL)

    skill_request, inputs = map(read_request, shown)

    assert skill_request == inputs
    assert inputs.repos == ("omnibase_core", "omnibase_infra")
    assert inputs.dry_run


REFUSED: dict[str, tuple[Any, str]] = {
    "a list": ([], "expected a JSON object, a skill request (skill_name, "),
    "a number": (7, "found 7"),
    "a text": ("release", 'found "release"'),
    "null": (None, "found null"),
    "nothing in it": ({}, "found no key"),
    "only who calls": ({"correlation_id": ID}, "found 'correlation_id'"),
    "keys nobody knows": ({"repository": "a"}, "found 'repository'"),
    "both forms": (
        skill(repos=["a"]),
        "found args, skill_name, skill_path of a skill request beside repos",
    ),
    "a key beside a skill request": (skill(extra=1), "'extra' was unexpected"),
    "a key beside the inputs": ({"repos": [], "dryrun": True}, "'dryrun' was unexpected"),
    "another skill": (skill(skill_name="merge-sweep"), 'skill_name release, found "merge-sweep"'),
    "a blank skill": (skill(skill_name=" "), "skill_name"),
    "another path": (skill(skill_path="README.md"), "skill_path"),
    "a path with a line end": (skill(skill_path="SKILL.md\n"), "skill_path"),
    "no correlation id": (
        {"skill_name": "release", "skill_path": "SKILL.md"},
        "'correlation_id' is a required",
    ),
    "a correlation id that is none": (
        skill(correlation_id="7"),
        "correlation_id: '7' is not a 'uuid'",
    ),
    "args in a list": (skill(["--dry-run"]), "args: ['--dry-run'] is not of type 'object'"),
    "a number in args": (skill({"bump": 3}), "args/bump: 3 is not of type 'string'"),
    "a truth in args": (skill({"dry-run": True}), "args/dry-run: True is not of type 'string'"),
    "a list in args": (skill({"repos": ["a"]}), "args/repos: ['a'] is not of type 'string'"),
    "an argument nobody knows": (skill({"dryrun": ""}), 'found "dryrun"'),
    "an empty argument": (skill({"": ""}), 'found ""'),
    "help": (skill({"help": ""}), 'found "help"'),
    "a word of another command": (skill({"status": ""}), 'found "status"'),
    "one argument by two names": (
        skill({"dry-run": "", "dry_run": ""}),
        "dry-run again as 'dry_run'",
    ),
    "a flag that is false": (
        skill({"dry-run": "false"}),
        'dry-run: expected "" or "true", found "false"',
    ),
    "an option without a value": (skill({"resume": ""}), 'resume: expected a value, found ""'),
    "an option that is true": (skill({"run-id": "true"}), 'run-id: expected a value, found "true"'),
    "repositories without a name": (skill({"repos": ""}), 'repos: expected a value, found ""'),
    "repositories of blanks": (
        skill({"repos": " , "}),
        "repos: expected repository names, found only blanks",
    ),
    "a bump of blanks": (skill({"bump": " , "}), "bump: expected a value, found only blanks"),
    "minutes in words": (
        skill({"pypi-timeout-minutes": "ten"}),
        "args: pypi_timeout_minutes: 'ten' is not a number",
    ),
    "minutes without end": (skill({"pypi-timeout-minutes": "inf"}), "a number of minutes above 0"),
    "a value like an option": (skill({"run-id": "--resume"}), "--run-id: expected"),
    "a bad bump": (skill({"bump": "huge"}), "'huge' is not one of"),
    "all and names": (skill({"all": "", "repos": "a"}), "exclude each other"),
    "resume and names": ({"resume": "x", "repos": ["a"]}, "leave out repository names"),
    "offline for real": ({"repos": [], "offline": True}, "belong to --dry-run"),
    "an input like an option": ({"repos": ["--resume"]}, "repos/0: '--resume' does not match"),
    "an input that leaves its folder": ({"repos": ["../x"]}, "repos/0: '../x' does not match"),
    "repositories in a text": ({"repos": "alpha"}, "repos: 'alpha' is not of type 'array'"),
    "a truth in a text": (
        {"repos": [], "dry_run": "true"},
        "dry_run: 'true' is not of type 'boolean'",
    ),
    "a truth in a number": ({"repos": [], "dry_run": 1}, "dry_run: 1 is not of type 'boolean'"),
    "time in a text": ({"repos": [], "pypi_timeout_minutes": "3"}, "pypi_timeout_minutes: '3'"),
    "time below nothing": ({"repos": [], "pypi_timeout_minutes": -1}, "pypi_timeout_minutes: -1"),
    "a level nobody knows": ({"repos": [], "bump_override": "huge"}, "bump_override: 'huge'"),
    "a level of another kind": ({"repos": [], "bump_override": 1}, "1 is not one of ['major'"),
    "a plan without a name": ({"plan": ""}, "plan: '' should be non-empty"),
    "a folder without a name": ({"omni_home": ""}, "omni_home: '' should be non-empty"),
    "a configuration without a name": ({"config": ""}, "config: '' should be non-empty"),
    "a version that is none": (
        {"version_overrides": {"a": "v2.0.0"}},
        "--version: expected REPO=X.Y.Z, found 'a=v2.0.0'",
    ),
    "two words on one": (
        {"bump_overrides": {"a": "major"}, "version_overrides": {"a": "2.0.0"}},
        "--bump and --version of a exclude each other",
    ),
    "a name with NUL": ({"repos": ["a\0"]}, "no NUL"),
    "half a character": (skill({"repos": "\ud800"}), "half of a character"),
    "a text that does not end": (skill({"bump": "z" * 5000}), "at most 4096 characters"),
    "half a character in a key": (skill({"\ud800": ""}), "half of a character"),
}  # fmt: skip


@pytest.mark.parametrize(("request_", "says"), REFUSED.values(), ids=REFUSED)
def test_a_request_that_makes_no_sense_is_refused(request_: Any, says: str) -> None:
    refused(json.dumps(request_), says)


TEXTS: dict[str, tuple[str, str]] = {
    "nothing": ("", "expected a request in JSON, found otherwise"),
    "no JSON": ("--dry-run", "expected a request in JSON, found otherwise"),
    "two of them": ('{"repos": []} {"repos": []}', "Extra data: line 1"),
    "the beginning of one": ('{"repos": [', "line 1 column"),
    "a key twice": ('{"repos": ["a"], "repos": []}', "'repos' is written twice"),
    "no number": ('{"pypi_timeout_minutes": NaN}', "NaN is no number"),
    "time without end": ('{"repos": [], "pypi_timeout_minutes": 1e999}', "pypi_timeout_minutes"),
    "a number of many digits": ('{"repos": ' + "9" * 5000 + "}", "found otherwise"),
    "too deep": ("[" * 100_000, "nested too deeply"),
    "too much": (" " * (MOST_CHARACTERS + 1), "of at most 1000000 characters"),
}


@pytest.mark.parametrize(("text", "says"), TEXTS.values(), ids=TEXTS)
def test_text_that_is_no_request_is_refused(text: str, says: str) -> None:
    refused(text, says)


def test_a_refusal_stays_short_however_long_the_request_is() -> None:
    many = {f"key{number}": number for number in range(50_000)}
    odd: tuple[Any, ...] = (
        many,
        {**many, "repos": []},
        {"repos": ["-"] * 200_000},
        ["x" * 900_000],
    )
    for request in odd:
        assert len(refused(json.dumps(request), "").text) < 2000


def refused(text: str, says: str) -> ReleaseError:
    with pytest.raises(ReleaseError) as caught:
        read_request(text)
    assert caught.value.code is ErrorCode.USAGE_ERROR
    assert says in caught.value.message
    assert caught.value.hint in {
        "omni-release run-node --help shows both forms of a request",
        "omni-release --help lists what is accepted",
    }
    return caught.value
