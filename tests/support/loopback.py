"""A server of ours on loopback: what a look-alike of a service stands on.

It keeps real state, and it fails on what it does not know: an unknown request is answered 500,
recorded, and raised when the server is left.
"""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping


class Request(NamedTuple):
    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class Reply(NamedTuple):
    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


class Unknown(Exception):
    """A request that the service does not have, as far as we know it."""


LOST = Reply(status=0)
"""The connection is closed without an answer."""


@dataclass
class Loopback:
    """One service; ``answer`` is what it does, one request at a time."""

    requests: list[Request] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def answer(self, request: Request) -> Reply:
        raise NotImplementedError

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if kind is None:
            assert self.unknown == [], f"{type(self).__name__} was asked what it does not know"

    def handle(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            try:
                return self.answer(request)
            except Unknown as error:
                self.unknown.append(f"{request.method} {request.path}: {error}")
            except Exception as error:  # noqa: BLE001 - a mistake of ours must not be an answer
                self.unknown.append(f"{request.method} {request.path}: {error!r}")
        return Reply(500, b"unknown request", "text/plain")


def _handler(service: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            parts = urlsplit(self.path)
            size = int(self.headers.get("Content-Length") or 0)
            request = Request(
                self.command,
                unquote(parts.path),
                dict(parse_qsl(parts.query)),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(size),
            )
            reply = service.handle(request)
            if reply is LOST:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers:
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        do_GET = do_HEAD = do_POST = _serve  # noqa: N815

        def log_message(self, *_: Any) -> None: ...

    return Handler
