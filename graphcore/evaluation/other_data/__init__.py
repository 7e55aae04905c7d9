"""A run on another dataset than its own."""
