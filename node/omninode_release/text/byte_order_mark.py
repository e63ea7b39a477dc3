"""Three bytes that some editors put before a text, and that TOML does not allow."""

from __future__ import annotations

from omninode_release.errors import ErrorCode, ReleaseError, typed

_MARK = "\ufeff"


def refuse_mark(text: str, *, where: str, code: ErrorCode) -> None:
    """Raise ``code`` for a text that begins with one; tomllib calls it an invalid statement."""
    if text.startswith(_MARK):
        cut = f"import pathlib; p = pathlib.Path({where!r}); p.write_bytes(p.read_bytes()[3:])"
        raise ReleaseError(
            code,
            f"expected {where} to be UTF-8 without a byte order mark, which TOML does not allow,"
            " found one at its beginning (EF BB BF).",
            hint=f"{typed(('python3', '-c', cut))} in the folder of the clones takes it away;"
            " commit that and land it on the base branch",
        )
