"""An index that is down, slow or not an index: what is asked again, and what is an error."""

from __future__ import annotations

import gzip
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.adapters.pypi.http import HttpGet
from omninode_release.adapters.pypi.index import PyPIIndex
from omninode_release.errors import ErrorCode, ReleaseError
from support.index_client import SDIST, WHEEL, index_of
from support.loopback import LOST, Reply
from support.passing import Hurried
from support.pypi_server import SIMPLE_JSON, PyPIServer, add_files, busy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


HTML = "text/html"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PyPIServer]:
    with PyPIServer(folder=tmp_path) as server:
        yield server


@pytest.fixture
def clock() -> Hurried:
    return Hurried()


@pytest.mark.parametrize(
    "trouble", [busy(500), busy(503), Reply(403), Reply(200, b"{", SIMPLE_JSON), LOST]
)
def test_not_being_able_to_look_is_never_free(
    server: PyPIServer, clock: Hurried, trouble: Reply
) -> None:
    server.troubles = [trouble] * 4

    found = index_of(server, clock).find_use("omni-thing", "1.2.0")

    assert found.taken is None
    assert found.note
    # Some indexes answer 403 for all that they lack, and are published to none the less.
    assert bool(found.hint) is (trouble.content_type == SIMPLE_JSON)


@pytest.mark.parametrize("trouble", [busy(500), busy(502), busy(429), LOST])
def test_a_troubled_index_is_asked_again(
    server: PyPIServer, clock: Hurried, trouble: Reply
) -> None:
    add_files(server.folder, WHEEL, SDIST)
    server.troubles = [trouble, trouble]

    assert index_of(server, clock).look("omni-thing", "1.2.0").state == "available"
    assert clock.slept == [0.5, 1.0]


def test_an_index_that_stays_troubled_is_unknown(server: PyPIServer, clock: Hurried) -> None:
    server.troubles = [busy(503)] * 4

    answer = index_of(server, clock).look("omni-thing", "1.2.0")

    assert (answer.state, answer.files) == ("unknown", ())
    assert answer.note.endswith("/simple/omni-thing/: it answered 503")
    assert clock.slept == [0.5, 1.0, 2.0]
    assert len(server.requests) == 4


def test_a_server_that_is_not_there_is_unknown(clock: Hurried) -> None:
    index = PyPIIndex("http://127.0.0.1:9", HttpGet(clock, attempts=2))

    assert index.look("omni-thing", "1.2.0").state == "unknown"


@pytest.mark.parametrize(
    ("after", "pause"),
    [("7", 7), ("Wed, 25 Feb 2026 14:00:09 GMT", 9), ("soon", 0.5), ("", 0.5)],
)
def test_an_index_that_says_when_to_come_back_is_obeyed(
    server: PyPIServer, clock: Hurried, after: str, pause: float
) -> None:
    server.troubles = [busy(429, after=after)]

    assert index_of(server, clock).look("omni-thing", "1.2.0").state == "absent"
    assert clock.slept == [pause]


def test_an_index_that_says_to_come_back_too_late_is_not_waited_for(
    server: PyPIServer, clock: Hurried
) -> None:
    server.troubles = [busy(429, after="3600")]

    assert index_of(server, clock).look("omni-thing", "1.2.0").state == "unknown"
    assert clock.slept == []


def test_caches_are_asked_to_look_for_themselves(server: PyPIServer, clock: Hurried) -> None:
    index_of(server, clock).look("omni-thing", "1.2.0")

    for request in server.requests:
        assert request.headers["cache-control"] == "no-cache, max-age=0"
        assert request.headers["pragma"] == "no-cache"
    paths = [request.path for request in server.requests]
    assert paths == ["/simple/omni-thing/", "/pypi/omni-thing/1.2.0/json"]
    assert SIMPLE_JSON in server.requests[0].headers["accept"]


