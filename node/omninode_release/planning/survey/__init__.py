"""A look at the clones for what a configuration needs to say: what `init` writes."""
