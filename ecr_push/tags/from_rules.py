"""The tags that rules give, each with what it promises: Rendering -> ReleaseTags. Pure.

The rules' language is in `metadata_action/`; here their tags get the promises of the computed ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import SettingsError
from ecr_push.base.reference import Tag
from ecr_push.base.time_limit import TimeLimitError, time_limit
from ecr_push.source.model import Source
from ecr_push.tags.branch_slug import hashed
from ecr_push.tags.kinds import ReleaseTag, TagKind, claimed, commit_tag
from ecr_push.tags.metadata_action.expressions import DATES
from ecr_push.tags.metadata_action.facts import RuleFacts
from ecr_push.tags.metadata_action.flavor import Flavor
from ecr_push.tags.metadata_action.grammar import parse_rules
from ecr_push.tags.metadata_action.mistakes import RuleMistakes, shortened
from ecr_push.tags.metadata_action.names import is_fine
from ecr_push.tags.metadata_action.render import Rendering, RuleNote, RuleTag, render_rules
from ecr_push.tags.metadata_action.tag_rule import TagRule
from ecr_push.tags.reserved_names import instead, is_ref, met, stem
from ecr_push.tags.temporary import reserved
from ecr_push.versions.line import Line
from ecr_push.versions.schemes.choice import SEMVER, parse_scheme
from ecr_push.versions.schemes.scheme import Scheme, highest
from ecr_push.versions.version import Version

SECONDS = 1.0  # of processor time, for all rules of a run, which take less than a thousandth of that


@dataclass(frozen=True)
class Ruled:
    """main is the first tag's name, "" where there is none. notes say of each rule what it gave, and why."""

    tags: tuple[ReleaseTag, ...]
    main: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def apply_rules(
    rules: Sequence[TagRule],
    flavor: Flavor | None,
    values: RuleFacts,
    source: Source,
    version: Version,
    *,
    as_peer: bool,
) -> Ruled:
    """The tags of the rules, or where there are none of docker/metadata-action's own.

    as_peer: docker/metadata-action's way where that is safe; so two branches may share a tag.

    Raises SettingsError with every rule that the facts show to be wrong, and for patterns that would keep the
    run waiting.
    """
    try:
        with time_limit(SECONDS):
            rendering = render_rules(rules or parse_rules(""), flavor or Flavor(), values, as_peer=as_peer)
    except RuleMistakes as mistakes:
        raise SettingsError([f"--tags: {problem}" for problem in mistakes.problems]) from mistakes
    except TimeLimitError:
        raise SettingsError([*_too_slow(rules)]) from None
    tags, warnings = _guarded(rendering, source, version, values.tag, as_peer=as_peer)
    if not rendering.tags:
        warnings.append("no rule of --tags gives a tag here: `ecr-push tags --explain` says why")
    if unused := _unused_version(rendering, values, source, version):
        warnings.append(unused)
    doubts = [f"--flavor: {doubt}" for doubt in flavor.doubts] if flavor else []
    doubts += (_note(one) for one in rendering.notes if one.is_warning)
    notes = tuple(_note(one) for one in rendering.notes)
    return Ruled(tuple(tags), rendering.main, notes, (*doubts, *warnings))


def _unused_version(rendering: Rendering, values: RuleFacts, source: Source, version: Version) -> str:
    """A warning where a version that was given, or computed for a release, is in no tag; else ""."""
    own = version.strategy == "file" and not source.dirty and not source.history.no_release
    if not version.number or version.is_release != bool(values.released) or not (values.released or own):
        return ""
    if any(one.version or version.text in one.name for one in rendering.tags):
        return ""
    begin = f"no rule of --tags gives a tag for the version {version.text}"
    if not version.is_release:
        return (
            f"{begin}, a snapshot: release it with --git-tag, or add the rule type=raw,value={{{{version}}}}"
        )
    types = {"semver": "semver", "pep440": "pep440"}
    rule = (
        f"type={types[version.scheme.name]},pattern=" if version.scheme.name in types else "type=raw,value="
    )
    return f"{begin}: add the rule {rule}{{{{version}}}}"


def _too_slow(rules: Sequence[TagRule]) -> Iterable[str]:
    for rule in rules:
        if rule.search:
            yield (
                f"--tags: line {rule.line}: the pattern {shortened(rule.search.text)} may be what takes "
                f"longer than {SECONDS:g} s of processor time, which all rules have together: a repetition "
                "of a repetition, such as (a+)+, can need years"
            )


def _note(note: RuleNote) -> str:
    where = f"line {note.line}: " if note.line else ""
    return f"{where}{note.text} -> {note.tag or 'nothing'}: {note.why}"


