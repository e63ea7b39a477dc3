"""The package index, asked over HTTP.

The simple API is the judge, because it is what installers read (PEP 503 in HTML, PEP 691 in
JSON). The JSON API is asked only about what the simple API does not show: it becomes current at
another time, and what it announces is on its way.
"""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from packaging.utils import canonicalize_name
from packaging.version import Version
from pydantic import ConfigDict

from omninode_release.adapters.pypi.http import Elsewhere, Forbidden, HttpGet, Unreachable, Unusable
from omninode_release.adapters.pypi.page import Page, find_closure, find_files
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.errors.excerpt import start_of
from omninode_release.models.check import CannotTell
from omninode_release.models.forge import Availability, IndexFile, VersionUse
from omninode_release.models.model import BuiltLate
from omninode_release.models.names import find_address_fault
from omninode_release.system.deadline import within
from omninode_release.system.json_text import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pypi_simple import ProjectPage

    from omninode_release.adapters.pypi.http import Answer
    from omninode_release.adapters.pypi.network import Network
    from omninode_release.adapters.pypi.page import PageFile
    from omninode_release.models.publish import Kind
    from omninode_release.system.clock import Clock

_PARSING_SECONDS = 20.0
"""The largest pages there are take a second or two; some markup takes a parser for ever."""
_MISSING, _UNAUTHORIZED, _FORBIDDEN = frozenset({404, 410}), 401, 403
_JSON_API = "application/json"
_PROVENANCE = "application/vnd.pypi.integrity.v1+json"
_SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
_REMEDY = (
    "check index_url in the release configuration and OMNI_RELEASE_INDEX_URL (a user and password"
    " may stand in the latter)"
)
_SIMPLE_HTML = frozenset({"application/vnd.pypi.simple.v1+html", "text/html"})


class _ReleaseFile(BuiltLate):
    model_config = ConfigDict(extra="ignore", strict=True)

    filename: str


class _Release(BuiltLate):
    """A release as the JSON API has it, as far as it concerns us."""

    model_config = ConfigDict(extra="ignore", strict=True)

    urls: list[_ReleaseFile]


