"""Whether contract, code and documents say the same: what ``omni-release validate`` looks at.

Each check is a function from what is looked at to what it finds, with file and line. The tests
call the same checks.
"""
