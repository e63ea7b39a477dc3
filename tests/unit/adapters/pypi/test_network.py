"""How an index is reached: what the user's variables say, and odd ones among them."""

from __future__ import annotations

import base64
import os
import ssl
from typing import TYPE_CHECKING

import certifi
import pytest

import omninode_release.adapters.pypi.network as network_module
from omninode_release.adapters.pypi.http import HttpGet
from omninode_release.adapters.pypi.index import pypi_index
from omninode_release.adapters.pypi.network import Network
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.system.clock import SystemClock
from omninode_release.system.process import Programs
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
        ({"HTTPS_PROXY": "http://bot:half\x01@p:1"}, "correct HTTPS_PROXY"),
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


@pytest.fixture
def all_authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the machine and certifi's, which other tests do without."""
    kept = ssl.create_default_context  # by the guard, as one for all of them
    monkeypatch.setattr(ssl, "create_default_context", getattr(kept, "__wrapped__", kept))
    monkeypatch.setattr(certifi, "where", certifi.core.where)


@pytest.mark.usefixtures("all_authorities")
@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"])
def test_certificates_of_a_variable_are_trusted_beside_the_others(
    tmp_path: Path, name: str
) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text(_CERTIFICATE, encoding="utf-8")
    own = ssl.PEM_cert_to_DER_cert(_CERTIFICATE)

    trusted = Network({name: str(bundle)}).certificates.get_ca_certs(binary_form=True)
    usual = Network().certificates.get_ca_certs(binary_form=True)

    assert own not in usual
    assert set(trusted) == {*usual, own}
    Network({name: str(tmp_path)}).require_usable(INDEX)


def test_several_folders_of_certificates_are_named_as_openssl_names_them(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for each in folders:
        each.mkdir()
    variables = {"SSL_CERT_DIR": os.pathsep.join(map(str, folders))}

    Network(variables).require_usable(INDEX)

    folders[1].rmdir()
    with pytest.raises(ReleaseError, match=f"certificates at {folders[1]}, found"):
        Network(variables).require_usable(INDEX)


@pytest.mark.usefixtures("all_authorities")
def test_a_certificate_of_the_system_is_trusted_beside_what_a_variable_adds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = tmp_path / "system.pem"
    system.write_text(_CERTIFICATE, encoding="utf-8")
    # OpenSSL itself asks this variable of the process where the system's store is.
    monkeypatch.setenv("SSL_CERT_FILE", str(system))

    trusted = Network({"REQUESTS_CA_BUNDLE": certifi.where()}).certificates

    assert ssl.PEM_cert_to_DER_cert(_CERTIFICATE) in trusted.get_ca_certs(binary_form=True)
    assert trusted.verify_mode is ssl.CERT_REQUIRED
    assert trusted.check_hostname


def test_a_file_that_several_variables_name_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[tuple[str, Path]] = []
    monkeypatch.setattr(network_module, "_add_certificates", lambda *named: read.append(named[1:]))
    bundle = str(tmp_path / "ca.pem")

    Network({"SSL_CERT_FILE": bundle, "CURL_CA_BUNDLE": bundle}).require_usable(INDEX)

    assert read == [("SSL_CERT_FILE", tmp_path / "ca.pem")]


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


_KEYRING = """\
#!/bin/sh
echo "$@" >> "$ASKED"
case "$2" in
    */simple) exit 1 ;;
    *) [ "$3" = ann ] && echo "$KEPT_PASSWORD" ;;
esac
"""


@pytest.mark.parametrize(
    ("provider", "user", "password"),
    [
        ("subprocess", "ann", "planted-1"),
        ("subprocess", "ben", ""),
        ("subprocess", "ann:own", None),
        ("disabled", "ann", ""),
        (None, "ann", ""),
    ],
)
def test_a_keyring_is_asked_by_its_program_where_the_user_says_so(
    tmp_path: Path, provider: str | None, user: str, password: str | None
) -> None:
    program, asked = tmp_path / "keyring", tmp_path / "asked"
    program.write_text(_KEYRING, encoding="utf-8")
    program.chmod(0o755)
    environ = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "KEPT_PASSWORD": "planted-1",
        "ASKED": str(asked),
        **({"UV_KEYRING_PROVIDER": provider} if provider else {}),
    }

    with Echo() as server:
        host = server.url.partition("://")[2].rstrip("/")
        network = Network(environ, Programs(environ))
        index = pypi_index(f"http://{user}@{host}/simple", SystemClock(), network)
        first = index.http.get(server.url, accept="text/plain")
        index.http.get(server.url, accept="text/plain")

    expected = f"{user}:{password}" if password is not None else user
    assert first.body.decode().endswith(f"Basic {base64.b64encode(expected.encode()).decode()}")
    said = asked.read_text(encoding="utf-8").splitlines() if asked.exists() else []
    both = [f"get http://{host}/simple {user}", f"get {host} {user}"]
    assert said == (both if provider == "subprocess" and password is not None else [])


@pytest.mark.parametrize("script", [None, "exit 3", "exec sleep 60"])
def test_a_keyring_that_does_not_answer_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None
) -> None:
    monkeypatch.setattr(network_module, "_KEYRING_SECONDS", 0.3)
    if script is not None:
        (tmp_path / "keyring").write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (tmp_path / "keyring").chmod(0o755)
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "UV_KEYRING_PROVIDER": "subprocess"}
    network = Network(environ, Programs(environ), user="ann", index=INDEX)

    assert network.find_login(INDEX) == ("ann", "")
