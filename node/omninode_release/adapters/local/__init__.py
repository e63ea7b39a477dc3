"""The embedded forge and index: everything on this machine."""
