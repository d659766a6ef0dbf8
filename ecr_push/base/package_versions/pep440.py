"""Python's order, PEP 440, by `packaging`: https://peps.python.org/pep-0440/."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from ecr_push.base.package_versions.keys import Key, runs

if TYPE_CHECKING:
    from packaging.version import Version


def key(text: str) -> Key:
    """Returns the version; of a text that is not valid, its valid beginning, then the rest."""
    if version := _version(text):
        return (version,), runs("")
    match = _beginning().match(text)
    beginning = match[0] if match else ""
    version = _version(beginning)
    return ((version,), runs(text[len(beginning) :])) if version else ((), runs(text))


def check(text: str) -> None:
    """Raises ValueError where text is not a valid version, such as the legacy version `2004d`."""
    if _version(text) is None:
        raise ValueError(f"{text!r} is not a valid Python version (PEP 440)")


def _version(text: str) -> Version | None:
    from packaging.version import Version  # 3 ms

    try:
        return Version(text)
    except ValueError:  # InvalidVersion, or a number of more than 4,300 digits
        return None


@lru_cache(maxsize=1)
def _beginning() -> re.Pattern[str]:
    from packaging.version import VERSION_PATTERN

    return re.compile(VERSION_PATTERN, re.VERBOSE | re.IGNORECASE)
