"""What is read from git and written to it: commands, history, remotes, tags."""
