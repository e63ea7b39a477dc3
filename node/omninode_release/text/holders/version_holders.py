"""A version that a file other than the manifest holds: where it stands, and how it is changed.

One form serves Python, TOML, JSON, YAML, INI, fields of rst and tags of XML: a key that says
version or release, and the number after it. A file that is nothing but the number is one, too.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.formats.line_edits import BYTE_ORDER_MARK
from omninode_release.text.holders.version_files import bump_literal, find_strings_and_comments
from omninode_release.text.requirements.declared import MANIFEST
from omninode_release.text.versions.version import complete_version, spell_like

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from packaging.version import Version

    from omninode_release.text.holders.bump_tools import Named

# `target-version`, `cff-version` and `schema_version` are versions of something else. Python may
# write the numbers apart: `version_info = (1, 2, 3)`.
_FORM = r"""
    {start} {names}
    (?: ["'<] | (?<![^\n]) : )? (?P<key> (?i: _* (?:{before})? (?:version|release) (?:_info)? _* ) )
    ["']? [ \t]* (?: : [^=\#"'\r\n]* )? (?: [:=] | (?<=n) > (?=[0-9]) ) [ \t]* {names}
    ["'(\[]? (?: (?<=["'])= )? [vV]?
    (?P<number> {first} (?P<dot> \. | , [ ]? ) {rest} ) {last}
    (?= [ \t]* (?: ["',)\]\}};\#] | </ | \r?$ ) )
"""
_BEFORE = r"current_|package_|app_|sonar\.project"
_NAMES = r"(?: [A-Za-z_]\w* [ \t]* = [ \t]* )*?"  # `version = release = "1.2.3"`
_ANYWHERE = r"(?: ^ \ufeff? | [{,(] | \{%-? [ ]* set [ ] ) [ \t]*"
_NO_THIRD = r"(?! [ ]* , [ ]* [0-9] )"  # `1, 55` is no version in `1, 55, 1`
_AT_END = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+$")
# What a tuple says behind its numbers: `(8, 3, 0, "beta", 0)`.
_STATE = re.compile(r",[ ]?[\"'](?!final)(?P<state>[A-Za-z]\w*)[\"']")
# A table of requirements, and what says in it that one is a crate of the same repository.
_REQUIREMENTS = re.compile(r"\[[^\n]*dependencies")
_BESIDE = re.compile(r"\bpath[ \t]*=")
_LONGEST = 500  # a file may be one line of megabytes, with thousands of versions in it
_UNINDENTED = r"^ \ufeff?"  # what is indented in Python belongs to something


class Holder(NamedTuple):
    """One place that holds a version."""

    key: str
    """What stands before the number; empty where the file is nothing else."""
    line: int
    """Counted from 1."""
    words: str
    """The line, of a long one its beginning."""
    start: int
    """Where the number begins in the text."""
    end: int
    separator: str
    """What stands between its parts."""


def find_holders(path: str, text: str, version: str, named: Iterable[Named] = ()) -> list[Holder]:
    """Every place of a file that holds exactly ``version``, also those that a bump tool names."""
    found = _find_named(path, text, version, named) + _find_usual(path, text, version)
    return [*{each.start: each for each in sorted(found, key=lambda each: each.start)}.values()]


def _find_named(path: str, text: str, version: str, named: Iterable[Named]) -> list[Holder]:
    holders: list[Holder] = []
    for each in named:
        if each.path == path and each.is_plain:
            before, after = re.escape(each.before), re.escape(each.after)
            # Where nothing has to stand beside it, 1.2 may be the half of 1.2.9 or of 1.2rc1.
            start = r"(?<![0-9])" if before else r"(?<![0-9])(?<![0-9]\.)"
            end = r"(?![0-9])" if after else r"(?!\.?[0-9]|[A-Za-z])"
            form = rf"{before}{start}(?P<number>{re.escape(version)}){end}{after}"
            holders += [_hold(text, found.span("number")) for found in re.finditer(form, text)]
    return holders


def _find_usual(path: str, text: str, version: str) -> list[Holder]:
    if text.removeprefix(BYTE_ORDER_MARK).strip().removeprefix("v") == version:
        start = text.index(version)
        return [_hold(text, (start, start + len(version)))]
    is_module = path.endswith(".py") and not path.endswith("setup.py")
    first, *rest = version.split(".")
    if not any(dot.join((first, *rest)) in text for dot in (".", ",", ", ")):
        return []  # as nearly always, and the form is another for every version
    before = _UNINDENTED if is_module else _ANYWHERE
    names = _NAMES if path.endswith(".py") else ""
    parts = {"first": first, "rest": " (?P=dot) ".join(rest)}
    parts["last"] = _NO_THIRD if len(rest) == 1 else ""
    form = _FORM.format(start=before, before=_BEFORE, names=names, **parts)
    aside = find_strings_and_comments(text) if is_module else []
    holders, line, at = [], 1, 0
    for found in re.finditer(form, text, re.VERBOSE | re.MULTILINE):
        line, at = line + text.count("\n", at, found.start("number")), found.start("number")
        is_other = path.endswith(".toml") and _is_of_another(text, at)
        if not is_other and not any(start < found.start("key") < end for start, end in aside):
            span = found.span("number")
            holders.append(_make_holder(text, line, found["key"], span, found["dot"]))
    return holders


def _is_of_another(text: str, at: int) -> bool:
    """True for the requirement on a package that is not beside the file."""
    table = text.rfind("\n[", 0, at) + 1
    begin = text.rfind("\n", 0, at) + 1
    entry = text[begin:at] if "{" in text[begin:at] else text[table:at]
    end = text.find("\n" if "{" in entry else "\n[", at)
    entry += text[at : end if end > 0 else None]
    return _is_required(text, at) and not _BESIDE.search(entry)


def _is_required(text: str, at: int) -> bool:
    """True in a TOML table of requirements."""
    return bool(_REQUIREMENTS.match(text, text.rfind("\n[", 0, at) + 1))


def find_unwritable(path: str, text: str, version: str, named: Iterable[Named]) -> list[Holder]:
    """What the bump tool that names a file changes there, where BUMP can write nothing.

    pyproject.toml is written by its keys alone.
    """
    usual, plain = _find_usual(path, text, version), _find_named(path, text, version, named)
    if path == MANIFEST:
        return [each for each in plain if each.start not in {each.start for each in usual}]
    if usual or plain or not version:
        return []
    number = rf"(?<![0-9.]){re.escape(version)}(?!\.?[0-9])"
    return [_hold(text, each.span()) for each in re.finditer(number, text)]


def list_old_versions(
    declared: object, tag: str | None, *, current: str | None, new: str | None
) -> list[str]:
    """What a file can hold that was not forgotten: the manifest's version, and the last tag's.

    Where the one is written 8.1, a file beside it may have 8.1.0.
    """
    tagged = _AT_END.search(tag or "")
    known = {str(each) for each in (declared, tagged and tagged[0], current) if each}
    return sorted({*known, *map(complete_version, known)} - _spell_alike(str(new)))


def _spell_alike(version: str) -> set[str]:
    """A version, and how else a file may have one that is written 8.1."""
    return {version, complete_version(version)}


def edit_version_file(
    path: str,
    source: str,
    edited: str | None,
    *,
    old: Collection[str],
    new: str,
    named: Collection[Named] = (),
) -> str:
    """A file of ``version_files`` as BUMP leaves it; ``edited`` is what is known of that already.

    Raises ValueError, saying what was found, where it holds no version, or two that could be it.
    """
    if repeated := find_repeated(path, source, old):
        places = " and ".join(f"line {each.line} ({each.words})" for each in repeated)
        raise ValueError(f"in which {places} could be the version")
    text = write_version(path, edited or source, old=old, new=new, named=named) or edited
    if text is None:
        raise ValueError(f"in which nothing holds {' or '.join(old) or 'the version'}")
    return text


def write_version(
    path: str,
    text: str,
    *,
    old: Collection[str],
    new: Version | str,
    named: Collection[Named] = (),
) -> str | None:
    """``text`` with ``new`` in every place that holds one of ``old``, and in a ``__version__``.

    None where it holds neither those nor ``new``: it is no holder of the version. Raises
    BUMP_FAILED for a tuple that would say that the release is none.
    """
    edited = bump_literal(text, new) if path.endswith(".py") else text
    for version in set(old) - _spell_alike(str(new)):
        for each in reversed(find_holders(path, edited, version, named)):
            _require_final(edited, path, each)
            number = spell_like(str(new), version, path, each.separator)
            edited = f"{edited[: each.start]}{number}{edited[each.end :]}"
    there = [
        each for said in _spell_alike(str(new)) for each in find_holders(path, text, said, named)
    ]
    for each in there:
        _require_final(text, path, each)
    return edited if edited != text or there else None


def _require_final(text: str, path: str, holder: Holder) -> None:
    state = _STATE.match(text, holder.end)
    if state is not None:
        raise ReleaseError(
            ErrorCode.BUMP_FAILED,
            f"expected the tuple of {path}, line {holder.line} ({holder.words}), to be that of a"
            f" release, found {state['state']!r} in it: that would be published.",
            hint=f"write 'final' in its place on the base branch; or let a command of after_bump"
            f' write it, and "!{path}" into version_files of the release configuration',
        )


def find_repeated(path: str, text: str, versions: Collection[str]) -> list[Holder]:
    """Places under the same key, of which a tool reads one; Python may repeat itself.

    So may requirements on crates of the same repository.
    """
    found = [each for version in versions for each in find_holders(path, text, version)]
    if path.endswith(".toml"):
        found = [each for each in found if not _is_required(text, each.start)]
    keys = Counter(each.key for each in found)
    return [] if path.endswith(".py") else [each for each in found if keys[each.key] > 1]


def find_other_literals(text: str, versions: Collection[str]) -> Iterator[str]:
    """The lines of a Python file whose ``__version__`` is a literal of another version."""
    for line, bare in zip(text.split("\n"), bump_literal(text, "").split("\n"), strict=True):
        if line != bare and not any(version in line for version in versions):
            yield line.strip()


def _hold(text: str, span: tuple[int, int]) -> Holder:
    """A place that its own words tell of."""
    return _make_holder(text, text.count("\n", 0, span[0]) + 1, "", span, ".")


def _make_holder(text: str, line: int, key: str, span: tuple[int, int], separator: str) -> Holder:
    begin = text.rfind("\n", 0, span[0]) + 1
    words = text[begin : begin + _LONGEST].partition("\n")[0].strip()
    return Holder(key, line, words, *span, separator)
