"""JSON files that carry a digest of themselves: one flipped byte is found.

The digest is no signature: who can write the file can write its digest. It tells a file that was
damaged, or edited in passing, from one that is as it was made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from omninode_release.system.files import encode_json
from omninode_release.system.json_text import parse_strict_json

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELD = "digest"
LARGEST = 32 * 1024 * 1024
"""Bytes; no file of ours comes near it."""


def seal(value: Mapping[str, Any]) -> dict[str, Any]:
    """The same with its digest, which stands last."""
    return {**{key: each for key, each in value.items() if key != FIELD}, FIELD: digest_of(value)}


def read_sealed(data: bytes) -> dict[str, Any]:
    """The value of a sealed file. Raises ValueError, which says what is not as it was made."""
    if len(data) > LARGEST:
        raise ValueError(f"it has more than {LARGEST} bytes")
    value = parse_strict_json(data)
    if not isinstance(value, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - of the text, not of a type
    if value.get(FIELD) != digest_of(value):
        raise ValueError(f"its {FIELD} is not that of what it holds: it was changed or damaged")
    if data != encode_json(value):
        raise ValueError("its bytes are not those that were written: it was changed or damaged")
    return value


def digest_of(value: Mapping[str, Any]) -> str:
    """The digest of a value, whatever it says itself of that.

    A field may be an iterator of what stands in its list: the rows of a plan, one at a time.
    """
    sha = hashlib.sha256()
    for number, key in enumerate(sorted(each for each in value if each != FIELD)):
        sha.update(f"{',' if number else '{'}{_canonical(key)}:".encode())
        for piece in _split(value[key]):
            sha.update(piece.encode())
    sha.update(b"}")
    return f"sha256:{sha.hexdigest()}"


def _split(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """The canonical JSON of a field, a list of rows in pieces."""
    if not isinstance(value, list | Iterator):
        yield _canonical(value)
        return
    before = "["
    for each in value:
        yield f"{before}{_canonical(each)}"
        before = ","
    yield "[]" if before == "[" else "]"


def _canonical(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
