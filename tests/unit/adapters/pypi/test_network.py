"""How an index is reached: what the user's variables say, and odd ones among them."""

from __future__ import annotations

import base64
import ssl
from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.pypi.http import HttpGet
from omninode_release.adapters.pypi.network import Network
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.system.clock import SystemClock
from support.loopback import Loopback, Reply, Request

if TYPE_CHECKING:
    from pathlib import Path

INDEX = "https://index.example/simple"
_CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBiDCCAS2gAwIBAgIUSiogVOHuaWx+O85LRT3mQYgmB1MwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNdGVzdHMuZXhhbXBsZTAgFw0yNjExMjYxNzA1MDZaGA8yMTI2
MTEwMjE3MDUwNlowGDEWMBQGA1UEAwwNdGVzdHMuZXhhbXBsZTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABFWERlOV3X8otHRjF1LRt1nKaHsEjIyaObds7MuOS3oi
0IPxbADPPKSPyDCEdIwaAoG+U4wHLvcCW99bdoV6hlGjUzBRMB0GA1UdDgQWBBRW
oTGRzHoil/D/hWDuHkxYFbmodzAfBgNVHSMEGDAWgBRWoTGRzHoil/D/hWDuHkxY
FbmodzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQDbCm6rP6A5
9l1qcYvFVjrh//BhiZAyPcsQIBo1D77jdAIhAPyO/RjMzWIr8CDFsIPtjE81TD93
4FjYZ8cmEnluw3MU
-----END CERTIFICATE-----
"""


class Echo(Loopback):
    """Answers what it was asked."""

    def answer(self, request: Request) -> Reply:
        said = f"{request.path} {request.headers.get('authorization', '')}"
        return Reply(200, said.encode(), "text/plain", ())


@pytest.mark.parametrize(
    ("variables", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://p:1", "ALL_PROXY": "http://q:1"}, "http://p:1"),
        ({"https_proxy": "http://p:1", "HTTPS_PROXY": "http://q:1"}, "http://p:1"),
        ({"ALL_PROXY": "p:1"}, "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "index.example"}, None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "http://[::x, ::/zz,:*:,.example"}, None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "http://[::x, ::/zz,:*:, other"}, "http://p:1"),
    ],
)
def test_the_proxy_and_what_needs_none(variables: dict[str, str], proxy: str | None) -> None:
    assert Network(variables).proxy_of(INDEX) == proxy


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"ALL_PROXY": "socks5://127.0.0.1:9"}, "pip install socksio"),
        ({"HTTPS_PROXY": "ftp://p:1"}, "correct HTTPS_PROXY"),
        ({"https_proxy": "http://:x:y"}, "correct https_proxy"),
        ({"REQUESTS_CA_BUNDLE": "/nowhere/ca.pem"}, "correct REQUESTS_CA_BUNDLE"),
    ],
)
def test_what_cannot_be_used_is_told_plainly(
    variables: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omninode_release.adapters.pypi.network.find_spec", lambda _: None)

    with pytest.raises(ReleaseError) as caught:
        Network(variables).require_usable(INDEX)

    assert caught.value.code is ErrorCode.CONFIG_INVALID
    assert says in (caught.value.hint or "")


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"])
def test_certificates_of_a_variable_are_trusted_beside_the_others(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = ssl.create_default_context  # by the tests, as one for all of them
    monkeypatch.setattr(ssl, "create_default_context", getattr(kept, "__wrapped__", kept))
    bundle = tmp_path / "ca.pem"
    bundle.write_text(_CERTIFICATE, encoding="utf-8")
    own = ssl.PEM_cert_to_DER_cert(_CERTIFICATE)

    trusted = Network({name: str(bundle)}).certificates.get_ca_certs(binary_form=True)
    usual = Network().certificates.get_ca_certs(binary_form=True)

    assert own not in usual
    assert set(trusted) == {*usual, own}
    Network({name: str(tmp_path)}).require_usable(INDEX)


def test_a_login_of_netrc_is_sent_and_a_broken_one_is_none(tmp_path: Path) -> None:
    file = tmp_path / ".netrc"
    file.write_text("machine 127.0.0.1 login ann password planted-0\n", encoding="utf-8")
    network = Network({"HOME": str(tmp_path)})

    with Echo() as server:
        answer = HttpGet(SystemClock(), network=network).get(server.url, accept="text/plain")
    file.write_text("machine\nmachine x", encoding="utf-8")

    sent = base64.b64encode(b"ann:planted-0").decode()
    assert answer.body.decode().endswith(f"Basic {sent}")
    assert Network({"NETRC": str(file)}).find_login(INDEX) is None
    assert Network({"HOME": str(tmp_path / "nowhere")}).find_login(INDEX) is None
