"""What repositories are to be, and where they differ: the nouns."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import field, fields, replace

from ecr_push.base.dataclass import dataclass
from ecr_push.registry.repositories import RepositorySettings
from ecr_push.upkeep.policies.model import Grant
from ecr_push.upkeep.policies.render import repository_policy
from ecr_push.upkeep.public_model import WantedCatalog


@dataclass(frozen=True)
class Wanted:
    """Settings of a repository, as far as a file gives them; None for what it leaves as it is.

    mutability: MUTABLE or IMMUTABLE. exceptions: patterns of tags for which the opposite holds.
    encryption: AES256, KMS or KMS_DSSE, of a repository that is created; it can never be changed.
    lifecycle, policy: JSON; "" for none. tags: these, whatever other ones a repository has.
    pull, push: who may; together they are the policy, see `settled`.
    """

    mutability: str | None = None
    exceptions: tuple[str, ...] | None = None
    scan_on_push: bool | None = None
    encryption: str | None = None
    kms_key: str | None = None
    lifecycle: str | None = None
    policy: str | None = None
    tags: Mapping[str, str] | None = None
    pull: tuple[Grant, ...] | None = None
    push: tuple[Grant, ...] | None = None

    def over(self, other: Wanted) -> Wanted:
        """These settings, and those of other that are not among them. Tags add up.

        A policy goes over who may pull and push, and these over a policy: all of them say the same.
        """
        if self.policy is not None:
            other = replace(other, pull=None, push=None)
        elif self.pull is not None or self.push is not None:
            other = replace(other, policy=None)
        given = {
            one.name: getattr(other if getattr(self, one.name) is None else self, one.name)
            for one in fields(self)
        }
        if self.tags is not None and other.tags is not None:
            given["tags"] = {**other.tags, **self.tags}
        return Wanted(**given)

    @property
    def settled(self) -> Wanted:
        """With the policy that pull and push stand for."""
        if self.pull is None and self.push is None:
            return self
        return replace(self, policy=repository_policy((*(self.pull or ()), *(self.push or ()))))


def means(pattern: str, name: str) -> bool:
    """Whether a name of the file, with `*` for any text, stands for a repository."""
    return fnmatch.fnmatchcase(name, pattern)


@dataclass(frozen=True)
class WantedRepositories:
    """What a file says. named: by name or pattern, in the order of the file; a later pattern goes over an
    earlier one, a name over every pattern, and all of them over the defaults.

    doubts: what is probably not meant, each with its line. public: of ECR Public, by the name without alias.
    """

    named: Mapping[str, Wanted] = field(default_factory=dict)
    defaults: Wanted = field(default_factory=Wanted)
    doubts: tuple[str, ...] = ()
    public: Mapping[str, WantedCatalog] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in self.named if "*" not in name)

    @property
    def patterns(self) -> tuple[str, ...]:
        return tuple(name for name in self.named if "*" in name)

    def of(self, name: str) -> Wanted | None:
        """What a repository of this name is to be; None where the file says nothing of it."""
        found = [one for one in self.patterns if means(one, name)]
        found += [name] if name in self.named else []
        if not found:
            return None
        wanted = self.defaults
        for one in found:
            wanted = self.named[one].over(wanted)
        return wanted.settled


@dataclass(frozen=True)
class Change:
    """One setting that differs. lines: what is shown of it.

    can_be_made: False for what ECR never changes once a repository exists.
    """

    key: str
    lines: tuple[str, ...]
    can_be_made: bool = True


@dataclass(frozen=True)
class RepositoryPlan:
    """What is to be done to one repository; nothing where changes is empty and it exists.

    found: as it is; None for one that does not exist.
    """

    name: str
    wanted: Wanted
    found: RepositorySettings | None = None
    changes: tuple[Change, ...] = ()

    @property
    def exists(self) -> bool:
        return self.found is not None

    @property
    def differs(self) -> bool:
        return bool(self.changes) or not self.exists

    @property
    def impossible(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if not change.can_be_made)
