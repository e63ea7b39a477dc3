"""The command line: what it takes, what it refuses, and where it looks for what it is not told."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from omninode_release import __version__
from omninode_release.errors import ErrorCode
from support.cli import Terminal, run_cli, state_home
from support.failures import fails
from support.gitrepo import land
from support.repos import spoil

if TYPE_CHECKING:
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    from omninode_release.commands.demo_org import Org

SIX = (
    "omnibase_core", "omnibase_infra", "omnibase_spi", "omniclaude", "omniintelligence",
    "omnimemory",
)  # fmt: skip
REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "all and names": (("--all", "alpha"), "--all and repository names exclude each other"),
    "resume and names": (("--resume", "x", "alpha"), "leave out repository names"),
    "resume and all": (("--resume", "x", "--all"), "leave out --all"),
    "resume and run id": (("--resume", "x", "--run-id", "y"), "leave out --run-id"),
    "resume and bump": (("--resume", "x", "--bump", "minor"), "leave out --bump"),
    "resume and a version": (("--resume", "x", "--version", "a=1.0.0"), "leave out --version"),
    "a version of nothing": (("--all", "--version", "1.0.0"), "expected REPO=X.Y.Z, found '1.0.0'"),
    "a version alone": (("--version", "1.0.0"), "expected REPO=X.Y.Z, found '1.0.0'"),
    "an empty version": (("--version", ""), "expected REPO=X.Y.Z, found ''"),
    "an empty plan": (("--plan", ""), "--plan"),
    "an empty page": (("--dry-run", "--html="), "--html"),
    "empty events": (("--events", ""), "--events"),
    "a word on another": (("alpha", "--bump", "beta=minor"), "names beta, which this run does not"),
    "resume and ticket": (("--resume", "x", "--ticket", "OMN-1"), "leave out --ticket"),
    "a bump nobody knows": (("--bump", "huge"), "'major', 'minor', 'patch'"),
    "an empty bump": (("--bump", ""), "'major', 'minor', 'patch'"),
    "no time": (("--pypi-timeout-minutes", "0"), "--pypi-timeout-minutes"),
    "time below nothing": (("--pypi-timeout-minutes", "-1"), "--pypi-timeout-minutes"),
    "time that is no number": (("--pypi-timeout-minutes", "soon"), "'soon' is not a valid float"),
    "not a number": (("--pypi-timeout-minutes", "nan"), "a number of minutes above 0"),
    "time without end": (
        ("--pypi-timeout-minutes", "inf"),
        "a number of minutes above 0, found inf",
    ),
    "an unknown option": (("--dryrun",), "--dry-run"),
    "a short option": (("-n",), "-n"),
    "a flag with a value": (("--all=yes",), "--all"),
    "an option without its value": (("--run-id",), "--run-id"),
    "a ticket that is none": (("--ticket", "1234"), "one like OMN-1234"),
    "a ticket with more": (("--ticket", "OMN-1 and more"), "one like OMN-1234"),
    "offline for real": (("--offline",), "belong to --dry-run"),
    "strict for real": (("--strict",), "belong to --dry-run"),
}


@pytest.mark.parametrize(("arguments", "says"), REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_refused_and_touches_nothing(
    small_org: Org, arguments: tuple[str, ...], says: str
) -> None:
    failure = fails(small_org, ErrorCode.USAGE_ERROR, *arguments)

    failure.says(says, "omni-release --help")
    assert failure.ran.out == ""
    assert not state_home(small_org).exists()


def test_help_is_for_people(
    small_org: Org, snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    ran = run_cli(small_org, "--help")

    assert (ran.code, ran.err) == (0, "")
    assert "--gate-attestation TOKEN" in ran.out
    assert ran.out == snapshot


def test_version_needs_no_organisation(small_org: Org) -> None:
    ran = run_cli(small_org, "--version", env={"OMNI_HOME": ""})

    assert (ran.code, ran.out) == (0, f"omni-release {__version__}\n")


def test_an_unknown_repository_beside_known_ones_is_refused(small_org: Org) -> None:
    failure = fails(small_org, ErrorCode.UNKNOWN_REPO, "alpha", "doctor", "Beta")

    failure.says("(alpha, beta)", "found doctor, Beta")


def test_a_name_that_a_shell_made_is_quoted(small_org: Org) -> None:
    failure = fails(small_org, ErrorCode.UNKNOWN_REPO, "", "alpha beta")

    failure.says("found '', 'alpha beta'.")


# Run ids.


def test_all_six_on_that_day_have_the_id_of_the_specification(org: Org) -> None:
    plain, named = run_cli(org, "--dry-run", "--offline"), run_cli(org, "--dry-run", *SIX[::-1])

    digest = hashlib.sha256((",".join(SIX) + "20260225").encode()).hexdigest()[:6]
    for ran in (plain, named):
        assert ran.result is not None
        assert ran.result["run_id"] == f"release-20260225-{digest}" == "release-20260225-0e587f"


def test_a_name_given_twice_is_one_repository(small_org: Org) -> None:
    once, twice = (run_cli(small_org, "--dry-run", *("alpha",) * times) for times in (1, 2))

    assert once.result == twice.result
    assert once.result is not None
    assert [each["repo"] for each in once.result["details"]] == ["alpha"]


def test_the_next_run_of_a_day_is_numbered(small_org: Org) -> None:
    first = run_cli(small_org, "beta", stdin=Terminal("approve\n"))
    land(small_org.remote("beta"), "more.md", "More.\n", "fix: more")
    second = run_cli(small_org, "beta", stdin=Terminal("approve\n"))
    third = run_cli(small_org, "beta", "--dry-run")

    ids = [ran.result["run_id"] for ran in (first, second, third) if ran.result]
    assert ids == [ids[0], f"{ids[0]}-2", f"{ids[0]}-3"]
    assert (first.code, second.code) == (0, 0)


# Places.


def test_without_a_folder_of_clones_the_configuration_is_incomplete(small_org: Org) -> None:
    failure = fails(small_org, ErrorCode.CONFIG_INVALID, env={"OMNI_HOME": ""})

    failure.says("neither --omni-home nor OMNI_HOME", "neither a release.yaml nor a clone")


def test_a_folder_of_clones_that_is_not_there_is_named(small_org: Org, tmp_path: Path) -> None:
    config = small_org.omni_home / "release.yaml"
    arguments = ("--omni-home", str(tmp_path / "gone"), "--config", str(config))

    failure = fails(small_org, ErrorCode.CONFIG_INVALID, *arguments)

    failure.says(str(tmp_path / "gone"), "pass --omni-home DIR")


def test_the_option_wins_over_the_variable(small_org: Org, tmp_path: Path) -> None:
    here, gone = str(small_org.omni_home), str(tmp_path / "gone")

    ran = run_cli(small_org, "--dry-run", "--omni-home", here, env={"OMNI_HOME": gone})

    assert (ran.code, ran.err) == (0, "")


def _known_with(org: Org, *args: str, **env: str) -> str:
    """The repositories of whichever configuration was read."""
    error = run_cli(org, "nobody", *args, env=env).err
    return error[error.index("(") + 1 : error.index(")")]


def test_configuration_is_the_option_then_the_variable_then_the_file_then_the_contract(
    small_org: Org, tmp_path: Path
) -> None:
    for name in ("option", "variable"):
        config: Any = {"organization": name, "graph": {"tiers": [{name: []}]}}
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    option = ("--config", str(tmp_path / "option.yaml"))
    variable = {"OMNI_RELEASE_CONFIG": str(tmp_path / "variable.yaml")}

    assert _known_with(small_org, *option, **variable) == "option"
    assert _known_with(small_org, **variable) == "variable"
    assert _known_with(small_org) == "alpha, beta"
    (small_org.omni_home / "release.yaml").unlink()
    assert sorted(_known_with(small_org).split(", ")) == list(SIX)


def test_a_configuration_may_stand_under_a_release_key(small_org: Org) -> None:
    path = small_org.omni_home / "release.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({"release": config}), encoding="utf-8")

    assert run_cli(small_org, "--dry-run").code == 0


def test_state_and_results_go_to_the_first_root_that_is_named(
    small_org: Org, tmp_path: Path
) -> None:
    roots = {
        "ONEX_STATE_DIR": tmp_path / "onex",
        "CLAUDE_CONFIG_DIR": tmp_path / "claude",
        "HOME": tmp_path / "home",
    }
    results = [roots["ONEX_STATE_DIR"], roots["CLAUDE_CONFIG_DIR"], roots["HOME"] / ".claude"]
    env = {name: str(root) for name, root in roots.items()}

    for name, root in zip(roots, results, strict=True):
        assert run_cli(small_org, env=env, stdin=Terminal("reject\n")).code == 1
        assert len(list((root / "state" / "release").glob("*.json"))) == 1
        assert len(list((root / "skill-results").glob("*/release.json"))) == 1
        env[name] = ""


def test_worktrees_go_where_they_are_wanted_and_results_to_their_context(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a relative folder is one from here, not from each clone
    spoil(small_org, "alpha")
    results = state_home(small_org) / "skill-results"

    ran = run_cli(
        small_org,
        "--context-id",
        "session-7",
        "--run-id",
        "elsewhere",
        env={"OMNI_WORKTREES": "wt"},
        stdin=Terminal("approve\n"),
    )

    assert ran.err.startswith("LINT_FAILED")
    assert (tmp_path / "wt" / "release" / "elsewhere" / "alpha" / ".git").is_file()
    assert not small_org.worktrees.exists()
    assert [path.name for path in results.iterdir()] == ["session-7"]


def test_a_resume_remembers_its_context_and_takes_another_when_told(small_org: Org) -> None:
    results = state_home(small_org) / "skill-results"
    token = "1740312612.000100:one"  # noqa: S105 - a gate token of this example
    again = ("--resume", "one", "--gate-attestation", token)
    spoil(small_org, "alpha")
    run_cli(small_org, "--run-id", "one", "--context-id", "first", "--gate-attestation", token)

    run_cli(small_org, *again)
    assert [path.name for path in results.iterdir()] == ["first"]

    run_cli(small_org, *again, "--context-id", "second")
    assert sorted(path.name for path in results.iterdir()) == ["first", "second"]


def test_a_ticket_stands_in_commit_and_pull_request(small_org: Org) -> None:
    ran = run_cli(small_org, "beta", "--ticket", "OMN-2805", stdin=Terminal("approve\n"))

    assert ran.code == 0, ran.err
    assert "release: beta v0.4.1 [OMN-2805]" in ran.out
