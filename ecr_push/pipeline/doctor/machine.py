"""What `doctor` says of this machine: the checkout, what builds, the engine, and the way to the registry."""

from __future__ import annotations

import ipaddress
import platform
from collections.abc import Callable, Iterator
from datetime import datetime
from urllib.parse import urlsplit

from ecr_push.base.addresses import without_passwords
from ecr_push.base.errors import EcrPushError
from ecr_push.base.own_version import own_version
from ecr_push.builder.engine_facts import EngineFacts, engine_facts
from ecr_push.builder.options import TOOLS
from ecr_push.builder.plain_http import REMEDY, WHAT, is_trusted
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.doctor.symptom import Symptom
from ecr_push.pipeline.plan import Plan
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.interface import Reader
from ecr_push.settings.declare import Settings
from ecr_push.source.git.clone_repair import KEEP_TREES, full_clone, with_tags
from ecr_push.source.model import Source

# A signed request is refused where its time is 15 minutes off, and a token of ours ends on time:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/signing-elements.html
SKEW_SECONDS = 120.0
_SET_CLOCK = "set the clock: AWS refuses requests that are 15 minutes off"


def program() -> Iterator[Symptom]:
    version = own_version() or "a copy without a version"
    yield Symptom("ecr-push", "ok", f"{version}, Python {platform.python_version()}")


def checkout(plan: Plan, facts: CiFacts) -> Iterator[Symptom]:
    version = f"version {plan.version.text}" if plan.version.text else "no version"
    yield Symptom("checkout", "ok", f"commit {plan.source.short}, {version}: {plan.version.why}")
    if plan.source.dirty:
        what = "it has uncommitted changes, so that no release tag would be set"
        yield Symptom("checkout", "warning", what, "commit them, or stash them")
    yield from depth(plan.source, facts)
    for note in plan.source.notes:
        yield Symptom("checkout", "warning", note)


def depth(source: Source, facts: CiFacts) -> Iterator[Symptom]:
    """What a clone of a CI lacks, which each run fetches again."""
    lacking = {
        "history": ("the clone was shallow: its history and tags", full_clone(facts, source.root)),
        "tags": ("the clone had no tags: they", with_tags(facts, source.root)),
        "trees": ("the clone was treeless: the trees of its history", KEEP_TREES),
    }
    # A shallow clone gets its tags with the history.
    found = source.lacked - ({"tags"} if "history" in source.lacked else set())
    for name in sorted(found):
        what, remedy = lacking[name]
        yield Symptom("checkout", "warning", f"{what} were fetched, as each run does that first", remedy)


def builder(plan: Plan, tools: Tools) -> Iterator[Symptom]:
    if plan.build.is_built_elsewhere:
        yield Symptom("builder", "ok", "none is needed")
        return
    builders = tools.find_builders(tools.environ)
    builders.choose(plan.build)
    platforms = ", ".join(plan.build.platforms) or builders.default_platform(plan.build).result()
    what = f"builds for {platforms or 'a platform that it says when it starts'}"
    yield Symptom("builder", "ok", f"{what}; there is {builders.described()}")


def engine(client: Reader, proxy: Callable[[], str], settings: Settings, tools: Tools) -> Iterator[Symptom]:
    """Which one docker's context or DOCKER_HOST names, and whether it asks the registry as it should."""
    if settings.builder.builder in TOOLS:
        return
    facts = engine_facts(tools.find_builders(tools.environ).docker_environ())
    if facts is None:
        return
    named_by = f", by {facts.named_by}" if facts.named_by else ""
    where = without_passwords(facts.host) or "docker's default socket"
    yield Symptom("engine", "ok", f"{where}{named_by}")
    if facts.overridden:
        what = f"{facts.named_by} puts the context {facts.overridden} aside"
        yield Symptom("engine", "warning", what, "unset the variable, or `docker context use default`")
    try:
        repository = client.locate()
    except EcrPushError:
        return  # the look at the login says why
    yield from without_tls(facts, repository.registry.host, is_local=repository.registry.kind == "local")
    yield from proxies(facts, proxy(), repository.registry.host)


