"""Which commits of a history are undone by later ones: messages -> what is still in effect. Pure.

The specification of Conventional Commits leaves reverts to each tool. Here a commit and its revert are as if
neither had been made, if both are read; a revert of what was released before counts by itself.
"""

from __future__ import annotations

import re
from dataclasses import field

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex

# As git writes it, also of a merge ("…, reversing changes made to …").
_COMMIT = lazy_regex(r"^This reverts commit ([0-9a-f]{7,64})\b", re.MULTILINE | re.IGNORECASE)
# As GitHub describes the pull request that its button Revert opens; the squashed commit has that text.
_PULL_REQUEST = lazy_regex(r"^Reverts (?:[\w.-]+/[\w.-]+)?(#\d+)\s*$", re.MULTILINE)
_NUMBER = lazy_regex(r" \((#\d+)\)$")


@dataclass()
class Reverts:
    """What the commits that were read so far undo. Commits are read newest first: a revert before its commit.

    A commit is named by the first digits of its hash, or by the number of its pull request, `#12`.
    """

    _undone: dict[str, bool] = field(default_factory=dict)  # a name -> whether its commit was read

    def note(self, message: str) -> tuple[str, ...]:
        """The commits that a message says it undoes."""
        names = tuple(one.lower() for one in (*_COMMIT.findall(message), *_PULL_REQUEST.findall(message)))
        for name in names:
            self._undone.setdefault(name, False)
        return names

    def undo(self, commit: str, message: str) -> bool:
        """Whether a later commit undoes this one."""
        number = _NUMBER.search(message.lstrip("\r\n").partition("\n")[0].rstrip())
        names = [name for name in self._undone if commit.startswith(name) or (number and number[1] == name)]
        self._undone.update(dict.fromkeys(names, True))
        return bool(names)

    def were_read(self, names: tuple[str, ...]) -> bool:
        """Whether all these commits were read."""
        return all(self._undone[name] for name in names)
