"""Files of a project that state its version."""
