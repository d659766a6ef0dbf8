"""Where the registry copies what is pushed to it.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from ecr_push.base.partition import partition_of
from ecr_push.base.place import Place
from ecr_push.base.regex import lazy_regex
from ecr_push.base.yaml_tree import Node
from ecr_push.registry.aws.regions import spelling_hint
from ecr_push.registry.private_registry import PrivateRegistry
from ecr_push.registry.registry_settings import ReplicationRule
from ecr_push.upkeep.file import flag_of, is_none, text_of
from ecr_push.upkeep.registry.model import Items, Section, WantedSection
from ecr_push.upkeep.registry.reader import RegistryReader

# https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
MOST_RULES = 10
MOST_PLACES = 25
_MOST_PREFIXES = 100
_PLACE = lazy_regex(r"([a-z]{2,}(?:-[a-z]+)+-[0-9]+)(?:/([0-9]{12}))?")
# Shape RepositoryFilterValue.
_PREFIX = lazy_regex(r"(?:[a-z0-9]+(?:[._-][a-z0-9]*)*/)*[a-z0-9]*(?:[._-][a-z0-9]*)*")


def _read(registry: PrivateRegistry) -> Items:
    rules = registry.replication()
    return {"": rules} if rules else {}


def _parse(reader: RegistryReader, node: Node) -> WantedSection:
    if is_none(node):
        return WantedSection({"": lambda found: None}, line=node.line)
    reader.check_number(node, "rules", MOST_RULES)
    found = [
        (line, rule)
        for line, rule in reader.each("replication", node, lambda one: _rule(reader, one))
        if rule
    ]
    rules = [rule for _, rule in found]
    if len(places := {place for rule in rules for place in rule.places}) > MOST_PLACES:
        reader.complain(node.line, f"has {len(places)} destinations, ECR takes {MOST_PLACES}")
    for (first, one), (line, other) in combinations(found, 2):
        if problem := _contradiction(one, other, first):
            reader.complain(line, problem)
    return WantedSection({"": lambda found: tuple(rules) or None}, line=node.line)


def _rule(reader: RegistryReader, node: Node) -> ReplicationRule | None:
    entries = reader.entries(node, ("to", "repositories", "delete"))
    places: tuple[Place, ...] = ()
    if "to" in entries:
        listed = reader.each("to", entries["to"].node, lambda one: _place(reader, text_of(one)))
        reader.check_distinct("to", listed)
        places = tuple(sorted({place for _, place in listed}, key=str))
    if not places and not reader.problems:
        reader.complain(node.line, "to: names no destination: expected [REGION, REGION/ACCOUNT, …]")
    prefixes: tuple[str, ...] = ()
    if "repositories" in entries:
        reader.check_number(entries["repositories"].node, "prefixes", _MOST_PREFIXES)
        prefixes = reader.texts("repositories", entries["repositories"].node, _prefix_problem)
        if not entries["repositories"].node.value:
            reader.complain(entries["repositories"].line, "repositories: is empty: leave it out to copy all")
    try:
        deletes = "delete" in entries and flag_of(entries["delete"].node)
    except ValueError as error:
        raise ValueError(f"delete: {error}") from None
    return ReplicationRule(places, prefixes, deletes) if places else None


def _place(reader: RegistryReader, text: str) -> Place:
    found = _PLACE.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a destination: expected REGION or REGION/ACCOUNT")
    here = reader.place
    region, account = found[1], found[2] or here.account
    if region == here.region and account == here.account:
        raise ValueError(f"{text} is this registry itself")
    if (there := partition_of(region)) != (own := partition_of(here.region)):
        raise ValueError(f"{text} is in the partition {there}, and the registry in {own}")
    return Place(region, account)


def _prefix_problem(prefix: str) -> str:
    if "*" in prefix:
        return f"is a pattern: expected how names begin, such as {prefix.partition('*')[0] or 'team/'}"
    if not 2 <= len(prefix) <= 256 or not _PREFIX.fullmatch(prefix):
        return "is not how a name begins: expected 2 to 256 of a-z, 0-9 and ._/-"
    return ""


def _overlaps(one: ReplicationRule, other: ReplicationRule) -> str:
    """The first prefix of names that both rules mean; "*" for all names, "" for none."""
    if not one.prefixes or not other.prefixes:
        return next(iter((*one.prefixes, *other.prefixes)), "*")
    pairs = ((a, b) for a in one.prefixes for b in other.prefixes)
    return next((max(a, b, key=len) for a, b in pairs if a.startswith(b) or b.startswith(a)), "")


def _contradiction(one: ReplicationRule, other: ReplicationRule, first: int) -> str:
    shared = sorted({*one.places} & {*other.places}, key=str)
    names = _overlaps(one, other)
    if not shared or not names:
        return ""
    what = f"copies {names} to {shared[0]}, as the rule in line {first} does"
    if one == other:
        return f"{what}: the two are the same"
    return f"{what}, and only one of them deletes there" if one.deletes != other.deletes else ""


def _tree(rules: Sequence[ReplicationRule]) -> Any:
    return [
        {
            "to": [str(place) for place in rule.places],
            **({"repositories": list(rule.prefixes)} if rule.prefixes else {}),
            **({"delete": True} if rule.deletes else {}),
        }
        for rule in rules
    ]


def _make(
    registry: PrivateRegistry, name: str, before: object, after: Sequence[ReplicationRule] | None
) -> None:
    registry.put_replication(after or ())


def _notes(found: Items, after: Items) -> Iterator[str]:
    rules: Sequence[ReplicationRule] = after.get("", ())
    before = {place for rule in found.get("", ()) for place in rule.places}
    for place in sorted({place for rule in rules for place in rule.places} - before, key=str):
        yield (
            f"replication: {place} gets what is pushed from now on; what is there already follows with "
            "`ecr-push registry backfill`"
        )
    for place in sorted({place for rule in rules for place in rule.places} - before, key=str):
        if hint := spelling_hint(place.region):
            yield f"replication: {hint}"
    for rule in rules:
        for short, long in combinations(sorted(rule.prefixes), 2):
            if long.startswith(short):
                yield f"replication: {long} is meant by {short} already"
    for one, other in combinations(rules, 2):
        if (shared := {*one.places} & {*other.places}) and (names := _overlaps(one, other)):
            yield f"replication: two rules copy {names} to {min(shared, key=str)}"


REPLICATION = Section("replication", _read, _parse, _tree, _make, notes=_notes)
