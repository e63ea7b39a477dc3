"""What surrounds an invocation, read in this one place: variables, streams, clock, folder."""

from __future__ import annotations

import codecs
import io
import json
import logging
import os
import sys
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from omninode_release.console.terminal import find_width, is_lively
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.system.account import Account
from omninode_release.system.clock import FixedClock, SystemClock
from omninode_release.system.files import indent_json, read_file
from omninode_release.system.paths import Places
from omninode_release.system.secrets import Secrets, guard, unguarded
from omninode_release.text.fold import fold_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from omninode_release.models.model import Model
    from omninode_release.system.clock import Clock

PLACES = {"--omni-home": "OMNI_HOME", "--config": "OMNI_RELEASE_CONFIG"}
"""What says where clones and configuration are: an option, and the variable of the same."""
WORKTREES = "OMNI_WORKTREES"
"""The variable that says where worktrees are."""
_logger = logging.getLogger(__name__)


def _current_folder() -> Path:
    """Where the user stands; the root where that folder has been deleted."""
    try:
        return Path.cwd()
    except OSError:
        return Path("/")


@dataclass(frozen=True)
class Environment:
    """One process, or one test, as the tool sees it."""

    variables: Mapping[str, str] = field(default_factory=lambda: os.environ)
    clock: Clock = field(default_factory=SystemClock)
    stdin: TextIO = field(default_factory=lambda: sys.stdin or io.StringIO())
    stdout: TextIO = field(default_factory=lambda: sys.stdout or io.StringIO())
    stderr: TextIO = field(default_factory=lambda: sys.stderr or io.StringIO())
    events: TextIO | None = None
    """Where a program reads the events of a run as JSON lines, if one does."""
    folder: Path = field(default_factory=_current_folder)
    """Where the user stands."""
    account: Account = field(default_factory=Account.of_process)
    """Whom the process runs as."""
    policies: tuple[Path, ...] | None = None
    """Where the machine's demands stand, where that is not the usual places."""
    place: tuple[str, ...] = ()
    """What the command line says of clones and configuration and the variables do not."""
    broken: list[TextIO] = field(default_factory=list, compare=False)
    """Streams that took no more; it is said once of each."""

    def __post_init__(self) -> None:
        for name in ("stdout", "stderr"):
            shown = guard(getattr(self, name), lambda: self.secrets)
            object.__setattr__(self, name, shown)

    def with_variables(self, given: Mapping[str, object]) -> Environment:
        """The same with the variables that have a value here set to it."""
        said = {name: str(value) for name, value in given.items() if value}
        return replace(self, variables={**self.variables, **said}) if said else self

    @cached_property
    def secrets(self) -> Secrets:
        """All that is shown and kept nowhere: of the variables, and of the file of credentials."""
        return Secrets.of(self.variables, read_variables(self.credentials))

    @property
    def can_print(self) -> bool:
        """False once stdout took no more: a closed pipe, a full disk."""
        return self.stdout not in self.broken

    def print(self, *lines: str) -> None:
        """Print lines for the user at once; a stream that cannot take them is said on stderr."""
        self._write(lines, self.stdout)

    def show(self, *lines: str) -> None:
        """The same for sentences and tables: on a terminal they fit it, and have colours."""
        self._write(_dress(self, lines, self.stdout), self.stdout)

    @property
    def width(self) -> int | None:
        """How many columns stdout has; None where a line may have any length."""
        return find_width(self.stdout, self.variables)

    def print_model(self, value: Model) -> None:
        """Print a value that has no secret in it as JSON for people."""
        if _is_utf8(self.stdout):
            self._write([indent_json(value)], self.stdout, are_hidden=True)
        else:
            self.print_json(value.model_dump(mode="json"), indent=2)

    def print_json(self, value: object, *, indent: int | None = None) -> None:
        """Print a value as JSON, in ASCII where the stream's encoding may lack a character."""
        is_utf8 = _is_utf8(self.stdout)
        hidden = self.secrets.hide_in(value)
        if indent and is_utf8:
            text = indent_json(hidden)
        else:
            text = json.dumps(hidden, indent=indent, ensure_ascii=not is_utf8)
        self._write([text], self.stdout, are_hidden=True)

    def complain(self, *lines: str) -> None:
        """Print lines on stderr at once."""
        self._write(_dress(self, lines, self.stderr), self.stderr)

    def _write(self, lines: Iterable[str], stream: TextIO, *, are_hidden: bool = False) -> None:
        """Write; a full or closed stream never changes how a command ends.

        ``are_hidden`` says that no secret is in the lines: the stream need not look for one.
        """
        try:
            if are_hidden:  # one may be the plan of a thousand repositories: no copy of it
                unguarded(stream).writelines(each for line in lines for each in (line, "\n"))
            else:
                stream.writelines(f"{line}\n" for line in lines)
            stream.flush()
        except (OSError, ValueError) as error:
            if stream in self.broken:
                return
            self.broken.append(stream)
            if stream is not self.stderr:
                self.complain(f"note: not everything could be printed: {error}")

    # Folders.

    @property
    def agent_folder(self) -> Path:
        """Where the agent runtime keeps what is the user's."""
        return Path(
            self.variables.get("CLAUDE_CONFIG_DIR") or _find_home(self.variables) / ".claude"
        )

    def places_of_runs(self, home: Path = Path()) -> Places:
        """The same for a command that looks at runs and needs no clones."""
        worktrees = self.variables.get(WORKTREES)
        return Places(
            root=self.absolute(self.variables.get("ONEX_STATE_DIR") or self.agent_folder),
            omni_home=home,
            worktrees=self.absolute(worktrees or home.parent / "omni_worktrees"),
        )

    @property
    def credentials(self) -> Path | None:
        """The file with what is not in the environment; None where nothing says where ~ leads."""
        try:
            return env_file(_find_home(self.variables))
        except ReleaseError:
            return None

    def absolute(self, path: str | Path, *, what: str = "folder") -> Path:
        """``path`` from where the user stands: programs run in other folders.

        Raises CONFIG_INVALID for a name that is not UTF-8: uv refuses it as an argument, and no
        state file could hold it.
        """
        found = Path(
            os.path.normpath(self.folder / path)
        )  # resolve() would follow the user's links
        try:
            str(found).encode()
        except UnicodeEncodeError:
            raise ReleaseError(
                ErrorCode.CONFIG_INVALID,
                f"expected a {what} whose name is UTF-8, found {os.fsencode(found)!r}.",
                hint="rename it, or name another one",
            ) from None
        return found


