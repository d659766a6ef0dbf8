"""Every name of an image, as the user asked for it: tags, labels, annotations. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from ecr_push.base.annotation import without_index
from ecr_push.base.dataclass import dataclass
from ecr_push.ci.facts import CiFacts, Ref
from ecr_push.source.model import Source
from ecr_push.tags.kinds import (
    SHORT,
    ReleaseTag,
    TagKind,
    complete,
    computed_tags,
    extra_tags,
    movable,
    until_tagged,
)
from ecr_push.tags.labels import (
    REVISION_LABEL,
    VERSION_LABEL,
    image_labels,
    own_labels,
    with_dockerfile_labels,
)
from ecr_push.tags.metadata_action.facts import RuleFacts
from ecr_push.tags.options import TagOptions
from ecr_push.versions.derive import git_tag_of
from ecr_push.versions.schemes.scheme import highest
from ecr_push.versions.version import Version


@dataclass(frozen=True)
class Names:
    """The names of an image.

    tags:     in the order of promotion.
    notes:    what each rule gave, and why, for `tags --explain`.
    warnings: what a user should know in any case.
    """

    tags: tuple[ReleaseTag, ...]
    labels: Mapping[str, str]
    annotations: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def name_image(
    options: TagOptions,
    source: Source,
    version: Version,
    facts: CiFacts,
    *,
    now: datetime,
    created: datetime | None = None,
    several_platforms: bool = False,
    dockerfile_labels: Collection[str] = (),
    title: str = "",
) -> Names:
    """All names of the image. Where there are tag rules, they stand in place of the computed tags.

    now:     what `{{date}}` shows, unless created says otherwise.
    created: SOURCE_DATE_EPOCH, where it is set.
    several_platforms: the image is an index, which gets the annotations too.
    dockerfile_labels: the keys of the labels that the Dockerfile itself sets.
    title:   of the image, where that is not the checkout's; docker/metadata-action has one for all.

    Raises SettingsError with every tag that is impossible, and SourceError where git's tag is too long
    for an image.
    """
    as_peer = options.naming == "metadata-action"
    digits = options.short_sha_length or SHORT
    values = rule_facts(source, facts, version, created or now, as_peer=as_peer)
    if options.short_sha_length:
        values = replace(values, short_sha_length=options.short_sha_length)
    labels = image_labels(
        source,
        version,
        facts.repository,
        title="" if as_peer else title,
        created=created or (now if as_peer else None),
        milliseconds=as_peer,
    )
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    if options.tag_rules or as_peer:
        from ecr_push.tags.from_rules import apply_rules  # the rules' language takes 15 ms to load

        ruled = apply_rules(options.tag_rules, options.flavor, values, source, version, as_peer=as_peer)
        chosen, notes, warnings = list(ruled.tags), ruled.notes, ruled.warnings
        if as_peer:
            labels |= {VERSION_LABEL: ruled.main, REVISION_LABEL: values.sha}
        elif ruled.main:  # where no version is known, the first tag says best what this is
            labels.setdefault(VERSION_LABEL, ruled.main)
    else:
        chosen = computed_tags(source, version, digits)
    extras = extra_tags(options.extra_tags, source, version)
    if options.untagged_versions == "move":
        chosen, extras = (until_tagged(tags, source, version) for tags in (chosen, extras))
    given = dict(_filled(options.labels, values, escape=as_peer))
    labels = with_dockerfile_labels(labels, given, dockerfile_labels, as_peer=as_peer)
    annotations = _annotations(options, labels, values, several_platforms, escape=as_peer)
    if not several_platforms:
        annotations, left_out = without_index(annotations)
        warnings += tuple(
            f"the annotation {one} is left out: an image of one platform has no index" for one in left_out
        )
    tags = complete([*movable(chosen, options.floating_tags), *extras], source, digits)
    if source.pull_request:
        tags, doubts = _of_a_request(tags, source)
        warnings += doubts
    return Names(
        tags,
        {**labels, **own_labels(source)},
        annotations,
        notes,
        warnings,
    )


def _of_a_request(
    tags: tuple[ReleaseTag, ...], source: Source
) -> tuple[tuple[ReleaseTag, ...], tuple[str, ...]]:
    """The tags that a pull request's image gets, and a warning about those that it does not.

    `--tag` and rules count in every run, and ecr-push.yml comes with the request: what says which release or
    which state of the target it is does not move to code that is not merged yet.
    """
    said = {tag: _said(tag, source) for tag in tags}
    left_out = [f"{tag} ({why})" for tag, why in said.items() if why]
    if not left_out:
        return tags, ()
    return tuple(tag for tag, why in said.items() if not why), (
        f"the image of pull request {source.pull_request} does not get {', '.join(left_out)}",
    )


def _said(tag: ReleaseTag, source: Source) -> str:
    """What a tag says that a pull request's image is not, in words; "" where it may have the tag."""
    if tag.kind in (TagKind.VERSION, TagKind.UNRELEASED):
        return "a version"
    if tag.kind is TagKind.LATEST:
        return "the last release"
    # Not any number: that of a run is one, too.
    if tag.kind is TagKind.LINE and tag.line and tag.line.versions(source.history.release_tags):
        return "a line of versions"
    is_target = tag.kind is TagKind.EXTRA and tag.tag.name == source.default_branch
    return "the default branch" if is_target else ""


