"""Lock files, read: one module for each kind, and which of them a repository has."""
