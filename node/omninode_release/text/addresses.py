"""Addresses as they may be shown and kept."""

from __future__ import annotations


def drop_credentials(address: str) -> str:
    """A web address without the user and password that stand in it; any other as it is."""
    scheme, separator, rest = address.partition("://")
    if not separator:  # git@host:path, a folder
        return address
    place, slash, path = rest.partition("/")
    return f"{scheme}{separator}{place.rpartition('@')[2]}{slash}{path}"
