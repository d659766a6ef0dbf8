"""Regular expressions that are compiled when they are first used.

The package has more than a hundred, of which a command uses a few: to compile them all is a twentieth of a
run's processor time.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


def lazy_regex(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What `re.compile` returns, compiled when an attribute is read. Functions of `re` do not take it."""
    return cast(re.Pattern[AnyStr], _Lazy(pattern, flags))


class _Lazy:
    def __init__(self, pattern: Any, flags: int) -> None:
        self._arguments = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(*self._arguments), name)  # `re` keeps what it has compiled
        setattr(self, name, found)  # from now on without this method
        return found
