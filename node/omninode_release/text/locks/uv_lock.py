"""uv.lock, read: versions, and the cutoff by which uv leaves out what is newer; uv's settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from posixpath import join, normpath
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from omninode_release.text.formats.toml_document import list_at, table_at, try_parse_toml, value_at
from omninode_release.text.locks.toml_lock import read_locked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# A run may take hours: a cutoff that is nearer than this keeps out what the run publishes.
_LONGEST_RUN = timedelta(days=1)
UNLOCKED = "None"
"""What stands for the version of a package of which uv locked none."""
SETTINGS_FILE = "uv.toml"
_CUTOFF = frozenset({"exclude-newer", "exclude-newer-package"})
_OPTIONS = (
    ("resolution-mode", "resolution", "highest"),
    ("prerelease-mode", "prerelease", "if-necessary-or-explicit"),
    ("fork-strategy", "fork-strategy", "requires-python"),
)
"""What a lock says of how it was resolved, the setting, and the default, which no lock has."""
_FOLDERS = ("editable", "directory", "virtual")
"""What a lock calls the source of a package that it takes from a folder."""
_PREVIEW = frozenset({"preview", "preview-features"})
_NO_TIME = frozenset({"PT0S", "P0D"})


@dataclass(frozen=True)
class Cutoff:
    """``exclude-newer``, as uv wrote it into a lock with which it was in force."""

    value: str | None
    """A date, or a span such as ``P7D``; None where only single packages have one."""
    exceptions: dict[str, Any]
    """``exclude-newer-package``: normalised distribution to its own value."""

    def keeps_out(self, distribution: str, now: datetime) -> bool:
        """True when what is published now would not be found."""
        own = self.exceptions.get(canonicalize_name(distribution), self.value)
        return not _lets_in(own, now)


def _lets_in(value: object, now: datetime) -> bool:
    match value:
        case None | False:
            return True
        case {"span": str(span)}:
            return span in _NO_TIME
        case {"timestamp": str(date)}:
            return _lets_in(date, now)
        case str(text):
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                return text in _NO_TIME
            aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return aware > now + _LONGEST_RUN
        case _:
            return False


def read_versions(text: str | None, where: str) -> dict[str, str]:
    """Distribution to version, or to several, of every package of a lock. Raises LOCK_FAILED."""
    return read_locked(text, where, unlocked=UNLOCKED)


def read_folder_version(text: str | None, at: str, folder: str) -> str | None:
    """The version that the lock in the folder ``at`` has of the package in ``folder``, if any."""
    for package in list_at(try_parse_toml(text), ("package",)):
        ways = [value_at(package, ("source", kind)) for kind in _FOLDERS]
        theirs = [normpath(join(at or ".", way)) for way in ways if isinstance(way, str)]
        if (folder or ".") in theirs:
            version = value_at(package, ("version",))
            return None if version is None else str(version)
    return None


def read_cutoff(text: str | None) -> Cutoff | None:
    """The cutoff a lock was made with; None where nothing was left out."""
    return _find_cutoff(try_parse_toml(text))


def _find_cutoff(table: Mapping[str, Any]) -> Cutoff | None:
    spans = (value_at(table, ("options", f"exclude-newer{end}")) for end in ("-span", ""))
    value = next(filter(None, spans), None)
    exceptions = dict(table_at(table, ("options", "exclude-newer-package")))
    return Cutoff(str(value) if value else None, exceptions) if value or exceptions else None


def find_kept_out(text: str | None, distributions: Iterable[str], now: datetime) -> list[str]:
    """Which of the packages, of those that the lock holds, are kept out when published now."""
    cutoff = read_cutoff(text)
    if cutoff is None:
        return []
    packages = list_at(try_parse_toml(text), ("package",))
    held = {str(value_at(package, ("name",))) for package in packages}
    names = sorted({str(canonicalize_name(each)) for each in distributions} & held)
    return [name for name in names if cutoff.keeps_out(name, now)]


def read_uv_settings(manifest: str | None, settings: str | None) -> Mapping[str, Any]:
    """Uv's settings that are in force: it reads no table of the manifest where there is a uv.toml.

    Empty where there are none, or none that can be read: uv says so itself.
    """
    if settings is not None:
        return try_parse_toml(settings)
    return table_at(try_parse_toml(manifest), ("tool", "uv"))


def find_foreign_settings(
    text: str | None, base: str | None, own: Mapping[str, Any]
) -> dict[str, str]:
    """The settings that a lock was made with, and that neither ``own`` nor the ``base`` has.

    With them uv accepts the lock, and elsewhere it does not.
    """
    found = {}
    lock, lock_before = try_parse_toml(text), try_parse_toml(base)
    cutoff = _find_cutoff(lock)
    if cutoff is not None and _find_cutoff(lock_before) is None and _CUTOFF.isdisjoint(own):
        found["exclude-newer"] = cutoff.value or "of a package"
    now, before = (table_at(each, ("options",)) for each in (lock, lock_before))
    for option, setting, default in _OPTIONS:
        used = now.get(option, default)
        if used not in (before.get(option, default), own.get(setting, default)):
            found[setting] = str(used)
    # uv writes them of whatever has requirements, but for a preview of a shorter form.
    was_whole = "requires-dist" in (base or "")
    if was_whole and _PREVIEW.isdisjoint(own) and _lacks_metadata(lock):
        found["preview"] = "true"
    return found


def _lacks_metadata(lock: Mapping[str, Any]) -> bool:
    packages = list_at(lock, ("package",))
    ours = [each for each in packages if value_at(each, ("source", "editable")) is not None]
    return any(value_at(each, ("dependencies",)) for each in ours) and not any(
        value_at(each, ("metadata",)) for each in ours
    )
