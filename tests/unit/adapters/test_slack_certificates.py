"""How Slack is reached; what is said there is tried in tests/unit/gate."""

from __future__ import annotations

import ssl

import certifi
import pytest
from slack_sdk import WebClient

from omninode_release.adapters.pypi.network import Network
from omninode_release.adapters.slack import Slack, SlackCredentials


@pytest.mark.parametrize("name", [None, "SSL_CERT_FILE"])
def test_slack_is_trusted_where_python_has_no_certificates(
    monkeypatch: pytest.MonkeyPatch, name: str | None
) -> None:
    asked: list[ssl.SSLContext | None] = []

    def answer(client: WebClient, *_args: object, **_kwargs: object) -> None:
        asked.append(client.ssl)
        raise OSError

    monkeypatch.setattr(
        ssl, "create_default_context", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    )
    monkeypatch.setattr(WebClient, "api_call", answer)
    network = Network({name: certifi.where()} if name else {})

    with pytest.raises(Exception, match=r"auth\.test"):
        Slack(SlackCredentials("xoxb-planted", "C1"), network=network).bot()

    (context,) = asked
    assert context is not None
    assert context.get_ca_certs()
    assert context.check_hostname
