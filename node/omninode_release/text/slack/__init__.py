"""Messages as Slack shows them."""
