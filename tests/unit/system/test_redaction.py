"""What is shown and kept holds no secret."""

from __future__ import annotations

import pytest

from omninode_release.system.child_environment import child_environment
from omninode_release.system.redaction import redact, withheld_secrets

ENVIRON = {"GH_TOKEN": "gh-planted", "SLACK_BOT_TOKEN": "xoxb-planted", "HOME": "/home/ann"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("login gh-planted failed", "login *** failed"),
        ("https://ann:pw@index.example/simple", "https://***@index.example/simple"),
        ("https://index.example/simple in /home/ann", "https://index.example/simple in /home/ann"),
        ("found-elsewhere", "***"),
    ],
)
def test_secrets_are_taken_out(text: str, shown: str) -> None:
    assert redact(text, ENVIRON, ("found-elsewhere",)) == shown


def test_a_short_value_is_no_secret() -> None:
    assert redact("a b c", {"API_KEY": "b"}) == "a b c"


def test_what_no_program_is_given_is_known_to_be_secret() -> None:
    assert "SLACK_BOT_TOKEN" not in child_environment(ENVIRON)
    assert withheld_secrets(ENVIRON) == ("xoxb-planted",)
