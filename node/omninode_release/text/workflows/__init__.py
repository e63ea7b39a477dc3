"""What workflows of a forge listen to, and what their jobs upload."""
