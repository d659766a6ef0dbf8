"""What is exported of a repository: the noun, and names that a tool takes for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ecr_push.base.dataclass import dataclass
from ecr_push.registry.repositories import RepositorySettings
from ecr_push.upkeep.as_file import as_wanted
from ecr_push.upkeep.model import Wanted


@dataclass(frozen=True)
class Exported:
    """A repository. found: as it is; None for one that does not exist yet.

    wanted is whole where the repository exists: what a tool is not given, it sets to its own default, or it
    replaces the repository.
    """

    name: str
    wanted: Wanted
    found: RepositorySettings | None = None

    @staticmethod
    def of(name: str, wanted: Wanted, found: RepositorySettings | None) -> Exported:
        """What a file says; what it leaves open, and the encryption, which never changes, as it is."""
        if found is None:
            return Exported(name, wanted)
        there = as_wanted(found)
        if wanted.mutability:  # a file that gives one without exceptions means none
            there = replace(there, exceptions=None)
        unchanged = replace(wanted, encryption=None, kms_key=None)
        return Exported(name, unchanged.over(there), found)


def as_identifiers(names: Iterable[str], convert: Callable[[str], str]) -> Mapping[str, str]:
    """An identifier for each name; where two convert to the same, the later ones get a number."""
    found: dict[str, str] = {}
    for name in names:
        first = identifier = convert(name)
        number = 2
        while identifier in found.values():
            identifier, number = f"{first}{number}", number + 1
        found[name] = identifier
    return found


def words_of(name: str) -> list[str]:
    return re.findall("[a-z0-9]+", name)
