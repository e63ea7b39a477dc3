"""How release tags are named, as a configuration writes it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator


def _check_format(fmt: str) -> str:
    if fmt.count("{version}") != 1 or not fmt.endswith("{version}"):
        raise ValueError(f"{fmt!r} must end with {{version}}")
    rest = fill_name(fmt.replace("{version}", ""), "")
    if "{" in rest or "}" in rest:
        raise ValueError(f"{fmt!r} may name only {{repo}}, {{name}} and {{version}}")
    return fmt


def fill_name(fmt: str, repo: str) -> str:
    """The format of one repository: ``{name}`` is another word for ``{repo}``."""
    return fmt.replace("{repo}", repo).replace("{name}", repo)


def names_package(fmt: str) -> bool:
    """True where the format tells the tags of one package from those of another."""
    return fill_name(fmt, "") != fmt


TagFormat = Annotated[str, AfterValidator(_check_format)]
"""How a release tag is named."""
