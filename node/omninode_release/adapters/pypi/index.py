"""The package index, asked over HTTP.

The simple API is the judge, because it is what installers read (PEP 503 in HTML, PEP 691 in
JSON). The JSON API is asked only about what the simple API does not show: it becomes current at
another time, and what it announces is on its way.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import quote, urlsplit, urlunsplit

from packaging.utils import (
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version
from pydantic import BaseModel, ConfigDict

from omninode_release.adapters.pypi.http import Answer, HttpGet, Unreachable, Unusable
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.forge import Availability, VersionUse
from omninode_release.models.names import find_address_fault
from omninode_release.system.clock import Clock
from omninode_release.system.deadline import within
from omninode_release.system.json_text import parse_json

if TYPE_CHECKING:
    from pypi_simple import ProjectPage

_PARSING_SECONDS = 20.0
"""The largest pages there are take a second or two; some markup takes a parser for ever."""
Kind = Literal["wheel", "sdist"]
_JSON_API = "application/json"
_SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
_SIMPLE_HTML = frozenset({"application/vnd.pypi.simple.v1+html", "text/html"})


class _ReleaseFile(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, defer_build=True)

    filename: str


class _Release(BaseModel):
    """A release as the JSON API has it, as far as it concerns us."""

    model_config = ConfigDict(extra="ignore", strict=True, defer_build=True)

    urls: list[_ReleaseFile]


class _File(NamedTuple):
    """One distribution file on a project's page."""

    filename: str
    version: Version
    kind: Kind
    yanked: bool


class _Page(NamedTuple):
    """A project's page, as far as it concerns us."""

    files: tuple[_File, ...]
    versions: frozenset[str]
    """Every version there ever was a release of, where the index tells (PEP 700)."""

    def of(self, version: Version) -> tuple[_File, ...]:
        return tuple(file for file in self.files if file.version == version)

    def expected(self, version: Version) -> frozenset[Kind]:
        """What a release of this project consists of: what the newest other one does.

        A first release is expected to have both kinds.
        """
        others = [f for f in self.files if f.version != version and not f.yanked]
        if not others:
            return frozenset({"wheel", "sdist"})
        newest = max(file.version for file in others)
        return frozenset(file.kind for file in others if file.version == newest)


@dataclass(frozen=True)
class PyPIIndex:
    """Answers from an index such as PyPI: ``<url>/simple/NAME/``, ``<url>/pypi/NAME/VERSION/json``.

    ``look`` raises PUBLISH_FAILED for an answer that is not an index's; a server that does not
    answer is the state ``unknown``.
    """

    url: str
    """Without a slash at its end, without credentials."""
    http: HttpGet

    def look(self, distribution: str, version: str) -> Availability:
        """What can be installed of this version now."""
        wanted = Version(version)
        try:
            page = self._page(distribution)
            listed = page.of(wanted) if page else ()
            if page is None or not listed:
                announced = self._find_announced(distribution, wanted)
                note = "announced, and not on the simple index yet" if announced else ""
                return Availability("pending" if announced else "absent", announced or (), note)
        except Unreachable as error:
            return Availability("unknown", note=str(error))
        except Unusable as error:
            raise self._error(str(error)) from None
        standing = tuple(file for file in listed if not file.yanked)
        names = tuple(sorted(file.filename for file in standing))
        if not standing:
            return Availability("absent", note="every file of it is yanked")
        missing = page.expected(wanted) - {file.kind for file in standing}
        if missing:
            return Availability("pending", names, f"no {' and no '.join(sorted(missing))} yet")
        return Availability("available", names)

    def find_use(self, distribution: str, version: str) -> VersionUse:
        """What keeps the version from being published.

        A yanked version is taken (PEP 592: its files stay), and so is one without files that the
        index remembers (PEP 700): no index accepts the same version twice.
        """
        wanted = Version(version)
        try:
            page = self._page(distribution)
            found = page.of(wanted) if page else ()
            if found:
                names = (f"{f.filename} (yanked)" if f.yanked else f.filename for f in found)
                return VersionUse(taken=True, note=", ".join(sorted(names)))
            if page is not None and _is_remembered(wanted, page.versions):
                return VersionUse(taken=True, note="a release whose files were deleted")
            announced = self._find_announced(distribution, wanted)
            return VersionUse(announced is not None, ", ".join(announced or ()))
        except (Unreachable, Unusable) as error:
            return VersionUse(None, str(error))
        except ReleaseError as error:
            return VersionUse(None, error.message.rstrip("."))

    def page_url(self, distribution: str, version: str) -> str:
        """The version's page; of another index the page that every index has (PEP 503)."""
        from pypi_simple import PYPI_SIMPLE_ENDPOINT  # noqa: PLC0415 - start-up time

        name = quote(canonicalize_name(distribution))
        is_public = self.url == PYPI_SIMPLE_ENDPOINT.rstrip("/").removesuffix("/simple")
        page = f"project/{name}/{quote(version)}" if is_public else f"simple/{name}"
        return f"{self.url}/{page}/"

    # The simple API.

    def _page(self, distribution: str) -> _Page | None:
        """The project's page; None when the index knows no such project."""
        from pypi_simple import ACCEPT_JSON_PREFERRED  # noqa: PLC0415 - start-up time

        name = canonicalize_name(distribution, validate=True)
        answer = self._get(f"{self.url}/simple/{quote(name)}/", accept=ACCEPT_JSON_PREFERRED)
        if answer is None:
            return None
        parsed = self._parse(answer, name)
        files = tuple(_files(name, ((p.filename, p.is_yanked) for p in parsed.packages)))
        if parsed.packages and not files and answer.content_type in _SIMPLE_HTML:
            # A portal's log-in page is HTML with links, too.
            raise self._error(
                f"expected files of {name} at {answer.url}, found {len(parsed.packages)} other"
                " links"
            )
        return _Page(files, frozenset(parsed.versions or ()))

    def _parse(self, answer: Answer, name: str) -> ProjectPage:
        if answer.content_type not in {_SIMPLE_JSON, *_SIMPLE_HTML}:
            raise self._error(
                f"expected a page of the simple API (PEP 503, PEP 691) at {answer.url}, found a"
                f" document of type {answer.content_type!r}"
            )
        try:
            page = within(_PARSING_SECONDS, lambda: _read_page(answer, name))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - of three libraries that read pages
            raise self._error(
                f"expected a page of the simple API (PEP 503, PEP 691) at {answer.url}, found"
                f" {_first_line(error)}"
            ) from None
        if canonicalize_name(page.project) != name:
            raise self._error(
                f"expected the project {name} at {answer.url}, found {page.project!r}"
            )
        return page

    # The JSON API.

    def _find_announced(self, distribution: str, version: Version) -> tuple[str, ...] | None:
        """Names of the version's files by the JSON API; None when it knows no such version."""
        name = canonicalize_name(distribution, validate=True)
        url = f"{self.url}/pypi/{quote(name)}/{quote(str(version), safe='')}/json"
        answer = self._get(url, accept=_JSON_API)
        if answer is None:
            return None
        try:
            release = _Release.model_validate(parse_json(answer.body))
        except ValueError as error:
            raise self._error(
                f"expected a release in JSON with its files under 'urls' at {url}, found"
                f" {_first_line(error)}"
            ) from None
        return tuple(sorted(file.filename for file in release.urls))

    # Both.

    def _get(self, url: str, *, accept: str) -> Answer | None:
        answer = self.http.get(url, accept=accept)
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise self._error(f"expected 200 or 404 from {url}, found {answer.status}")
        return answer

    def _error(self, what: str) -> ReleaseError:
        return ReleaseError(
            ErrorCode.PUBLISH_FAILED,
            f"the package index was not understood: {what}.",
            hint="check index_url in the release configuration and OMNI_RELEASE_INDEX_URL (a user"
            " and password may stand in the latter), then --resume",
        )


