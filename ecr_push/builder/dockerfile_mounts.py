"""Secrets and SSH agents that a Dockerfile's steps mount, against those that a build is given. Pure.

BuildKit says nothing of a step whose secret is missing, which then finds no file or an empty variable, nor of
a secret that no step mounts: https://docs.docker.com/reference/dockerfile/#run---mounttypesecret
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename

from ecr_push.base.regex import lazy_regex
from ecr_push.base.suggest import did_you_mean
from ecr_push.builder.buildkit_inputs import BuildKitInputs
from ecr_push.builder.buildkit_values import secret_of, ssh_of
from ecr_push.builder.dockerfile import Stage, built, flags_of, mount_of, stages_of
from ecr_push.builder.dockerfile_args import declared_args

# BuildKit itself takes it, for contexts in git: https://docs.docker.com/build/building/secrets/
_FOR_GIT = lazy_regex(r"GIT_AUTH_(?:TOKEN|HEADER)(?:\..+)?")
Mount = tuple[str, str]  # type and id


def mount_warnings(text: str, target: str, inputs: BuildKitInputs) -> tuple[str, ...]:
    """A sentence for each secret and agent that is missing or mounted nowhere; none where that is not sure.

    text: the Dockerfile's. target: the stage to build; "" is the last one.
    """
    if declared_args(text) is None or "ONBUILD" in text.upper():
        return ()
    stages = stages_of(text, {})
    if not stages:  # what docker refuses
        return ()
    given = {
        *(("secret", identity) for identity, _, _ in map(secret_of, inputs.secrets)),
        *(("ssh", identity) for identity, _ in map(ssh_of, inputs.ssh)),
    }
    mounted = {one for stage in stages for one in _mounts(stage)}
    if any("$" in identity for _, identity in mounted):
        return ()
    return (*_missing(stages, target, given), *_unused(mounted, given))


def _missing(stages: list[Stage], target: str, given: set[Mount]) -> Iterator[str]:
    needed = {one for stage in built(stages, target) for one in _mounts(stage)}
    for kind, identity in sorted(needed - given):
        # What is not known elsewhere may be meant by an id that is.
        spare = [one for of, one in given - needed if of == kind]
        yield (
            f"a step mounts the {_WORDS[kind]} {identity}, which no --{kind} gives: the step goes on without"
            f"{did_you_mean(identity, spare)}"
        )


def _unused(mounted: set[Mount], given: set[Mount]) -> Iterator[str]:
    for kind, identity in sorted(given - mounted):
        if kind == "secret" and not _FOR_GIT.fullmatch(identity):
            others = [one for of, one in mounted - given if of == kind]
            yield f"--secret id={identity}: no step mounts it{did_you_mean(identity, others)}"


_WORDS = {"secret": "secret", "ssh": "SSH agent"}


def _mounts(stage: Stage) -> Iterator[Mount]:
    """The secrets and the agents that its steps mount."""
    mounts = (
        mount_of(value)
        for keyword, rest in stage.steps
        if keyword == "RUN"
        for flag, value in flags_of(rest)
        if flag == "--mount"
    )
    for given in mounts:
        kind = given.get("type", "bind")
        if kind in _WORDS:
            target = basename(given.get("target") or given.get("dst") or given.get("destination") or "")
            yield kind, given.get("id") or (target if kind == "secret" else "default")
