"""Where Slack's credentials are: the environment, then a file of variables.

None at all is one thing, some that cannot be used another: a file that cannot be read, a name
without a value and one of the two without the other are refused. Taken for "no credentials" they
would let a gate token pass by its form.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from omninode_release.adapters.slack import SlackCredentials
from omninode_release.adapters.slack_errors import CHANNEL_VARIABLE, TOKEN_VARIABLE
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.system.files import read_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NAMES = (TOKEN_VARIABLE, CHANNEL_VARIABLE)


def find_credentials(environ: Mapping[str, str], file: Path | None) -> SlackCredentials | None:
    """The bot's credentials, the environment first; None when there is nothing of them at all.

    Raises CREDENTIALS_MISSING for a file that cannot be read and for half of them.
    """
    found = {name: value for name in _NAMES if (value := environ.get(name, "").strip())}
    stored: dict[str, str] = {}
    if file and len(found) < len(_NAMES):
        stored = _read(file)
        found = {name: value for name, value in stored.items() if value} | found
    missing = [name for name in _NAMES if name not in found]
    if not missing:
        return SlackCredentials(found[TOKEN_VARIABLE], found[CHANNEL_VARIABLE])
    if not found and not stored:
        return None
    raise ReleaseError(
        ErrorCode.CREDENTIALS_MISSING,
        f"expected {TOKEN_VARIABLE} and {CHANNEL_VARIABLE} in the environment{_or_in(file)}, found"
        f" {' and '.join(missing)} without a value.",
        hint=f"{_write(' and '.join(missing), file)}, or take the other one out, too",
    )


def missing_error(file: Path | None) -> ReleaseError:
    """There is nothing of the credentials, and they are needed."""
    return ReleaseError(
        ErrorCode.CREDENTIALS_MISSING,
        f"expected {TOKEN_VARIABLE} and {CHANNEL_VARIABLE} in the environment{_or_in(file)}, found"
        " neither of them.",
        hint=f"{_write('both', file)} (docs/slack.md)",
    )


def _or_in(file: Path | None) -> str:
    return f" or in {file}" if file else ""


def _write(what: str, file: Path | None) -> str:
    return f"write {what} into {file}" if file else f"set {what} in the environment"


def _read(file: Path) -> dict[str, str]:
    """What the file says of the two names. Raises CREDENTIALS_MISSING."""
    from dotenv.parser import parse_stream  # noqa: PLC0415 - only a run with a Slack gate needs it

    try:
        text = read_file(file).decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "bytes that are no UTF-8"
        raise _unreadable_error(file, str(why)) from None
    found: dict[str, str] = {}
    broken: list[int] = []
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            broken.append(binding.original.line)
        elif binding.key in _NAMES:
            found[binding.key] = (binding.value or "").strip()
    if broken and not all(found.get(name) for name in _NAMES):
        raise _unreadable_error(file, f"no NAME=VALUE on line {broken[0]}")
    return found


def _unreadable_error(file: Path, why: str) -> ReleaseError:
    return ReleaseError(
        ErrorCode.CREDENTIALS_MISSING,
        f"expected {file} to say {TOKEN_VARIABLE} and {CHANNEL_VARIABLE}, found {why}.",
        hint=f"correct {file}, or set both in the environment",
    )
