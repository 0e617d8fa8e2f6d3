"""The Go pack."""
