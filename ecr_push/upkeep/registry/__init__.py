"""The settings of a whole registry as a file says: one module a kind of settings in `sections/`."""
