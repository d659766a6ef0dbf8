"""Lifecycle policies as ECR takes and evaluates them, for the sandbox's PutLifecyclePolicy and previews.

Written for itself: what the product says of a policy is held against this in tests, so the two share no code.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html says what a policy may
hold, https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html how it is evaluated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from ecr_push.sandbox import wildcard
from ecr_push.sandbox.model import Image

MAX_RULES = 50
MAX_WILDCARDS = 4
SHORTEST_ARCHIVE_DAYS = 90
DAY_SECONDS = 86_400
EVALUATED_AT = "lifecycleEvaluatedAt"  # a name of StoredRepository.extra

_Positive = Annotated[int, Field(ge=1)]
_Text = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    """Refuses unknown members, null, and values of another type, such as true for a number."""

    model_config = ConfigDict(extra="forbid", strict=True, alias_generator=to_camel)


class Selection(_Strict):
    tag_status: Literal["tagged", "untagged", "any"]
    tag_pattern_list: list[_Text] = Field(default_factory=list)
    tag_prefix_list: list[_Text] = Field(default_factory=list)
    storage_class: Literal["standard", "archive"] = "standard"
    count_type: Literal[
        "imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned"
    ]
    count_unit: Literal["days"] = "days"
    count_number: _Positive

    @model_validator(mode="after")
    def _check(self) -> Selection:
        if self.tag_status == "tagged" and bool(self.tag_pattern_list) == bool(self.tag_prefix_list):
            raise ValueError("tagStatus tagged needs one of tagPatternList and tagPrefixList")
        if self.tag_status != "tagged" and (self.tag_pattern_list or self.tag_prefix_list):
            raise ValueError("only tagStatus tagged can have tagPatternList or tagPrefixList")
        if any(pattern.count("*") > MAX_WILDCARDS for pattern in self.tag_pattern_list):
            raise ValueError(f"a pattern of tagPatternList has at most {MAX_WILDCARDS} '*'")
        if (self.count_type == "imageCountMoreThan") == ("count_unit" in self.model_fields_set):
            raise ValueError("countUnit belongs to the count types that are a time, and only to them")
        if (self.count_type == "sinceImageTransitioned") != (self.storage_class == "archive"):
            raise ValueError("storageClass archive belongs to sinceImageTransitioned, and only to it")
        if self.storage_class == "archive" and self.count_number < SHORTEST_ARCHIVE_DAYS:
            raise ValueError(f"countNumber of sinceImageTransitioned is at least {SHORTEST_ARCHIVE_DAYS}")
        return self

    def matches(self, tags: Sequence[str]) -> bool:
        if self.tag_status != "tagged":
            return self.tag_status == "any" or not tags
        return all(
            any(wildcard.matches(pattern, tag) for tag in tags) for pattern in self.tag_pattern_list
        ) and all(any(tag.startswith(prefix) for tag in tags) for prefix in self.tag_prefix_list)


class Action(_Strict):
    type: Literal["expire", "transition"]
    target_storage_class: Literal["archive"] | None = None

    @model_validator(mode="after")
    def _check(self) -> Action:
        if (self.type == "transition") != (self.target_storage_class == "archive"):
            raise ValueError("targetStorageClass archive belongs to type transition, and only to it")
        if self.target_storage_class is None and "target_storage_class" in self.model_fields_set:
            raise ValueError("targetStorageClass is null")
        return self


class Rule(_Strict):
    rule_priority: _Positive
    description: str = ""
    selection: Selection
    action: Action

    @model_validator(mode="after")
    def _check(self) -> Rule:
        only = {"sinceImagePulled": "transition", "sinceImageTransitioned": "expire"}
        if self.action.type != only.get(self.selection.count_type, self.action.type):
            raise ValueError(f"{self.selection.count_type} is not for action {self.action.type}")
        return self


class LifecyclePolicy(_Strict):
    """A policy that ECR takes."""

    rules: list[Rule] = Field(min_length=1, max_length=MAX_RULES)

    @model_validator(mode="after")
    def _check(self) -> LifecyclePolicy:
        priorities = [rule.rule_priority for rule in self.rules]
        if len(set(priorities)) < len(priorities):
            raise ValueError("rulePriority must be unique")
        for storage_class in ("standard", "archive"):
            here = [rule for rule in self.rules if rule.selection.storage_class == storage_class]
            last = max((rule.rule_priority for rule in here), default=0)
            if any(rule.selection.tag_status == "any" and rule.rule_priority != last for rule in here):
                raise ValueError("the rule with tagStatus any must have the highest rulePriority")
            if sum(rule.selection.tag_status == "untagged" for rule in here) > 1:
                raise ValueError("only one rule can have tagStatus untagged")
            prefixes = [prefix for rule in here for prefix in set(rule.selection.tag_prefix_list)]
            if len(set(prefixes)) < len(prefixes):
                raise ValueError("a prefix can be in one rule alone")
        return self


def read_policy(text: str) -> LifecyclePolicy:
    """Raises ValueError with all problems, `; ` between them."""
    try:
        return LifecyclePolicy.model_validate_json(text)
    except ValidationError as error:
        raise ValueError("; ".join(_problems(error))) from None


def _problems(error: ValidationError) -> Iterator[str]:
    for one in error.errors():
        place = ".".join(map(str, one["loc"]))
        words = one["msg"].removeprefix("Value error, ")
        yield f"{place}: {words}" if place else words


def evaluate(policy: LifecyclePolicy, images: Sequence[Image], now: float) -> Mapping[str, Rule]:
    """What the policy acts on at this time: the rule of each such image, by digest."""
    needed = {child.digest for image in images for child in image.children}
    acted: dict[str, Rule] = {}
    spoken_for: set[str] = set()
    for rule in sorted(policy.rules, key=lambda rule: rule.rule_priority):
        wanted = "ARCHIVED" if rule.selection.storage_class == "archive" else "ACTIVE"
        identified = sorted(
            (
                image
                for image in images
                if image.digest not in needed
                and image.status(now) == wanted
                and rule.selection.matches(image.tags)
            ),
            key=lambda image: (image.restored_at or image.pushed_at, image.digest),
            reverse=True,
        )
        if rule.selection.count_type == "imageCountMoreThan":
            marked = identified[rule.selection.count_number :]
        else:
            limit = now - rule.selection.count_number * DAY_SECONDS
            marked = [image for image in identified if _clock(rule, image) < limit]
        acted |= {image.digest: rule for image in marked if image.digest not in spoken_for}
        spoken_for |= {image.digest for image in identified}
    return acted


def preview_result(image: Image, rule: Rule) -> dict[str, Any]:
    """Shape LifecyclePolicyPreviewResult."""
    return {
        "imageTags": list(image.tags) or None,
        "imageDigest": image.digest,
        "imagePushedAt": image.pushed_at,
        "action": preview_action(expires=rule.action.type == "expire"),
        "appliedRulePriority": rule.rule_priority,
        "storageClass": rule.selection.storage_class.upper(),
    }


def preview_action(*, expires: bool) -> dict[str, str]:
    """Shape LifecyclePolicyRuleAction."""
    return {"type": "EXPIRE"} if expires else {"type": "TRANSITION", "targetStorageClass": "ARCHIVE"}


def _clock(rule: Rule, image: Image) -> float:
    if rule.selection.count_type == "sinceImageTransitioned":
        return image.archived_at
    if rule.selection.count_type == "sinceImagePulled":
        return max(image.last_pulled_at, image.restored_at) or image.pushed_at
    return image.restored_at or image.pushed_at
