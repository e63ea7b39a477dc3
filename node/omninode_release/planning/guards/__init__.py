"""What forbids a plan, or what a person should know before approving it."""
