"""The engine that docker uses, by `docker info`: which one, its proxy, whom it asks without TLS."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import replace

from ecr_push.base import process
from ecr_push.base.dataclass import dataclass
from ecr_push.base.parse import read_json
from ecr_push.base.shape import member, optional_text
from ecr_push.builder.docker_context import context_name, docker_folder, named_endpoint
from ecr_push.builder.plain_http import trusted_without_tls
from ecr_push.builder.user_docker import read_config


@dataclass(frozen=True)
class EngineFacts:
    """What is known of the engine.

    named_by:   what chooses it: `DOCKER_HOST`, `the context NAME`, or "" for docker's default.
    host:       its address; "" for the default one.
    overridden: the context that DOCKER_HOST, or DOCKER_CONTEXT, puts aside; "" for none.
    without_tls: networks and hosts of which it takes any certificate, or plain HTTP; None where it did not
    say. proxy, no_proxy: its own, which are not those of this process.
    """

    named_by: str
    host: str
    overridden: str = ""
    without_tls: tuple[str, ...] | None = None
    proxy: str = ""
    no_proxy: str = ""


def engine_facts(environ: Mapping[str, str]) -> EngineFacts | None:
    """None without a docker command. Raises BuildError for a context that is not there, or cannot be read."""
    chosen, kept = context_name(environ), _kept_context(environ)
    host = named_endpoint(environ).host
    by = (
        "DOCKER_HOST"
        if environ.get("DOCKER_HOST")
        else ""
        if chosen == "default"
        else f"the context {chosen}"
    )
    overridden = kept if kept not in ("", "default", chosen) else ""
    try:
        asked = process.run(("docker", "info", "--format", "{{json .}}"), environ=environ)
    except FileNotFoundError:
        return None
    facts = EngineFacts(by, host, overridden)
    if not asked.ok or not asked.output:
        return facts  # the look for a builder says why
    try:
        info = read_json(asked.output[-1])
        trusted = tuple(map(_checked, trusted_without_tls(member(info, "RegistryConfig"))))
        proxy = optional_text(info, "HttpsProxy") or optional_text(info, "HttpProxy")
        return replace(facts, without_tls=trusted, proxy=proxy, no_proxy=optional_text(info, "NoProxy"))
    except ValueError:
        return facts


def _checked(trusted: str) -> str:
    """A host, or a network in one form. Raises ValueError."""
    return str(ipaddress.ip_network(trusted, strict=False)) if "/" in trusted else trusted


def _kept_context(environ: Mapping[str, str]) -> str:
    """The context that would be used without DOCKER_HOST, or that `docker context use` has chosen."""
    own = str(read_config(docker_folder(environ)).get("currentContext") or "")
    return environ.get("DOCKER_CONTEXT", "") or own if environ.get("DOCKER_HOST") else own
