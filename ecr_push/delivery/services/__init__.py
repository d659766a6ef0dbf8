"""The services that run images: what would change there, the change, and the wait for its end."""
