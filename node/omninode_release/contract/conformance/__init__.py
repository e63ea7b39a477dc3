"""The checks of ``omni-release validate``: that contract, code and documents say the same.

Each check takes what is looked at and yields what it finds, with file and line. The tests call the
same checks.
"""
