"""Settings that are valid each by itself -> what does not go together.

A check reads the options that its parameters name. It is left out where one of them is invalid: what that was
meant to be is not known, and its default proves nothing, not even that it is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import fields
from inspect import signature
from pathlib import Path
from typing import Any

from ecr_push.base.annotation import parse_annotation
from ecr_push.base.fences import Fences
from ecr_push.base.option import QUOTE_IT
from ecr_push.base.paths import CONFIG_FILE_NAME
from ecr_push.base.reference import Registry, has_registry, is_same_repository, parse_repository
from ecr_push.base.safe_write import why_not_writable
from ecr_push.builder.buildkit_inputs import BuildKitInputs
from ecr_push.builder.platforms import normal
from ecr_push.settings import declare as declared
from ecr_push.settings.attestation_check import attestations_of_a_build
from ecr_push.settings.cache_check import cache_of_a_build
from ecr_push.settings.declare import Settings
from ecr_push.settings.image_test_check import tests_of_an_image
from ecr_push.settings.report_files import ReportFile
from ecr_push.settings.sign_check import signature_of_an_image
from ecr_push.settings.values import read_value
from ecr_push.versions.options import Strategy

Contradiction = tuple[str, str]  # the option's name, and what is wrong with it
_Check = Callable[..., Iterable[Contradiction]]
_CHECKS: list[tuple[_Check, tuple[str, ...]]] = []


def contradictions(
    settings: Settings, invalid: Container[str], command: str, needs_repository: bool = True
) -> Iterable[Contradiction]:
    """What does not go together. A check may also read command and needs_repository, as it reads options."""
    call = {"command": command, "needs_repository": needs_repository}
    for check, names in _CHECKS:
        if not any(name in invalid for name in names):
            yield from check(
                *(call[name] if name in call else declared.value_of(settings, name) for name in names)
            )


def _check(function: _Check) -> _Check:
    """Enters a function whose parameters are the options that it reads."""
    _CHECKS.append((function, tuple(signature(function).parameters)))
    return function


@_check
def _needs_a_repository(
    command: str, needs_repository: bool, repository: str, context: str, call: str, dry_run: bool
) -> Iterable[Contradiction]:
    if (
        repository
        or (call == "check" and command in ("run", "build") and not dry_run)
        or not needs_repository
        or command not in ("run", "plan", "build", "rollback", "policy test")
    ):
        return
    if Path(context).exists():
        elsewhere = Path(CONFIG_FILE_NAME).resolve() != Path(context, CONFIG_FILE_NAME).resolve()
        unread = f"; {CONFIG_FILE_NAME} is read in {context}, and not in the working directory"
        hint = unread if elsewhere and Path(CONFIG_FILE_NAME).is_file() else ""
        yield "repository", f"is required: the repository's name, such as team/app{hint}"
    else:
        is_repository = not read_value(declared.option_types()["repository"], context)[1]
        meant = (
            f": ecr-push {command} -r {context}"
            if is_repository and command in ("run", "plan", "build")
            else ""
        )
        yield "repository", f"is required; {context!r} is not a directory{meant}"


@_check
def _one_region(repository: str, region: str) -> Iterable[Contradiction]:
    registry = _registry(repository)
    if registry and region and registry.region and region != registry.region:
        yield "region", f"{region} contradicts --repository {repository}"


@_check
def _one_account(repository: str, registry_id: str) -> Iterable[Contradiction]:
    registry = _registry(repository)
    if registry and registry_id and registry.account and registry_id != registry.account:
        yield "registry_id", f"{registry_id} contradicts --repository {repository}"
    if registry and registry_id and registry.kind == "public":
        yield "registry_id", "ECR Public has no registry ids: the alias in --repository names it"


@_check
def _no_key_in_public(repository: str, kms_key: str) -> Iterable[Contradiction]:
    registry = _registry(repository)
    if registry and kms_key and registry.kind == "public":
        yield "kms_key", "ECR Public has no KMS encryption"


def _registry(repository: str) -> Registry | None:
    return parse_repository(repository).registry if has_registry(repository) else None


def _has_no_effect(name: str, other: str, why: str) -> None:
    def check(blocker: Any, given: Any) -> Iterable[Contradiction]:
        if blocker and given:
            yield name, f"has no effect with {why}"

    _CHECKS.append((check, (other, name)))


for _name in (
    *("dockerfile", "build_args", "target", "platforms", "builder", "labels", "annotations", "compression"),
    *(one.name for one in fields(BuildKitInputs) if one.name != "network"),
):
    _has_no_effect(_name, "image", "--image, which builds nothing")
for _name in ("image", "builder", "compression"):
    _has_no_effect(_name, "parts", "--part, which builds nothing")
for _name in ("profile", "role", "role_to_assume"):
    _has_no_effect(_name, "sandbox", "--sandbox, which needs no AWS credentials")
_has_no_effect("scan_events_queue", "sandbox", "--sandbox, which has no queues")
_has_no_effect("lock", "sandbox", "--sandbox, which has no tables, and which no other run can reach")


for _one in (cache_of_a_build, tests_of_an_image, attestations_of_a_build, signature_of_an_image):
    _check(_one)


@_check
def _check_of_a_dockerfile(call: str, image: str, parts: Sequence[str]) -> Iterable[Contradiction]:
    if call == "check" and (image or parts):
        yield "call", f"check reads a Dockerfile, and {'--image' if image else '--part'} has none"


@_check
def _annotations_of_a_platform(
    annotations: Sequence[str], platforms: Sequence[str]
) -> Iterable[Contradiction]:
    for one in map(parse_annotation, annotations):
        for _, platform in one.levels:
            if platform and platforms and normal(platform) not in set(map(normal, platforms)):
                yield "annotations", f"{one.key} is for {platform}, which is not among --platform"


@_check
def _bake_has_no_cgroup(cgroup_parent: str, build_args: Sequence[str]) -> Iterable[Contradiction]:
    if cgroup_parent and build_args:
        yield (
            "cgroup_parent",
            "cannot be given together with --build-arg: `docker buildx bake` has no such thing",
        )


@_check
def _sandbox_is_the_registry(sandbox: bool, repository: str) -> Iterable[Contradiction]:
    if sandbox and has_registry(repository):
        yield "repository", "with --sandbox give the name alone: the sandbox is its own registry"


@_check
def _advisories_for_the_sandbox(
    command: str, sandbox: bool, advisories: Sequence[str]
) -> Iterable[Contradiction]:
    if sandbox:
        for directory in advisories:
            if not Path(directory).is_dir():
                yield "advisories", f"there is no directory {directory}"
    elif advisories and command in ("run", "plan"):
        yield "advisories", "is for the sandbox's scanner: give --sandbox too"


@_check
def _one_identity(role_to_assume: str, profile: str, sandbox: bool) -> Iterable[Contradiction]:
    if role_to_assume and profile and not sandbox:
        yield "profile", "has no effect with --role-to-assume, whose credentials are the job's own"


@_check
def _key_of_a_new_repository(kms_key: str, create_repository: bool) -> Iterable[Contradiction]:
    if kms_key and not create_repository:
        yield "kms_key", "is fixed when a repository is created: give --create-repository too"


@_check
def _one_source_of_versions(version: str, version_file: str) -> Iterable[Contradiction]:
    if version and version_file:
        yield "version_file", f"has no effect with --version {version}, which is the version"


@_check
def _strategy_of_the_source(
    version: str, version_file: str, version_strategy: Strategy
) -> Iterable[Contradiction]:
    if version and version_file:
        return
    if version and version_strategy not in ("describe", "explicit"):
        yield "version", f"contradicts --version-strategy {version_strategy}"
    elif version_file and version_strategy not in ("describe", "file"):
        yield "version_file", f"contradicts --version-strategy {version_strategy}"


@_check
def _explicit_version(version: str, version_strategy: Strategy) -> Iterable[Contradiction]:
    if version_strategy == "explicit" and not version:
        yield "version", "is required with --version-strategy explicit, which takes the version from there"


@_check
def _scopes_of_commits(commit_scopes: Sequence[str], version_strategy: Strategy) -> Iterable[Contradiction]:
    if commit_scopes and version_strategy != "conventional":
        yield "commit_scopes", "is for --version-strategy conventional"


@_check
def _tag_of_a_version(git_tag: bool, version_strategy: Strategy) -> Iterable[Contradiction]:
    if git_tag and version_strategy == "tag":
        yield (
            "git_tag",
            "has no effect with --version-strategy tag, which takes versions from git tags alone",
        )


@_check
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


@_check
def _flavor_of_rules(flavor: Any, tag_rules: Any, naming: str) -> Iterable[Contradiction]:
    if flavor and not tag_rules and naming == "ecr-push":
        own = "use docker/metadata-action's own with --naming metadata-action"
        yield "flavor", f"changes the rules of --tags: give those too, or {own}"


@_check
def _images_of_the_repository(tag_rules: Any, repository: str) -> Iterable[Contradiction]:
    for rule in tag_rules or ():
        if rule.image and repository and not is_same_repository(rule.image, repository):
            why = f"an image of {rule.image}, and a run pushes to {repository} alone"
            yield "tag_rules", f"line {rule.line}: {why}: give the tag alone, or leave the line out"


@_check
def _result_can_be_written(result: str, context: str) -> Iterable[Contradiction]:
    """Checked before anything is built: a report that cannot be written is a verdict that no one reads."""
    if result and (problem := why_not_writable(Path(result), Fences.of(context))):
        yield "result", problem


@_check
def _reports_can_be_written(
    result: str, reports: Sequence[ReportFile], context: str
) -> Iterable[Contradiction]:
    fences = Fences.of(context)
    seen = {Path(result).absolute(): "--result"} if result else {}
    for one in reports:
        file = Path(one.path).absolute()
        if file in seen:
            yield "reports", f"{one.path} is already written by {seen[file]}"
        elif problem := why_not_writable(Path(one.path), fences):
            yield "reports", problem
        seen[file] = "--report"


@_check
def _branch_or_tag(branch: str, tag_ref: str) -> Iterable[Contradiction]:
    if branch and tag_ref:
        yield "tag_ref", "contradicts --branch: a run is for one of them"


@_check
def _pull_request_or_tag(pull_request: str, tag_ref: str) -> Iterable[Contradiction]:
    if pull_request and tag_ref:
        yield "tag_ref", "contradicts --pull-request: a run is for one of them"


@_check
def _container_has_a_name(
    repository: str, reports: Sequence[ReportFile], container_name: str
) -> Iterable[Contradiction]:
    last = repository.rpartition("/")[2]
    wanted = any(one.format == "imagedefinitions" for one in reports)
    if wanted and "." in last and not container_name:
        yield "container_name", f"is required for imagedefinitions: ECS does not allow {last!r} as a name"
