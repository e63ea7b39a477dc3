"""A bare repository on this machine, and the folder beside it where the embedded forge keeps notes.

Beside ``NAME.git`` stands ``NAME.forge/``: ``pulls/N.json`` (title, body, branches),
``checks/SHA.json`` and ``runs/TAG.json``.
"""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omninode_release.adapters.git import Git
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.system.files import write_json


@dataclass(frozen=True)
class BareRepository:
    """Where a clone's ``origin`` leads."""

    git: Git

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
        """A record. Raises PR_FAILED for one that is missing or cannot be read."""
        path = self.record(name)
        try:
            value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ReleaseError(
                ErrorCode.PR_FAILED, f"expected the embedded forge's record in {path}: {error}."
            ) from error
        return value

    def write(self, name: str, record: Mapping[str, object]) -> None:
        write_json(self.record(name), record)

    def pulls(self) -> list[int]:
        """The numbers of its pull requests, newest first."""
        found = (self.records / "pulls").glob("*.json")
        return sorted((int(path.stem) for path in found if path.stem.isdigit()), reverse=True)

    @contextmanager
    def checkout(self, sha: str) -> Iterator[Path]:
        """The commit's files in a folder of their own, for as long as it is needed."""
        raw = self.git("archive", "--format=tar", sha).raw
        with tempfile.TemporaryDirectory(prefix="omni-release-") as folder:
            with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
                archive.extractall(folder, filter="data")
            yield Path(folder)

    @contextmanager
    def checkout_tag(self, tag: str, sha: str) -> Iterator[Path]:
        """A tag's files in a repository of their own: a build may ask git for the version."""
        with tempfile.TemporaryDirectory(prefix="omni-release-") as folder:
            tree = Path(folder) / "tree"
            self.git.unpack(sha, tree)
            self.git.copy_tag(tree, tag)
            yield tree
