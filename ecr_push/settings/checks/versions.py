"""Versions, tags, and what they are of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from ecr_push.base.option import QUOTE_IT
from ecr_push.base.reference import is_same_repository
from ecr_push.builder.destination import stays_here
from ecr_push.settings.checks.check import Check, Contradiction
from ecr_push.versions.options import Strategy


def _one_source_of_versions(version: str, version_file: str) -> Iterable[Contradiction]:
    if version and version_file:
        yield "version_file", f"has no effect with --version {version}, which is the version"


def _strategy_of_the_source(
    version: str, version_file: str, version_strategy: Strategy
) -> Iterable[Contradiction]:
    if version and version_file:
        return
    if version and version_strategy not in ("describe", "explicit"):
        yield "version", f"contradicts --version-strategy {version_strategy}"
    elif version_file and version_strategy not in ("describe", "file"):
        yield "version_file", f"contradicts --version-strategy {version_strategy}"


def _explicit_version(version: str, version_strategy: Strategy) -> Iterable[Contradiction]:
    if version_strategy == "explicit" and not version:
        yield "version", "is required with --version-strategy explicit, which takes the version from there"


def _scopes_of_commits(commit_scopes: Sequence[str], version_strategy: Strategy) -> Iterable[Contradiction]:
    if commit_scopes and version_strategy != "conventional":
        yield "commit_scopes", "is for --version-strategy conventional"


def _tag_of_a_version(git_tag: bool, version_strategy: Strategy) -> Iterable[Contradiction]:
    if git_tag and version_strategy == "tag":
        yield (
            "git_tag",
            "has no effect with --version-strategy tag, which takes versions from git tags alone",
        )


def _version_of_the_scheme(version: str, version_scheme: str) -> Iterable[Contradiction]:
    if not version:
        return
    from ecr_push.versions.schemes.choice import parse_scheme

    scheme = parse_scheme(version_scheme)
    if scheme.read(version) is None:
        hint = ""
        if re.fullmatch(r"[0-9]+\.[0-9]+", version):
            meant = f": {version}.0, or --version-scheme two-part" if scheme.name == "semver" else ""
            hint = f"{meant}{QUOTE_IT}, where 1.10 is the number 1.1"
        yield "version", f"{version!r} is not a version of the scheme {scheme.name}{hint}"


def _flavor_of_rules(flavor: Any, tag_rules: Any, naming: str) -> Iterable[Contradiction]:
    if flavor and not tag_rules and naming == "ecr-push":
        own = "use docker/metadata-action's own with --naming metadata-action"
        yield "flavor", f"changes the rules of --tags: give those too, or {own}"


def _images_of_the_repository(
    tag_rules: Any, repository: str, push: bool | None, load: bool, exports: tuple[str, ...]
) -> Iterable[Contradiction]:
    for rule in () if stays_here(push, load, exports) else tag_rules:
        if rule.image and repository and not is_same_repository(rule.image, repository):
            why = f"an image of {rule.image}, and a run pushes to {repository} alone"
            yield "tag_rules", f"line {rule.line}: {why}: give the tag alone, or leave the line out"


def _branch_or_tag(branch: str, tag_ref: str) -> Iterable[Contradiction]:
    if branch and tag_ref:
        yield "tag_ref", "contradicts --branch: a run is for one of them"


def _pull_request_or_tag(pull_request: str, tag_ref: str) -> Iterable[Contradiction]:
    if pull_request and tag_ref:
        yield "tag_ref", "contradicts --pull-request: a run is for one of them"


CHECKS: tuple[Check, ...] = (
    _one_source_of_versions,
    _strategy_of_the_source,
    _explicit_version,
    _scopes_of_commits,
    _tag_of_a_version,
    _version_of_the_scheme,
    _flavor_of_rules,
    _images_of_the_repository,
    _branch_or_tag,
    _pull_request_or_tag,
)
