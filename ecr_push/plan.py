"""Settings + Source + Version -> Plan: everything that will be done, decided before it is begun. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ecr_push.ci.facts import CiFacts
from ecr_push.ecr import WantedRepository
from ecr_push.labels import image_labels
from ecr_push.policy import Policy, make_policy
from ecr_push.reference import Tag, has_registry, parse_repository
from ecr_push.repository import wanted_repository
from ecr_push.settings import Settings
from ecr_push.source import Source
from ecr_push.tags import CANDIDATE_PREFIX, ReleaseTag, TagKind, render_tags
from ecr_push.version import Version

VERSION_LABEL = "org.opencontainers.image.version"
REVISION_LABEL = "org.opencontainers.image.revision"
# A label of our own: what, besides the commit, decides on an image's content.
INPUTS_LABEL = "ecr-push.build-inputs"


@dataclass(frozen=True)
class Target:
    """The repository as far as it is known without asking AWS. Empty parts are the caller's own.

    host is set where the user gave one: it may be a FIPS or dual-stack one, which the API never names.
    """

    name: str
    public: bool = False
    region: str = ""
    registry_id: str = ""
    host: str = ""


@dataclass(frozen=True)
class BuildPlan:
    """What to build. Paths are as the user gave them. image is one that is in the engine already.

    args may hold secrets: they are handed over in the environment, and never shown.
    """

    context: Path
    dockerfile: Path
    args: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    target: str = ""
    platforms: tuple[str, ...] = ()
    builder: str = ""
    image: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ScanPlan:
    """How to wait for the scan.

    timeout: in seconds, for all platforms together.
    max_age: in seconds; an older answer is none, unless scanning is continuous.
    epss:    the policy needs the findings' EPSS.
    """

    timeout: float
    warn_unscannable: bool = False
    max_age: float = 86_400.0
    epss: bool = False
    events_queue: str = ""


@dataclass(frozen=True)
class Plan:
    """One run. tags are in the order of promotion, from the most specific to the most floating."""

    source: Source
    version: Version
    target: Target
    candidate: Tag
    tags: tuple[ReleaseTag, ...]
    build: BuildPlan
    scan: ScanPlan
    policy: Policy
    create_repository: bool
    wanted_repository: WantedRepository
    sandbox: bool = False


def make_plan(settings: Settings, source: Source, version: Version, facts: CiFacts, run_id: str) -> Plan:
    """The plan of a run. run_id tells this run from any other one of the same commit.

    Raises SettingsError for impossible extra tags.
    """
    policy = make_policy(settings.fail_on, settings.max_findings, settings.unscannable)
    return Plan(
        source=source,
        version=version,
        target=find_target(settings),
        candidate=Tag(f"{CANDIDATE_PREFIX}{source.short}-{run_id}"),
        tags=plan_tags(settings, source, version),
        build=_plan_build(settings, source, image_labels(source, version, facts)),
        scan=plan_scan(settings, policy),
        policy=policy,
        create_repository=settings.create_repository,
        wanted_repository=wanted_repository(settings.floating_tags, settings.kms_key),
        sandbox=settings.sandbox,
    )


def plan_scan(settings: Settings, policy: Policy) -> ScanPlan:
    return ScanPlan(
        settings.scan_timeout,
        policy.unscannable == "warn",
        settings.scan_max_age,
        events_queue=settings.scan_events_queue,
    )


def plan_tags(settings: Settings, source: Source, version: Version) -> tuple[ReleaseTag, ...]:
    """The release tags that the settings ask for."""
    tags = render_tags(source, version, extra=settings.tags, floating=settings.floating_tags == "all")
    keeps_latest = settings.floating_tags != "none" or "latest" in settings.tags
    return tuple(tag for tag in tags if keeps_latest or tag.kind is not TagKind.LATEST)


def find_target(settings: Settings) -> Target:
    """Where the image goes, from a name or from a whole URI, which settles region and registry id."""
    text = settings.repository
    if not has_registry(text):
        return Target(text, region=settings.region, registry_id=settings.registry_id)
    repository = parse_repository(text)
    registry = repository.registry
    return Target(
        repository.name,
        public=registry.kind == "public",
        region=registry.region or settings.region,
        registry_id=registry.account or settings.registry_id,
        host=registry.host if registry.kind == "private" else "",
    )


def _plan_build(settings: Settings, source: Source, labels: Mapping[str, str]) -> BuildPlan:
    context = Path(settings.context)
    dockerfile = Path(settings.dockerfile) if settings.dockerfile else context / "Dockerfile"
    args = tuple((name, value) for name, _, value in (arg.partition("=") for arg in settings.build_args))
    inputs = {
        "context": _within(context, source.root),
        "dockerfile": _within(dockerfile, source.root),
        "args": sorted(args),
        "target": settings.target,
        "platforms": sorted(settings.platforms),
        "image": settings.image,
    }
    fingerprint = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:16]
    return BuildPlan(
        context,
        dockerfile,
        args,
        settings.target,
        settings.platforms,
        settings.builder,
        settings.image,
        {**labels, INPUTS_LABEL: fingerprint},
    )


def _within(path: Path, root: Path) -> str:
    """path as seen from the checkout's top, so that another machine finds the same."""
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return path.name if path.is_absolute() else path.as_posix()
