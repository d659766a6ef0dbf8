"""Settings + Source + Version -> Plan: everything that will be done, decided before it is begun. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from ecr_push.base.reference import Tag
from ecr_push.builder.plan import BuildPlan
from ecr_push.policy.model import Policy, make_policy
from ecr_push.registry.interface import WantedRepository
from ecr_push.registry.target import RepositoryTarget, find_target
from ecr_push.release.mutability import wanted_repository
from ecr_push.scan.plan import ScanPlan
from ecr_push.settings.declare import Settings
from ecr_push.source.model import Source
from ecr_push.tags.kinds import CANDIDATE_PREFIX, ReleaseTag
from ecr_push.tags.labels import INPUTS_LABEL
from ecr_push.tags.naming import Names
from ecr_push.versions.derive import Version


@dataclass(frozen=True)
class Plan:
    """One run. tags are in the order of promotion, from the most specific to the most floating."""

    source: Source
    version: Version
    target: RepositoryTarget
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
        target=find_target(settings.repository, settings.region, settings.registry_id),
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
