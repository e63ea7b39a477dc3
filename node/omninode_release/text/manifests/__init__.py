"""A package as its manifest and the files beside it have it."""
