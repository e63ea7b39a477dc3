"""What commits mean for a release."""
