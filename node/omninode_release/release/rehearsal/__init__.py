"""The train, proven before the gate."""
