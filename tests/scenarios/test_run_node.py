"""``omni-release run-node``: JSON in, one ModelSkillResult out, whatever comes in."""

from __future__ import annotations

import io
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.commands.main import main
from omninode_release.contract.load import load_contract
from omninode_release.contract.schemas import validator
from omninode_release.errors import ErrorCode
from omninode_release.release import session
from support.cli import Ran, Terminal, run_cli, state_home
from support.endings import RUN, TOKEN, assert_released_once
from support.gitrepo import world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

REQUEST = {
    "skill_name": "release",
    "skill_path": "skills/release/SKILL.md",
    "args": {"dry-run": ""},
    "correlation_id": "7b0d2c1e-6f0a-4d57-9a43-0d6c2b8f5a11",
}


def answered(ran: Ran) -> dict[str, Any]:
    """The result on stdout, which must be one of the schema and all there is."""
    result: dict[str, Any] = json.loads(ran.out)
    assert [error.message for error in validator("result").iter_errors(result)] == []
    return result


def refused(org: Org, *args: str, code: ErrorCode, stdin: str = "", **env: str) -> Ran:
    """A call that must be refused before anything is looked at."""
    before = world(org)

    ran = run_cli(org, "run-node", *args, stdin=stdin, env=env)

    result = answered(ran)
    assert ran.code == load_contract().error(code).exit_code
    assert (result["status"], result["error_code"], result["run_id"]) == ("FAILED", code, "")
    assert ran.err.startswith(f"{code}: ")
    assert "\nNext: " in ran.err
    assert result["error"].endswith(ran.err.rpartition("Next: ")[2].strip())
    assert world(org) == before
    assert not state_home(org).exists()
    return ran


def test_a_request_in_a_file_is_answered_on_stdout_alone(small_org: Org, tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    file.write_text(json.dumps(REQUEST), encoding="utf-8")

    for argv in (("--input", str(file)), (f"--input={file}",)):
        ran = run_cli(small_org, "run-node", *argv)

        assert ran.code == 0
        assert answered(ran)["status"] == "DRY_RUN"
        assert answered(ran) == ran.result
        assert ran.err.startswith("Release plan release-20260225-")


def test_a_request_on_stdin_releases_for_real(small_org: Org) -> None:
    request = {"repos": [], "run_id": RUN, "gate_attestation": TOKEN}

    ran = run_cli(small_org, "run-node", "--input", "-", stdin=json.dumps(request))

    assert ran.code == 0, ran.err
    assert answered(ran)["status"] == "SUCCESS"
    assert answered(ran) == ran.result
    assert_released_once(small_org)


def test_a_dry_run_that_would_be_refused_exits_as_the_command_does(small_org: Org) -> None:
    (small_org.clone("beta") / ".git" / "HEAD").write_text("ref: refs/heads/gone\n")
    request = {"repos": [], "dry_run": True, "strict": True}

    ran = run_cli(small_org, "run-node", "--input", "-", stdin=json.dumps(request))
    typed = run_cli(small_org, "--dry-run", "--strict", "--json")

    assert (ran.code, ran.out) == (typed.code, typed.out)


def test_nobody_is_asked_on_a_terminal(small_org: Org, tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    file.write_text('{"repos": []}', encoding="utf-8")

    ran = run_cli(small_org, "run-node", "--input", str(file), stdin=Terminal("approve\n"))

    assert ran.code == 1
    assert answered(ran)["error_code"] == "GATE_FAILED"
    assert "in a terminal" in ran.err


NAMES: dict[str, tuple[tuple[str, ...], str]] = {
    "nothing": ((), "run-node: Missing option '--input'"),
    "no file": (("--input",), "run-node: Option '--input' requires an argument"),
    "no option": (("request.json",), "run-node: Missing option '--input'"),
    "two of them": (("--input", "a", "--input", "b"), "run-node: expected one --input, found 2"),
    "an unknown option": (("--input", "-", "--fast"), "run-node: No such option"),
}


@pytest.mark.parametrize(("args", "says"), NAMES.values(), ids=NAMES)
def test_what_names_no_input_is_refused(small_org: Org, args: tuple[str, ...], says: str) -> None:
    ran = refused(small_org, *args, code=ErrorCode.USAGE_ERROR)

    assert says in ran.err
    assert "omni-release run-node --help" in ran.err


def test_an_input_that_cannot_be_read_is_named(small_org: Org, tmp_path: Path) -> None:
    latin = tmp_path / "latin.json"
    latin.write_bytes(b'{"repos": ["\xe9"]}')
    for path, says in (
        (tmp_path / "none.json", "No such file"),
        (tmp_path, "it is a folder, not a file"),
        (latin, "can't decode byte 0xe9"),
    ):
        ran = refused(small_org, "--input", str(path), code=ErrorCode.USAGE_ERROR)
        assert f"at {path}, found: " in ran.err
        assert says in ran.err
    refused(small_org, "--input", "a\0b", code=ErrorCode.USAGE_ERROR)


def test_stdin_that_is_no_utf_8_is_refused(small_org: Org) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b"\xff"), encoding="utf-8")

    ran = run_cli(small_org, "run-node", "--input", "-", stdin=stdin)

    assert ran.code == 2
    assert answered(ran)["error"].startswith("expected a request in UTF-8 at stdin")


