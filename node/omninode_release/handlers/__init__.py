"""What contract.yaml names for ONEX to call."""