def test_a_redirect_is_followed_on_the_same_host_only(server: PyPIServer, clock: Hurried) -> None:
    add_files(server.folder, WHEEL, SDIST)
    index = index_of(server, clock)
    server.troubles = [Reply(301, headers=(("Location", "/simple/Omni_Thing/"),))]
    assert index.look("omni-thing", "1.2.0").state == "available"
    assert [r.path for r in server.requests][1:] == ["/simple/Omni_Thing/", "/simple/omni-thing/"]

    elsewhere = Reply(302, headers=(("Location", "http://elsewhere.example/simple/"),))
    server.troubles = [elsewhere, elsewhere]
    with pytest.raises(ReleaseError, match=r"found a redirect to http://elsewhere\.example/simple"):
        index.look("omni-thing", "1.2.0")

    server.troubles = [Reply(301, headers=(("Location", "/simple/omni-thing/"),))] * 4
    with pytest.raises(ReleaseError, match="at most 3 redirects"):
        index.look("omni-thing", "1.2.0")


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(401), "expected 200 or 404 from .*, found 401"),
        (Reply(200, b"{}", "application/xml"), "a document of type 'application/xml'"),
        (Reply(200, b"{]", SIMPLE_JSON), "Expecting property name"),
        (Reply(200, b'{"files": []}', SIMPLE_JSON), "2 validation errors"),
        (Reply(200, b"[" * 100_000, SIMPLE_JSON), "nested too deeply"),
        (
            Reply(
                200, b'{"meta":{"api-version":"2.0"},"name":"omni-thing","files":[]}', SIMPLE_JSON
            ),
            "2.0",
        ),
        (
            Reply(200, b'{"meta":{"api-version":"1.0"},"name":"other","files":[]}', SIMPLE_JSON),
            "expected the project omni-thing at .*, found 'other'",
        ),
        (Reply(200, b'<a href="/login">Log in</a>', HTML), "found 1 other links"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_answer_that_is_not_an_index_is_an_error_that_says_so(
    server: PyPIServer, clock: Hurried, reply: Reply, words: str
) -> None:
    server.troubles = [reply]

    with pytest.raises(ReleaseError, match=words) as caught:
        index_of(server, clock).look("omni-thing", "1.2.0")

    assert caught.value.code is ErrorCode.PUBLISH_FAILED
    assert clock.slept == []


PACKED = ("Content-Encoding", "gzip")
PAGE = b"<!DOCTYPE html><html><body></body></html>"


def test_a_page_may_be_packed_once(server: PyPIServer, clock: Hurried) -> None:
    server.troubles = [Reply(200, gzip.compress(PAGE), HTML, (PACKED,))]

    assert index_of(server, clock).look("omni-thing", "1.2.0").state == "absent"

    packed_twice = Reply(200, gzip.compress(gzip.compress(PAGE)), HTML,
                         (("Content-Encoding", "gzip, gzip"),))  # fmt: skip
    server.troubles = [packed_twice]
    with pytest.raises(ReleaseError, match="packed by gzip or not at all, found gzip, gzip"):
        index_of(server, clock).look("omni-thing", "1.2.0")


def test_a_page_has_its_largest_size_when_it_is_unpacked(
    server: PyPIServer, clock: Hurried
) -> None:
    server.troubles = [Reply(200, gzip.compress(b" " * 50_000_000), HTML, (PACKED,))]
    assert len(server.troubles[0].body) < 60_000

    with pytest.raises(ReleaseError, match="expected at most 100000 bytes"):
        index_of(server, clock, max_bytes=100_000).look("omni-thing", "1.2.0")


@pytest.mark.parametrize(
    "body", [gzip.compress(PAGE)[:-4], b"no gzip", b""], ids=["torn", "no-gzip", "empty"]
)
def test_a_page_that_cannot_be_unpacked_is_asked_for_again(
    server: PyPIServer, clock: Hurried, body: bytes
) -> None:
    server.troubles = [Reply(200, body, HTML, (PACKED,))]

    assert index_of(server, clock).look("omni-thing", "1.2.0").state == "absent"
    assert clock.slept == [0.5]


def test_a_server_that_drips_its_headers_has_a_deadline(clock: Hurried) -> None:
    ended = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not ended.wait(0.02):
                connection.sendall(b"x")

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    found = PyPIIndex(url, HttpGet(clock, attempts=1, seconds=0.5)).look("omni-thing", "1.2.0")
    ended.set()
    thread.join()
    listener.close()

    assert found.state == "unknown"
    assert "not done within 0.5 s" in found.note


def test_a_page_that_takes_a_parser_more_than_its_share_is_given_up(
    server: PyPIServer, clock: Hurried, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omninode_release.adapters.pypi.index._PARSING_SECONDS", 0.1)
    server.troubles = [Reply(200, b"<a href=x>x</a>" * 50_000, HTML)]

    with pytest.raises(ReleaseError, match=r"omni-thing/, found not done within 0\.1 s"):
        index_of(server, clock).look("omni-thing", "1.2.0")


ODD_JSON = {
    "a list": Reply(200, b"[]"),
    "nothing in it": Reply(200, b"{}"),
    "null": Reply(200, b"null"),
    "no file name": Reply(200, b'{"urls": [{}]}'),
    "no JSON": Reply(200, b"<html>", HTML),
    "forbidden": Reply(403),
    "elsewhere": Reply(302, headers=(("Location", "http://elsewhere.example/"),)),
    "broken": busy(500),
    "cut": LOST,
}


@pytest.mark.parametrize("reply", ODD_JSON.values(), ids=ODD_JSON)
def test_an_index_needs_no_json_api(server: PyPIServer, clock: Hurried, reply: Reply) -> None:
    for ask in (PyPIIndex.look, PyPIIndex.find_use):
        server.troubles = [Reply(404), reply]
        found: Any = ask(index_of(server, clock), "omni-thing", "1.2.0")
        assert found[0] in {"absent", False}
    assert clock.slept == []
