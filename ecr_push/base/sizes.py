"""Sizes as people read them."""

from __future__ import annotations


def megabytes(size: int) -> str:
    """`41 MB`, and of small ones a digit more: `3.1 MB`, `0.1 MB`."""
    found = size / 1e6
    return f"{found:.0f} MB" if found >= 10 else f"{max(found, 0.1):.1f} MB"
