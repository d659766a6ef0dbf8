"""Whether the engine pushes over plain HTTP to a registry on this machine, such as the sandbox.

Every engine did so until Docker Engine 29.10, which no longer adds the loopback addresses where its
configuration has `insecure-registries`, even an empty list: https://github.com/moby/moby/pull/53868
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence

from ecr_push.base import process
from ecr_push.base.errors import BuildError
from ecr_push.base.parse import read_json
from ecr_push.base.reference import Registry
from ecr_push.base.shape import OddValueError, each_text, member

WHAT = "the Docker engine does not push to registries on this machine over HTTP"
REMEDY = (
    'add "127.0.0.0/8" to "insecure-registries" in the engine\'s daemon.json, and restart the engine: '
    "https://docs.docker.com/reference/cli/dockerd/#insecure-registries"
)


def check_plain_http(host: str, environ: Mapping[str, str]) -> None:
    """Raises BuildError if host is on this machine and the engine says that it would ask it for TLS."""
    if Registry.parse(host).kind == "local" and (why := why_not(host, environ)):
        raise BuildError(WHAT, why=why, remedy=REMEDY)


def why_not(host: str, environ: Mapping[str, str]) -> str:
    """Why the engine would not; "" if it would, or does not say."""
    try:
        asked = process.run(("docker", "info", "--format", "{{json .RegistryConfig}}"), environ=environ)
        if not asked.ok or not asked.output:
            return ""
        trusted = trusted_without_tls(read_json(asked.output[-1]))
        if is_trusted(host, trusted):
            return ""
    except (FileNotFoundError, ValueError):  # it does not say
        return ""
    return f"its insecure-registries are {', '.join(trusted) or 'none'}, and the registry is {host}"


def trusted_without_tls(config: object) -> list[str]:
    """The networks and hosts that `insecure-registries` names. config: RegistryConfig of `docker info`.

    Raises OddValueError.
    """
    hosts = member(config, "IndexConfigs")
    if not isinstance(hosts, Mapping):
        raise OddValueError("IndexConfigs", "is not there")
    insecure = [name for name in hosts if member(hosts[name], "Secure") is False]
    return [*each_text(str, config, "InsecureRegistryCIDRs"), *insecure]


def is_trusted(host: str, trusted: Sequence[str]) -> bool:
    """Whether the engine would ask this host, or address, without TLS. Raises ValueError for a host by name
    beside networks: which address it has is not known here."""
    if host in trusted:
        return True
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    addresses = ("127.0.0.1", "::1") if name == "localhost" else (name.strip("[]"),)
    networks = [ipaddress.ip_network(one, strict=False) for one in trusted if "/" in one]
    return any(ipaddress.ip_address(address) in network for address in addresses for network in networks)
