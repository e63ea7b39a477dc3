"""Where the bot's token and its channel come from, and what is no answer to that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.slack import SlackCredentials
from omninode_release.adapters.slack_credentials import find_credentials, missing_error
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.release.environment import env_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def stored_in(home: Path, text: str | bytes) -> Path:
    file = env_file(home)
    file.parent.mkdir()
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


@pytest.mark.parametrize(
    ("environ", "stored", "expected"),
    [
        ({"SLACK_BOT_TOKEN": "t", "SLACK_CHANNEL_ID": "C0A"}, "", ("t", "C0A")),
        ({}, "SLACK_BOT_TOKEN='f $HOME'\nexport SLACK_CHANNEL_ID=C0F # why\n", ("f $HOME", "C0F")),
        ({}, "\ufeffSLACK_BOT_TOKEN=f\r\nSLACK_CHANNEL_ID=C0F\r\n", ("f", "C0F")),
        ({}, "broken 'line\nSLACK_BOT_TOKEN=f\nSLACK_CHANNEL_ID=C0F", ("f", "C0F")),
        ({"SLACK_BOT_TOKEN": "t"}, "SLACK_BOT_TOKEN=f\nSLACK_CHANNEL_ID=C0F", ("t", "C0F")),
        ({}, "GITHUB_TOKEN=\nOTHER=1\n", None),
        ({"SLACK_BOT_TOKEN": " "}, None, None),
    ],
)
def test_where_credentials_come_from(
    tmp_path: Path,
    environ: Mapping[str, str],
    stored: str | None,
    expected: tuple[str, str] | None,
) -> None:
    file = stored_in(tmp_path, stored) if stored is not None else env_file(tmp_path)

    found = find_credentials(environ, file)

    assert (found and (found.token, found.channel)) == expected
    assert "f $HOME" not in repr(found)


@pytest.mark.parametrize(
    ("environ", "stored", "says"),
    [
        ({"SLACK_BOT_TOKEN": " "}, "SLACK_CHANNEL_ID=C0F", "SLACK_BOT_TOKEN without a value"),
        ({"SLACK_BOT_TOKEN": "t"}, "", "SLACK_CHANNEL_ID without a value"),
        ({}, "SLACK_BOT_TOKEN=\nSLACK_CHANNEL_ID=C0F", "SLACK_BOT_TOKEN without a value"),
        ({}, "SLACK_BOT_TOKEN=\nSLACK_CHANNEL_ID=", "and SLACK_CHANNEL_ID without a value"),
        ({}, "SLACK_BOT_TOKEN='x\nSLACK_CHANNEL_ID=C0F", "no NAME=VALUE on line 1"),
        ({}, b"SLACK_BOT_TOKEN=\xff\n", "no UTF-8"),
    ],
)
def test_half_of_them_is_not_none_of_them(
    tmp_path: Path, environ: Mapping[str, str], stored: str | bytes, says: str
) -> None:
    file = stored_in(tmp_path, stored)

    with pytest.raises(ReleaseError) as caught:
        find_credentials(environ, file)

    assert caught.value.code is ErrorCode.CREDENTIALS_MISSING
    assert says in caught.value.message
    assert str(file) in caught.value.message


def test_without_a_home_the_environment_alone_is_asked() -> None:
    assert find_credentials({}, None) is None
    found = find_credentials({"SLACK_BOT_TOKEN": "t", "SLACK_CHANNEL_ID": "C0A"}, None)
    assert found == SlackCredentials("t", "C0A")

    with pytest.raises(ReleaseError, match="in the environment, found SLACK_CHANNEL_ID") as half:
        find_credentials({"SLACK_BOT_TOKEN": "t"}, None)

    assert half.value.hint == (
        "set SLACK_CHANNEL_ID in the environment, or take the other one out, too"
    )
    assert missing_error(None).hint == "set both in the environment (docs/slack.md)"


def test_a_file_that_cannot_be_read_is_not_a_missing_one(tmp_path: Path) -> None:
    env_file(tmp_path).mkdir(parents=True)

    with pytest.raises(ReleaseError, match="it is a folder") as caught:
        find_credentials({}, env_file(tmp_path))

    assert caught.value.code is ErrorCode.CREDENTIALS_MISSING


@pytest.mark.parametrize(
    ("token", "persons"),
    [("xoxb-1", False), ("xoxe.xoxb-1", False), ("xoxp-1", True), ("xoxe.xoxp-1", True),
     ("xoxc-1", True), ("xoxd-1", True)],
)  # fmt: skip
def test_a_persons_token_says_so(token: str, *, persons: bool) -> None:
    assert SlackCredentials(token, "C0A").is_a_persons is persons
