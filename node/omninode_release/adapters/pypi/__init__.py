"""A package index over HTTP."""