def test_a_file_that_is_not_there_is_named_in_plain_words(small_org: Org, tmp_path: Path) -> None:
    gone = tmp_path / "gone.json"

    error = answered(run_cli(small_org, "run-node", "--input", str(gone)))["error"]

    assert error.startswith(
        f"expected a request in UTF-8 at {gone}, found: No such file or directory. Next: "
    )


def test_an_input_without_end_is_not_read_to_its_end(small_org: Org) -> None:
    class Endless(io.StringIO):
        asked: list[int | None] = []  # noqa: RUF012 - of this one test

        def read(self, size: int | None = -1, /) -> str:
            self.asked.append(size)
            return " " * (size or 0)

    ran = run_cli(small_org, "run-node", "--input", "-", stdin=Endless())

    assert ran.code == 2
    assert "at most 1000000 characters" in answered(ran)["error"]
    assert Endless.asked == [1_000_001]


HOSTILE: dict[str, tuple[str, ErrorCode]] = {
    "no JSON": ("release everything", ErrorCode.USAGE_ERROR),
    "nothing": ("", ErrorCode.USAGE_ERROR),
    "an empty object": ("{}", ErrorCode.USAGE_ERROR),
    "both forms": (json.dumps({**REQUEST, "repos": []}), ErrorCode.USAGE_ERROR),
    "an unknown key": (json.dumps({**REQUEST, "force": True}), ErrorCode.USAGE_ERROR),
    "a repository like an option": ('{"repos": ["--resume"]}', ErrorCode.USAGE_ERROR),
    "an argument like an option": (
        json.dumps({**REQUEST, "args": {"repos": "--resume --all"}}),
        ErrorCode.UNKNOWN_REPO,
    ),
    "a repository nobody knows": ('{"repos": ["gamma"]}', ErrorCode.UNKNOWN_REPO),
    "a value that is no text": (
        json.dumps({**REQUEST, "args": {"bump": 1}}), ErrorCode.USAGE_ERROR,
    ),
    "no configuration": ('{"repos": [], "config": "/none.yaml"}', ErrorCode.CONFIG_INVALID),
    "no clones": ('{"repos": [], "omni_home": "/none"}', ErrorCode.CONFIG_INVALID),
}  # fmt: skip


@pytest.mark.parametrize(("text", "code"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_request_is_refused_with_a_result(
    small_org: Org, text: str, code: ErrorCode
) -> None:
    refused(small_org, "--input", "-", stdin=text, code=code)


@pytest.mark.parametrize("moment", ["soon", "0001-01-01T00:00:00+14:00"])
def test_a_clock_that_cannot_be_read_is_answered_with_a_result_too(moment: str) -> None:
    out, err = io.StringIO(), io.StringIO()

    code = main(
        ["run-node", "--input", "-"],
        environ={**os.environ, "OMNI_RELEASE_NOW": moment},
        stdin=io.StringIO(json.dumps(REQUEST)),
        stdout=out,
        stderr=err,
    )

    assert code == 2
    assert answered(Ran(code, out.getvalue(), "", None))["error_code"] == "CONFIG_INVALID"
    assert "OMNI_RELEASE_NOW: expected a time such as" in err.getvalue()


def test_a_bug_is_answered_with_a_result_and_its_traceback(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Iterator[str]:
        raise TypeError("nobody foresaw this")

    monkeypatch.setattr(session, "require_known", broken)

    ran = run_cli(small_org, "run-node", "--input", "-", stdin=json.dumps(REQUEST))

    assert ran.code == 70
    assert answered(ran)["error_code"] == "INTERNAL_ERROR"
    assert "TypeError: nobody foresaw this. This is a bug" in answered(ran)["error"]
    assert 'in broken\n    raise TypeError("nobody foresaw this")' in ran.err


def test_the_examples_of_the_help_are_requests(small_org: Org) -> None:
    ran = run_cli(small_org, "run-node", "--help")

    assert (ran.code, ran.err) == (0, "")
    examples = _objects_in(ran.out)
    assert len(examples) == 2
    for example in examples:
        text = (
            json.dumps(example).replace("omnibase_core", "alpha").replace("omnibase_infra", "beta")
        )
        answer = run_cli(small_org, "run-node", "--input", "-", stdin=text)
        assert answered(answer)["status"] == "DRY_RUN", answer.err
        assert [each["bump"] for each in answered(answer)["details"]] == ["minor", "minor"]


def _objects_in(text: str) -> list[Any]:
    """Every JSON object that stands in a text."""
    found, at = [], text.find("{")
    while at >= 0:
        value, length = json.JSONDecoder().raw_decode(text[at:])
        found.append(value)
        at = text.find("{", at + length)
    return found
