"""What is wrong with a policy that ECR takes: it acts on images that are needed, or never as it reads. Pure.

What is looked for, and why:

- A promotion adds tags to an image, and makes it no younger. So a rule that is meant for `sha-*` or for
  candidates, by age, takes the releases among them, unless a rule before it keeps these.
- What a rule selects, no later rule takes: `keep last 5 of candidate-*` keeps each release that still has a
  candidate's tag for ever.
- A rule that keeps a number of releases takes old ones, and with them the tags of older lines, such as `1.0`.
  It is meant to, so that is a warning: someone may still pull `1.0`.
- Signatures and other referrers may count as images, and take the places of what shall stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest
from ecr_push.upkeep.lifecycle.claim import is_meant_for
from ecr_push.upkeep.lifecycle.evaluate import Repository, Taken
from ecr_push.upkeep.lifecycle.model import COUNT, Rule
from ecr_push.upkeep.lifecycle.sentences import sentence_of

NAMED = 3
# What it would take is perhaps what the earlier rules are there to keep.
_NEVER_ACTS = "leave it out, or put it before them and try the policy again"
_VERSION, _COMMIT = "10.20.30", "sha-4f1e2d3c4b5a"  # as a release's tags look


@dataclass(frozen=True)
class Need:
    """Why an image has to stay. tag: the name by which it is needed; "" for one that is in use.

    What is needed by a tag may be taken by a rule that is for this tag: one of whose patterns it matches.

    release: of the tag of an older line, such as 1.0, the release that it points to. A rule that is for this
    release may take the tag with it.
    """

    why: str
    tag: str = ""
    release: str = ""


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
    found: list[Trap] = []
    for place, rule in enumerate(policy.rules):
        losses = list(_losses(rule, taken, needs))
        is_losing = any(trap.level == "error" for trap in losses)
        found += [*losses, *_of_rule(rule, policy.rules[:place], repository, is_losing=is_losing)]
    return tuple(sorted(found, key=lambda trap: trap.level))


def _losses(rule: Rule, taken: Sequence[Taken], needs: Mapping[Digest, Sequence[Need]]) -> Iterator[Trap]:
    """What a rule takes that is needed, and the tags of older lines that go with their releases."""
    lost: dict[str, datetime] = {}
    with_releases: dict[str, datetime] = {}
    for one in taken:
        if one.rule != rule:
            continue
        for need in needs.get(one.image.digest, ()):
            if need.tag and is_meant_for(rule, need.tag):
                continue
            if need.release and is_meant_for(rule, need.release):
                with_releases.setdefault(need.tag, one.at)
            else:
                lost.setdefault(need.why, one.at)
    verb = "deletes" if rule.action == "expire" else "archives, so that it cannot be pulled,"
    if lost:
        yield Trap("error", rule, f"{verb} {_dated(lost)}", "put a rule before it that keeps them")
    if with_releases:
        what = f"{verb} what the tags of older lines point to: {_dated(with_releases)}"
        remedy = "fine if no one pulls them; else put a rule before it for each that stays: keep "
        remedy += next(iter(with_releases))
        yield Trap("warning", rule, what, remedy)


def _dated(names: Mapping[str, datetime]) -> str:
    """The first ones with their days, and the number of the others."""
    first = [f"{name} ({at:%Y-%m-%d})" for name, at in list(names.items())[:NAMED]]
    return ", ".join(first) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


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
