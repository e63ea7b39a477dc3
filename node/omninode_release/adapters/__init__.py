"""Verbs on the world: git, forge, index, uv, pre-commit. They know nothing of phases."""
