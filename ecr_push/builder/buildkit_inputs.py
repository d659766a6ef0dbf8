"""What BuildKit is handed besides context and arguments: as docker's flags, and as bake's attributes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path

from ecr_push.base.dataclass import dataclass
from ecr_push.builder.buildkit_values import (
    cache_of,
    context_of,
    host_of,
    is_folder,
    secret_of,
    without_digest,
)
from ecr_push.builder.options import BuildOptions

# Where the cache of these types is, or who may write to it, docker learns from its environment.
_FROM_AWS = "s3"
_FROM_GITHUB = "gha"


@dataclass(frozen=True)
class BuildKitInputs:
    """See the options of these names; each text has docker's own form."""

    build_contexts: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    ssh: tuple[str, ...] = ()
    cache_from: tuple[str, ...] = ()
    cache_to: tuple[str, ...] = ()
    no_cache: bool = False
    no_cache_filter: tuple[str, ...] = ()
    pull: bool = False
    network: str = "default"
    add_hosts: tuple[str, ...] = ()
    ulimits: tuple[str, ...] = ()
    shm_size: str = ""
    cgroup_parent: str = ""
    allow: tuple[str, ...] = ()

    @property
    def cache_types(self) -> frozenset[str]:
        return frozenset(cache_of(text)["type"] for text in (*self.cache_from, *self.cache_to))

    @property
    def needs_aws(self) -> bool:
        """Whether docker itself asks AWS, for a cache in S3."""
        return _FROM_AWS in self.cache_types

    @property
    def needs_github(self) -> bool:
        """Whether docker itself asks GitHub, for the cache of the workflow."""
        return _FROM_GITHUB in self.cache_types

    def secret_variables(self) -> frozenset[str]:
        """The variables that secrets come from."""
        return frozenset(variable for _, _, variable in map(secret_of, self.secrets) if variable)

    def of_content(self) -> Mapping[str, object]:
        """What decides on the image, beyond the defaults. Where a secret comes from, or a cache, does not."""
        found = {
            "contexts": sorted(
                f"{name}={without_digest(of)}" for name, of in map(context_of, self.build_contexts)
            ),
            "secrets": sorted(identity for identity, _, _ in map(secret_of, self.secrets)),
            "network": self.network if self.network != "default" else "",
            "hosts": sorted(self.add_hosts),
            "allow": sorted(self.allow),
        }
        return {name: value for name, value in found.items() if value}


def inputs_of(options: BuildOptions) -> BuildKitInputs:
    given = {one.name: getattr(options, one.name) for one in fields(BuildKitInputs)}
    return BuildKitInputs(**{**given, "shm_size": options.shm_size or ""})


def flags(inputs: BuildKitInputs) -> Iterator[str]:
    """The flags of `docker buildx build`."""
    for flag, values in (
        ("--build-context", inputs.build_contexts),
        ("--secret", inputs.secrets),
        ("--ssh", inputs.ssh),
        ("--cache-from", inputs.cache_from),
        ("--cache-to", inputs.cache_to),
        ("--no-cache-filter", inputs.no_cache_filter),
        ("--add-host", inputs.add_hosts),
        ("--ulimit", inputs.ulimits),
        ("--allow", inputs.allow),
    ):
        yield from (f"{flag}={value}" for value in values)
    for flag, on in (("--no-cache", inputs.no_cache), ("--pull", inputs.pull)):
        if on:
            yield flag
    network = inputs.network if inputs.network != "default" else ""
    for flag, text in (
        ("--network", network),
        ("--shm-size", inputs.shm_size),
        ("--cgroup-parent", inputs.cgroup_parent),
    ):
        if text:
            yield f"{flag}={text}"


Attribute = bool | str | tuple[str, ...] | Mapping[str, str]


def attributes(inputs: BuildKitInputs) -> Mapping[str, Attribute]:
    """The attributes of a bake target, those with a value. bake has none for a parent cgroup.

    https://docs.docker.com/build/bake/reference/
    """
    contexts = dict(map(context_of, inputs.build_contexts))
    found: dict[str, Attribute] = {
        "contexts": {
            name: str(Path(of).absolute()) if is_folder(of) else of for name, of in contexts.items()
        },
        "secret": inputs.secrets,
        "ssh": inputs.ssh,
        "cache-from": inputs.cache_from,
        "cache-to": inputs.cache_to,
        "no-cache": inputs.no_cache,
        "no-cache-filter": inputs.no_cache_filter,
        "pull": inputs.pull,
        "network": inputs.network if inputs.network != "default" else "",
        "extra-hosts": _addresses(inputs.add_hosts),
        "ulimits": inputs.ulimits,
        "shm-size": inputs.shm_size,
        "entitlements": inputs.allow,
    }
    return {name: value for name, value in found.items() if value}


def _addresses(hosts: Iterable[str]) -> Mapping[str, str]:
    """name -> its addresses, as of IPv4 and IPv6; bake has a list with commas for those of one name."""
    found: dict[str, str] = {}
    for name, address in map(host_of, hosts):
        found[name] = f"{found[name]},{address}" if name in found else address
    return found


def bake_flags(inputs: BuildKitInputs) -> Iterator[str]:
    """What bake needs on its command line too, since its file may be a stranger's."""
    yield from (f"--allow={one}" for one in inputs.allow)
    if inputs.ssh:
        yield "--allow=ssh"
