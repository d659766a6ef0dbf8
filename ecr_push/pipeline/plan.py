"""Settings + Source + Version -> Plan: everything that will be done, decided before it is started. Pure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Tag
from ecr_push.builder.attestation_options import attested
from ecr_push.builder.attestations import Attestations
from ecr_push.builder.compression import Compression
from ecr_push.builder.plan import Base, BuildPlan, fingerprint, plan_build
from ecr_push.builder.profile import Profile
from ecr_push.policy.model import Policy, make_policy
from ecr_push.registry.interface import WantedRepository
from ecr_push.registry.options import target_of
from ecr_push.registry.target import RepositoryTarget
from ecr_push.release.mutability import wanted_repository
from ecr_push.scan.options import ScanOptions
from ecr_push.scan.plan import ScanPlan, plan_scan
from ecr_push.settings.declare import Settings
from ecr_push.source.git_context import address_of
from ecr_push.source.model import Source
from ecr_push.tags.kinds import SHORT, ReleaseTag, rebuild_tag
from ecr_push.tags.labels import BASES_LABEL, INPUTS_LABEL, bases_text
from ecr_push.tags.naming import Names
from ecr_push.tags.temporary import CANDIDATE_PREFIX
from ecr_push.versions.version import Version


@dataclass(frozen=True)
class Plan:
    """One run. tags are in the order of promotion, from the most specific to the most floating.

    rebuild: the tag that the image gets where an earlier build of the commit, from other bases, has the
             commit's; None where no base image is known, and for an image that is not of a commit alone.
    """

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
    deploy_for: Profile = "any"
    rebuild: Tag | None = None


def make_plan(
    settings: Settings,
    source: Source,
    version: Version,
    names: Names,
    run_id: str,
    policy: Policy | None = None,
    platforms: tuple[str, ...] | None = None,
    bases: tuple[Base, ...] = (),
) -> Plan:
    """The plan of a run. run_id distinguishes this call from any other one of the same commit.

    policy: as `load_policy` reads it; by default what the settings alone mean.
    platforms: as `build_platforms` finds them; by default those of the settings.
    bases: see `BuildPlan`.
    """
    policy = policy or make_policy(
        settings.policy.fail_on, settings.policy.max_findings, settings.policy.unscannable
    )
    build = _plan_build(settings, source, names, platforms, bases)
    return Plan(
        source=source,
        version=version,
        target=target_of(settings.registry),
        candidate=Tag(f"{CANDIDATE_PREFIX}{source.short}-{run_id}"),
        tags=names.tags,
        build=build,
        scan=plan_scan_for(policy, settings.scan),
        policy=policy,
        create_repository=settings.registry.create_repository,
        wanted_repository=wanted_repository(settings.tags.floating_tags, settings.registry.kms_key),
        deploy_for=settings.profile.deploy_for,
        rebuild=_rebuild(build, source, settings.tags.short_sha_length or SHORT),
    )


def _rebuild(build: BuildPlan, source: Source, digits: int) -> Tag | None:
    if build.is_built_elsewhere or source.dirty or source.is_merge:
        return None
    bases = build.recorded_bases
    return rebuild_tag(source.commit[:digits], bases) if bases else None


def plan_scan_for(policy: Policy, options: ScanOptions) -> ScanPlan:
    """How to wait for the scan. EPSS is read if a rule of the policy asks for it."""
    return plan_scan(options, warn_unscannable=policy.unscannable == "warn", epss=policy.max_epss is not None)


def _plan_build(
    settings: Settings,
    source: Source,
    names: Names,
    platforms: tuple[str, ...] | None,
    bases: tuple[Base, ...],
) -> BuildPlan:
    context = settings.source.context
    build = plan_build(settings.builder, Path(context), names.labels, names.annotations, address_of(context))
    if platforms is not None:
        build = replace(build, platforms=platforms)
    if not build.is_built_elsewhere:
        build = replace(build, attestations=attested(settings.attestations), bases=bases)
    own = {INPUTS_LABEL: fingerprint(build, source), BASES_LABEL: bases_text(build.recorded_bases)}
    return replace(build, labels={**build.labels, **own})


def as_part(plan: Plan) -> Plan:
    """The plan of a part: without tags, which are the index's. Its label names what `as_joined` leaves."""
    build = plan.build
    labels = {**build.labels, INPUTS_LABEL: fingerprint(as_joined(build), plan.source)}
    return replace(plan, tags=(), build=replace(build, labels=labels))


def as_joined(build: BuildPlan) -> BuildPlan:
    """build as the run that joins the parts knows it: without what is given to the builds alone.

    That is how a part was compressed, what is attested of it, and which secrets and entitlements it got.
    """
    inputs = replace(build.inputs, secrets=(), allow=())
    return replace(build, inputs=inputs, compression=Compression(), attestations=Attestations(), parts=())
