"""What a scan finds in each clone."""
