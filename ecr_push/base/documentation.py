"""Where the documentation is: the one place that knows its address."""

from __future__ import annotations

HOME = "https://github.com/ecr-push/ecr-push"


def page(name: str) -> str:
    """The address of a page or a section: `page("scanning.md#refused")`."""
    return f"{HOME}/blob/main/docs/{name}"
