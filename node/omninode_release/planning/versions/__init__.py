"""Which version a repository gets next, from tags, manifest and commits."""
