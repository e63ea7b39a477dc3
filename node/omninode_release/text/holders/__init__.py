"""Where a repository holds its version: one module for each tool that says so in its own way.

Each answers ``find(source)``: the place, None where the repository does not use that tool, or
VERSION_INVALID where it does in a way that leaves nothing to write. ``registry`` asks them in turn.
"""
