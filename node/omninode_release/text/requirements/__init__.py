"""What a pyproject.toml requires, and which versions that admits."""
