"""Patterns with `*`, as ECR's filters have them, in a time that grows with the text alone."""

from __future__ import annotations


def matches(pattern: str, text: str) -> bool:
    """Whether `*` as any text, the empty one too, makes the pattern the whole text."""
    first, *rest = pattern.split("*")
    if not rest:
        return first == text
    last = rest.pop()
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in rest:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
