"""A lifecycle policy as ECR evaluates it: the nouns.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
"""

from __future__ import annotations

from typing import Literal

from ecr_push.base.dataclass import dataclass

TagStatus = Literal["tagged", "untagged", "any"]
StorageClass = Literal["standard", "archive"]
CountType = Literal["imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned"]
ActionType = Literal["expire", "transition"]

COUNT = "imageCountMoreThan"


@dataclass(frozen=True)
class Rule:
    """One rule of a policy.

    number:   how many of the youngest images stay, for imageCountMoreThan; else days.
    patterns: each has to match some tag of an image, where * stands for any text. None of `any`, `untagged`,
              and of rules that have prefixes.
    prefixes: each has to begin some tag of an image, as it is written.
    """

    priority: int
    tag_status: TagStatus
    count_type: CountType
    number: int
    action: ActionType = "expire"
    patterns: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    storage_class: StorageClass = "standard"
    description: str = ""

    @property
    def takes(self) -> str:
        """What it selects and when it acts, in words: `sha-* older than 30 days`."""
        names = " and ".join((*self.patterns, *(f"{prefix}*" for prefix in self.prefixes)))
        what = names or {"untagged": "images without a tag", "any": "any image"}.get(self.tag_status, "")
        where = " in the archive" if self.storage_class == "archive" else ""
        days = "1 day" if self.number == 1 else f"{self.number} days"
        when = {
            COUNT: f"beyond the youngest {self.number}",
            "sinceImagePushed": f"older than {days}",
            "sinceImagePulled": f"not pulled for {days}",
            "sinceImageTransitioned": f"archived for more than {days}",
        }[self.count_type]
        return f"{what}{where} {when}"


@dataclass(frozen=True)
class LifecyclePolicy:
    """Rules, the one with the lowest number first: it is applied first."""

    rules: tuple[Rule, ...]
