"""A lifecycle policy's JSON -> rules, refused where ECR refuses it, with every mistake at once. Pure.

What ECR's service model does not say is from
https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html and
https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from ecr_push.base.parse import read_json
from ecr_push.base.shape import quoted
from ecr_push.base.suggest import did_you_mean
from ecr_push.upkeep.lifecycle.model import (
    COUNT,
    ActionType,
    CountType,
    LifecyclePolicy,
    Rule,
    StorageClass,
    TagStatus,
)

# Shape LifecyclePolicyText of ECR's service model; the most rules: ECR's service quotas.
LEAST_CHARACTERS, MOST_CHARACTERS = 100, 30_720
MOST_RULES = 50
MOST_STARS = 4
ARCHIVED_DAYS = 90  # what is archived is billed for as long, and ECR takes no rule that ends earlier

_RULE = {"rulePriority", "description", "selection", "action"}
_SELECTION = {
    "tagStatus", "tagPatternList", "tagPrefixList", "storageClass", "countType", "countUnit", "countNumber",
}  # fmt: skip
_ACTION = {"type", "targetStorageClass"}


class LifecyclePolicyError(ValueError):
    """A policy that ECR would refuse. problems: each with its place, such as `rules[0].action.type`."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def read_lifecycle_policy(text: str) -> LifecyclePolicy:
    """The policy that a text is. Raises LifecyclePolicyError with every mistake."""
    reader = _Reader()
    policy = reader.policy(text)
    if reader.problems:
        raise LifecyclePolicyError(reader.problems)
    return policy


