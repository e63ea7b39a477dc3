"""Versions, and the tags that say them."""
