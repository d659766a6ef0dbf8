"""Secrets and SSH agents that a Dockerfile's steps mount, against those that a build is given. Pure.

BuildKit says nothing of a step whose secret is missing, which then finds no file or an empty variable, nor of
a secret that no step mounts: https://docs.docker.com/reference/dockerfile/#run---mounttypesecret
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from posixpath import basename

from ecr_push.base.regex import lazy_regex
from ecr_push.base.suggest import did_you_mean
from ecr_push.builder.buildkit_inputs import BuildKitInputs
from ecr_push.builder.buildkit_values import secret_of, ssh_of
from ecr_push.builder.dockerfile import instructions, unquoted, words
from ecr_push.builder.dockerfile_args import declared_args

# BuildKit itself takes it, for contexts in git: https://docs.docker.com/build/building/secrets/
_FOR_GIT = lazy_regex(r"GIT_AUTH_(?:TOKEN|HEADER)(?:\..+)?")
_FROM = lazy_regex(r"(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?\s*", re.IGNORECASE)
Mount = tuple[str, str]  # type and id


@dataclass
class _Stage:
    name: str
    needs: set[str]
    mounts: set[Mount] = field(default_factory=set)


def mount_warnings(text: str, target: str, inputs: BuildKitInputs) -> tuple[str, ...]:
    """A sentence for each secret and agent that is missing or mounted nowhere; none where that is not sure.

    text: the Dockerfile's. target: the stage to build; "" is the last one.
    """
    if declared_args(text) is None or "ONBUILD" in text.upper():
        return ()
    stages = list(_stages(text))
    given = {
        *(("secret", identity) for identity, _, _ in map(secret_of, inputs.secrets)),
        *(("ssh", identity) for identity, _ in map(ssh_of, inputs.ssh)),
    }
    mounted = {one for stage in stages for one in stage.mounts}
    if any("$" in identity for _, identity in mounted):
        return ()
    return (*_missing(stages, target, given), *_unused(mounted, given))


def _missing(stages: list[_Stage], target: str, given: set[Mount]) -> Iterator[str]:
    needed = {one for stage in _built(stages, target) for one in stage.mounts}
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


def _built(stages: list[_Stage], target: str) -> list[_Stage]:
    """The stage that is built, and those that it is made of; all where it is not found."""
    names = {stage.name: stage for stage in stages if stage.name}
    numbered = {str(at): stage for at, stage in enumerate(stages)}
    known = {**numbered, **names}
    wanted = known.get(target.lower()) if target else stages[-1]
    if wanted is None or any("$" in one for stage in stages for one in stage.needs):
        return stages
    found: list[_Stage] = []
    waiting = [wanted]
    while waiting:
        stage = waiting.pop()
        if stage not in found:
            found.append(stage)
            waiting += [known[one] for one in stage.needs if one in known and known[one] is not stage]
    return found


def _stages(text: str) -> Iterator[_Stage]:
    stage: _Stage | None = None
    for keyword, rest in instructions(text):
        if keyword == "FROM" and (match := _FROM.fullmatch(rest)):
            if stage:
                yield stage
            stage = _Stage((match[2] or "").lower(), {unquoted(match[1]).lower()})
        elif stage and keyword in ("RUN", "COPY", "ADD"):
            for word in words(rest):
                if not word.startswith("--"):
                    break
                flag, _, value = unquoted(word).partition("=")
                if flag == "--from":
                    stage.needs.add(value.lower())
                elif flag == "--mount":
                    _mount(stage, value)
    if stage:
        yield stage


def _mount(stage: _Stage, text: str) -> None:
    try:
        pairs = [one.partition("=") for one in next(csv.reader([text]), [])]
    except csv.Error:  # BuildKit says what is wrong
        return
    given = {key.strip().lower(): value for key, _, value in pairs}
    kind = given.get("type", "bind")
    if source := given.get("from"):
        stage.needs.add(source.lower())
    if kind in _WORDS:
        target = basename(given.get("target") or given.get("dst") or given.get("destination") or "")
        stage.mounts.add((kind, given.get("id") or (target if kind == "secret" else "default")))
