"""A registry in order: repositories as a file says, and lifecycle policies, in `lifecycle/`.

May import base, ci, versions and registry.
"""
