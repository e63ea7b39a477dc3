"""What programs really see: each is found on PATH first, notes its environment, and goes on."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from support.gitrepo import git

_SHIM = """#!/bin/sh
note={folder}/notes/$$.$(date +%s%N)
printf '%s\\0' {name} "$@" > "$note.argv"
env -0 > "$note.env"
exec {real} "$@"
"""
_OF_THE_SHELL = frozenset({"PWD", "OLDPWD", "SHLVL", "_"})


class Note(NamedTuple):
    """One call."""

    argv: tuple[str, ...]
    env: dict[str, str]


@dataclass(frozen=True)
class Witnesses:
    """Programs that are watched."""

    folder: Path

    @classmethod
    def hired(cls, folder: Path, *names: str, own: str) -> Witnesses:
        """For programs on PATH, and for one more, ``own``, that does nothing itself."""
        (folder / "notes").mkdir(parents=True)
        for name in (*names, own):
            real = shutil.which(name) or "true"
            path = folder / name
            path.write_text(_SHIM.format(folder=folder, name=name, real=real), encoding="utf-8")
            path.chmod(0o755)
        return cls(folder)

    @property
    def path(self) -> str:
        return f"{self.folder}{os.pathsep}{os.environ['PATH']}"

    def notes(self) -> list[Note]:
        """The calls of the product; hooks and uv call git, too, without our settings."""
        found = []
        for path in (self.folder / "notes").glob("*.argv"):
            argv = tuple(path.read_text(encoding="utf-8").split("\0")[:-1])
            env = path.with_suffix(".env").read_text(encoding="utf-8").split("\0")[:-1]
            if argv[0] != "git" or argv[1:3] == ("-c", "gc.auto=0"):
                seen = dict(each.split("=", 1) for each in env)
                for name in _OF_THE_SHELL:
                    seen.pop(name, None)
                found.append(Note(argv, seen))
        return found


def plant(folder: Path, names: frozenset[str]) -> dict[str, str]:
    """A value for each of the names, under which programs still work if they are given it."""
    working = {
        "GIT_EXEC_PATH": git(folder, "--exec-path").strip(),
        "GIT_ALLOW_PROTOCOL": "file",
        "GIT_ASKPASS": "true",
        "GIT_CEILING_DIRECTORIES": "/nowhere",
        "GIT_SSH_VARIANT": "simple",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM": "1",
        "GIT_PROTOCOL_FROM_USER": "1",
        "UV_KEYRING_PROVIDER": "disabled",
        "UV_CREDENTIALS_DIR": str(folder / "credentials"),
        "GNUPGHOME": str(folder / "gnupg"),
        "GH_PLANTED": "planted",
    }
    left_as_it_is = {name: os.environ[name] for name in names if name in os.environ}
    return (
        {name: f"planted-{name}" for name in names}
        | left_as_it_is
        | {name: value for name, value in working.items() if name in names}
    )
