"""The commands: each has help, is found from anywhere on the line, and is guessed when misspelt."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omninode_release.commands.main import main
from omninode_release.errors import ErrorCode
from omninode_release.models.command_words import COMMANDS
from support.cli import Terminal, run_cli, state_home
from support.endings import RUN, release
from support.failures import fails
from support.killing import environment

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("word", COMMANDS)
def test_every_command_has_its_own_help(small_org: Org, word: str, option: str) -> None:
    ran = run_cli(small_org, word, option)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: omni-release {word} ")
    assert "-h, --help" in ran.out
    assert not state_home(small_org).exists()


def test_every_command_has_a_module_and_every_command_module_a_word() -> None:
    folder = Path(main.__code__.co_filename).parent
    made = {
        path.stem.replace("_", "-")
        for path in folder.glob("*.py")
        if "\ncommand = options.command(" in path.read_text(encoding="utf-8")
    }

    assert made == set(COMMANDS)


def test_the_word_release_may_be_said(small_org: Org) -> None:
    said, left_out = (
        run_cli(small_org, *words, "alpha", "--dry-run", "--omni-home", str(small_org.omni_home))
        for words in (("release",), ())
    )

    assert (said.code, said.out, said.result) == (0, left_out.out, left_out.result)


def test_a_folder_may_stand_before_a_command(small_org: Org, tmp_path: Path) -> None:
    gone = {"OMNI_HOME": str(tmp_path / "gone")}
    for before in (
        ("--omni-home", str(small_org.omni_home)),
        (f"--omni-home={small_org.omni_home}",),
    ):
        ran = run_cli(small_org, *before, "doctor", "--json", env=gone)
        assert '"subject": "alpha"' in ran.out, ran.err
        assert run_cli(small_org, *before, "status", env=gone).out.startswith("No runs under")


@pytest.mark.parametrize("word", sorted({*COMMANDS} - {"demo", "install-skill", "completion"}))
def test_a_folder_may_stand_after_each_command_that_may_need_clones(
    small_org: Org, tmp_path: Path, word: str
) -> None:
    here, other = str(small_org.omni_home), str(tmp_path)

    words = (
        word,
        *{"explain": ("alpha",), "verify": ("set.json",), "run-node": ("--input", "-")}.get(
            word, ()
        ),
    )
    words += ("begun-2",) if word in {"abandon", "cancel", "report", "wait"} else ()
    said = run_cli(small_org, "--omni-home", other, *words, "--omni-home", here)
    asked = run_cli(small_org, word, "--help", "--omni-home", here)

    assert said.code == 2
    assert f"--omni-home: expected one DIR, found {other} and {here}." in said.out + said.err
    assert "--omni-home DIR" in asked.out
    assert "--config FILE" in asked.out


@pytest.mark.parametrize("word", ["status", "report", "wait", "cancel", "abandon", "clean"])
def test_what_stands_after_a_word_is_as_good_as_before_it(
    small_org: Org, tmp_path: Path, word: str
) -> None:
    run_cli(small_org, "--run-id", "begun-2", stdin=Terminal("reject\n"))
    config = shutil.copy(small_org.omni_home / "release.yaml", tmp_path / "moved.yaml")
    named = ("--omni-home", str(small_org.omni_home), "--config", str(config))
    words = (word,) if word == "clean" else (word, "begun-2")

    before, after = (
        run_cli(small_org, *argv, env={"OMNI_HOME": ""})
        for argv in ((*named, *words), (*words, *named))
    )

    if word != "abandon":  # the second finds it given up
        assert (after.code, after.out, after.err) == (before.code, before.out, before.err)
    assert "USAGE_ERROR" not in after.err


@pytest.mark.parametrize("word", ["status", "wait", "report", "cancel", "abandon", "clean"])
@pytest.mark.parametrize("option", ["--omni-home", "--config"])
def test_a_place_that_is_named_and_not_there_is_refused(
    small_org: Org, tmp_path: Path, word: str, option: str
) -> None:
    run_cli(small_org, "--run-id", "begun-2", stdin=Terminal("reject\n"))
    words = (word,) if word == "clean" else (word, "begun-2")

    ran = run_cli(small_org, *words, option, str(tmp_path / "gone"))

    assert ran.code == 2
    assert ran.err.startswith("CONFIG_INVALID"), ran.err
    assert str(tmp_path / "gone") in ran.err


@pytest.mark.parametrize("word", ["status", "wait", "report", "cancel", "abandon", "clean"])
def test_a_broken_configuration_keeps_no_command_from_a_run(
    small_org: Org, tmp_path: Path, word: str
) -> None:
    run_cli(small_org, "--run-id", "begun-2", stdin=Terminal("reject\n"))
    (tmp_path / "broken.yaml").write_text("graph: [\n", encoding="utf-8")
    words = (word,) if word == "clean" else (word, "begun-2")

    ran = run_cli(small_org, *words, "--config", str(tmp_path / "broken.yaml"))

    assert "CONFIG_INVALID" not in ran.err


def test_validate_takes_one_file_in_two_spellings(small_org: Org) -> None:
    file = small_org.omni_home / "release.yaml"

    ran = run_cli(small_org, "validate", os.path.relpath(file), "--config", str(file))

    assert ran.code == 0, ran.err


@pytest.mark.parametrize(
    ("words", "guess"),
    [
        (("stats",), "status"),
        (("alhpa",), "alpha"),
        (("ALPHA",), "alpha"),
        (("relase", "alpha"), "release"),
        (("help", "status"), "omni-release --help"),
        (("version",), "omni-release --version"),
    ],
)
def test_a_word_that_is_nearly_one_of_ours_is_guessed(
    small_org: Org, words: tuple[str, ...], guess: str
) -> None:
    fails(small_org, ErrorCode.UNKNOWN_REPO, *words).says(f"Next: {guess} is meant perhaps")


def test_a_command_behind_its_options_is_told_to_stand_first(small_org: Org) -> None:
    fails(small_org, ErrorCode.UNKNOWN_REPO, "--verbose", "status").says(
        "Next: status is a command, and options stand behind it: omni-release status; otherwise"
    )


def test_a_misspelt_command_is_guessed_where_there_are_no_clones(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    ran = run_cli(small_org, "stats", env={"OMNI_HOME": ""})

    assert ran.code == 2
    assert "Next: status is meant perhaps; otherwise pass --omni-home DIR" in ran.err


@pytest.mark.parametrize(
    "words",
    [
        ("status", "--omni-home", ""),
        ("doctor", "--config", ""),
        ("plan", "--out", ""),
        ("validate", ""),
        ("verify", ""),
        ("report", "run", "--html", ""),
        ("run-node", "--input", ""),
        ("install-skill", "--dest", ""),
        ("install-skill", "--project="),
        ("demo", "--keep", ""),
    ],
    ids=" ".join,
)
def test_an_empty_name_is_no_folder_and_no_file(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))

    ran = run_cli(small_org, *words)

    assert (ran.code, sorted(tmp_path.rglob("*"))) == (2, before), ran.out
    assert "USAGE_ERROR" in ran.out + ran.err


@pytest.mark.parametrize(
    "words",
    [
        ("graph", "--json", "--mermaid"),
        ("report", "run", "--html", "a", "--markdown"),
        ("status", "a b"),
        ("plan", "--bump", "huge"),
        ("validate", "one.yaml", "--config", "other.yaml"),
        ("install-skill", "--project", "--dest", "x"),
        ("demo", "--keep", "x", "--prepare", "y"),
    ],
    ids=" ".join,
)
def test_a_refusal_names_the_help_of_its_own_command(
    small_org: Org, words: tuple[str, ...]
) -> None:
    ran = run_cli(small_org, *words)

    assert ran.code == 2
    assert f"Next: omni-release {words[0]} --help lists what is accepted" in ran.err


@pytest.mark.parametrize("words", [("plan", "--out", "-"), ("--dry-run", "--html", "-")])
def test_a_dash_is_no_file_to_write(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)

    ran = run_cli(small_org, *words)

    assert ran.code == 2
    assert "expected the name of a file, found -" in ran.err
    assert not (tmp_path / "-").exists()


# Where the clones are.


def test_a_dot_is_the_folder_one_stands_in(small_org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small_org.omni_home)

    for argv, env in (
        (("--omni-home", "."), {"OMNI_HOME": ""}),
        ((), {"OMNI_HOME": "."}),
        ((), {"OMNI_HOME": ""}),
    ):
        ran = run_cli(small_org, "--dry-run", *argv, env=env)
        assert (ran.code, ran.err) == (0, ""), argv
        assert ran.result is not None
        assert [each["repo"] for each in ran.result["details"]] == ["alpha", "beta"]


def test_clones_of_the_graph_make_a_folder_one_to_stand_in(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "release.yaml"
    (small_org.omni_home / "release.yaml").rename(config)
    monkeypatch.chdir(small_org.omni_home)
    named = ("--dry-run", "--config", str(config))

    assert run_cli(small_org, *named, env={"OMNI_HOME": ""}).code == 0

    monkeypatch.chdir(tmp_path / "org")
    ran = run_cli(small_org, *named, env={"OMNI_HOME": ""})
    assert ran.code == 2
    assert f"nor a clone of the graph in {tmp_path / 'org'}" in ran.err


def test_a_bare_call_where_nothing_is_found_prints_help(small_org: Org, tmp_path: Path) -> None:
    surroundings = environment(small_org)
    del surroundings["OMNI_HOME"]

    done = subprocess.run(
        (sys.executable, "-m", "omninode_release"),
        env=surroundings,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2  # nothing was released: a script must not take it for success
    assert done.stdout.startswith("Usage: omni-release ")
    assert done.stderr.startswith("CONFIG_INVALID: expected the folder with the clones")


# Completion.


def complete(small_org: Org, *words: str) -> set[str]:
    """What bash is offered for the last word."""
    asked = {
        "_OMNI_RELEASE_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(("omni-release", *words)),
        "COMP_CWORD": str(len(words)),
    }
    done = subprocess.run(
        (sys.executable, "-m", "omninode_release"),
        env=environment(small_org) | asked,
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.rpartition(",")[2] for line in done.stdout.splitlines()}


def test_words_and_options_are_completed(small_org: Org) -> None:
    assert complete(small_org, "st") == {"status"}
    assert {"--dry-run", "--detach"} <= complete(small_org, "--d")
    assert complete(small_org, "alpha", "--gate") == {"--gate-attestation"}
    assert complete(small_org, "wait", "--a") == {"--after"}
    assert complete(small_org, "--version", "--dry") == {"--dry-run"}


def test_runs_are_completed_where_one_is_named(small_org: Org) -> None:
    run_cli(small_org, "--run-id", "begun-2", stdin=Terminal("reject\n"))

    for words in (("status",), ("wait",), ("cancel",), ("abandon",), ("--resume",)):
        assert complete(small_org, *words, "begun") == {"begun-2"}, words
    assert complete(small_org, "wait", "other") == {""}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(small_org: Org, shell: str) -> None:
    ran = run_cli(small_org, "completion", shell, env={"PATH": os.environ["PATH"]})

    assert (ran.code, ran.err) == (0, "")
    assert f"_OMNI_RELEASE_COMPLETE={shell}_complete" in ran.out


def test_a_shell_that_is_unknown_is_refused(small_org: Org) -> None:
    ran = run_cli(small_org, "completion", "csh")

    assert ran.code == 2
    assert "completion: " in ran.err
    assert "'bash', 'zsh', 'fish'" in ran.err


def test_a_run_of_the_word_release_is_the_same_run(small_org: Org) -> None:
    assert release(small_org).code == 0
    assert f"{RUN} " in run_cli(small_org, "status").out


def test_a_folder_that_was_deleted_is_no_place_to_fail_in(small_org: Org, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    words = (sys.executable, "-m", "omninode_release", "--dry-run", "--offline")

    done = subprocess.run(
        ("/bin/sh", "-c", f'rmdir "{gone}" && exec "$@"', "sh", *words),
        env=environment(small_org),
        cwd=gone,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
