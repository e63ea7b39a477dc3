"""The package index over HTTP, asked of a look-alike on loopback."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from pypi_simple import PYPI_SIMPLE_ENDPOINT

from omninode_release.adapters.pypi.index import pypi_index
from omninode_release.adapters.pypi.network import Network
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.forge import Availability
from support.index_client import SDIST, WHEEL, index_of
from support.loopback import Reply
from support.passing import Hurried
from support.pypi_server import SIMPLE_JSON, PyPIServer, add_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PyPIServer]:
    with PyPIServer(folder=tmp_path) as server:
        yield server


@pytest.fixture
def clock() -> Hurried:
    return Hurried()


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
    assert index.look("omni-thing", "1.2.0") == Availability("available", (WHEEL, SDIST))
    assert index.look("omni-thing", "1.2") == Availability("available", (WHEEL, SDIST))
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

    found = index_of(server, clock).look("omni-thing", "1.2.0")
    assert found == Availability("pending", (SDIST,), "no wheel yet")


def test_fewer_wheels_than_the_last_release_has_are_told(
    server: PyPIServer, clock: Hurried
) -> None:
    platforms = [f"omni_thing-1.1.0-cp311-cp311-{each}.whl" for each in ("win32", "win_amd64")]
    add_files(server.folder, WHEEL, SDIST, "omni_thing-1.1.0.tar.gz", *platforms)
    add_files(server.folder, "omni_thing-1.0.0-py3-none-any.whl")
    index = index_of(server, clock)

    assert index.look("omni-thing", "1.2.0").growing == "1 of the 2 wheels that 1.1.0 has"
    add_files(server.folder, "omni_thing-1.2.0-cp312-cp312-win32.whl")
    assert index.look("omni-thing", "1.2.0").growing == ""


def test_a_first_release_may_have_more_wheels_than_that_of_a_platform(
    server: PyPIServer, clock: Hurried
) -> None:
    index = index_of(server, clock)

    add_files(server.folder, WHEEL, SDIST)
    assert index.look("omni-thing", "1.2.0").growing == ""
    add_files(server.folder, "omni_thing-1.2.0-cp312-cp312-win32.whl")
    assert "a first release" in index.look("omni-thing", "1.2.0").growing


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
    assert index.find_use("omni-thing", "1.2.0")[:2] == (
        True,
        f"{WHEEL} (yanked), {SDIST} (yanked)",
    )
    server.yanked = {WHEEL: ""}
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


ELSEWHERE = Reply(302, headers=(("Location", "https://elsewhere.example/simple/omni-thing/"),))


def test_the_other_versions_that_can_be_installed(server: PyPIServer, clock: Hurried) -> None:
    index = index_of(server, clock)
    assert index.find_use("omni-thing", "1.2.0").others == ()
    add_files(server.folder, WHEEL, "omni_thing-1.10.0.tar.gz", "omni_thing-1.9.0.tar.gz")
    assert index.find_use("omni-thing", "1.3.0").others == ("1.2.0", "1.9.0", "1.10.0")


@pytest.mark.parametrize(
    "lacking", [Reply(403), Reply(410), ELSEWHERE], ids=["403", "410", "elsewhere"]
)
def test_what_an_index_says_of_what_it_lacks(
    server: PyPIServer, clock: Hurried, lacking: Reply
) -> None:
    server.lacking = lacking
    index = index_of(server, clock)

    assert index.look("omni-thing", "1.2.0").state == "absent"
    assert index.find_use("omni-thing", "1.2.0").taken is False
    add_files(server.folder, WHEEL)
    assert index.look("omni-thing", "1.2.0").state == "available"


@pytest.mark.parametrize("closed", [Reply(403), Reply(401), ELSEWHERE], ids=["403", "401", "302"])
def test_an_index_that_lets_nobody_in_lacks_nothing(
    server: PyPIServer, clock: Hurried, closed: Reply
) -> None:
    server.troubles = [closed] * 2
    with pytest.raises(ReleaseError, match="the package index was not understood"):
        index_of(server, clock).look("omni-thing", "1.2.0")

    server.troubles = [closed] * 2
    assert index_of(server, clock).find_use("omni-thing", "1.2.0").taken is None


def test_a_first_release_is_complete_with_its_wheel(server: PyPIServer, clock: Hurried) -> None:
    add_files(server.folder, WHEEL)

    assert index_of(server, clock).look("omni-thing", "1.2.0").state == "available"


@pytest.mark.parametrize(
    ("expect", "there", "state"),
    [
        (("wheel", "sdist"), (WHEEL,), "pending"),
        (("wheel", "sdist"), (WHEEL, SDIST), "available"),
        (("sdist",), (SDIST,), "available"),
        (("sdist",), (WHEEL,), "pending"),
    ],
)
def test_what_a_release_is_complete_with_can_be_said(
    server: PyPIServer, clock: Hurried, expect: Any, there: tuple[str, ...], state: str
) -> None:
    add_files(server.folder, *there, "omni_thing-1.1.0-py3-none-any.whl")

    assert index_of(server, clock).look("omni-thing", "1.2.0", expect=expect).state == state


@pytest.mark.parametrize("html_only", [False, True], ids=["PEP 691", "PEP 503"])
@pytest.mark.parametrize("status", ["active", "deprecated", "archived", "quarantined"])
def test_a_project_that_takes_no_files_is_told(
    server: PyPIServer, clock: Hurried, status: str, *, html_only: bool
) -> None:
    server.status, server.html_only = {"omni-thing": (status, "not mine any more")}, html_only
    add_files(server.folder, "omni_thing-1.1.0-py3-none-any.whl")

    closed = index_of(server, clock).find_use("omni-thing", "1.2.0").closed

    where = f"{server.url}/manage/project/omni-thing/settings/"
    expected = f"the project is {status} (not mine any more); see {where}"
    assert closed == (expected if status in {"archived", "quarantined"} else "")


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
    server.troubles = [Reply(401)]

    with pytest.raises(ReleaseError) as caught:
        index.look("omni-thing", "1.2.0")

    assert server.requests[0].headers["authorization"].startswith("Basic ")
    assert server.requests[0].path == "/simple/omni-thing/"
    assert "s3cr3t" not in caught.value.text
    assert "s3cr3t" not in index.url


def test_a_password_is_sent_as_it_is_and_not_as_an_address_has_it(
    server: PyPIServer, clock: Hurried
) -> None:
    address = server.url.replace("://", "://b%40t:half%2Fs3cr%25t+@")

    pypi_index(address, clock, Network()).look("omni-thing", "1.2.0")

    _, _, sent = server.requests[0].headers["authorization"].partition("Basic ")
    assert base64.b64decode(sent) == b"b@t:half/s3cr%t+"


@pytest.mark.parametrize(
    "address",
    [
        "ftp://bot:s3cr3t@index.example/",
        "bot:s3cr3t@index.example",
        "https://bot:half/s3cr3t@index.example/simple",
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
