"""Changelogs and fragments of them, in Markdown and reStructuredText."""
