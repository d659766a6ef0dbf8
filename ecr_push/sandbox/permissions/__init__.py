"""Permissions: the principals and their policies (`setup`), and what a call needs (`need`)."""
