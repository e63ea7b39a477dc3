"""A look-alike of a package index: a folder of distributions behind the simple and JSON APIs."""

from __future__ import annotations

import hashlib
import html
import json
import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename

from support.loopback import LOST, Loopback, Reply, Request, Unknown

if TYPE_CHECKING:
    from pathlib import Path

SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
__all__ = ["LOST", "PyPIServer", "add_files", "busy"]


def busy(status: int = 503, *, after: str | None = None) -> Reply:
    headers = (("Retry-After", after),) if after is not None else ()
    return Reply(status, b"<html>try later</html>", "text/html", headers)


def add_files(folder: Path, *names: str) -> None:
    """Files of these names; nothing will be installed from them."""
    for name in names:
        (folder / name).write_bytes(name.encode())


@dataclass
class PyPIServer(Loopback):
    """The index; every scripted trouble is a field."""

    folder: Path = field(kw_only=True)
    html_only: bool = False
    """A static index: PEP 503 and no JSON API."""
    late: dict[str, int] = field(default_factory=dict)
    """``NAME VERSION``, or a file's name, to how many looks at the page do not show it yet."""
    yanked: dict[str, str] = field(default_factory=dict)
    """File name to the reason."""
    versions: tuple[str, ...] = ()
    """Versions without files that PEP 700's list remembers."""
    troubles: list[Reply] = field(default_factory=list)
    """Answers given, one each, before any other."""
    attested: dict[str, bytes] = field(default_factory=dict)
    """File name to its provenance document (PEP 740)."""
    lacking: Reply | None = None
    """What it answers for a project's page that it has not; None: 404."""
    status: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Project to its status and the reason for it (PEP 792)."""
    announces: bool = True
    """Whether the JSON API has heard of what the simple API does not show yet."""

    @property
    def environ(self) -> dict[str, str]:
        """The environment of a user whose packages come from there."""
        return {"OMNI_RELEASE_INDEX_URL": self.url, "UV_DEFAULT_INDEX": f"{self.url}/simple/"}

    def answer(self, request: Request) -> Reply:
        if self.troubles:
            return self.troubles.pop(0)
        if request.method not in {"GET", "HEAD"}:
            raise Unknown("an index is only read")
        match request.path.split("/"):
            case ["", "simple", ""]:
                return Reply(200, b"<!DOCTYPE html><html><body></body></html>", "text/html")
            case ["", "simple", name, ""]:
                return self._simple(name, request.headers.get("accept", ""))
            case ["", "pypi", name, version, "json"]:
                return self._release(name, version)
            case ["", "files", name]:
                return self._file(name)
            case ["", "integrity", name, "provenance"]:
                return self._provenance(name)
            case _:
                raise Unknown("no such address")

    def _simple(self, name: str, accept: str) -> Reply:
        if name != canonicalize_name(name):
            location = f"/simple/{canonicalize_name(name)}/"
            return Reply(301, headers=(("Location", location),))
        shown: list[Path] = []
        found = self._found(name)
        for version in sorted({version for _, version in found}):
            if not self._is_late(f"{name} {version}"):
                shown += [path for path, each in found if each == version]
        shown = [path for path in shown if not self._is_late(path.name)]
        if not shown and not self.versions and name not in self.status:
            return self.lacking or Reply(404, b"<html>404 Not Found</html>", "text/html")
        if self.html_only or SIMPLE_JSON not in accept:
            return Reply(200, self._page_html(name, shown), "text/html; charset=utf-8")
        return Reply(200, self._page_json(name, shown), SIMPLE_JSON)

    def _is_late(self, what: str) -> bool:
        left = self.late.get(what, 0)
        self.late[what] = max(left - 1, 0)
        return left > 0

    def _page_json(self, name: str, paths: list[Path]) -> bytes:
        versions = {version for _, version in self._found(name)} | set(self.versions)
        page: dict[str, Any] = {
            "meta": {"api-version": "1.1", "_last-serial": 1},
            "name": name,
            "versions": sorted(versions),
            "files": [self._file_json(path) for path in paths],
        }
        if name in self.status:
            status, reason = self.status[name]
            page["project-status"] = {"status": status, "reason": reason}
        return json.dumps(page).encode()

    def _file_json(self, path: Path) -> dict[str, Any]:
        data = path.read_bytes()
        proof = f"/integrity/{path.name}/provenance" if path.name in self.attested else None
        return {
            "provenance": proof and f"{self.url}{proof}",
            "filename": path.name,
            "url": f"/files/{path.name}",
            "hashes": {"sha256": hashlib.sha256(data).hexdigest()},
            "size": len(data),
            "upload-time": "2026-02-25T14:00:00.000000Z",
            "yanked": self.yanked.get(path.name, False),
            "core-metadata": zipfile.is_zipfile(path),
        }

    def _page_html(self, name: str, paths: list[Path]) -> bytes:
        def link(path: Path) -> str:
            reason = self.yanked.get(path.name)
            yanked = "" if reason is None else f' data-yanked="{html.escape(reason)}"'
            return f'<a href="../../files/{path.name}"{yanked}>{path.name}</a><br>'

        links = "\n".join(map(link, paths))
        status, reason = self.status.get(name, ("", ""))
        meta = f'<meta name="pypi:project-status" content="{status}">' if status else ""
        meta += f'<meta name="pypi:project-status-reason" content="{reason}">' if reason else ""
        return f"<!DOCTYPE html><html><head>{meta}</head><body>\n{links}\n</body></html>".encode()

    def _release(self, name: str, version: str) -> Reply:
        files = [path for path, each in self._found(name) if each == version]
        hidden = not self.announces and self.late.get(f"{canonicalize_name(name)} {version}", 0)
        if self.html_only or hidden or not (files or version in self.versions):
            return Reply(404, b'{"message": "Not Found"}')
        urls = [{"filename": p.name, "yanked": p.name in self.yanked} for p in files]
        return Reply(200, json.dumps({"info": {"version": version}, "urls": urls}).encode())

    def _provenance(self, name: str) -> Reply:
        found = self.attested.get(name)
        kind = "application/vnd.pypi.integrity.v1+json"
        return Reply(404) if found is None else Reply(200, found, kind)

    def _file(self, name: str) -> Reply:
        wheel = name.removesuffix(".metadata")
        path = self.folder / wheel
        if not path.is_file():
            return Reply(404, b"", "text/plain")
        if wheel == name:
            return Reply(200, path.read_bytes(), "application/octet-stream")
        with zipfile.ZipFile(path) as archive:
            [inside] = [
                n for n in archive.namelist() if re.fullmatch(r"[^/]+dist-info/METADATA", n)
            ]
            return Reply(200, archive.read(inside), "text/plain")

    def _found(self, name: str) -> list[tuple[Path, str]]:
        """Files of a project and the version of each."""
        wanted, found = canonicalize_name(name), []
        for path in sorted(self.folder.iterdir()):
            if path.suffix == ".whl":
                project, version, *_ = parse_wheel_filename(path.name)
            elif path.name.endswith(".tar.gz"):
                project, version = parse_sdist_filename(path.name)
            else:
                continue
            if project == wanted:
                found.append((path, str(version)))
        return found
