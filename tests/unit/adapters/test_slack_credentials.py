"""Where the bot's token and its channel come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.slack import credentials, env_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@pytest.mark.parametrize(
    ("environ", "stored", "expected"),
    [
        ({"SLACK_BOT_TOKEN": "t", "SLACK_CHANNEL_ID": "C0A"}, "", ("t", "C0A")),
        ({}, "SLACK_BOT_TOKEN='f $HOME'\nexport SLACK_CHANNEL_ID=C0F # why\n", ("f $HOME", "C0F")),
        ({"SLACK_BOT_TOKEN": "t"}, "SLACK_BOT_TOKEN=f\nSLACK_CHANNEL_ID=C0F", ("t", "C0F")),
        ({"SLACK_BOT_TOKEN": " "}, "SLACK_CHANNEL_ID=C0F", None),
        ({}, "SLACK_BOT_TOKEN\nnonsense ===\n\0", None),
        ({}, None, None),
    ],
)
def test_where_credentials_come_from(
    tmp_path: Path,
    environ: Mapping[str, str],
    stored: str | None,
    expected: tuple[str, str] | None,
) -> None:
    if stored is not None:
        env_file(tmp_path).parent.mkdir()
        env_file(tmp_path).write_text(stored, encoding="utf-8")

    found = credentials(environ, tmp_path)

    assert (found and (found.token, found.channel)) == expected
    assert "f $HOME" not in repr(found)
