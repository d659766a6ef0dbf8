"""The options of all rooms as one: declared, read from flags, environment and file, and checked.

May import the rooms up to release.
"""
