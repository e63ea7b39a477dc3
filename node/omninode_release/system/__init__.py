"""Time, files and programs: what the machine gives us."""
