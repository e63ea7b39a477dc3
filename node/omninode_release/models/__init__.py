"""Frozen values that cross a boundary: configuration, plan, state, result."""
