"""Recognise what a release itself commits, by this tool or another: no work, nothing to release."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omninode_release.text.commit_subject import Subject

_VERSION = r"v?[0-9]+\.[0-9]+\.[0-9][\w.+-]*"
_LOOSE_VERSION = r"v?[0-9]+\.[0-9][\w.+-]*"
_TAIL = r"(?:\s*[\[(].*)?"
# bump2version, bump-my-version, bumpver, tbump, zest.releaser, and people by hand
_VERSION_BUMP = re.compile(
    rf"""
      bump \s (?:package\s|project\s)? version:? \s (?:from\s)?
        (?: {_LOOSE_VERSION} \s? (?:→|->|=>|to) \s? | to\s )? {_LOOSE_VERSION} {_TAIL}
    | bump \s to \s {_VERSION} {_TAIL}
    | prepar(?:e|ing) \s release \s (?:version\s)? {_VERSION} {_TAIL}
    | start \s version \s {_VERSION} {_TAIL}
    | back \s to \s development: \s {_LOOSE_VERSION} {_TAIL}
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
# `1.2.0` is what npm and python-semantic-release commit.
_RELEASE_TITLE = re.compile(
    rf"(?:version\s+|release\s+(?:[\w.-]+\s+)?)?{_VERSION}(?:\s*\[[^\]]*\])*", re.IGNORECASE
)
# "release", "release core", "release core v0.2.0 and pin …"; but "release the lock" is work.
_RELEASE_CHORE = re.compile(
    r"release(?:\s+[\w./-]+)?(?:\s*[\[(].*)?|release\s+(?:\S+\s+)?v?[0-9]+\.[0-9]+\.[0-9]+.*",
    re.IGNORECASE | re.DOTALL,
)


def is_bookkeeping(kind: str, subject: Subject) -> bool:
    """True for a release, or a version raised by hand, by the type and the words of its subject."""
    match kind:
        case "release":
            return True
        case "bump":  # commitizen
            return bool(_VERSION_BUMP.fullmatch(f"bump {subject.words}"))
        case "chore":
            scopes = [scope.lower() for scope in subject.scopes]
            if "release" in scopes or _RELEASE_CHORE.fullmatch(subject.words):
                return True
            # `chore(deps): bump version to 2.0` is about another package.
            deps = any(scope.startswith("dep") for scope in scopes)
            return not deps and bool(_VERSION_BUMP.fullmatch(subject.words))
        case "":
            return any(form.fullmatch(subject.words) for form in (_RELEASE_TITLE, _VERSION_BUMP))
        case _:
            return False
