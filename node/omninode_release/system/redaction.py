"""Secrets: which ones no program is given, and how they are kept out of what is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

# No program that a run starts has any business with these.
WITHHELD = frozenset({"SLACK_BOT_TOKEN", "OMNI_RELEASE_INDEX_URL"})
_SECRET_NAME = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|CREDENTIAL", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)")


def withheld_secrets(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The values that ``child_environment`` keeps from programs."""
    return tuple(environ[name] for name in sorted(WITHHELD) if environ.get(name))


def is_secret_name(name: str) -> bool:
    """True for a variable that is named like a secret."""
    return _SECRET_NAME.search(name) is not None


def secrets_of(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The values of secret-looking variables; a short one stands in too much that is no secret."""
    return tuple(v for name, v in environ.items() if len(v) >= 6 and is_secret_name(name))


def redact(text: str, environ: Mapping[str, str], secrets: Sequence[str] = ()) -> str:
    """Take the value of any secret-looking variable and any URL password out of ``text``."""
    for value in secrets:
        text = text.replace(value, "***")
    for value in secrets_of(environ):
        text = text.replace(value, "***")
    return _URL_PASSWORD.sub("***", text)
