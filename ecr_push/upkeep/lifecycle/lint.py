"""What is wrong with a policy that ECR takes: it acts on images that are needed, or never as it reads. Pure.

What is looked for, and why:

- A promotion adds tags to an image, and makes it no younger. So a rule that is meant for `sha-*` or for
  candidates, by age, takes the releases among them, unless a rule before it keeps these.
- What a rule selects, no later rule takes: `keep last 5 of candidate-*` keeps each release that still has a
  candidate's tag for ever.
- Signatures and other referrers may count as images, and take the places of what shall stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest
from ecr_push.upkeep.lifecycle.claim import is_meant_for
from ecr_push.upkeep.lifecycle.evaluate import Repository, Taken
from ecr_push.upkeep.lifecycle.model import COUNT, LifecyclePolicy, Rule
from ecr_push.upkeep.lifecycle.sentences import sentence_of

NAMED = 3
# What it would take is perhaps what the earlier rules are there to keep.
_NEVER_ACTS = "leave it out, or put it before them and try the policy again"
_VERSION, _COMMIT = "10.20.30", "sha-4f1e2d3c4b5a"  # as a release's tags look


@dataclass(frozen=True)
class Need:
    """Why an image has to stay. tag: the name by which it is needed; "" for one that is in use.

    What is needed by a tag may be taken by a rule that is for this tag: one of whose patterns it matches.
    """

    why: str
    tag: str = ""


@dataclass(frozen=True)
class Trap:
    """rule: None for what is wrong with the whole policy. An error loses something that is needed."""

    level: Literal["error", "warning"]
    rule: Rule | None
    what: str
    remedy: str

    def __str__(self) -> str:
        where = f"rule {self.rule.priority} ({sentence_of(self.rule)}) " if self.rule else ""
        return f"{where}{self.what}"


def find_traps(
    repository: Repository,
    taken: Sequence[Taken],
    needs: Mapping[Digest, Sequence[Need]],
) -> tuple[Trap, ...]:
    """repository: as it is, with its referrers counted.

    taken: what the policy acts on, from now to the end of the look ahead.
    """
    policy = repository.policy
    found = [*_losses(policy, taken, needs)]
    losing = [trap.rule for trap in found]
    for place, rule in enumerate(policy.rules):
        found += _of_rule(rule, policy.rules[:place], repository, is_losing=rule in losing)
    return tuple(sorted(found, key=lambda trap: trap.level))


def _losses(
    policy: LifecyclePolicy, taken: Sequence[Taken], needs: Mapping[Digest, Sequence[Need]]
) -> list[Trap]:
    traps = []
    for rule in policy.rules:
        lost: dict[str, datetime] = {}
        for one in taken:
            if one.rule == rule:
                for need in needs.get(one.image.digest, ()):
                    if not (need.tag and is_meant_for(rule, need.tag)):
                        lost.setdefault(need.why, one.at)
        if lost:
            verb = "deletes" if rule.action == "expire" else "archives, so that it cannot be pulled,"
            names = [f"{why} ({at:%Y-%m-%d})" for why, at in list(lost.items())[:NAMED]]
            more = f" and {len(lost) - NAMED} more" if len(lost) > NAMED else ""
            traps.append(
                Trap(
                    "error", rule, f"{verb} {', '.join(names)}{more}", "put a rule before it that keeps them"
                )
            )
    return traps


def _of_rule(rule: Rule, before: Sequence[Rule], repository: Repository, *, is_losing: bool) -> list[Trap]:
    selected, left = repository.selected(rule)
    traps = []
    if rule.tag_status == "tagged" and not selected and not repository.is_empty:
        traps.append(Trap("warning", rule, "selects no image", "check its patterns, or leave it out"))
    would_act = rule.count_type != COUNT or len(selected) > rule.number
    if selected and would_act and not left:
        what = "never acts: earlier rules select all of its images"
        traps.append(Trap("warning", rule, what, _NEVER_ACTS))
    elif not is_losing and rule.action == "expire" and _takes_releases_by_age(rule, before):
        what = "takes releases, too: each has a tag sha-…, and a promotion makes no image younger"
        traps.append(
            Trap("warning", rule, what, "put a rule before it that keeps versions: keep last 20 of *.*.*")
        )
    if rule.count_type == COUNT:
        referrers = sum(image.subject is not None for image in selected[: rule.number])
        if referrers:
            what = f"counts {referrers} signatures or other referrers among the {rule.number} that it keeps"
            traps.append(Trap("warning", rule, what, "let it keep more, or select by a tag's pattern"))
    return traps


def _takes_releases_by_age(rule: Rule, before: Sequence[Rule]) -> bool:
    by_age = rule.count_type == "sinceImagePushed" and is_meant_for(rule, _COMMIT)
    return by_age and not any(
        is_meant_for(one, _VERSION) or "*" in one.patterns or one.tag_status == "any" for one in before
    )
