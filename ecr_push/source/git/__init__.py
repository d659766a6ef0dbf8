"""What git says, and what is asked of it: commands, history, remotes, tags."""