def _dress(environment: Environment, lines: Iterable[str], stream: TextIO) -> list[str]:
    """The lines as the stream shows them best; what only dresses them never fails."""
    variables = environment.variables
    # Before it is dressed: a secret may stand over two lines then, or have colours in it.
    lines = [environment.secrets.hide(line) for line in lines]
    try:
        width = find_width(stream, variables)
        folded = [piece for line in lines for piece in fold_line(line, width)]
        if is_lively(stream, variables):
            # Only a person who watches has the time to import it.
            from omninode_release.console.colours import colour  # noqa: PLC0415

            return colour(folded, variables)
    except Exception:
        _logger.debug("lines could not be dressed", exc_info=True)
        return lines
    return folded


def _find_home(variables: Mapping[str, str]) -> Path:
    """Where ~ leads. Raises CONFIG_INVALID where nothing says it."""
    given = variables.get("HOME")
    try:
        return Path(given) if given else Path.home()
    except RuntimeError:  # neither HOME nor an entry in the password database
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            "expected the user's home folder, found neither HOME nor an entry of this user in"
            " the password database.",
            hint="set HOME, or ONEX_STATE_DIR to the folder for state and results",
        ) from None


def _is_utf8(stream: TextIO) -> bool:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return codecs.lookup(encoding).name == "utf-8"


def for_a_program(environment: Environment) -> Environment:
    """The same for a caller that reads stdout as data and cannot be asked on a terminal."""
    return replace(environment, stdin=io.StringIO(), stdout=environment.stderr)


def fix_clock(environment: Environment) -> Environment:
    """The environment on a clock that stands still, where OMNI_RELEASE_NOW names its moment.

    Raises CONFIG_INVALID.
    """
    moment = environment.variables.get("OMNI_RELEASE_NOW")
    if not moment:
        return environment
    try:
        clock = FixedClock(datetime.fromisoformat(moment))
    except (ValueError, OverflowError):
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            "OMNI_RELEASE_NOW: expected a time such as 2026-02-25T14:00:00+00:00, found"
            f" {moment!r}.",
            hint="correct it, or unset it",
        ) from None
    return replace(environment, clock=clock)


def env_file(home: Path) -> Path:
    """The file with what is not in the environment (spec, Credential Resolution)."""
    return home / ".omnibase" / ".env"


def read_variables(file: Path | None) -> dict[str, str]:
    """Everything that can be read of the file, whatever it is for; what is wrong is left out."""
    if file is None:
        return {}
    try:
        text = read_file(file).decode("utf-8-sig", errors="replace")
    except OSError:
        return {}
    from dotenv.parser import parse_stream  # noqa: PLC0415 - only where there is a file

    bindings = parse_stream(io.StringIO(text))
    return {each.key: each.value for each in bindings if each.key and each.value}
