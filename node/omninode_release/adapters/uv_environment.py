"""An empty environment of Python packages, which uv makes and fills."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from omninode_release.errors import CommandFailed
from omninode_release.system.json_text import parse_json
from omninode_release.system.presence import is_folder
from omninode_release.text.uv_output import find_index_refusal, is_filtered, is_offline

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from packaging.specifiers import SpecifierSet

    from omninode_release.adapters.uv import Links
    from omninode_release.system.process import Runner

_FAR_OFF = "2999-01-01"
_LIST = (
    "import importlib.metadata as m, json\n"
    "print(json.dumps([(d.metadata['Name'], d.version) for d in m.distributions()]))\n"
)
# A user's hashes and constraints have no part in the question, and what replaces or leaves out
# requirements would hide the answer. So would `no-deps` of a uv.toml: hence --deps.
_NONE_OF_THE_USERS = {"UV_REQUIRE_HASHES": "false"} | dict.fromkeys(
    ("UV_CONSTRAINT", "UV_OVERRIDE", "UV_EXCLUDE"), ""
)
# What uv exits with: 1 where it found no solution, 2 where it could not do its work.
_ANY_END = (0, 1, 2)


@dataclass(frozen=True)
class UvEnvironment:
    """One environment; nothing of the caller's is in it."""

    folder: Path
    """Where it is made; not there before."""
    run: Runner
    seconds: float
    """How long each of uv's commands may take."""
    links: Links | None = None
    """The folder index; None where uv asks indexes."""
    index: str | None = None
    """An index to ask before the user's own; its address ends with ``/simple/``."""
    inherited: str = ""
    """The user's own UV_INDEX, which stays."""

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def make(self, supported: SpecifierSet) -> str:
        """Make it with uv's usual Python, or with another that is here; answer the version.

        Raises CommandFailed where there is none in ``supported``: uv is not let download one.
        """
        command = ("uv", "venv", "--quiet", "--no-project", "--no-python-downloads")
        self._run(*command, str(self.folder), ok=_ANY_END)
        version = self._read_version()
        if version is None or version not in supported:
            shutil.rmtree(self.folder, ignore_errors=True)
            asked = ("--python", str(supported)) if len(supported) else ()
            self._run(*command, *asked, str(self.folder))
            version = self._read_version()
        return version or "of an unknown version"

    def install(self, versions: Mapping[str, str]) -> None:
        """Install exactly these versions (distribution to version) and what they require.

        They are ours and minutes old, so a cutoff of the user's does not count for them. Raises
        CommandFailed, with uv's reasons, where that does not go.
        """
        names = sorted(versions)
        exact = [f"{name}=={versions[name]}" for name in names]
        options = self._refresh(names)
        try:
            self._install(*options, *exact)
        except CommandFailed as failure:
            if not any(is_filtered(failure.stderr, name) for name in names):
                raise
            exempt = [f"--exclude-newer-package={name}={_FAR_OFF}" for name in names]
            self._install(*options, *exempt, *exact)

    def resolve(self, versions: Mapping[str, str], wheels: Path, fresh: Iterable[str]) -> None:
        """Find a way to install these versions, which ``wheels`` holds and no index yet.

        Nothing is installed. ``fresh`` names what an index may have since minutes ago. Raises
        CommandFailed, with uv's reasons, where there is none.
        """
        wanted = self.folder.parent / "wanted.txt"
        lines = [f"{name}=={version}\n" for name, version in versions.items()]
        wanted.write_text("".join(lines), encoding="utf-8")
        command = ("uv", "pip", "compile", "--deps", "--quiet", "--python", str(self.python))
        options = self._refresh(fresh)
        self._run(*command, *options, str(wanted), env=self._environment(wheels))

    def read_versions(self) -> dict[str, str]:
        """Every installed distribution, its name normalised, and the version it says it has."""
        # The last line: what is installed may have Python say more as it starts, by a .pth file.
        said = self.run_python(_LIST).rstrip("\n").rpartition("\n")[2]
        listed = parse_json(said)
        return {str(canonicalize_name(name)): str(version) for name, version in listed}

    def run_python(self, code: str) -> str:
        """What its Python prints that runs ``code``. Raises CommandFailed."""
        return self._run(str(self.python), "-I", "-c", code)

    def _install(self, *words: str) -> None:
        command = ("uv", "pip", "install", "--deps", "--quiet", "--python", str(self.python))
        self._run(*command, *words, env=self._environment())

    def _refresh(self, names: Iterable[str]) -> list[str]:
        """A page of minutes ago does not know what is new; a folder has no pages."""
        if self.links and self.links.only:
            return ["--no-index"]
        return [f"--refresh-package={name}" for name in names]

    def _environment(self, *folders: Path) -> dict[str, str]:
        links = [self.links.folder.resolve()] if self.links else []
        # Before the first release there is no folder of the index, and uv wants one to be there.
        places = [each.as_uri() for each in (*links, *folders) if is_folder(each)]
        found = {"UV_FIND_LINKS": ",".join(places)} if places else {}
        asked = {"UV_INDEX": f"{self.index} {self.inherited}".strip()} if self.index else {}
        return _NONE_OF_THE_USERS | found | asked

    def _read_version(self) -> str | None:
        """The version of its Python, as the environment itself says."""
        try:
            lines = (self.folder / "pyvenv.cfg").read_text(encoding="utf-8").split("\n")
        except OSError:
            return None
        return next(
            (line.partition("=")[2].strip() for line in lines if line.startswith("version_info")),
            None,
        )

    def _run(
        self, *argv: str, env: Mapping[str, str] | None = None, ok: tuple[int, ...] = (0,)
    ) -> str:
        # Where nothing of the caller's project is in sight.
        done = self.run(argv, cwd=self.folder.parent, timeout=self.seconds, env=env, ok=ok)
        return done.stdout


def is_unreachable(failure: CommandFailed) -> bool:
    """True when uv could not ask an index, so that its failure says nothing of the packages."""
    words = " ".join(failure.stderr.split()).lower()
    unreached = (
        "error sending request",
        "request failed after",
        "failed to fetch",
        "unexpected json",
    )
    said_no = is_offline(failure.stderr) or find_index_refusal(failure.stderr) is not None
    return said_no or any(each in words for each in unreached)
