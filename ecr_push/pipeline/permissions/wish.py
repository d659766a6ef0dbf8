"""What permissions are asked for. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.place import Place
from ecr_push.pipeline.copies.model import CopyJob
from ecr_push.registry.options import target_of
from ecr_push.registry.permissions import BY_TEMPLATE, PASSED_TO, REGISTRY_READS, RepositoryArn
from ecr_push.settings.declare import Settings
from ecr_push.upkeep.model import WantedRepositories

Scans = Literal["basic", "enhanced", "either"]
ANY_ROLE = ("*",)


@dataclass(frozen=True)
class Wish:
    """What permissions are asked for.

    command: such as `repository apply`. region: where the settings name none.
    pattern: of repositories, in place of the settings' one.
    scans:   how the registry scans. objects: `s3://…` that the policy for findings is made of.
    sections: the keys of the registry's settings that `registry …` keeps.
    passed:  the roles that ECR gets by them, by the key of the settings. by_template: what it does by their
             templates, as actions.
    wanted:  what `repository …` keeps; None for other commands.
    compares_base: whether the policy for findings leaves out what the base image brought.
    copies:  what the file of `mirror` lists. judged: whether `copy` and `mirror` judge, by --judge.
    """

    command: str
    settings: Settings
    region: str = ""
    scans: Scans = "either"
    pattern: str = ""
    sections: Sequence[str] = tuple(REGISTRY_READS)
    passed: Mapping[str, Sequence[str]] = field(default_factory=lambda: dict.fromkeys(PASSED_TO, ANY_ROLE))
    by_template: Sequence[str] = BY_TEMPLATE
    objects: Sequence[str] = ()
    wanted: WantedRepositories | None = None
    compares_base: bool = True
    copies: Sequence[CopyJob] = ()
    judged: bool = False

    @property
    def repository(self) -> RepositoryArn:
        found = RepositoryArn.of(target_of(self.settings.registry), self.region)
        return found.named(self.pattern) if self.pattern else found

    @property
    def registry(self) -> RepositoryArn:
        """All repositories of the registry."""
        options = self.settings.registry
        return RepositoryArn("*", Place(options.region or self.region, options.registry_id))
