"""Which rule decides about one image, by its tags alone: the first one that selects it. Pure.

A run asks this of what it releases, so it stands on little.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Collection

from ecr_push.upkeep.lifecycle.model import COUNT, LifecyclePolicy, Rule
from ecr_push.upkeep.lifecycle.tag_index import TagIndex


def rule_that_takes(policy: LifecyclePolicy, tags: Collection[str], needed: Collection[str]) -> Rule | None:
    """The rule that will delete or archive an image with these tags, and is meant for none of needed.

    needed: those of its tags by which it is used, such as its version. A rule that keeps a number of any
    images is left out: it is meant for all.
    """
    index = TagIndex([tags])
    for rule in policy.rules:
        if rule.storage_class != "standard" or rule.tag_status == "untagged":
            continue
        if rule.tag_status == "any" or index.selected(rule):
            is_general = rule.tag_status == "any" and rule.count_type == COUNT
            return None if is_general or any(is_meant_for(rule, tag) for tag in needed) else rule
    return None


def is_meant_for(rule: Rule, tag: str) -> bool:
    """Whether a rule names this tag by a pattern that is not any tag."""
    patterns = [one for one in rule.patterns if one.strip("*")]
    return any(fnmatch.fnmatchcase(tag, pattern.replace("[", "[[]")) for pattern in patterns) or any(
        tag.startswith(prefix) for prefix in rule.prefixes
    )