class _Reader:
    """Collects what is wrong. Wrong members have a default, and the result is not used then."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def policy(self, text: str) -> LifecyclePolicy:
        if not LEAST_CHARACTERS <= len(text) <= MOST_CHARACTERS:
            self._complain(
                "", f"has {len(text)} characters; ECR takes {LEAST_CHARACTERS} to {MOST_CHARACTERS:,}"
            )
        try:
            document = read_json(text)
        except ValueError as error:
            self._complain("", f"is not JSON: {error}")
            return LifecyclePolicy(())
        found = self._object(document, "", {"rules"}).get("rules")
        if not isinstance(found, list) or not 1 <= len(found) <= MOST_RULES:
            has = f"is a list of {len(found)}" if isinstance(found, list) else _has(found)
            self._complain("rules", f"{has}, expected a list of 1 to {MOST_RULES} rules")
            return LifecyclePolicy(())
        rules = [self._rule(one, f"rules[{place}]") for place, one in enumerate(found)]
        self._check_together(rules)
        return LifecyclePolicy(tuple(sorted(rules, key=lambda rule: rule.priority)))

    def _rule(self, value: Any, place: str) -> Rule:
        before = len(self.problems)
        rule = self._object(value, place, _RULE)
        selection = self._object(rule.get("selection"), f"{place}.selection", _SELECTION)
        action = self._object(rule.get("action"), f"{place}.action", _ACTION)
        description = rule.get("description", "")
        if not isinstance(description, str):
            self._odd(f"{place}.description", description, "text")
        found = Rule(
            priority=self._number(rule, "rulePriority", place),
            tag_status=self._word(selection, "tagStatus", f"{place}.selection", TagStatus),
            count_type=self._word(selection, "countType", f"{place}.selection", CountType),
            number=self._number(selection, "countNumber", f"{place}.selection"),
            action=self._word(action, "type", f"{place}.action", ActionType),
            patterns=self._texts(selection, "tagPatternList", f"{place}.selection"),
            prefixes=self._texts(selection, "tagPrefixList", f"{place}.selection"),
            storage_class=self._word(
                selection, "storageClass", f"{place}.selection", StorageClass, "standard"
            ),
            description=description if isinstance(description, str) else "",
        )
        if len(self.problems) == before:
            self._check(found, selection, action, place)
        return found

    def _check(self, rule: Rule, selection: Mapping[str, Any], action: Mapping[str, Any], place: str) -> None:
        """What members say together."""
        at = f"{place}.selection"
        if rule.tag_status == "tagged" and bool(rule.patterns) == bool(rule.prefixes):
            both = "both tagPatternList and tagPrefixList" if rule.patterns else "no tagPatternList"
            self._complain(at, f"has {both}: tagStatus tagged needs one of tagPatternList and tagPrefixList")
        if rule.tag_status in ("untagged", "any"):
            for name in ("tagPatternList", "tagPrefixList"):
                if selection.get(name):
                    self._complain(f"{at}.{name}", f"cannot be with tagStatus {rule.tag_status}")
        for pattern in rule.patterns:
            if pattern.count("*") > MOST_STARS:
                self._complain(
                    f"{at}.tagPatternList", f"{quoted(pattern)} has more than {MOST_STARS} wildcards (*)"
                )
        unit = selection.get("countUnit")
        if rule.count_type == COUNT and unit is not None:
            self._complain(f"{at}.countUnit", f"cannot be with countType {COUNT}")
        elif rule.count_type not in ("", COUNT) and unit != "days":
            self._odd(f"{at}.countUnit", unit, "days")
        is_archived = rule.count_type == "sinceImageTransitioned"
        if rule.count_type and is_archived != (rule.storage_class == "archive"):
            needed = "archive" if is_archived else "standard"
            self._complain(f"{at}.storageClass", f"has to be {needed} with countType {rule.count_type}")
        if is_archived and rule.number < ARCHIVED_DAYS:
            self._complain(
                f"{at}.countNumber", f"is {rule.number}; what is archived stays {ARCHIVED_DAYS} days"
            )
        self._check_action(rule, action, f"{place}.action")

    def _check_action(self, rule: Rule, action: Mapping[str, Any], at: str) -> None:
        target = action.get("targetStorageClass")
        if rule.action == "transition" and target != "archive":
            self._odd(f"{at}.targetStorageClass", target, "archive, as type is transition")
        elif rule.action == "expire" and target is not None:
            self._complain(f"{at}.targetStorageClass", "cannot be with type expire")
        wrong = {"sinceImagePulled": "transition", "sinceImageTransitioned": "expire"}.get(rule.count_type)
        if wrong and rule.action not in ("", wrong):
            self._complain(f"{at}.type", f"has to be {wrong} with countType {rule.count_type}")

    def _check_together(self, rules: Sequence[Rule]) -> None:
        for priority, times in Counter(rule.priority for rule in rules).items():
            if times > 1 and priority:  # 0 stands for one that was wrong
                self._complain("rules", f"{times} rules have rulePriority {priority}; each needs its own")
        for of in get_args(StorageClass):
            here = [rule for rule in rules if rule.storage_class == of]
            last = max((rule.priority for rule in here), default=0)
            for place, rule in enumerate(rules):
                if rule.storage_class == of and rule.tag_status == "any" and rule.priority != last:
                    self._complain(
                        f"rules[{place}]",
                        f"has tagStatus any: its rulePriority has to be the highest of storage class {of}",
                    )
            untagged = [
                f"rules[{place}]"
                for place, rule in enumerate(rules)
                if (rule.storage_class, rule.tag_status) == (of, "untagged")
            ]
            for one in untagged[1:]:
                self._complain(
                    one, f"selects untagged images of storage class {of}, and so does {untagged[0]}"
                )
            for prefix, times in Counter(one for rule in here for one in set(rule.prefixes)).items():
                if times > 1:
                    self._complain("rules", f"{times} rules of storage class {of} have the prefix {prefix!r}")

    def _object(self, value: Any, place: str, known: set[str]) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self._odd(place, value, "an object")
            return {}
        for name, of in value.items():
            if name not in known:
                self._complain(_at(place, name), f"is not known{did_you_mean(name, known)}")
            elif of is None:
                self._complain(_at(place, name), "is null; leave it out")
        return value

    def _number(self, value: Mapping[str, Any], name: str, place: str) -> int:
        found = value.get(name)
        if type(found) is int and found >= 1:
            return found
        self._odd(f"{place}.{name}", found, "a whole number, 1 or more")
        return 0

    def _word(self, value: Mapping[str, Any], name: str, place: str, of: Any, default: str = "") -> Any:
        found = value.get(name, default)
        if found in get_args(of):
            return found
        self._odd(f"{place}.{name}", found or None, " or ".join(get_args(of)))
        return ""

    def _texts(self, value: Mapping[str, Any], name: str, place: str) -> tuple[str, ...]:
        found = value.get(name, [])
        if not isinstance(found, list):
            self._odd(f"{place}.{name}", found, "a list of texts")
            return ()
        if wrong := [one for one in found if not isinstance(one, str) or not one]:
            self._complain(f"{place}.{name}", f"has {quoted(wrong[0])}, expected texts, none of them empty")
        return tuple(found) if not wrong else ()

    def _odd(self, place: str, value: Any, expected: str) -> None:
        if value is None and self._is_known_to_lack(place):
            return
        self._complain(place, f"{_has(value)}, expected {expected}")

    def _is_known_to_lack(self, place: str) -> bool:
        """Whether a member is null, or in something that is not an object: then that is what was said."""
        parts = place.split(".")
        parents = [".".join(parts[:end]) for end in range(1, len(parts))]
        said = (f"{place} is null", *(f"{parent} is " for parent in parents))
        return any(one.startswith(said) for one in self.problems)

    def _complain(self, place: str, problem: str) -> None:
        self.problems.append(f"{place or 'the policy'} {problem}")


def _has(value: Any) -> str:
    return "is absent" if value is None else f"is {quoted(value)}"


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