@dataclass(frozen=True)
class PyPIIndex:
    """Answers from an index such as PyPI: ``<url>/simple/NAME/``, ``<url>/pypi/NAME/VERSION/json``.

    ``look`` raises PUBLISH_FAILED for an answer that is not an index's; a server that does not
    answer is the state ``unknown``.
    """

    url: str
    """Without a slash at its end, without credentials."""
    http: HttpGet

    def look(
        self, distribution: str, version: str, *, expect: Iterable[Kind] | None = None
    ) -> Availability:
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
            return Availability("absent", note="every file of it is yanked", withdrawn=True)
        expected = page.expected(wanted) if expect is None else frozenset(expect)
        missing = expected - {file.kind for file in standing}
        if missing:
            return Availability("pending", names, f"no {' and no '.join(sorted(missing))} yet")
        return Availability("available", names, growing=page.compare_wheels(wanted))

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
            if page is not None and page.remembers(wanted):
                return VersionUse(taken=True, note="a release whose files were deleted")
            announced = self._find_announced(distribution, wanted)
            where = self._manage(distribution)
            closed = f"{page.closed}; see {where}" if page and page.closed else ""
            others = tuple(map(str, page.list_others(wanted) if page else ()))
            return VersionUse(announced is not None, ", ".join(announced or ()), closed, others)
        except (Unreachable, Forbidden) as error:
            return VersionUse(None, str(error).rstrip("."))
        except (Unusable, ReleaseError) as error:
            return VersionUse(None, str(error).rstrip("."), hint=_REMEDY)

    def list_files(self, distribution: str, version: str) -> tuple[IndexFile, ...]:
        """The version's files with what the index says of each; its attestations are read."""
        try:
            page = self._page(distribution)
            listed = sorted(page.of(Version(version))) if page else ()
            return tuple(self._describe(file) for file in listed)
        except Unreachable as error:
            raise CannotTell(str(error)) from None
        except Unusable as error:
            raise self._error(str(error)) from None

    def _describe(self, file: PageFile) -> IndexFile:
        name, _, kind, yanked, sha256, provenance = file
        if provenance is None:
            return IndexFile(name, kind, sha256, yanked=yanked)
        address = urljoin(f"{self.url}/simple/", provenance)
        return IndexFile(name, kind, sha256, address, self._hash(address), yanked)

    def _hash(self, address: str) -> str | None:
        """The digest of a document of the index; another host gets no question, nor a password."""
        if urlsplit(address)[:2] != urlsplit(self.url)[:2]:
            return None
        answer = self._get(address, accept=_PROVENANCE)
        return hashlib.sha256(answer.body).hexdigest() if answer else None

    def page_url(self, distribution: str, version: str) -> str:
        """The version's page; of another index the page that every index has (PEP 503)."""
        from pypi_simple import PYPI_SIMPLE_ENDPOINT  # noqa: PLC0415 - start-up time

        name = quote(canonicalize_name(distribution))
        is_public = self.url == PYPI_SIMPLE_ENDPOINT.rstrip("/").removesuffix("/simple")
        page = f"project/{name}/{quote(version)}" if is_public else f"simple/{name}"
        return f"{self.url}/{page}/"

    # The simple API.

    def _page(self, distribution: str) -> Page | None:
        """The project's page; None when the index knows no such project."""
        from pypi_simple import ACCEPT_JSON_PREFERRED  # noqa: PLC0415 - start-up time

        name = canonicalize_name(distribution, validate=True)
        answer = self._get(f"{self.url}/simple/{quote(name)}/", accept=ACCEPT_JSON_PREFERRED)
        if answer is None:
            return None
        parsed = self._parse(answer, name)
        files = tuple(find_files(name, parsed.packages))
        if parsed.packages and not files and answer.content_type in _SIMPLE_HTML:
            # A portal's log-in page is HTML with links, too.
            raise self._error(
                f"expected files of {name} at {answer.url}, found {len(parsed.packages)} other"
                " links"
            )
        return Page(files, frozenset(parsed.versions or ()), find_closure(parsed))

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
            words = " ".join(str(error).split()) or type(error).__name__
            raise self._error(
                f"expected a page of the simple API (PEP 503, PEP 691) at {answer.url}, found"
                f" {start_of(words, 300)}"
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
        try:
            answer = replace(self.http, attempts=1).get(url, accept=_JSON_API)
            release = _Release.model_validate(parse_json(answer.body))
        except (Unreachable, Unusable, ValueError):  # few indexes have it, and none must
            return None
        return tuple(sorted(file.filename for file in release.urls))

    # Both.

    def _get(self, url: str, *, accept: str) -> Answer | None:
        try:
            answer = self.http.get(url, accept=accept)
        except Elsewhere:
            if self._answers_itself():
                return None
            raise
        if answer.status in _MISSING or (answer.status == _FORBIDDEN and self._answers_itself()):
            return None
        if answer.status != 200:
            kind = Forbidden if answer.status == _FORBIDDEN else ReleaseError
            raise self._error(f"expected 200 or 404 from {url}, found {answer.status}", kind)
        return answer

    def _answers_itself(self) -> bool:
        """True when the index lets us in: then a 403 or a redirect means that it has no such page.

        Storage that serves files says 403 for one it lacks; a mirror sends on to what it mirrors.
        """
        try:
            root = self.http.get(f"{self.url}/simple/", accept=", ".join(_SIMPLE_HTML))
        except Elsewhere:
            return False
        except Unusable:  # larger than is read, or packed in another way: it is there
            return True
        return root.status not in {_UNAUTHORIZED, _FORBIDDEN}

    def _manage(self, distribution: str) -> str:
        """Where the project's owners change what it may do, on an index such as PyPI."""
        return f"{self.url}/manage/project/{quote(canonicalize_name(distribution))}/settings/"

    def _error(self, what: str, kind: type[ReleaseError] = ReleaseError) -> ReleaseError:
        words = f"the package index was not understood: {what}."
        return kind(ErrorCode.PUBLISH_FAILED, words, hint=f"{_REMEDY}, then --resume")


def pypi_index(
    address: str | None, clock: Clock, network: Network, *, seconds: float = 60
) -> PyPIIndex:
    """The index at ``address``, or the public one. Raises CONFIG_INVALID.

    ``user:password@`` is taken out of the address and sent as HTTP basic authentication.
    """
    if address is None:
        from pypi_simple import PYPI_SIMPLE_ENDPOINT  # noqa: PLC0415 - start-up time

        address = PYPI_SIMPLE_ENDPOINT
    if find_address_fault(address) is not None:
        # Up to the last @: a password may have a slash, or stand in an address without a scheme.
        scheme, separator, rest = address.rpartition("://")
        shown = f"{scheme}{separator}{rest.rpartition('@')[2]}"
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"expected the package index's address as https://HOST[/PATH], found {shown!r}.",
            hint="correct index_url in the release configuration, or OMNI_RELEASE_INDEX_URL",
        )
    parts = urlsplit(address)
    credentials, _, place = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    # Many write the simple API's own address, as for pip and uv.
    path = parts.path.rstrip("/").removesuffix("/simple")
    url = urlunsplit((parts.scheme, place, path, "", ""))
    network.require_usable(url)
    auth = (unquote(user), unquote(password)) if ":" in credentials else None
    if credentials and auth is None:
        kept_for = urlunsplit(parts._replace(netloc=place))
        network = replace(network, user=unquote(user), index=kept_for)
    return PyPIIndex(url, HttpGet(clock, auth=auth, network=network, seconds=seconds))


def _read_page(answer: Answer, name: str) -> ProjectPage:
    from pypi_simple import ProjectPage  # noqa: PLC0415 - start-up time

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an odd page is not the user's to mend
        if answer.content_type == _SIMPLE_JSON:
            return ProjectPage.from_json_data(parse_json(answer.body), answer.url)
        return ProjectPage.from_html(name, answer.body, answer.url, answer.charset)
