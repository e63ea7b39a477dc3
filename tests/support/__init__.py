"""What several tests need: organisations, git, and the command line."""
