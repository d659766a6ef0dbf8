"""BuildPlan -> commands of podman or buildah, which share one builder and its flags. Pure.

What a version has is read from its own --help, since distributions add flags to older versions. Build
arguments are never on the command line, where everyone on the machine can read them: they are on standard
input, and for a version without --build-arg-file in the environment of that one command.
https://github.com/containers/buildah/blob/main/docs/buildah-build.1.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from ecr_push.base.annotation import MANIFEST, parse_annotation
from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Repository, Tag
from ecr_push.base.regex import lazy_regex
from ecr_push.builder.buildkit_inputs import flags
from ecr_push.builder.buildkit_values import context_of, folder_of
from ecr_push.builder.plan import BuildPlan

EPOCH = "SOURCE_DATE_EPOCH"
FORMAT = "BUILDAH_FORMAT"
_ARGUMENT_FILE = "--build-arg-file"
_PULL = "--pull=always"
# Of those that buildx takes: what has another meaning there, or none.
_NOT_THERE: Mapping[str, str] = {
    "--allow": "it has no entitlements",
    "--cache-from": "it cannot read BuildKit's caches; it keeps the layers of earlier builds itself",
    "--cache-to": "it cannot write BuildKit's caches; it keeps the layers of earlier builds itself",
    "--no-cache-filter": "it can only build every stage again: --no-cache",
}
# What podman itself, Go's runtime and its libraries read: a build argument of such a name would change them.
_READ_BY_IT = lazy_regex(
    r"PATH|HOME|USER|SHELL|TERM|TZ|TMPDIR|ENV|IFS|HOSTALIASES|RES_OPTIONS|LOCALDOMAIN|SOURCE_DATE_EPOCH"
    r"|GO(?:DEBUG|TRACEBACK|MAXPROCS|GC|MEMLIMIT)|LANG(?:UAGE)?|LOCPATH|NLSPATH|GCONV_PATH|GNUPGHOME"
    r"|(?:.*_)?PROXY|_?CONTAINERS?_.*|REGISTR(?:Y|IES)_.*"
    r"|(?:LC|LD|SSL|XDG|GPG|GIT|SSH|CNI|DBUS|NOTIFY|LISTEN|MALLOC|GLIBC|BASH|DOCKER)_.*"
    r"|(?:BUILDAH|PODMAN|STORAGE|NETAVARK)_.*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Flags:
    """What the commands of a version have, by their --help."""

    build: frozenset[str]
    push: frozenset[str]
    push_list: frozenset[str] = frozenset()


def flags_in(help_text: Sequence[str]) -> frozenset[str]:
    """The long flags in the output of --help."""
    return frozenset(
        found[1] for line in help_text if (found := re.match(r"\s+(?:-\w, )?(--[a-z][a-z-]+)\b", line))
    )


@dataclass(frozen=True)
class Arguments:
    """Build arguments on their way: lines on standard input, and variables of the command."""

    lines: tuple[str, ...] = field(default=(), repr=False)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)


def refusals(tool: str, plan: BuildPlan, has: Flags, environ: Mapping[str, str]) -> Iterator[str]:
    """What the plan asks for that this version does not have, each with the reason."""
    if plan.attestations:
        yield "--provenance, --sbom: it makes no attestations as BuildKit does"
    if plan.remote:
        yield "a context in a git repository: it names no commit of it; check it out, and name the folder"
    asked = dict.fromkeys(flag.partition("=")[0] for flag in flags(plan.inputs))
    for flag in asked:
        if flag in _NOT_THERE:
            yield f"{flag}: {_NOT_THERE[flag]}"
        elif flag not in has.build:
            yield f"{flag}: this version does not have it"
    for name, value in map(context_of, plan.inputs.build_contexts):
        if value.startswith("oci-layout://") or not (folder_of(value) or value.startswith("docker-image://")):
            yield f"--build-context {name}: it takes folders and docker-image:// alone"
    if others := [text for text in plan.annotations if not _is_of_manifest(text)]:
        yield f"annotations of an index or of one platform: {', '.join(others)}"
    push = has.push_list if plan.platforms[1:] else has.push
    if plan.compression.kind and (lacking := sorted(_compression(plan) - push)):
        yield f"--compression: this version has no {', '.join(lacking)}"
    if lost := [name for name, value in plan.args if not _can_be_given(name, value, has, environ)]:
        yield (
            f"build arguments {', '.join(lost)}: this version takes arguments from its environment, where "
            "these would change what it does itself; one with --build-arg-file takes them, of one line each"
        )


def _compression(plan: BuildPlan) -> set[str]:
    return {one.partition("=")[0] for one in _compression_flags(plan)}


def _compression_flags(plan: BuildPlan) -> tuple[str, ...]:
    given = plan.compression
    if not given.kind:
        return ()
    return (
        f"--compression-format={given.kind}",
        *((f"--compression-level={given.level}",) if given.level is not None else ()),
        *(("--force-compression",) if given.force else ()),
    )


def _is_of_manifest(text: str) -> bool:
    return all(level == (MANIFEST, "") for level in parse_annotation(text).levels)


def _fits_into_a_file(value: str, has: Flags) -> bool:
    return _ARGUMENT_FILE in has.build and "\n" not in value


def _can_be_given(name: str, value: str, has: Flags, environ: Mapping[str, str]) -> bool:
    return _fits_into_a_file(value, has) or not (name in environ or _READ_BY_IT.fullmatch(name))


def arguments(plan: BuildPlan, has: Flags, environ: Mapping[str, str]) -> Arguments:
    """The build arguments. As buildx does, the steps get the epoch too."""
    epoch = environ.get(EPOCH, "")
    given = {**({EPOCH: epoch} if epoch else {}), **dict(plan.args)}
    in_file = {name: value for name, value in given.items() if _fits_into_a_file(value, has)}
    return Arguments(
        tuple(f"{name}={value}" for name, value in in_file.items()),
        {name: value for name, value in given.items() if name not in in_file},
    )


def build_command(
    tool: str, plan: BuildPlan, environ: Mapping[str, str], files: Mapping[str, Path], names: Sequence[str]
) -> tuple[str, ...]:
    """The argv of a build.

    files: `image`, where the image's id is written, or for several platforms `list`, the name of their list;
    `arguments` and `ignore` where there are such files. names: of the build arguments in the environment.
    """
    own = {"image": "--iidfile", "list": "--manifest", "arguments": _ARGUMENT_FILE, "ignore": "--ignorefile"}
    more = (
        *(f"{own[kind]}={path}" for kind, path in files.items()),
        *(f"--label={key}={value}" for key, value in plan.labels.items()),
        *(f"--annotation={one.key}={one.value}" for one in map(parse_annotation, plan.annotations)),
    )
    return by_hand(tool, plan, environ, names, more)


def by_hand(
    tool: str, plan: BuildPlan, environ: Mapping[str, str], names: Sequence[str], more: Sequence[str] = ()
) -> tuple[str, ...]:
    """The argv of the same build by hand: it takes build arguments from the environment."""
    epoch = environ.get(EPOCH, "")
    return (
        *(tool, "build", "--layers", "--force-rm", f"--format={environ.get(FORMAT) or 'oci'}"),
        *more,
        f"--file={plan.dockerfile}",
        *(f"--build-arg={name}" for name in names),
        *((f"--timestamp={epoch}",) if epoch.isdecimal() else ()),
        *((f"--target={plan.target}",) if plan.target else ()),
        *((f"--platform={','.join(plan.platforms)}",) if plan.platforms else ()),
        *(_PULL if flag == "--pull" else flag for flag in flags(plan.inputs)),
        f"./{plan.context}" if str(plan.context).startswith("-") else str(plan.context),
    )


def push_command(
    tool: str,
    image: str,
    repository: Repository,
    candidate: Tag,
    plan: BuildPlan,
    digest: Path,
    environ: Mapping[str, str],
) -> tuple[str, ...]:
    """The argv of a push of an image, or of the list of several platforms. digest: the file for its digest.

    The format is said: where a registry refuses one, podman would push another, with another digest, and
    say nothing.
    """
    many = bool(plan.platforms[1:])
    docker = environ.get(FORMAT) == "docker"
    return (
        *((tool, "manifest", "push", "--all") if many else (tool, "push")),
        f"--format={'v2s2' if docker else 'oci'}",
        f"--digestfile={digest}",
        *_compression_flags(plan),
        # The sandbox on this machine: docker's engine trusts loopback likewise.
        *(("--tls-verify=false",) if repository.registry.kind == "local" else ()),
        image,
        f"docker://{repository.tagged(candidate)}",
    )
