"""What must not be shown or kept: the secrets a run knows, and texts that have the form of one.

One value is made of everything that an invocation knows, and every place that shows or keeps a
text passes it through that value.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import is_
from typing import TYPE_CHECKING, Any, TextIO, cast
from urllib.parse import quote, unquote

from omninode_release.errors.excerpt import MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

HIDDEN = "***"
_SHORTEST = 6
_SHORT, _MOST_KNOWN = 200, 2_000
"""Of texts that are remembered: characters, and how many texts."""
_SHORTEST_PART = 4
_NAME = re.compile(
    r"TOKEN|SECRET|PASSW(?:OR)?D|PASSPHRASE|PASSCODE|CREDENTIAL|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY"
    r"|SIGNING_?KEY|DEPLOY_?KEY|CONNECTION_?STRING"
    r"|(?:^|_)(?:KEY|KEYS|PAT|PASS|AUTH|AUTH_CONFIG|BEARER|COOKIE|JWT|DSN|SALT)$|_PWD$",
    re.IGNORECASE,
)
# A value that says yes or no, a word of a language, a number, a version: it stands in too much that
# is no secret, in names of packages for one. A gate token opens nothing, and is typed to go on.
_ORDINARY = re.compile(
    r"[A-Za-z]?[a-z]{1,9}|[A-Z]{1,10}|v?\d{1,11}(?:\.\d+)*|\d{1,12}\.\d{6}:[\w.-]+"
)
# Of a key in several lines these say what it is.
_MARKER = re.compile(r"-----.*-----")
_HEADER = r"(?:basic|bearer|token|digest|negotiate)"
_PARAMETERS = (
    r"(?:[\w.-]*(?:token|secret|passw(?:or)?d|passphrase|credential|signature|api[_-]?key)"
    r"|key|pwd|pass|sig|auth|jwt|code)"
)
_FORMS: tuple[tuple[str, str], ...] = (
    # scheme://user:password@ and, over HTTP, a user alone; the last @ before the path counts.
    (r"(?<=://)[^\s/?#@:\"'<>]*:[^\s/?#\"'<>]*(?=@)", HIDDEN),
    (r"(\bhttps?://)[^\s/?#\"'<>]+(?=@)", rf"\1{HIDDEN}"),
    # The same of a password with a slash or the like, which should be escaped: that is no port.
    (r"(?<=://)[^\s/?#@:\"'<>]*:(?!\d*[/?#])[^\s,\"'<>]{1,300}(?=@)", HIDDEN),
    (rf"([?&;#]{_PARAMETERS}=)[^\s&;#\"'<>]+", rf"\1{HIDDEN}"),
    (rf"(\bauthorization[\"']?\s*[:=]\s*[\"']?{_HEADER}\s+)[^\s\"',]+", rf"\1{HIDDEN}"),
    (r"(\bbearer )(?=[\w.~+/-]*\d)[\w.~+/-]{16,}=*", rf"\1{HIDDEN}"),
    (r"\bgh[oprsu]_[A-Za-z0-9]{16,}|\bgithub_pat_\w{16,}", HIDDEN),
    (r"\bxox[a-z](?:\.xox[a-z])?-[\w-]{8,}|\bxapp-[\w-]{8,}", HIDDEN),
    (r"\bpypi-[A-Za-z0-9_-]{16,}|\bglpat-[\w-]{16,}|\bAKIA[A-Z0-9]{16}\b", HIDDEN),
    (
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        HIDDEN,
    ),
)
_BY_FORM = tuple((re.compile(form, re.IGNORECASE), shown) for form, shown in _FORMS)
# What every form has in it, in small letters, which are looked for five times as fast as any: most
# texts have none of them.
_TELLING = re.compile(
    r"://|=|authorization|bearer |gh[oprsu]_|github_pat_|xox|xapp-|pypi-|glpat-|akia|-----begin "
)
# The same where a text was cut in them; what is left of one may be any part.
_CUT_FORMS = tuple(
    (re.compile(form, re.IGNORECASE), shown)
    for form, shown in (
        (rf"(?<=://)[^\s/?#@:\"'<>{MARK}]*:[^\s/?#\"'<>{MARK}]*(?={MARK})", HIDDEN),
        (rf"(?<={MARK})[^\s/?#\"'<>{MARK}]+(?=@)", HIDDEN),
        (
            rf"\b(?:gh[oprsu]_|github_pat_|xox[a-z][.-]|xapp-|pypi-|glpat-|AKIA)[\w.-]{{4,}}(?={MARK})",
            HIDDEN,
        ),
        (rf"(\bbearer )[\w.~+/-]+(?={MARK})", rf"\1{HIDDEN}"),
        (rf"{MARK}[^{MARK}]*?-----END [A-Z ]*PRIVATE KEY-----", f"{MARK}{HIDDEN}"),
    )
)
_IN_URL = re.compile(r"://([^\s/?#\"'<>]+)@")
_IN_QUERY = re.compile(rf"[?&;#]{_PARAMETERS}=([^\s&;#\"'<>]+)", re.IGNORECASE)
_IN_HEADER = re.compile(rf"\bauthorization\s*[:=]\s*{_HEADER}\s+(\S+)", re.IGNORECASE)


def is_secret_name(name: str) -> bool:
    """True for a variable that is named like a secret."""
    return name not in {"PWD", "OLDPWD"} and _NAME.search(name) is not None


@dataclass(frozen=True)
class Secrets:
    """Values that are shown nowhere."""

    values: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *sources: Mapping[str, str]) -> Secrets:
        """The secrets among variables: by their names, and by what their values contain."""
        return cls().also(*(each for source in sources for each in _find_values(source)))

    def also(self, *values: str) -> Secrets:
        """The same with more values; one too short or too ordinary to be told apart is left out."""
        return Secrets(self.values.union(*map(_parts_of, values)))

    def hide(self, text: str) -> str:
        """``text`` as it may be shown and kept."""
        known = self._known.get(text)
        if known is not None:
            return known
        shown = self._hide(text)
        if len(text) <= _SHORT and len(self._known) < _MOST_KNOWN:
            self._known[text] = shown
        return shown

    @cached_property
    def _known(self) -> dict[str, str]:
        """Texts and what is shown of them: a state, written after each step, repeats nearly all."""
        return {}

    def _hide(self, text: str) -> str:
        for each in self._written:
            if each in text:
                text = self._pattern.sub(HIDDEN, text)
                break
        if _may_have_form(text):
            for form, shown in _BY_FORM:
                text = form.sub(shown, text)
        return self._hide_cut(text) if MARK in text else text

    def _hide_cut(self, text: str) -> str:
        """The text without the part of a secret that was left where it was cut."""
        for form, shown in _CUT_FORMS:
            text = form.sub(shown, text)
        pieces = text.split(MARK)
        for number, piece in enumerate(pieces):
            before = piece if number == len(pieces) - 1 else self._hide_end(piece)
            pieces[number] = before if number == 0 else self._hide_start(before)
        return MARK.join(pieces)

    def _hide_end(self, text: str) -> str:
        """The text without the beginning of a secret at its end."""
        longest = max((_overlap(text, each) for each in self._written), default=0)
        return f"{text[: len(text) - longest]}{HIDDEN}" if longest else text

    def _hide_start(self, text: str) -> str:
        """The text without the end of a secret at its start."""
        longest = max((_overlap(each, text) for each in self._written), default=0)
        return f"{HIDDEN}{text[longest:]}" if longest else text

    def hide_in(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        """A JSON value with every text in it hidden; its keys are names of ours.

        Where there is nothing to hide it is the very value: a plan may hold 20,000 commits.
        """
        if isinstance(value, str):
            shown = self.hide(value)
            return value if shown == value else shown
        if isinstance(value, Mapping):
            fields = {key: self.hide_in(each) for key, each in value.items()}
            return value if all(map(is_, fields.values(), value.values())) else fields
        if isinstance(value, list | tuple):
            listed = [self.hide_in(each) for each in value]
            return value if all(map(is_, listed, value)) else listed
        return value

    @cached_property
    def _written(self) -> tuple[str, ...]:
        """Every writing of each of them, the longest first: one may be the beginning of another."""
        written = {each for value in self.values for each in _writings_of(value)}
        return tuple(sorted(written, key=lambda each: (-len(each), each)))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, self._written)))


def _may_have_form(text: str) -> bool:
    if not text.isascii():  # letters that count as others, such as the long s
        return True
    return _TELLING.search(text.lower()) is not None


def guard(stream: TextIO, secrets: Callable[[], Secrets]) -> TextIO:
    """The stream, on which none of the secrets is written; asked for them with the first text."""
    return stream if isinstance(stream, _Guarded) else cast("TextIO", _Guarded(stream, secrets))


def unguarded(stream: TextIO) -> TextIO:
    """The stream below: for a long text, of which every part has been hidden already."""
    return stream.below if isinstance(stream, _Guarded) else stream


class _Guarded:
    """A stream of text that passes everything through ``Secrets``."""

    def __init__(self, stream: TextIO, secrets: Callable[[], Secrets]) -> None:
        self.below = stream
        self._secrets = secrets

    def write(self, text: str) -> int:
        return self.below.write(self._secrets().hide(text))

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a stream has
        return getattr(self.below, name)


def _find_values(variables: Mapping[str, str]) -> Iterator[str]:
    for name, value in variables.items():
        if is_secret_name(name):
            yield value
        yield from _IN_QUERY.findall(value)
        yield from _IN_HEADER.findall(value)
        for user in _IN_URL.findall(value):
            known, colon, password = user.partition(":")
            yield password if colon else known


def _parts_of(value: str) -> Iterator[str]:
    """The value, its lines where it has several, and what it is without its URL's escapes."""
    lines = value.strip().split("\n") if "\n" in value.strip() else []
    for each in (value.strip(), *map(str.strip, lines), unquote(value.strip())):
        if len(each) >= _SHORTEST and not _ORDINARY.fullmatch(each) and not _MARKER.fullmatch(each):
            yield each


def _overlap(left: str, right: str) -> int:
    """How much of the end of ``left`` is the beginning of ``right``; 0 where it is next to none."""
    head, tail = right[:_SHORTEST_PART], left[-len(right) :]
    at = tail.find(head)
    while at >= 0 and not right.startswith(tail[at:]):
        at = tail.find(head, at + 1)
    return len(tail) - at if at >= 0 else 0


def _writings_of(value: str) -> Iterator[str]:
    """The value as texts have it: plain, typed, in a URL, Slack, JSON, Python and base64."""
    yield value
    yield html.escape(value, quote=False)  # as Slack wants it
    yield value.replace("'", "'\"'\"'")  # as shlex.quote does
    yield quote(value, safe="")
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield repr(value)[1:-1]
    yield base64.b64encode(value.encode(errors="surrogateescape")).decode()


def drop_credentials(address: str) -> str:
    """A web address without the user and password that stand in it; any other as it is."""
    scheme, separator, rest = address.partition("://")
    if not separator:  # git@host:path, a folder
        return address
    place, slash, path = rest.partition("/")
    return f"{scheme}{separator}{place.rpartition('@')[2]}{slash}{path}"
