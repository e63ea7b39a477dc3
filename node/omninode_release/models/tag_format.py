"""How release tags are named, as a configuration writes it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

PLACES = {".": "{version}", "_": "{version:_}", "-": "{version:-}"}
"""What stands for the version in a format, by what joins its numbers in the tag."""


def _check_format(fmt: str) -> str:
    before, joint = split_format(fmt)
    if joint is None:
        raise ValueError(f"{fmt!r} must end with {{version}} (for 1_2_0 with {{version:_}})")
    rest = fill_name(before, "")
    if "{" in rest or "}" in rest:
        raise ValueError(f"{fmt!r} may name only {{repo}}, {{name}} and, at its end, {{version}}")
    return fmt


def split_format(fmt: str) -> tuple[str, str | None]:
    """What stands before the version, and what joins its numbers; None where there is no place."""
    for joint, place in PLACES.items():
        if fmt.endswith(place):
            return fmt.removesuffix(place), joint
    return fmt, None


def fill_version(fmt: str, version: str) -> str:
    """The format with the version in its place."""
    before, joint = split_format(fmt)
    return before + version.replace(".", joint or ".")


def fill_name(fmt: str, repo: str) -> str:
    """The format of one repository: ``{name}`` is another word for ``{repo}``."""
    return fmt.replace("{repo}", repo).replace("{name}", repo)


def names_package(fmt: str) -> bool:
    """True where the format tells the tags of one package from those of another."""
    return fill_name(fmt, "") != fmt


TagFormat = Annotated[str, AfterValidator(_check_format)]
"""How a release tag is named."""
