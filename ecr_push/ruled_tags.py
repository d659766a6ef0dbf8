"""The tags that rules give, each with what it promises: Rendering -> ReleaseTags. Pure.

The rules' language is in `rules/`; here their tags become ours, guarded like the computed ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ecr_push.errors import SettingsError
from ecr_push.line import Line
from ecr_push.reference import Tag
from ecr_push.rules.expressions import DATES
from ecr_push.rules.facts import RuleFacts
from ecr_push.rules.flavor import Flavor
from ecr_push.rules.grammar import Rule, parse_rules
from ecr_push.rules.mistakes import RuleMistakes
from ecr_push.rules.names import sanitized
from ecr_push.rules.render import Rendering, RuleNote, RuleTag, render_rules
from ecr_push.schemes.choice import SEMVER, parse_scheme
from ecr_push.schemes.scheme import Scheme
from ecr_push.slug import hashed
from ecr_push.source import Source
from ecr_push.tags import CANDIDATE_PREFIX, ReleaseTag, TagKind, claimed, commit_tag
from ecr_push.version import Version


@dataclass(frozen=True)
class Ruled:
    """main is the first tag's name, "" where there is none. notes say of each rule what it gave, and why."""

    tags: tuple[ReleaseTag, ...]
    main: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def apply_rules(
    rules: Sequence[Rule],
    flavor: Flavor | None,
    told: RuleFacts,
    source: Source,
    version: Version,
    *,
    as_peer: bool,
) -> Ruled:
    """The tags of the rules, or where there are none of docker/metadata-action's own.

    as_peer: its way where that harms nobody; so two branches may meet on one tag.

    Raises SettingsError with every rule that the facts show to be wrong.
    """
    try:
        rendering = render_rules(rules or parse_rules(""), flavor or Flavor(), told, as_peer=as_peer)
    except RuleMistakes as mistakes:
        raise SettingsError([f"--tags: {problem}" for problem in mistakes.problems]) from mistakes
    tags, warnings = _guarded(rendering, source, version, as_peer=as_peer)
    if not rendering.tags:
        warnings.append("no rule of --tags gives a tag here: `ecr-push tags --explain` says why")
    doubts = (_note(one) for one in rendering.notes if one.is_warning)
    notes = tuple(_note(one) for one in rendering.notes)
    return Ruled(tuple(tags), rendering.main, notes, (*doubts, *warnings))


def _note(note: RuleNote) -> str:
    where = f"line {note.line}: " if note.line else ""
    return f"{where}{note.text} -> {note.tag or 'nothing'}: {note.why}"


def _guarded(
    rendering: Rendering, source: Source, version: Version, *, as_peer: bool
) -> tuple[list[ReleaseTag], list[str]]:
    """The rules' tags as ours, each guarded by what it claims to be, and what a user should know of them."""
    reserved = [one.name for one in rendering.tags if one.name.startswith(CANDIDATE_PREFIX)]
    if reserved:
        raise SettingsError(
            [f"--tags: {name!r}: 'candidate-' is kept for unjudged images" for name in reserved]
        )
    tags, warnings = [], []
    for one in rendering.tags:
        tag = _promise(one, rendering, source, version)
        if not as_peer and (met := _met(one, source)):
            tag = replace(tag, tag=Tag(hashed(one.name, source.branch)))
            warnings.append(f"the branch {met} would have the tag {one.name} too: this one has {tag}")
        # Git's tags have no affixes; the registry's, which have, are asked at promotion.
        if tag.line and (higher := replace(tag.line, prefix="", suffix="").higher(source.release_tags)):
            warnings.append(f"{tag} stays where it is: {source.git_tag(higher)} is higher")
            continue
        tags.append(tag)
    return tags, warnings


def _promise(one: RuleTag, rendering: Rendering, source: Source, version: Version) -> ReleaseTag:
    tag, rule = Tag(one.name), one.rule
    if rule is None:  # latest
        first = rendering.tags[0]
        scheme, brings = _brings(first, version)
        return ReleaseTag(tag, TagKind.LATEST, Line(scheme, (), brings, one.prefix, one.suffix))
    if one.version:
        scheme, brings = _brings(one, version)
        if one.numbers is None:
            return ReleaseTag(tag, TagKind.VERSION)
        return ReleaseTag(tag, TagKind.LINE, Line(scheme, one.numbers, brings, one.prefix, one.suffix))
    if rule.type == "sha":
        return replace(commit_tag(one.name, source), tag=tag)
    if rule.type == "edge" or (rule.type == "ref" and rule.event in ("branch", "pr")):
        return ReleaseTag(tag, TagKind.BRANCH)
    # What carries a date is made to be made again: 2026.11.24 looks like a version, and is none.
    if rule.type == "schedule" or any(part.name in DATES for part in rule.value.expressions):
        return ReleaseTag(tag, TagKind.EXTRA)
    return claimed(tag, version.text, version.scheme)


def _brings(one: RuleTag, version: Version) -> tuple[Scheme, str]:
    """The version that an image brings to the lines it is on, and the scheme that this one is of."""
    if one.version and one.rule:
        return (parse_scheme("pep440") if one.rule.type == "pep440" else SEMVER), one.version
    return version.scheme, version.text


def _met(one: RuleTag, source: Source) -> str:
    """Another branch that the rule would give the same tag, "" where this clone knows none."""
    if not (one.rule and one.rule.type == "ref" and one.rule.event == "branch"):
        return ""
    ours = sanitized(source.branch)
    others = (branch for branch in source.branches if branch != source.branch)
    return next((other for other in others if sanitized(other) == ours), "")
