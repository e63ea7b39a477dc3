"""From a request and its surroundings to what is released, and where."""
