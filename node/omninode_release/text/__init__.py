"""Pure text: strings in, strings out; no file, no program, no clock."""
