"""The permissions that a command needs with its settings, a statement a step, for each principal. Pure."""
