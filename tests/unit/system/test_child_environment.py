"""What a program gets of the user's environment."""

from __future__ import annotations

from omninode_release.system.child_environment import build_environment, child_environment


def test_git_is_pointed_nowhere_and_keeps_its_settings() -> None:
    given = child_environment(
        {
            "GIT_DIR": "/elsewhere/.git",
            "GIT_INDEX_FILE": "/elsewhere/index",
            "GIT_SSH_COMMAND": "ssh -i key",
            "GIT_CONFIG_KEY_0": "user.name",
            "VIRTUAL_ENV": "/elsewhere/.venv",
            "PATH": "/bin",
        }
    )

    assert {name for name in given if name.startswith("GIT_")} == {
        "GIT_SSH_COMMAND", "GIT_CONFIG_KEY_0", "GIT_PAGER", "GIT_EDITOR", "GIT_TERMINAL_PROMPT",
        "GIT_OPTIONAL_LOCKS",
    }  # fmt: skip
    assert "VIRTUAL_ENV" not in given
    assert given["PATH"] == "/bin"


def test_a_setting_of_the_user_that_would_ask_or_colour_is_overruled() -> None:
    given = child_environment({"GIT_TERMINAL_PROMPT": "1", "LC_ALL": "de_DE.UTF-8"})

    assert (given["GIT_TERMINAL_PROMPT"], given["LC_ALL"]) == ("0", "C.UTF-8")


def test_what_would_lock_or_build_something_else_is_not_passed_on() -> None:
    misleading = {
        *("UV_FROZEN", "UV_LOCKED", "UV_PROJECT", "UV_WORKING_DIR", "PBR_VERSION"),
        *("SETUPTOOLS_SCM_PRETEND_VERSION", "SETUPTOOLS_SCM_PRETEND_VERSION_FOR_BETA"),
        "POETRY_DYNAMIC_VERSIONING_BYPASS",
    }
    kept = {"UV_INDEX_URL", "UV_PYTHON", "SKIP", "SETUPTOOLS_SCM_DEBUG"}

    given = child_environment(dict.fromkeys(misleading | kept, "1"))

    assert given.keys() & (misleading | kept) == kept


def test_a_build_gets_no_token_but_what_uv_needs_to_read_an_index() -> None:
    kept = {"PATH": "/bin", "UV_INDEX_OURS_PASSWORD": "p", "UV_CACHE_DIR": "/c", "HOME": "/h"}
    withheld = (
        "GH_TOKEN",
        "GITHUB_ACTIONS",
        "SLACK_CHANNEL_ID",
        "UV_PUBLISH_USERNAME",
        "MY_SECRET",
    )

    assert build_environment({**kept, **dict.fromkeys(withheld, "x")}) == kept
