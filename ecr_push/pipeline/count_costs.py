"""Reads what repositories keep, and how it is scanned and copied -> what that costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ecr_push.base import background
from ecr_push.base.checkout_files import NotTextError, read_bytes, utf8
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import AuthenticationError, SettingsError
from ecr_push.base.fences import Fences
from ecr_push.base.place import Place
from ecr_push.pipeline.context import Tools
from ecr_push.registry.interface import Reader, Scanning
from ecr_push.registry.options import target_of
from ecr_push.registry.registry_settings import ReplicationRule
from ecr_push.registry.repositories import Repositories
from ecr_push.settings.declare import Settings, changed
from ecr_push.tags.temporary import is_temporary
from ecr_push.upkeep.costs.bill import bill
from ecr_push.upkeep.costs.model import Costs, Replica, Stock
from ecr_push.upkeep.costs.prices import SHIPPED, read_prices
from ecr_push.upkeep.file import FILE_BYTES
from ecr_push.upkeep.found import describe_named
from ecr_push.upkeep.lifecycle.model import LifecyclePolicy
from ecr_push.upkeep.lifecycle.read import LifecyclePolicyError
from ecr_push.upkeep.lifecycle.text import read_policy_text

AT_ONCE = 8  # repositories, of each of which some five calls are made


@dataclass(frozen=True)
class CostQuestion:
    """What is asked.

    names:   and patterns; all repositories without any.
    policy:  a file with a lifecycle policy to try on each of them; "" for their own.
    prices:  a file that replaces the prices; "" for those that ship.
    layers:  whether layers are read, unless a policy counts from the last pull: ECR may record one.
    rescans: how often Inspector scans an image again in a month.
    """

    names: tuple[str, ...] = ()
    policy: str = ""
    prices: str = ""
    layers: bool = True
    rescans: float = 1.0


def count_costs(question: CostQuestion, settings: Settings, tools: Tools) -> Costs:
    """Raises SettingsError with every mistake in the files, and for names of none; RegistryError."""
    tools.narrator.phase("costs")
    problems: list[str] = []
    prices, policy = SHIPPED, None
    try:
        prices = read_prices(Path(question.prices)) if question.prices else SHIPPED
    except SettingsError as error:
        problems += error.problems
    if question.policy:
        policy = _policy(question.policy, Fences.of(settings.source.context), problems)
    if problems:
        raise SettingsError(problems, remedy="docs/costs.md has a whole price list")
    registry = tools.open_repositories(settings.registry)
    described = describe_named(question.names, registry)
    rules = _replication(settings, registry, tools)
    reads = [partial(_stock, name, question, settings, tools, registry.region, rules) for name in described]
    stocks = background.all_of(reads, "read repository", AT_ONCE)
    policy_of: Callable[[Stock], LifecyclePolicy | None] = (lambda stock: policy) if policy else own_policy
    return bill(stocks, prices, tools.clock.now(), policy_of, question.rescans, is_temporary)


def own_policy(stock: Stock) -> LifecyclePolicy | None:
    """None for none, and for one of a later ECR, which knows more."""
    try:
        return read_policy_text(stock.policy) if stock.policy else None
    except LifecyclePolicyError:
        return None


def _policy(name: str, fences: Fences, problems: list[str]) -> LifecyclePolicy | None:
    try:
        return read_policy_text(utf8(read_bytes(Path(name), FILE_BYTES, fences, streams=True)))
    except LifecyclePolicyError as error:
        problems += [f"--lifecycle {name}: {one}" for one in error.problems]
    except (OSError, NotTextError) as error:
        problems.append(f"--lifecycle: cannot read {name}: {getattr(error, 'strerror', None) or error}")
    return None


def _replication(settings: Settings, registry: Repositories, tools: Tools) -> Sequence[ReplicationRule]:
    own = settings.registry.registry_id
    if own and own != registry.caller().account:
        tools.narrator.warn("replication is left out: that of another account's registry may not be read")
        return ()
    try:
        return tools.open_registry()[0].replication()
    except AuthenticationError:
        tools.narrator.warn("replication is left out: allow ecr:DescribeRegistry to count it")
        return ()


def _places(name: str, rules: Sequence[ReplicationRule]) -> Iterable[Place]:
    """Where a repository is copied to, each once."""
    return dict.fromkeys(place for rule in rules if rule.copies(name) for place in rule.places)


def _is_enhanced(scanning: Scanning) -> bool:
    return scanning.mode == "enhanced" and scanning.frequency not in ("", "MANUAL")


def _stock(
    name: str,
    question: CostQuestion,
    settings: Settings,
    tools: Tools,
    region: str,
    rules: Sequence[ReplicationRule],
) -> Stock:
    client: Reader = tools.open_repository(target_of(changed(settings, repository=name).registry))
    scanning = client.scanning()
    stock = Stock(
        name,
        (),
        False,
        enhanced=None if scanning.mode == "unknown" else _is_enhanced(scanning),
        continuous=scanning.frequency == "CONTINUOUS_SCAN",
        policy=client.lifecycle.policy(),
        replicas=tuple(Replica(str(place), place.region != region) for place in _places(name, rules)),
    )
    own = own_policy(stock)
    # A policy that cannot be read may count from pulls.
    counts_pulls = any(one.count_type == "sinceImagePulled" for one in own.rules) if own else stock.policy
    layers = question.layers and not counts_pulls
    tools.narrator.say(f"{name}" + ("" if layers else ", without its layers"))
    return replace(stock, images=client.lifecycle.images(layers=layers), layers_read=layers)
