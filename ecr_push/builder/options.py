"""The options that say what to build, and how."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import BUILDING, HOW_TO_BUILD, PLANNING, WHAT_TO_BUILD, Parsed, matching, option
from ecr_push.builder.buildkit_address import address_of, is_address
from ecr_push.builder.buildkit_values import (
    Cache,
    Entitlement,
    Host,
    NamedContext,
    Secret,
    Size,
    Ssh,
    Ulimit,
)
from ecr_push.builder.compression import compression_of

# The builders that are programs of their own.
TOOLS = ("podman", "buildah")


def _build_arg(text: str) -> str:
    name, equals, _ = text.partition("=")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", name) or not equals:
        # The argument may be a secret: only its name is repeated.
        raise ValueError(f"{name!r}: expected NAME=VALUE; a variable's value is not taken by its name alone")
    return text


BuildArg = Annotated[str, Parsed(_build_arg)]


def _compression(text: str) -> str:
    compression_of(text)
    return text


def _builder(text: str) -> str:
    if is_address(text):
        address_of(text)
    return text


BuilderName = Annotated[str, Parsed(_builder)]
LayerCompression = Annotated[str, Parsed(_compression)]
Platform = Annotated[
    str, matching(r"[a-z0-9]+/[a-z0-9]+(?:/[a-z0-9]+)?", "platform", "OS/ARCH, such as linux/amd64")
]


@dataclass(frozen=True, eq=False, repr=False)
class BuildOptions:
    """What to build."""

    dockerfile: str = option(
        "",
        WHAT_TO_BUILD,
        BUILDING,
        "Path of the Dockerfile.",
        short="-f",
        metavar="FILE",
        default_text="DIR/Dockerfile",
    )
    build_args: tuple[BuildArg, ...] = option(
        (),
        WHAT_TO_BUILD,
        BUILDING,
        "Build argument; may be repeated.",
        metavar="NAME=VALUE",
        key="build-arg",
        separator="\n",
        mapping=True,
    )
    target: str = option("", WHAT_TO_BUILD, BUILDING, "Stage of the Dockerfile to build.", metavar="STAGE")
    platforms: tuple[Platform, ...] = option(
        (),
        WHAT_TO_BUILD,
        BUILDING,
        "Platform to build for; may be repeated, or a list with commas.",
        metavar="OS/ARCH",
        key="platform",
        separator=",",
        default_text="DOCKER_DEFAULT_PLATFORM, or the builder's own",
    )
    builder: BuilderName = option(
        "",
        WHAT_TO_BUILD,
        BUILDING,
        "Builder to use: the name of a buildx builder, the address of a BuildKit, podman or buildah.",
        metavar="NAME|ADDRESS",
        default_text="buildx, or the engine, or podman or buildah where there is no docker",
    )
    image: str = option(
        "",
        WHAT_TO_BUILD,
        PLANNING,
        "Push this image instead of building one: IMAGE of the engine, or oci:PATH of an OCI layout, a "
        "folder or a tar archive. Of several images in it, oci:PATH@DIGEST or oci:PATH@NAME.",
        metavar="IMAGE|oci:PATH",
    )
    parts: tuple[str, ...] = option(
        (),
        WHAT_TO_BUILD,
        PLANNING,
        "Join the images of several builders to one index, instead of building one; may be repeated. Each is "
        "what `ecr-push build` printed, or a file that holds it.",
        metavar="IMAGE|FILE",
        key="part",
        separator="\n",
        by_caller=True,
    )
    call: Literal["build", "check"] = option(
        "build",
        HOW_TO_BUILD,
        frozenset({"run", "build"}),
        "What to do with the Dockerfile: check runs docker's build checks alone; nothing is built or pushed, "
        "and a finding fails the run.",
        by_caller=True,
    )
    build_contexts: tuple[NamedContext, ...] = option(
        (),
        HOW_TO_BUILD,
        BUILDING,
        "Additional build context, which the Dockerfile uses by its name: a folder, docker-image://IMAGE, "
        "oci-layout://DIR or a repository's address; may be repeated.",
        metavar="NAME=CONTEXT",
        key="build-context",
        separator="\n",
    )
    secrets: tuple[Secret, ...] = option(
        (),
        HOW_TO_BUILD,
        BUILDING,
        "Secret for `RUN --mount=type=secret`, from a variable or a file; may be repeated. It is in no "
        "layer, no log and on no command line. A variable that is not set is an error.",
        metavar="id=ID,env=NAME",
        key="secret",
        separator="\n",
        by_caller=True,
    )
    ssh: tuple[Ssh, ...] = option(
        (),
        HOW_TO_BUILD,
        BUILDING,
        "SSH agent or keys for `RUN --mount=type=ssh`; may be repeated. default is SSH_AUTH_SOCK's agent.",
        metavar="default|ID=FILE",
        separator="\n",
        by_caller=True,
    )
    cache_from: tuple[Cache, ...] = option(
        (),
        HOW_TO_BUILD,
        BUILDING,
        "Cache to read, such as type=registry,ref=IMAGE; may be repeated. A build goes on without one that "
        "is missing.",
        metavar="CACHE",
        separator="\n",
    )
    cache_to: tuple[Cache, ...] = option(
        (),
        HOW_TO_BUILD,
        BUILDING,
        "Cache to write, such as type=registry,ref=IMAGE,mode=max; may be repeated.",
        metavar="CACHE",
        separator="\n",
    )
    no_cache: bool = option(
        False,
        HOW_TO_BUILD,
        BUILDING,
        "Build each step again.",
    )
    no_cache_filter: tuple[str, ...] = option(
        (),
        HOW_TO_BUILD,
        BUILDING,
        "Stage whose steps are built again; may be repeated, or a list with commas.",
        metavar="STAGE",
        separator=",",
    )
    pull: bool = option(
        False,
        HOW_TO_BUILD,
        BUILDING,
        "Look for newer base images.",
    )
    follow_bases: bool | None = option(
        None,
        HOW_TO_BUILD,
        BUILDING | {"matrix"},
        "Build from the digest that each base image's tag has now, and build a commit again where one has "
        "moved since: the floating tags move to the new image, and those that never move stay.",
        default_text="yes for the images of ecr-push.yml, else no",
    )
    network: Literal["default", "none", "host"] = option(
        "default", HOW_TO_BUILD, BUILDING, "Network of the RUN steps."
    )
    add_hosts: tuple[Host, ...] = option(
        (),
        HOW_TO_BUILD,
        BUILDING,
        "Name and address that the RUN steps know; may be repeated.",
        metavar="NAME:IP",
        key="add-host",
        separator="\n",
    )
    ulimits: tuple[Ulimit, ...] = option(
        (),
        HOW_TO_BUILD,
        BUILDING,
        "Limit of the RUN steps, such as nofile=1024:4096; may be repeated.",
        metavar="NAME=SOFT[:HARD]",
        key="ulimit",
        separator="\n",
    )
    shm_size: Size | None = option(
        None, HOW_TO_BUILD, BUILDING, "Size of /dev/shm in the RUN steps.", metavar="SIZE"
    )
    cgroup_parent: str = option(
        "", HOW_TO_BUILD, BUILDING, "Parent cgroup of the RUN steps.", metavar="CGROUP", by_caller=True
    )
    allow: tuple[Entitlement, ...] = option(
        (),
        HOW_TO_BUILD,
        BUILDING,
        "Entitlement of the build: network.host, security.insecure or device=NAME; may be repeated, or a "
        "list with commas.",
        metavar="ENTITLEMENT",
        separator=",",
        by_caller=True,
    )
    compression: LayerCompression = option(
        "",
        HOW_TO_BUILD,
        BUILDING,
        "How the layers that the build makes are compressed: gzip or zstd, with a level up to 9 or 22. With "
        "force, those of the base image and of the cache are compressed again, too.",
        metavar="TYPE[,level=N][,force]",
        default_text="the builder's own, gzip",
    )
