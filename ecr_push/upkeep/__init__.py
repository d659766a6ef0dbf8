"""A registry in order: repositories as a file says, and the registry's own settings, in `registry/`.

Lifecycle policies are in `lifecycle/`, who may do what in `policies/`.

May import base, ci, versions and registry.
"""
