"""TOML, YAML and JSON as they are written, and edits of lines."""
