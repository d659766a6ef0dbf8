"""The commit: what git and the CI say of it, whose code it is, and git itself in `git/`.

May import base, ci, versions and registry.
"""
