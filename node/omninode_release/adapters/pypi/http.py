"""Reading documents over HTTP, with retries and within bounds.

A busy or silent server is asked again a few times; a redirect is followed on the same host only;
size and time have limits. A document that cannot be read is ``Unreachable`` (it may come later) or
``Unusable`` (a person must look at it).
"""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.adapters.pypi.network import Network
from omninode_release.errors import ReleaseError
from omninode_release.errors.excerpt import start_of
from omninode_release.system.deadline import within
from omninode_release.system.wait import NotYet, Pauses, poll

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from omninode_release.system.clock import Clock

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 3
_GZIP = 16 + zlib.MAX_WBITS
"""By which zlib reads a gzip header, and nothing else."""
_SHORTEST = 0.01
_TOO_MANY_REQUESTS = 429
# RFC 9111, 5.2.1.4: every cache on the way must ask the origin; Pragma says it to HTTP/1.0 ones.
_UNCACHED = {"Cache-Control": "no-cache, max-age=0", "Pragma": "no-cache"}


class Unreachable(Exception):
    """No usable answer came within the attempts and the time allowed; it may come later."""


class Unusable(Exception):
    """The answer is wrong, and asking again will not change it."""


class Elsewhere(Unusable):
    """A redirect to another host, which is not followed."""


class Forbidden(ReleaseError):
    """A 403, for the index's root as well: some answer so for all that they lack."""


class Answer(NamedTuple):
    """A document, or a status that says there is none."""

    status: int
    url: str
    content_type: str
    charset: str | None
    body: bytes


@dataclass(frozen=True)
class HttpGet:
    """GET with deadlines, a few retries and no cache."""

    clock: Clock
    auth: tuple[str, str] | None = None
    """User and password; kept out of the address, which is shown in messages."""
    network: Network = field(default_factory=Network)
    attempts: int = 4
    pause: float = 0.5
    """Before the first retry; doubled for each further one."""
    seconds: float = 60
    """For all attempts together."""
    max_bytes: int = 32 * 1024 * 1024
    jitter: Callable[[], float] = random.random
    """Answers 0 to 1, so that the retries of many clients are spread."""

    def get(self, url: str, *, accept: str) -> Answer:
        """The document at ``url``. Raises Unreachable or Unusable."""
        import httpx  # noqa: PLC0415 - a dry run must not pay for it

        deadline = self.clock.monotonic() + self.seconds
        headers = {"Accept": accept, "Accept-Encoding": "gzip", **_UNCACHED}
        try:
            address = httpx.URL(url)
        except (httpx.InvalidURL, ValueError) as error:
            raise Unusable(f"expected an address, found {url!r}: {error}") from None
        client = httpx.Client(
            headers=headers,
            auth=self.auth or self.network.find_login(url),
            timeout=min(15, self.seconds),
            proxy=self.network.proxy_of(url),
            verify=self.network.certificates,
            trust_env=False,
        )
        with client:
            answer = poll(
                lambda: self._follow(client, address, deadline),
                self.clock,
                seconds=self.seconds,
                pauses=Pauses(self.pause, self.seconds, jitter=lambda: 0.5 + self.jitter()),
                attempts=self.attempts,
                only_within=True,
            )
        if isinstance(answer, NotYet):
            raise Unreachable(f"{url}: {answer.why}")
        return answer

    def _follow(self, client: httpx.Client, url: httpx.URL, deadline: float) -> Answer | NotYet:
        import httpx  # noqa: PLC0415

        for _ in range(_MAX_REDIRECTS + 1):
            target, left = url, max(deadline - self.clock.monotonic(), _SHORTEST)
            try:
                answer = within(left, partial(self._request, client, target, deadline))
            except (Unreachable, Unusable, MemoryError):
                raise
            except Exception as error:  # noqa: BLE001 - of httpx, of what is below it, of zlib
                return NotYet(f"{type(error).__name__}: {error}")
            if not isinstance(answer, httpx.URL):
                return answer
            if (answer.host, answer.port) != (url.host, url.port) or answer.scheme != url.scheme:
                raise Elsewhere(f"expected an answer from {url}, found a redirect to {answer}")
            url = answer
        raise Unusable(f"expected at most {_MAX_REDIRECTS} redirects, found more, last to {url}")

    def _request(
        self, client: httpx.Client, url: httpx.URL, deadline: float
    ) -> Answer | NotYet | httpx.URL:
        """Send one request; the answer, NotYet, or the address it has moved to."""
        with client.stream("GET", url) as response:
            if response.status_code in _REDIRECTS:
                return self._redirect_target(url, response.headers.get("Location", ""))
            if response.status_code == _TOO_MANY_REQUESTS or response.status_code >= 500:
                after = self._parse_retry_after(response.headers.get("Retry-After"))
                return NotYet(f"it answered {response.status_code}", after)
            body = b"" if response.status_code >= 400 else self._read(response, deadline)
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            return Answer(response.status_code, str(url), kind, response.charset_encoding, body)

    def _redirect_target(self, url: httpx.URL, location: str) -> httpx.URL:
        try:
            return url.join(location)
        except Exception:  # noqa: BLE001 - httpx has several for what is no address
            raise Unusable(f"expected an address to go on to from {url}: {location!r}") from None

    def _read(self, response: httpx.Response, deadline: float) -> bytes:
        """The unpacked body; a server that drips or floods is cut off."""
        packed = response.headers.get("Content-Encoding", "").strip().lower()
        if packed not in {"", "identity", "gzip", "x-gzip"}:
            raise Unusable(
                f"expected {response.url} packed by gzip or not at all, found"
                f" {start_of(packed, 80)}"
            )
        unpacker = zlib.decompressobj(_GZIP) if packed.endswith("gzip") else None
        chunks = bytearray()
        for chunk in response.iter_raw():
            # No more is unpacked than is allowed: a thousandth of it may be all that was sent.
            room = self.max_bytes + 1 - len(chunks)
            chunks += unpacker.decompress(chunk, room) if unpacker else chunk
            if len(chunks) > self.max_bytes:
                raise Unusable(
                    f"expected at most {self.max_bytes} bytes from {response.url}, found more"
                )
            if self.clock.monotonic() > deadline:
                raise Unreachable(f"{response.url}: still sending after {self.seconds:g} s")
        if unpacker is not None and not unpacker.eof:
            raise EOFError(f"{response.url} ended early")
        return bytes(chunks)

    def _parse_retry_after(self, value: str | None) -> float:
        """Seconds to wait (RFC 9110, 10.2.3: a number, or a date)."""
        if not value:
            return 0
        if value.isascii() and value.isdigit():
            return float(value)
        try:
            moment = parsedate_to_datetime(value)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return max((moment - self.clock.now()).total_seconds(), 0)
        except (ValueError, TypeError, OverflowError, IndexError):  # whatever is no date
            return 0
