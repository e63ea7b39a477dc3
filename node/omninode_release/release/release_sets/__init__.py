"""What a run has released: written down, and held against the world."""
