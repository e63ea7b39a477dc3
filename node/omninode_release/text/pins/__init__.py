"""Pins on siblings: which requirements they rewrite, and how each will read."""
