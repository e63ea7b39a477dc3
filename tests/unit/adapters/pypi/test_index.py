"""The package index over HTTP, asked of a look-alike on loopback."""

from __future__ import annotations

import gzip
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
from pypi_simple import PYPI_SIMPLE_ENDPOINT

from omninode_release.adapters.pypi.http import HttpGet
from omninode_release.adapters.pypi.index import PyPIIndex, pypi_index
from omninode_release.adapters.pypi.network import Network
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.system.clock import FixedClock
from support.cli import MOMENT
from support.loopback import LOST, Reply
from support.pypi_server import SIMPLE_JSON, PyPIServer, add_files, busy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WHEEL, SDIST = "omni_thing-1.2.0-py3-none-any.whl", "omni_thing-1.2.0.tar.gz"
HTML = "text/html"


class Hurried(FixedClock):
    """A clock whose sleeps are written down, and pass at once."""

    def __init__(self) -> None:
        super().__init__(MOMENT)
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PyPIServer]:
    with PyPIServer(folder=tmp_path) as server:
        yield server


@pytest.fixture
def clock() -> Hurried:
    return Hurried()


def index_of(server: PyPIServer, clock: Hurried, **limits: Any) -> PyPIIndex:
    return PyPIIndex(server.url, HttpGet(clock, jitter=lambda: 0.5, **limits))


@pytest.mark.parametrize("html_only", [False, True], ids=["PEP 691", "PEP 503"])
def test_a_version_is_available_once_both_kinds_of_file_are_listed(
    server: PyPIServer, clock: Hurried, *, html_only: bool
) -> None:
    server.html_only = html_only
    index = index_of(server, clock)
    assert index.look("omni_thing", "1.2.0").state == "absent"

    add_files(server.folder, WHEEL, "omni_thing-1.1.0.tar.gz", "omni_thing-1.1.0-py3-none-any.whl")
    pending = index.look("Omni.Thing", "1.2.0")
    assert (pending.state, pending.files, pending.note) == ("pending", (WHEEL,), "no sdist yet")

    add_files(server.folder, SDIST)
    assert index.look("omni-thing", "1.2.0") == ("available", (WHEEL, SDIST), "")
    assert index.look("omni-thing", "1.2") == ("available", (WHEEL, SDIST), "")
    assert clock.slept == []


def test_a_project_that_never_had_an_sdist_is_not_waited_for_one(
    server: PyPIServer, clock: Hurried
) -> None:
    add_files(server.folder, WHEEL, "omni_thing-1.1.0-py3-none-any.whl", "omni_thing-0.9.0.tar.gz")

    assert index_of(server, clock).look("omni-thing", "1.2.0").state == "available"


def test_a_first_release_with_nothing_but_its_sdist_yet_is_pending(
    server: PyPIServer, clock: Hurried
) -> None:
    add_files(server.folder, SDIST)

    assert index_of(server, clock).look("omni-thing", "1.2.0") == (
        "pending",
        (SDIST,),
        "no wheel yet",
    )


@pytest.mark.parametrize("announces", [True, False])
def test_what_the_json_api_announces_before_the_simple_api_is_pending(
    server: PyPIServer, clock: Hurried, *, announces: bool
) -> None:
    add_files(server.folder, WHEEL, SDIST)
    server.announces, server.late["omni-thing 1.2.0"] = announces, 2  # the JSON API: 1
    index = index_of(server, clock)

    states = [index.look("omni-thing", "1.2.0").state for _ in range(3)]

    assert states == ["pending" if announces else "absent", "pending", "available"]


@pytest.mark.parametrize("html_only", [False, True], ids=["PEP 691", "PEP 503"])
def test_yanked_files_are_no_release_and_their_version_is_taken(
    server: PyPIServer, clock: Hurried, *, html_only: bool
) -> None:
    server.html_only = html_only
    add_files(server.folder, WHEEL, SDIST)
    server.yanked = {WHEEL: "broken <b>", SDIST: ""}
    index = index_of(server, clock)

    answer = index.look("omni-thing", "1.2.0")

    assert (answer.state, answer.note) == ("absent", "every file of it is yanked")
    assert index.find_use("omni-thing", "1.2.0") == (True, f"{WHEEL} (yanked), {SDIST} (yanked)")
    server.yanked = {SDIST: ""}
    assert index.look("omni-thing", "1.2.0").state == "pending"


