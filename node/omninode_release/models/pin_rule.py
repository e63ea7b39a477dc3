"""What becomes of a requirement on a package that is released earlier in the same run."""

from __future__ import annotations

from typing import Literal, TypeAlias

PinRule: TypeAlias = Literal["exact", "override", "raise", "keep", "lockstep"]
"""``exact``: ``==`` its new version, inside the bounds it had; ``override``: the same, past them,
too; ``raise``: from its new version on, below the bound it had or the next of its kind; ``keep``:
as it stands, which has to admit the new version; ``lockstep``: ``exact``, and both packages always
have one version."""
WrittenRule: TypeAlias = Literal["exact", "raise"]
"""How PIN writes: an exact requirement, or one with a raised lower bound."""
