"""Who is at work on a run, on this machine and on others."""
