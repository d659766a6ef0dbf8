"""`ecr-push tags`: version and tags of the checkout. It imports little, because it must be quick."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from ecr_push.ci.facts import CiFacts
    from ecr_push.settings.declare import Settings
    from ecr_push.source.model import Source
    from ecr_push.tags.naming import Names
    from ecr_push.versions.version import Version

EXAMPLES = (
    ("Show version and tags, and why they were chosen", "ecr-push tags --explain"),
    ("Show what a run for a git tag would give", "ecr-push tags --tag-ref v1.4.2"),
    ("Derive the next version from conventional commits", "ecr-push tags --version-strategy conventional"),
)

# What a tag promises, by its kind.
PROMISES = {
    "commit": "this commit's, never moves",
    "merge": "this commit's, of a pull request: the first image keeps it",
    "rebuild": "this commit's, from base images that have moved since, never moves",
    "version": "a version, never moves",
    "snapshot": "a snapshot: the first image keeps it",
    "unreleased": "a version's, moves until git has its tag",
    "dirty": "a checkout's with uncommitted changes",
    "extra": "moves",
    "branch": "a branch's, moves with it",
    "line": "moves forward only",
    "latest": "moves forward only",
}


@command("tags", EXAMPLES)
@click.option("--explain", is_flag=True, help="Say why the version and each tag were chosen.")
def tags(call: Call, explain: bool) -> int:
    """Show the version and the tags that git gives the checkout in DIR.

    Asks neither AWS nor docker. Fetches history and tags that a CI's shallow clone lacks from its remote.
    """
    from ecr_push.base.clock import SystemClock, source_date_epoch
    from ecr_push.builder.attestation_options import attested
    from ecr_push.builder.interface import dockerfile_text, labels_in_dockerfile
    from ecr_push.builder.platforms import build_platforms
    from ecr_push.cli.read_settings import load_trusted
    from ecr_push.pipeline.source_and_version import read_source_and_version, title_of
    from ecr_push.settings.load import required
    from ecr_push.source.git_context import address_of
    from ecr_push.tags.naming import name_image

    loaded, facts = load_trusted(call, "tags")
    settings = required(loaded)
    created, now = source_date_epoch(call.environ), SystemClock().now()
    source, version = read_source_and_version(settings, facts, created or now)
    remote = address_of(settings.source.context)
    dockerfile = dockerfile_text(settings.builder, Path(settings.source.context), remote)
    names = name_image(
        settings.tags,
        source,
        version,
        facts,
        now=now,
        created=created,
        several_platforms=len(build_platforms(settings.builder.platforms, call.environ)) > 1
        or bool(settings.builder.parts or attested(settings.attestations)),
        dockerfile_labels=labels_in_dockerfile(dockerfile, settings.builder),
        title=title_of(settings, source),
    )
    _report_to_ci(settings, source, version, names, facts, call)
    for warning in (*source.notes, *names.warnings):
        call.stderr.write(f"ecr-push: {warning}\n")
    if settings.report.output == "json":
        call.stdout.write(json.dumps(_document(source, version, names), indent=2) + "\n")
        return 0
    call.stdout.write(f"version  {version.text or '(none)'}  ({version.why})\n")
    width = max((len(tag.tag.name) for tag in names.tags), default=0)
    for tag in names.tags:
        line = (
            f"tag      {tag.tag.name:<{width}}  {PROMISES[tag.kind.value]}"
            if explain
            else f"tag      {tag.tag.name}"
        )
        call.stdout.write(f"{line}\n")
    for line in _explanation(source, version, names) if explain else ():
        call.stdout.write(f"{line}\n")
    return 0


def _report_to_ci(
    settings: Settings,
    source: Source,
    version: Version,
    names: Names,
    facts: CiFacts,
    call: Call,
) -> None:
    """Reports what a plan would report. Nothing is loaded where the CI does not take output."""
    from ecr_push.report.ci.choose import has_output

    if not has_output(settings.report.ci_output, facts.provider):
        return
    from ecr_push.cli.report_to_ci import report_to_ci
    from ecr_push.pipeline.outcome import Outcome
    from ecr_push.pipeline.plan import make_plan

    outcome = Outcome(make_plan(settings, source, version, names, "tags"))
    report_to_ci(outcome, settings, facts, call.environ, call.stderr, str)


def _document(source: Source, version: Version, names: Names) -> dict[str, Any]:
    return {
        "commit": source.commit,
        "version": version.text,
        "fullVersion": str(version),
        "isRelease": version.is_release,
        "gitTag": version.git_tag or None,
        "newGitTag": version.new_git_tag or None,
        "distance": version.distance,
        "why": version.why,
        "tags": [{"tag": tag.tag.name, "kind": tag.kind.value} for tag in names.tags],
        "labels": dict(names.labels),
        "annotations": list(names.annotations),
        "notes": list(names.notes),
    }


def _explanation(source: Source, version: Version, names: Names) -> Iterable[str]:
    branch = f" on {source.branch}" if source.branch else ""
    pull_request = f", pull request {source.pull_request}" if source.pull_request else ""
    yield f"commit   {source.commit}{branch}{pull_request}"
    if source.is_merge:
        yield f"merge    {source.built_from} is what is built: the pull request merged with its target"
    yield f"scheme   {version.scheme.name}, strategy {version.strategy}"
    if source.history.tags:
        yield f"here     git tags {', '.join(source.history.tags)}"
    commits = "1 commit" if version.distance == 1 else f"{version.distance} commits"
    yield f"after    {version.git_tag or 'no release tag'}, {commits}"
    if version.new_git_tag:
        yield f"release  git tag {version.new_git_tag} will be created after promotion"
    for key, value in names.labels.items():
        if value:
            yield f"label    {key}={value}"
    covered = ", ".join(
        key.removeprefix("org.opencontainers.image.") for key, value in names.labels.items() if not value
    )
    if covered:
        yield f"empty    labels {covered}: not inherited from the base image"
    for annotation in names.annotations:
        yield f"annotate {annotation}"
    for note in names.notes:
        yield f"rule     {note}"
