"""HTTP on a unix socket, as gh speaks it with ``http_unix_socket``; and the faults of a test."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import json
import socketserver
import threading
import traceback
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from support.github.graphql_answers import (
    Repositories,
    answer_graphql,
    operation,
    repository_asked_for,
)
from support.github.policy import Fault, Policy, Refusal, RefusedError, UnknownError
from support.github.rest_routes import route

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ012345"  # noqa: S105 - of a look-alike


@dataclass
class Server:
    """Answers requests one after the other; whatever it does not know is remembered."""

    repositories: Repositories
    faults: list[Fault] = field(default_factory=list)
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each request was made, by repository and name."""
    unchanged: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Those of them that were answered 304, which GitHub does not count."""
    received: list[str] = field(default_factory=list)
    """Every body that was sent."""
    problems: list[str] = field(default_factory=list)
    injected: set[tuple[str, str, str]] = field(default_factory=set)

    def start(self, socket: Path) -> Callable[[], None]:
        """Listen; answer what ends it."""

        class Handler(_Handler):
            answers = self

        listener = socketserver.UnixStreamServer(str(socket), Handler)
        thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
        thread.start()

        def stop() -> None:
            listener.shutdown()
            listener.server_close()
            thread.join()

        return stop

    def answer(
        self, method: str, target: str, token: str, body: dict[str, Any], known: str | None = None
    ) -> tuple[int, dict[str, str], Any] | None:
        """Status, headers and body of an answer; None to drop the connection."""
        if token != f"token {TOKEN}":
            return 401, {}, {"message": "Bad credentials"}
        try:
            answer = self._answer(method, target, body)
            return self._spare(answer, target, known) if answer and method == "GET" else answer
        except RefusedError as refused:
            return refused.status, {}, {"message": refused.message}
        except Exception as error:  # noqa: BLE001 - the test's thread has to hear of it
            unknown = isinstance(error, UnknownError)
            self.problems.append(str(error) if unknown else traceback.format_exc())
            return 400, {}, {"message": f"the look-alike does not know this: {error}"}

    def _answer(
        self, method: str, target: str, body: dict[str, Any]
    ) -> tuple[int, dict[str, str], Any] | None:
        if target == "/graphql":
            document, variables = body["query"], body["variables"]
            name = operation(document)
            about = repository_asked_for(variables)

            def act() -> tuple[int, Any]:
                return 200, answer_graphql(self.repositories, document, variables)

        else:
            name, about, found, handle, query = route(method, target)
            if about not in self.repositories:
                raise RefusedError("Not Found", 404)

            def act() -> tuple[int, Any]:
                return handle(*self.repositories[about], found, body or query)

        self.calls[about, name] += 1
        if about in self.repositories:
            repository, actions = self.repositories[about]
            if repository.policy.down:
                return 502, {}, {"message": "Server Error"}
            refusal = _refusal(repository.policy, method, target, name)
            if refusal is not None:
                return refusal.status, dict(refusal.headers), refusal.body
            repository.sync()
            actions.sync()
        return self._with_faults(name, about, act)

    def _spare(
        self, answer: tuple[int, dict[str, str], Any], target: str, known: str | None
    ) -> tuple[int, dict[str, str], Any]:
        """The answer to a GET, or that it is still the one that the tool knows."""
        status, headers, content = answer
        if status != 200:
            return answer
        etag = f'W/"{hashlib.sha256(json.dumps(content).encode()).hexdigest()}"'
        if known != etag:
            return status, {**headers, "ETag": etag}, content
        name, about, *_ = route("GET", target)
        self.unchanged[about, name] += 1
        return 304, {**headers, "ETag": etag}, None

    def _with_faults(
        self, name: str, about: str, act: Callable[[], tuple[int, Any]]
    ) -> tuple[int, dict[str, str], Any] | None:
        for fault in self.faults:
            key = (fault.kind, name, about)
            meant = fault.call == name and fault.repo in {None, about.rpartition("/")[2]}
            if meant and key not in self.injected:
                self.injected.add(key)
                match fault.kind:
                    case "502":
                        return 502, {}, {"message": "Server Error"}
                    case "lost":
                        act()
                        return None
                    case "429":
                        return 429, {"Retry-After": "0"}, {"message": "Too many requests"}
                    case "secondary":
                        said = "You have exceeded a secondary rate limit."
                        return 403, {"Retry-After": "0"}, {"message": said}
        status, answer = act()
        return status, {}, answer


def _refusal(policy: Policy, method: str, target: str, name: str) -> Refusal | None:
    if policy.refusal is not None:
        return policy.refusal
    if name in policy.early and policy.early[name][0]:
        left, refusal = policy.early[name]
        policy.early[name] = left - 1, refusal
        return refusal
    if policy.renamed_to and target != "/graphql" and method != "GET":  # gh goes along with those
        moved = f"https://api.github.com/repositories/1/{target.split('/', 4)[-1]}"
        body = {"message": "Moved Permanently", "url": moved}
        return Refusal(307, body, {"Location": moved})
    return None


class _Handler(http.server.BaseHTTPRequestHandler):
    answers: Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its signature
        """Nothing: the test reports."""

    def _respond(self) -> None:
        body = self._body()
        token = self.headers.get("Authorization", "")
        parsed = json.loads(body) if body else {}
        self.answers.received.append(json.dumps(parsed, ensure_ascii=False))
        answer = self.answers.answer(
            self.command, self.path, token, parsed, self.headers.get("If-None-Match")
        )
        self.close_connection = True
        if answer is None:
            return
        status, headers, content = answer
        sent = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        described = {"Content-Type": "application/json", "Content-Length": str(len(sent))}
        for name, value in (headers if status == 304 else {**headers, **described}).items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):  # gh does not wait for an empty body
            self.wfile.write(sent)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _respond  # noqa: N815 - their names

    def _body(self) -> bytes:
        """gh sends what it reads from stdin in chunks, and no length."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().strip() or b"0", 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)
