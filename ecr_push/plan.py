"""Settings + Source + Version -> Plan: everything that will be done, decided before it is begun. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ecr_push.ecr import WantedRepository
from ecr_push.names.labels import INPUTS_LABEL
from ecr_push.names.naming import Names
from ecr_push.policy import Policy, make_policy
from ecr_push.reference import Tag, has_registry, parse_repository
from ecr_push.repository import wanted_repository
from ecr_push.settings import Settings
from ecr_push.source import Source
from ecr_push.tags import CANDIDATE_PREFIX, ReleaseTag
from ecr_push.version import Version


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
    annotations: tuple[str, ...] = ()


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


def make_plan(
    settings: Settings,
    source: Source,
    version: Version,
    names: Names,
    run_id: str,
    policy: Policy | None = None,
) -> Plan:
    """The plan of a run. run_id tells this call from any other one of the same commit.

    policy is the one that `policy_load.load_policy` reads; without it, what the settings alone mean.
    """
    policy = policy or make_policy(settings.fail_on, settings.max_findings, settings.unscannable)
    return Plan(
        source=source,
        version=version,
        target=find_target(settings),
        candidate=Tag(f"{CANDIDATE_PREFIX}{source.short}-{run_id}"),
        tags=names.tags,
        build=_plan_build(settings, source, names),
        scan=plan_scan(settings, policy),
        policy=policy,
        create_repository=settings.create_repository,
        wanted_repository=wanted_repository(settings.floating_tags, settings.kms_key),
        sandbox=settings.sandbox,
    )


def plan_scan(settings: Settings, policy: Policy) -> ScanPlan:
    """What to wait for, and how long. EPSS is read where a rule of the policy asks for it."""
    return ScanPlan(
        settings.scan_timeout,
        policy.unscannable == "warn",
        settings.scan_max_age,
        epss=policy.max_epss is not None,
        events_queue=settings.scan_events_queue,
    )


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


def _plan_build(settings: Settings, source: Source, names: Names) -> BuildPlan:
    context = Path(settings.context)
    dockerfile = Path(settings.dockerfile) if settings.dockerfile else context / "Dockerfile"
    args = tuple((name, value) for name, _, value in (arg.partition("=") for arg in settings.build_args))
    inputs: dict[str, object] = {
        "context": _within(context, source.root),
        "dockerfile": _within(dockerfile, source.root),
        "args": sorted(args),
        "target": settings.target,
        "platforms": sorted(settings.platforms),
        "image": settings.image,
    }
    if source.is_merge:  # the same commit, merged with another state of the target branch
        inputs["merge"] = source.built_from
    fingerprint = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:16]
    return BuildPlan(
        context,
        dockerfile,
        args,
        settings.target,
        settings.platforms,
        settings.builder,
        settings.image,
        {**names.labels, INPUTS_LABEL: fingerprint},
        names.annotations,
    )


def _within(path: Path, root: Path) -> str:
    """path as seen from the checkout's top, so that another machine finds the same."""
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return path.name if path.is_absolute() else path.as_posix()
