"""What a CI is told of a run, in its own language: one module a CI."""
