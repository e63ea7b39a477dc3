"""How an index is reached from this network: proxy, certificates and login of the user.

Their variables are read here and not by the HTTP library, which stumbles over odd ones.
"""

from __future__ import annotations

import netrc
import os
import ssl
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.errors.excerpt import show
from omninode_release.models.names import has_control_character
from omninode_release.system.presence import is_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omninode_release.system.process import Runner

_SOCKS = frozenset({"socks5", "socks5h"})
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_KEYRING_PROVIDERS = ("UV_KEYRING_PROVIDER", "PIP_KEYRING_PROVIDER")
_KEYRING_SECONDS = 30.0
"""One that asks a person waits for ever."""
Login = tuple[str, str]


@dataclass(frozen=True)
class Network:
    """The way to the hosts of an index."""

    environ: Mapping[str, str] = field(default_factory=dict)
    run: Runner | None = None
    """Runs the user's keyring; None where none is asked."""
    user: str = ""
    """Whom the address of the index names without a password."""
    index: str = ""
    """That address, by which a keyring knows the password."""

    def require_usable(self, url: str) -> None:
        """Raise CONFIG_INVALID for a proxy or certificates that cannot be used."""
        name, proxy = self._find_proxy(url)
        if proxy is not None:
            _require_proxy(name, proxy)
        _ = self.certificates

    def proxy_of(self, url: str) -> str | None:
        """The proxy that leads to ``url``; an entry of NO_PROXY that fits nothing is ignored."""
        return self._find_proxy(url)[1]

    def _find_proxy(self, url: str) -> tuple[str, str | None]:
        parts = urlsplit(url)
        host, no_proxy = parts.netloc.rpartition("@")[2], self._get("no_proxy")[1] or ""
        if proxy_bypass_environment(host, {"no": no_proxy}):
            return "", None
        for name in (f"{parts.scheme}_proxy", "all_proxy"):
            written, proxy = self._get(name)
            if proxy:
                return written, proxy if "://" in proxy else f"http://{proxy}"
        return "", None

    @cached_property
    def certificates(self) -> ssl.SSLContext:
        """Whom to trust: the system's store, certifi's, and what the variables add.

        Raises CONFIG_INVALID for what a variable names and cannot be read.
        """
        import certifi  # noqa: PLC0415 - start-up time

        context = ssl.create_default_context()
        context.load_verify_locations(certifi.where())
        # They often name one file, and reading it takes a twentieth of a second.
        named = [(place, name) for name in _CERTIFICATES for place in self._list_places(name)]
        for place, name in dict(reversed(named)).items():
            _add_certificates(context, name, Path(place))
        return context

    def _list_places(self, name: str) -> list[str]:
        """What a variable names: one file or folder, or folders as in PATH, as OpenSSL has it."""
        value = self.environ.get(name, "")
        return [*filter(None, value.split(os.pathsep) if name == "SSL_CERT_DIR" else [value])]

    def find_login(self, url: str) -> Login | None:
        """What the user's netrc file says of the host, else the keyring; None where none does."""
        found = self._find_in_netrc(url)
        if not self.user or (found and found[0] == self.user):
            return found
        return self.user, self._kept_password or ""

    @cached_property
    def _kept_password(self) -> str | None:
        """What ``keyring get`` knows of the index, or of its host, as pip and uv ask it."""
        chosen = {self.environ.get(name) for name in _KEYRING_PROVIDERS}
        # Unasked for, a token that stands in the place of a user would be in the list of processes.
        if self.run is None or "subprocess" not in chosen:
            return None
        for service in (self.index, urlsplit(self.index).netloc):
            argv = ("keyring", "get", service, self.user)
            try:
                said = self.run(argv, cwd=Path("/"), timeout=_KEYRING_SECONDS, ok=(0, 1)).stdout
            except ReleaseError:  # none is installed, it waits for a person, it fails
                return None
            if said.strip():
                return said.rstrip("\r\n")
        return None

    def _find_in_netrc(self, url: str) -> Login | None:
        """A file that cannot be read says nothing."""
        home = self.environ.get("HOME")
        place = self.environ.get("NETRC") or (f"{home}/.netrc" if home else None)
        try:
            hosts = netrc.netrc(place) if place else None
        except (OSError, netrc.NetrcParseError, UnicodeDecodeError):
            return None
        found = hosts.authenticators(urlsplit(url).hostname or "") if hosts else None
        return (found[0], found[2] or "") if found else None

    def _get(self, name: str) -> tuple[str, str | None]:
        """A variable in lower case, which curl asks first, or in upper case."""
        for written in (name, name.upper()):
            if self.environ.get(written):
                return written, self.environ[written].strip()
        return name, None


def _require_proxy(name: str, proxy: str) -> None:
    try:
        parts = urlsplit(proxy)
        usable = parts.scheme in {"http", "https", *_SOCKS} and bool(parts.hostname)
        usable = usable and (parts.port is None or parts.port > 0)
        usable = usable and not has_control_character(proxy)
    except ValueError:
        usable, parts = False, urlsplit("")
    if not usable:
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"{name}: expected a proxy such as http://HOST:PORT, found {show(proxy, 200)}.",
            hint=f"correct {name}, or name the index's host in NO_PROXY",
        )
    if parts.scheme in _SOCKS and find_spec("socksio") is None:
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"{name}: expected a proxy that this Python can use, found {parts.scheme}:// and no"
            " package socksio beside omninode-release.",
            hint="pip install socksio, or set HTTPS_PROXY to one that speaks HTTP",
        )


def _add_certificates(context: ssl.SSLContext, name: str, place: Path) -> None:
    try:
        if is_folder(place):
            context.load_verify_locations(capath=str(place))
        else:
            context.load_verify_locations(cafile=str(place))
    except (OSError, ssl.SSLError) as error:
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"{name}: expected a file or folder of certificates at {place}, found: {error}.",
            hint=f"correct {name}, or unset it",
        ) from None
