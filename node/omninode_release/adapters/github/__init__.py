"""GitHub, through gh."""
