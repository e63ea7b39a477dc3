"""One module for each word a person can type: parse, call, print."""
