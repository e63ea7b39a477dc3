"""A bare repository on this machine, and the folder beside it where the embedded forge keeps notes.

Beside ``NAME.git`` stands ``NAME.forge/``: ``pulls/N.json`` (title, body, branches),
``checks/SHA.json`` and ``runs/TAG.json``.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.system.files import atomic_write, encode_json, read_file
from omninode_release.system.json_text import parse_json
from omninode_release.system.scratch import hold_folder, temporary_folder
from omninode_release.system.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from omninode_release.adapters.git import Git

_FIELDS: Mapping[str, Mapping[str, type]] = {
    "pulls": {"branch": str, "base": str, "title": str, "body": str, "closed": bool},
    "checks": {"passed": bool, "output": str},
    "runs": {"state": str, "detail": str},
}
"""What each kind of record holds."""


@dataclass(frozen=True)
class BareRepository:
    """Where a clone's ``origin`` leads."""

    git: Git
    secrets: Secrets = field(default_factory=Secrets)
    """What no record has in it: pull requests, and what checks print."""

    @property
    def path(self) -> Path:
        return self.git.path

    @property
    def records(self) -> Path:
        """The folder beside it."""
        return self.path.with_name(self.path.name.removesuffix(".git") + ".forge")

    def record(self, name: str) -> Path:
        return self.records / f"{name}.json"

    def read(self, name: str) -> dict[str, Any]:
        """A record. Raises PR_FAILED for one that is missing or is not what we write."""
        path = self.record(name)
        try:
            value = parse_json(read_file(path))
            _require_fields(value, _FIELDS[name.partition("/")[0]])
        except (OSError, ValueError) as error:
            raise ReleaseError(
                ErrorCode.PR_FAILED,
                f"expected the embedded forge's record in {path}, found: {error}.",
                hint=f"restore {path}: what the embedded forge knows stands there",
            ) from error
        record: dict[str, Any] = value
        return record

    def write(self, name: str, record: Mapping[str, object]) -> None:
        atomic_write(self.record(name), encode_json(self.secrets.hide_in(record)))

    def pulls(self) -> list[int]:
        """The numbers of its pull requests, newest first."""
        found = (self.records / "pulls").glob("*.json")
        return sorted((int(path.stem) for path in found if path.stem.isdigit()), reverse=True)

    def hold(self) -> AbstractContextManager[None]:
        """While the block runs, no other process gives a pull request its number here."""
        return hold_folder(self.records / "pulls")

    @contextmanager
    def checkout(self, sha: str) -> Iterator[Path]:
        """The commit's files in a folder of their own, for as long as it is needed.

        Git checks them out, as into a worktree: it writes through no link, and leaves nothing out
        as an archive does (``export-ignore``).
        """
        with temporary_folder() as folder:
            tree = folder / "tree"
            tree.mkdir()
            index = {"GIT_INDEX_FILE": f"{folder}/index"}
            self.git(f"--work-tree={tree}", "read-tree", sha, env=index)
            self.git(f"--work-tree={tree}", "checkout-index", "--all", "--quiet", env=index)
            yield tree

    @contextmanager
    def repository_at(self, sha: str) -> Iterator[Path]:
        """A commit's files in a repository that has the tags: a build may ask for the version."""
        with temporary_folder() as folder:
            tree = folder / "tree"
            self.git.unpack(sha, tree)
            yield tree


def _require_fields(value: object, fields: Mapping[str, type]) -> None:
    """Raise ValueError for a record that lacks a field, or has another kind of value there."""
    for name, kind in fields.items():
        if not isinstance(value, dict) or not isinstance(value.get(name), kind):
            raise ValueError(f"no {name} in it")  # noqa: TRY004 - as JSON that is none
