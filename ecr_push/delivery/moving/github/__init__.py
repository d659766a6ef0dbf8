"""Workflows of GitHub Actions: read by their places, and changed there alone."""
