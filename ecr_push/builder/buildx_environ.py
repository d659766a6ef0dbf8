"""The environment of buildx: what of the user's would change a build is set against."""

from __future__ import annotations

from collections.abc import Mapping

from ecr_push.builder.buildx_metadata import WARNINGS
from ecr_push.builder.plan import BuildPlan
from ecr_push.source.git.command import MISLEADING

# The metadata file needs no provenance: it costs time, and has the build arguments. What the definition
# reads, its fence is around the working directory, is what the user named. buildx's own labels from git would
# come before ours, and what else it asks git is for the provenance alone.
_BUILDX = {
    "BUILDX_METADATA_PROVENANCE": "disabled",
    "BUILDX_BAKE_ENTITLEMENTS_FS": "0",
    "BUILDX_GIT_LABELS": "false",
    "BUILDX_GIT_INFO": "false",
    **WARNINGS,
}
# For provenance buildx asks git for the commit, the remote's address without credentials, and whether
# anything is changed: https://docs.docker.com/build/building/variables/#buildx_git_check_dirty
_FROM_GIT = {"BUILDX_GIT_INFO": "true", "BUILDX_GIT_CHECK_DIRTY": "1", "GIT_OPTIONAL_LOCKS": "0"}
# A folder of the checkout that looks like a bare repository has a configuration of its own, which could name
# a program: https://git-scm.com/docs/git-config#Documentation/git-config.txt-safebareRepository
_SAFE = (("core.fsmonitor", "false"), ("safe.bareRepository", "explicit"))


def buildx_environ(plan: BuildPlan, environ: Mapping[str, str]) -> dict[str, str]:
    """environ for a build of plan."""
    found = {**environ, **_BUILDX}
    if plan.attestations.provenance is None:
        return found
    count = environ.get("GIT_CONFIG_COUNT", "")
    first = int(count) if count.isdecimal() else 0
    found = {name: value for name, value in found.items() if name not in MISLEADING}
    for number, (key, value) in enumerate(_SAFE, first):
        found |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return {**found, **_FROM_GIT, "GIT_CONFIG_COUNT": str(first + len(_SAFE))}
