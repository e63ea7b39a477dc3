"""Facts in, a plan out; nothing is changed."""
