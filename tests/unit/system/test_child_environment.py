"""What a program gets of the user's environment."""

from __future__ import annotations

import sys

import pytest

from omninode_release.system.child_environment import (
    TABLE,
    Program,
    can_be_passed,
    child_environment,
    is_misleading,
    program_of,
)

GIT = ("git", "-c", "gc.auto=0", "fetch")
COMMIT = ("git", "-c", "gc.auto=0", "--git-dir=x", "commit", "-m", "x")
GH = ("gh", "api")
OWN = (("uv", "lock"), ("pre-commit", "run"), ("prek", "run"), ("make", "docs"), COMMIT)
ALL = (GIT, GH, *OWN)

KEPT_BY_ALL = (
    *("GIT_LFS_SKIP_SMUDGE", "GIT_SSL_CAINFO", "GIT_SSL_NO_VERIFY", "GIT_CONFIG_SYSTEM"),
    *("GIT_CONFIG_COUNT", "GIT_CONFIG_VALUE_0", "GIT_SSH_VARIANT", "GIT_SSH_COMMAND", "GIT_SSH"),
    *("ALL_PROXY", "https_proxy", "NO_PROXY", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NETRC"),
    *("HOME", "PATH", "SSH_AUTH_SOCK", "UV_INDEX_URL", "UV_KEYRING_PROVIDER", "UV_CACHE_DIR"),
)
DROPPED_BY_ALL = (
    *("UV_FROZEN", "UV_LOCKED", "UV_PROJECT", "UV_PROJECT_ENVIRONMENT", "UV_WORKING_DIR"),
    *("SKIP", "CLICOLOR_FORCE", "GH_FORCE_TTY", "FORCE_COLOR", "LANGUAGE", "GH_DEBUG", "GH_REPO"),
    *("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_TRACE_CURL", "GIT_AUTHOR_DATE"),
    *("SLACK_BOT_TOKEN", "SLACK_ANYTHING", "OMNI_RELEASE_INDEX_URL", "UV_PUBLISH_TOKEN"),
    *("PBR_VERSION", "SETUPTOOLS_SCM_PRETEND_VERSION_FOR_BETA", "VIRTUAL_ENV", "TWINE_USERNAME"),
)
WITHHELD_FROM_OWN = (
    *("GH_TOKEN", "GH_HOST", "GITHUB_TOKEN", "GITHUB_ENV", "ACTIONS_RUNTIME_URL", "AWS_PROFILE"),
    *("AZURE_CLIENT_ID", "GOOGLE_APPLICATION_CREDENTIALS", "MY_API_KEY", "A_PAT", "B_PASSPHRASE"),
)


@pytest.mark.parametrize("argv", ALL, ids=" ".join)
def test_every_program_is_told_how_to_talk(argv: tuple[str, ...]) -> None:
    given = child_environment({"GIT_TERMINAL_PROMPT": "1", "LC_ALL": "de_DE.UTF-8"}, argv)

    assert (given["GIT_TERMINAL_PROMPT"], given["LC_ALL"]) == ("0", "C.UTF-8")
    assert {"NO_COLOR", "GIT_EDITOR", "GH_PROMPT_DISABLED", "PRE_COMMIT_COLOR"} <= given.keys()


@pytest.mark.parametrize("argv", ALL, ids=" ".join)
def test_a_mac_has_a_locale_of_another_name(
    argv: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")

    assert child_environment({"LC_ALL": "C"}, argv)["LC_ALL"] == "en_US.UTF-8"


@pytest.mark.parametrize("argv", ALL, ids=" ".join)
def test_what_reaches_every_program_and_what_none(argv: tuple[str, ...]) -> None:
    names = (*KEPT_BY_ALL, *DROPPED_BY_ALL)

    given = child_environment(dict.fromkeys(names, "planted"), argv)

    assert {name for name in given if given[name] == "planted"} == set(KEPT_BY_ALL)


@pytest.mark.parametrize("argv", OWN, ids=" ".join)
def test_code_of_a_repository_gets_no_secret_unless_it_is_named(argv: tuple[str, ...]) -> None:
    planted = dict.fromkeys((*WITHHELD_FROM_OWN, "UV_INDEX_OURS_PASSWORD"), "planted")

    given = child_environment(planted, argv)
    passed = child_environment(planted, argv, ("A_PAT", "AWS_PROFILE"))

    assert {name for name in planted if name in given} == {"UV_INDEX_OURS_PASSWORD"}
    assert passed.keys() - given.keys() == {"A_PAT", "AWS_PROFILE"}


@pytest.mark.parametrize("argv", [GIT, GH], ids=" ".join)
def test_a_gh_leaves_nothing_running_and_adds_nothing_to_its_errors(argv: tuple[str, ...]) -> None:
    """Git has its login of gh, where gh is its credential helper."""
    assert child_environment({"GH_TELEMETRY": "log"}, argv)["GH_TELEMETRY"] == "0"


def test_git_and_gh_get_what_logs_them_in() -> None:
    planted = dict.fromkeys(("GH_TOKEN", "GITHUB_TOKEN", "GH_CONFIG_DIR", "A_PAT"), "planted")

    assert planted.keys() - child_environment(planted, GIT).keys() == set()
    assert planted.keys() - child_environment(planted, GH).keys() == {"A_PAT"}


@pytest.mark.parametrize(
    ("argv", "program"),
    [
        (("git", "-c", "commit", "push"), Program.GIT),
        (("git", "-c", "a=b", "commit"), Program.OWN),
        (("git", "--git-dir=commit", "tag"), Program.GIT),
        (("git", "commit-tree", "-S"), Program.OWN),
        (("gh", "api"), Program.GH),
        (("/tree/scripts/git",), Program.OWN),
    ],
)
def test_whose_environment_a_command_gets(argv: tuple[str, ...], program: Program) -> None:
    assert program_of(argv) is program


def test_what_is_set_or_dropped_cannot_be_passed() -> None:
    names = ("UV_FROZEN", "LC_ALL", "GIT_DIR", "SKIP", "A_TOKEN", "ANYTHING")

    assert [name for name in names if can_be_passed(name)] == ["SKIP", "A_TOKEN", "ANYTHING"]


def test_what_misleads_is_named_unless_it_is_passed() -> None:
    assert is_misleading("SKIP", ())
    assert not is_misleading("SKIP", ("SKIP",))
    assert is_misleading("UV_LOCKED", ("UV_LOCKED",))
    assert not is_misleading("GH_TOKEN", ())


def test_the_table_says_each_name_of_a_program_once() -> None:
    seen = [(each, name) for rule in TABLE for each in rule.programs for name in rule.names]

    assert sorted({each for each in seen if seen.count(each) > 1}) == []
