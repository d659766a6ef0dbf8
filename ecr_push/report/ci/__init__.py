"""What a CI takes of a run, in its own form: one module a CI, and one line in the table of `choose`."""