def test_whether_a_version_can_still_be_published(server: PyPIServer, clock: Hurried) -> None:
    index = index_of(server, clock)
    assert index.find_use("omni-thing", "1.2.0").taken is False
    server.versions = ("1.3.0", "not a version")
    assert index.find_use("omni-thing", "1.3.0").taken is True
    add_files(server.folder, WHEEL)
    server.late["omni-thing 1.2.0"] = 1
    assert index.find_use("omni-thing", "1.2.0").taken is True
    assert index.find_use("omni-thing", "1.2.1").taken is False


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

    server.troubles = [Reply(302, headers=(("Location", "http://elsewhere.example/simple/"),))]
    with pytest.raises(ReleaseError, match=r"found a redirect to http://elsewhere\.example/simple"):
        index.look("omni-thing", "1.2.0")

    server.troubles = [Reply(301, headers=(("Location", "/simple/omni-thing/"),))] * 4
    with pytest.raises(ReleaseError, match="at most 3 redirects"):
        index.look("omni-thing", "1.2.0")


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(403), "expected 200 or 404 from .*, found 403"),
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


def test_a_json_api_that_answers_nonsense_is_an_error(server: PyPIServer, clock: Hurried) -> None:
    server.troubles = [Reply(404), Reply(200, b'{"urls": [{}]}')]

    with pytest.raises(ReleaseError, match="expected a release in JSON"):
        index_of(server, clock).look("omni-thing", "1.2.0")


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
    server.troubles = [Reply(200, b"<!--" * 6000, HTML)]

    with pytest.raises(ReleaseError, match=r"omni-thing/, found not done within 0\.1 s"):
        index_of(server, clock).look("omni-thing", "1.2.0")


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"urls": [5]}', b'{"urls": [{}]}', b"null"])
def test_a_release_of_another_form_is_an_error(
    server: PyPIServer, clock: Hurried, body: bytes
) -> None:
    server.troubles = [Reply(404), Reply(200, body)]

    with pytest.raises(ReleaseError, match="expected a release in JSON"):
        index_of(server, clock).look("omni-thing", "1.2.0")


def test_an_answer_has_a_largest_size(server: PyPIServer, clock: Hurried) -> None:
    server.troubles = [Reply(200, b" " * 20_000, SIMPLE_JSON)]

    with pytest.raises(ReleaseError, match="expected at most 10000 bytes"):
        index_of(server, clock, max_bytes=10_000).look("omni-thing", "1.2.0")


def test_files_of_a_page_that_are_nobodys_release_are_passed_over(
    server: PyPIServer, clock: Hurried
) -> None:
    add_files(server.folder, WHEEL, SDIST)
    page = b"".join(
        b'<a href="x">%s</a>' % name.encode()
        for name in (WHEEL, SDIST, "omni_thing-1.2.0-py3.11.egg", "omni_thing-1.2.0.exe", "..")
    )
    server.troubles = [Reply(200, page, "text/html; charset=utf-8")]

    assert index_of(server, clock).look("omni-thing", "1.2.0").files == (WHEEL, SDIST)


def test_a_password_is_sent_and_never_shown(server: PyPIServer, clock: Hurried) -> None:
    address = server.url.replace("://", "://bot:s3cr3t@") + "/simple/"
    index = pypi_index(address, clock, Network())
    server.troubles = [Reply(403)]

    with pytest.raises(ReleaseError) as caught:
        index.look("omni-thing", "1.2.0")

    assert server.requests[0].headers["authorization"].startswith("Basic ")
    assert server.requests[0].path == "/simple/omni-thing/"
    assert "s3cr3t" not in caught.value.text
    assert "s3cr3t" not in index.url


@pytest.mark.parametrize(
    "address",
    [
        "ftp://bot:s3cr3t@index.example/",
        "bot:s3cr3t@index.example",
        "https://",
        "https://x/?a=b",
        "https://[::1",
        "https://x:99999999/",
        "https://x y/",
        "https://x\n/",
    ],
)
def test_an_address_that_is_none_is_refused(clock: Hurried, address: str) -> None:
    with pytest.raises(ReleaseError, match="expected the package index's address") as caught:
        pypi_index(address, clock, Network())

    assert caught.value.code is ErrorCode.CONFIG_INVALID
    assert "s3cr3t" not in caught.value.text


def test_without_an_address_the_public_index_is_meant(clock: Hurried) -> None:
    assert f"{pypi_index(None, clock, Network()).url}/simple/" == PYPI_SIMPLE_ENDPOINT
