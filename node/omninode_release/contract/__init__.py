"""contract.yaml as a value, and all that is generated or checked from it."""
