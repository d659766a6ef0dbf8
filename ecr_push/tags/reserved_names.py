"""Tags that rules make of a branch's or a pull request's name, and that belong to something else. Pure.

Anyone who pushes a branch chooses its name: it must not move what a release's tag points to.
"""

from __future__ import annotations

from ecr_push.base.reference import Tag
from ecr_push.source.model import Source
from ecr_push.tags.branch_slug import hashed, is_reserved
from ecr_push.tags.kinds import ReleaseTag, TagKind, claimed
from ecr_push.tags.metadata_action.names import is_fine, sanitized
from ecr_push.tags.metadata_action.render import RuleTag
from ecr_push.versions.version import Version


def is_ref(one: RuleTag) -> bool:
    """Whether a rule uses the name of a branch or a pull request, which anyone who pushes there chooses."""
    return one.rule is not None and one.rule.type == "ref" and one.rule.event in ("branch", "pr")


def stem(one: RuleTag, tag: ReleaseTag, source: Source, version: Version) -> str:
    """What to put before a branch's or a pull request's name that looks like a release's; else ""."""
    if not is_ref(one):
        return ""
    inner = _without_flavor(one)
    if source.pull_request:
        looks = tag.kind is not TagKind.BRANCH or (
            is_fine(inner) and claimed(Tag(inner), "", version.scheme).kind is not TagKind.EXTRA
        )
        return "pr" if looks else ""
    return "branch" if any(is_reserved(name, version.scheme) for name in (one.name, inner)) else ""


def _without_flavor(one: RuleTag) -> str:
    """A name without the affixes that all tags get, those of releases too: branch 1.4 as `1.4-alpine`."""
    rule, name = one.rule, one.name
    if rule and rule.suffix is None:
        name = name.removesuffix(one.suffix)
    return name.removeprefix(one.prefix) if rule and rule.prefix is None else name


def instead(name: str, source: Source) -> str:
    """A valid tag for a name that another tag is reserved for. No branch has a pull request's `pr-12`."""
    if source.pull_request:
        return name if is_fine(name) else hashed(name, source.pull_request)
    return hashed(name, source.branch)


def met(one: RuleTag, source: Source) -> str:
    """Another branch that the rule would give the same tag, "" where this clone has none."""
    if not (one.rule and one.rule.type == "ref" and one.rule.event == "branch"):
        return ""
    ours = sanitized(source.branch)
    others = (branch for branch in source.branches if branch != source.branch)
    return next((other for other in others if sanitized(other) == ours), "")
