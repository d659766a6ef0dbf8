"""Repositories as the files of tools that keep an infrastructure: one module for each tool."""