def without_tls(facts: EngineFacts, host: str, *, is_local: bool) -> Iterator[Symptom]:
    """Whether the engine talks plain HTTP where it has to, and nowhere else."""
    trusted = facts.without_tls
    if trusted is None:
        return
    if is_local:
        if not is_trusted(host, trusted):
            what = f"{WHAT}: its insecure-registries are {', '.join(trusted) or 'none'}"
            yield Symptom("engine", "error", what, REMEDY, exit_code=3)
        return
    drop = 'take it out of "insecure-registries" in the engine\'s daemon.json, and restart the engine'
    if host in trusted:
        what = f"it asks {host} without TLS where it can, and takes any certificate"
        yield Symptom("engine", "error", what, drop, exit_code=3)
    for network in (one for one in trusted if "/" in one and not ipaddress.ip_network(one).is_loopback):
        what = f"it takes any certificate, and plain HTTP, of registries in {network}, such as a VPC endpoint"
        yield Symptom("engine", "warning", what, drop)


def proxies(facts: EngineFacts, own: str, host: str) -> Iterator[Symptom]:
    """The engine pushes with the proxy of its own configuration, whatever this process has.

    own: the proxy of this process, "" for none. https://docs.docker.com/engine/daemon/proxy/
    """
    if facts.without_tls is None:
        return
    engines = "" if bypassed(host, facts.no_proxy) else facts.proxy
    if _place(engines) == _place(own):
        return
    what = f"it reaches {host} {_by(engines)}, and this process {_by(own)}: a push may fail after the login"
    yield Symptom(
        "engine", "warning", what, "give both the same: https://docs.docker.com/engine/daemon/proxy/"
    )


def network(client: Reader, proxy: Callable[[], str]) -> Iterator[Symptom]:
    """Whether the host that docker pushes to answers. proxy: that was used for it; raises RegistryError."""
    host = client.locate().registry.host
    yield Symptom("network", "ok", f"{host} answers {_by(proxy())}")


def caller_and_clock(settings: Settings, tools: Tools) -> Iterator[Symptom]:
    """Who the caller is, and how far AWS's time is from this machine's."""
    try:
        caller = tools.open_repositories(settings.registry).caller()
    except AwsRefusedError as refused:
        if not (off := skew(refused.answered_at, tools)):
            raise
        yield Symptom("AWS", "error", off, _SET_CLOCK, refused.exit_code)
        return
    yield Symptom("AWS", "ok", f"{caller.arn} in {caller.region}")
    if off := skew(caller.answered_at, tools):
        yield Symptom("AWS", "warning", off, _SET_CLOCK)


def skew(answered_at: datetime | None, tools: Tools) -> str:
    """How far AWS's time is from this machine's, in words; "" where that does no harm, or is not known."""
    seconds = (tools.clock.now() - answered_at).total_seconds() if answered_at else 0.0
    if abs(seconds) <= SKEW_SECONDS:
        return ""
    return f"this machine's clock is {abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} AWS's"


def bypassed(host: str, no_proxy: str) -> bool:
    """Whether NO_PROXY names a host: itself, a domain above it, or everything; not by networks.

    https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
    """
    names = [one.strip().lower().removeprefix("*") for one in no_proxy.split(",")]
    name = host.partition(":")[0].lower()
    return any(
        one and (name == one.lstrip(".") or name.endswith(f".{one.lstrip('.')}")) for one in names
    ) or (no_proxy.strip() == "*")


def _place(proxy: str) -> str:
    """Host and port: the rest differs by how each program writes it."""
    return urlsplit(proxy if "://" in proxy else f"//{proxy}").netloc.rpartition("@")[2].rstrip("/")


def _by(proxy: str) -> str:
    return f"through the proxy {_place(proxy)}" if proxy else "without a proxy"