def rule_facts(
    source: Source, facts: CiFacts, version: Version, now: datetime, *, as_peer: bool
) -> RuleFacts:
    """The values that rules, labels and annotations may use.

    The ref is the one that the CI runs for. Where none does, or its run is for another commit, it is the
    release tag on this commit, or the branch that is checked out.

    as_peer: the commit of a pull request is what the CI checks out, and not the request's own.
    """
    applies = facts.ref.commit in ("", source.commit, source.built_from)
    ref = facts.ref if applies else facts.user_ref
    tag = _run_tag(ref, source)
    if not tag and not ref.branch and not source.history.no_release:
        tag = _tag_here(source, version)
    return RuleFacts(
        now=now,
        committed_at=source.committed_at,
        event=ref.event,
        branch="" if tag or source.pull_request else source.branch,
        tag="" if source.pull_request else tag,
        pull_request=source.pull_request,
        released=_released(source, version),
        version=version.text,
        sha=source.built_from if as_peer and not facts.compat.head_is_meant else source.commit,
        base_ref=ref.base,
        default_branch=source.default_branch,
        short_sha_length=facts.compat.short_sha_length,
    )


def _released(source: Source, version: Version) -> str:
    """The git tag of a version that was given, or computed for a release; "" where the commit has it."""
    number, scheme, history = version.number, version.scheme, source.history
    if number is None or not version.is_release:
        return ""
    tagged = scheme.rank(highest(scheme, history.tags)) == number.rank
    return "" if tagged else version.new_git_tag or git_tag_of(number, history, scheme)


def _run_tag(ref: Ref, source: Source) -> str:
    """The run's tag. A CI that names no commit may mean another checkout: then git must have the tag, too."""
    history = source.history
    return ref.tag if ref.commit or ref.tag in map(history.git_tag, history.tags) else ""


def _tag_here(source: Source, version: Version) -> str:
    tags = source.history.tags
    here = highest(version.scheme, tags)
    if here:
        return source.history.git_tag(here)
    return tags[0] if tags and not source.branch else ""


def _filled(texts: Iterable[str], values: RuleFacts, *, escape: bool) -> Iterable[tuple[str, str]]:
    """`KEY=VALUE` with the expressions of the rules in it, as pairs."""
    for text in texts:
        from ecr_push.tags.metadata_action.expressions import global_functions
        from ecr_push.tags.metadata_action.template import parse_template

        key, _, value = text.partition("=")
        yield key, parse_template(value).render(global_functions(values), escape=escape)


def _annotations(
    options: TagOptions,
    labels: Mapping[str, str],
    values: RuleFacts,
    several_platforms: bool,
    *,
    escape: bool,
) -> tuple[str, ...]:
    """`[LEVEL:]KEY=VALUE`, the user's own, and with --annotate the labels on the manifest before them."""
    level = "manifest,index" if several_platforms else "manifest"
    # A manifest inherits nothing, so that an empty annotation would cover nothing.
    same = [(key, value) for key, value in labels.items() if value] if options.annotate else ()
    own = _filled(options.annotations, values, escape=escape)
    return (*(f"{level}:{key}={value}" for key, value in same), *(f"{key}={value}" for key, value in own))
