"""What ECR signs by itself when it is pushed.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ecr_push.base.regex import lazy_regex
from ecr_push.base.yaml_tree import Node
from ecr_push.registry.private_registry import PrivateRegistry
from ecr_push.registry.registry_settings import SigningRule
from ecr_push.upkeep.file import is_none, text_of
from ecr_push.upkeep.registry.model import Items, Section, WantedSection
from ecr_push.upkeep.registry.reader import RegistryReader

# Shapes SigningRuleList, SigningRepositoryFilterList, SigningProfileArn and SigningRepositoryFilterValue.
MOST_RULES = 10
_MOST_PATTERNS = 100
_PROFILE = lazy_regex(r"arn:aws(-[a-z]+)*:signer:[a-z0-9-]+:[0-9]{12}:/signing-profiles/[a-zA-Z0-9_]{2,}")
_PATTERN = lazy_regex(r"[a-z0-9*]+(?:(?:[._-]|/)[a-z0-9*]+)*")


def _read(registry: PrivateRegistry) -> Items:
    rules = tuple(sorted(registry.signing(), key=_profile))
    return {"": rules} if rules else {}


def _parse(reader: RegistryReader, node: Node) -> WantedSection:
    if is_none(node):
        return WantedSection({"": lambda found: None}, line=node.line)
    reader.check_number(node, "rules", MOST_RULES)
    found = [
        (line, rule) for line, rule in reader.each("signing", node, lambda one: _rule(reader, one)) if rule
    ]
    reader.check_distinct("signing", [(line, rule.profile) for line, rule in found])
    rules = tuple(sorted((rule for _, rule in found), key=_profile))
    return WantedSection({"": lambda found: rules or None}, line=node.line)


def _profile(rule: SigningRule) -> str:
    return rule.profile


def _rule(reader: RegistryReader, node: Node) -> SigningRule | None:
    known = len(reader.problems)
    entries = reader.entries(node, ("profile", "repositories"))
    if "profile" not in entries:
        if len(reader.problems) == known:
            reader.complain(node.line, "profile is missing: the ARN of a signing profile of AWS Signer")
        return None
    patterns: tuple[str, ...] = ()
    if "repositories" in entries:
        reader.check_number(entries["repositories"].node, "patterns", _MOST_PATTERNS)
        patterns = reader.texts("repositories", entries["repositories"].node, _problem)
        if not entries["repositories"].node.value:
            reader.complain(entries["repositories"].line, "repositories: is empty: leave it out to sign all")
    profile = text_of(entries["profile"].node)
    reader.check_arn(profile, "signer", regional=True)
    if not _PROFILE.fullmatch(profile):
        raise ValueError(f"profile: {profile!r} is not a profile: expected arn:…:/signing-profiles/NAME")
    return SigningRule(profile, patterns)


def _problem(pattern: str) -> str:
    if len(pattern) > 256 or not _PATTERN.fullmatch(pattern):
        return "is not a pattern: expected up to 256 of a-z, 0-9, ._/- and *"
    return ""


def _tree(rules: Sequence[SigningRule]) -> Any:
    return [
        {"profile": rule.profile, **({"repositories": list(rule.patterns)} if rule.patterns else {})}
        for rule in rules
    ]


def _make(registry: PrivateRegistry, name: str, before: object, after: Sequence[SigningRule] | None) -> None:
    registry.put_signing(after or ())


def _notes(found: Items, after: Items) -> Iterator[str]:
    if after.get("") and not found.get(""):
        yield "signing: who pushes needs signer:SignPayload on the profile, or ECR signs nothing"


SIGNING = Section("signing", _read, _parse, _tree, _make, notes=_notes)