def pypi_index(address: str | None, clock: Clock, *, seconds: float = 60) -> PyPIIndex:
    """The index at ``address``, or the public one. Raises CONFIG_INVALID.

    ``user:password@`` is taken out of the address and sent as HTTP basic authentication.
    """
    if address is None:
        from pypi_simple import PYPI_SIMPLE_ENDPOINT  # noqa: PLC0415 - start-up time

        address = PYPI_SIMPLE_ENDPOINT
    if find_address_fault(address) is not None:
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            "expected the package index's address as https://HOST[/PATH], found"
            f" {_drop_credentials(address)!r}.",
            hint="correct index_url in the release configuration, or OMNI_RELEASE_INDEX_URL",
        )
    parts = urlsplit(address)
    credentials, _, place = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    # Many write the simple API's own address, as for pip and uv.
    path = parts.path.rstrip("/").removesuffix("/simple")
    return PyPIIndex(
        urlunsplit((parts.scheme, place, path, "", "")),
        HttpGet(clock, auth=(user, password) if credentials else None, seconds=seconds),
    )


def _drop_credentials(address: str) -> str:
    scheme, separator, _ = address.rpartition("://")
    return f"{scheme}{separator}{address.removeprefix(scheme + separator).rpartition('@')[2]}"


def _files(name: str, listed: Iterable[tuple[str, bool]]) -> Iterable[_File]:
    """The wheels and source distributions of ``name``; pages list eggs and oddities, too."""
    for filename, yanked in listed:
        try:
            kind: Kind = "wheel" if filename.endswith(".whl") else "sdist"
            if kind == "wheel":
                project, version, *_ = parse_wheel_filename(filename)
            else:
                project, version = parse_sdist_filename(filename)
        except ValueError:  # also of a number that is too long
            continue
        if project == name:
            yield _File(filename, version, kind, yanked)


def _is_remembered(wanted: Version, versions: Iterable[str]) -> bool:
    for version in versions:
        try:
            if Version(version) == wanted:
                return True
        except ValueError:  # also of a number that is too long
            continue
    return False


def _read_page(answer: Answer, name: str) -> ProjectPage:
    from pypi_simple import ProjectPage  # noqa: PLC0415 - start-up time

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an odd page is not the user's to mend
        if answer.content_type == _SIMPLE_JSON:
            return ProjectPage.from_json_data(parse_json(answer.body), answer.url)
        return ProjectPage.from_html(name, answer.body, answer.url, answer.charset)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:300] or type(error).__name__
