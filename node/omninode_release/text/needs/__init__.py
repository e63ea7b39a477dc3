"""Where a package says what it requires, beside the tables of pyproject.toml: one module per kind.

Each has ``read(text)``, every string of a file by its place, and ``find_lists(source)``, which of
them are requirements. ``registry`` gathers them; ``edit`` changes one and no other byte.
"""