def _guarded(
    rendering: Rendering, source: Source, version: Version, run_tag: str, *, as_peer: bool
) -> tuple[list[ReleaseTag], list[str]]:
    """The rules' tags, each with the promise of what it is named like, and warnings for the user.

    run_tag: the git tag that the rules read. It holds back nothing, whatever they make of it.
    """
    tags, warnings = [], []
    rivals = [name for name in source.history.release_tags if source.history.git_tag(name) != run_tag]
    for one in rendering.tags:
        tag = _promise(one, rendering, source, version)
        if not as_peer and (before := stem(one, tag, source, version)):
            tag = ReleaseTag(Tag(instead(f"{before}-{one.name}", source)), TagKind.BRANCH)
            whose = "pull request" if source.pull_request else "branch"
            warnings.append(
                f"{one.name} is reserved for other tags than a {whose}'s: this {whose} gets {tag}"
            )
        elif not as_peer and (other := met(one, source)):
            tag = replace(tag, tag=Tag(hashed(one.name, source.branch)))
            warnings.append(f"the branch {other} would get the tag {one.name} too: this branch gets {tag}")
        # Git's tags have no affixes; the registry's, which have, are asked at promotion.
        line = replace(tag.line, prefix="", suffix="") if tag.line else None
        if line and (higher := line.higher(rivals)):
            warnings.append(f"{tag} stays where it is: {source.history.git_tag(higher)} is higher")
            continue
        tags.append(tag)
    if taken := [why for tag in tags if (why := reserved(str(tag)))]:
        raise SettingsError([f"--tags: {why}" for why in taken])
    return tags, warnings


def _promise(one: RuleTag, rendering: Rendering, source: Source, version: Version) -> ReleaseTag:
    tag, rule = Tag(one.name), one.rule
    scheme, brings = _brings(one, rendering, version)
    if rule is None:  # latest
        return ReleaseTag(tag, TagKind.LATEST, Line(scheme, (), brings, *_affixes(one, rendering, scheme)))
    if one.version:
        if one.numbers is None:
            return ReleaseTag(tag, TagKind.VERSION)
        return ReleaseTag(tag, TagKind.LINE, Line(scheme, one.numbers, brings, one.prefix, one.suffix))
    if rule.type == "sha":
        return replace(commit_tag(one.name, source), tag=tag)
    if rule.type == "edge":
        return ReleaseTag(tag, TagKind.BRANCH)
    if _is_dated(one):
        return ReleaseTag(tag, TagKind.EXTRA)
    claim = _claim(one, scheme, brings)
    if claim.kind is TagKind.COMMIT:
        return commit_tag(one.name, source)
    if claim.kind is TagKind.VERSION and _is_snapshot(one, version):
        return replace(claim, kind=TagKind.SNAPSHOT)
    return replace(claim, kind=TagKind.BRANCH) if is_ref(one) and claim.kind is TagKind.EXTRA else claim


def _is_snapshot(one: RuleTag, version: Version) -> bool:
    """Whether a tag names the version of a commit between releases, to which two branches may come."""
    if version.is_release or version.number is None:
        return False
    return version.number.rank in map(version.scheme.rank, (one.name, _bare(one)))


def _claim(one: RuleTag, scheme: Scheme, brings: str = "") -> ReleaseTag:
    """What a name looks like, as it is or without its affixes: `latest-alpine`."""
    claim, bare = claimed(Tag(one.name), brings, scheme), _bare(one)
    if claim.kind is not TagKind.EXTRA or is_ref(one) or bare == one.name or not is_fine(bare):
        return claim
    inner = claimed(Tag(bare), brings, scheme)
    line = inner.line and replace(inner.line, prefix=one.prefix, suffix=one.suffix)
    return ReleaseTag(claim.tag, inner.kind, line)


def _bare(one: RuleTag) -> str:
    return one.name.removeprefix(one.prefix).removesuffix(one.suffix)


def _is_dated(one: RuleTag) -> bool:
    """Whether a tag has a date in it: 2026.11.24 looks like a version, but is made again and again."""
    rule = one.rule
    templates = (rule.pattern, rule.value, rule.prefix, rule.suffix) if rule else ()
    return any(part.name in DATES for template in templates if template for part in template.expressions)


def _brings(one: RuleTag, rendering: Rendering, version: Version) -> tuple[Scheme, str]:
    """The scheme and the version of an image, for the lines that its tags are on.

    A git tag like `release-1.2.4` is not a version to the scheme, and is one to the rule that reads it.
    """
    read = one if one.rule else rendering.tags[0]
    if read.version and read.rule:
        return (parse_scheme("pep440") if read.rule.type == "pep440" else SEMVER), read.version
    scheme = version.scheme
    named = () if version.is_release else filter(None, (_said(tag, scheme) for tag in rendering.tags))
    return scheme, highest(scheme, named) or version.text


def _said(one: RuleTag, scheme: Scheme) -> str:
    """The version in a name that no version rule made, "" where there is none."""
    if one.rule is None or one.version or is_ref(one) or one.rule.type == "sha" or _is_dated(one):
        return ""
    return next((name for name in (_bare(one), one.name) if scheme.rank(name) is not None), "")


def _affixes(latest: RuleTag, rendering: Rendering, scheme: Scheme) -> tuple[str, str]:
    """The affixes of the versions that latest follows: it may lack the suffix that each of them has."""
    for one in rendering.tags:
        version = _said(one, scheme) or (one.version if one.numbers is None else "")
        before, found, after = one.name.partition(version) if version else ("", "", "")
        if found:
            return before.removesuffix("v"), after
    return latest.prefix, latest.suffix
