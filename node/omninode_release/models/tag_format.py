"""How release tags are named, as a configuration writes it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator


def _check_format(fmt: str) -> str:
    if fmt.count("{version}") != 1 or not fmt.endswith("{version}"):
        raise ValueError(f"{fmt!r} must end with {{version}}")
    rest = fmt.replace("{version}", "").replace("{repo}", "")
    if "{" in rest or "}" in rest:
        raise ValueError(f"{fmt!r} may name only {{repo}} and {{version}}")
    return fmt


TagFormat = Annotated[str, AfterValidator(_check_format)]
"""How a release tag is named."""
