"""Which version of ecr-push this is."""

from __future__ import annotations


def own_version() -> str:
    """The version of the package as it was installed; "" for a copy of its files without metadata."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("ecr-push")
    except PackageNotFoundError:
        return ""
