"""A policy's JSON -> what it allows, in the words of a file where it can be said so. Pure.

Two policies mean the same if their words are the same, whatever their order, their Sids and their spelling.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from ecr_push.base.iam.document import WITH_VARIABLES, Condition, Policy, Principals, Statement
from ecr_push.base.iam.ecr_actions import plain_action
from ecr_push.base.iam.kinds import REGISTRY, REPOSITORY
from ecr_push.base.iam.read import read_policy_text
from ecr_push.base.place import Place
from ecr_push.base.regex import lazy_regex
from ecr_push.upkeep.policies.model import PATTERN, REGISTRY_VERBS, REPOSITORY_VERBS, Grant, Who
from ecr_push.upkeep.policies.principals import EVERYONE, account, parse_principal
from ecr_push.upkeep.policies.render import repository_arn

# With more, a statement is one line: a policy of 10,240 characters may stand for a million grants.
_MOST_GRANTS = 2_000
_ROOT = lazy_regex(r"(?:arn:[a-z0-9-]+:iam::)?(?P<account>[0-9]{12})(?::root)?")
_SOURCE = lazy_regex(
    r"arn:[a-z0-9-]+:(?P<service>lambda|codebuild):\*:(?P<account>[0-9]{12}):(?:function:|project/)(?P<name>.+)"
)


def words_of(text: str, place: Place, verbs: Sequence[str] = REPOSITORY_VERBS) -> tuple[str, ...]:
    """A line for each grant, `pull: 111122223333`, then one for each statement that has no short form.

    place: of the registry. verbs: REGISTRY_VERBS for a registry's policy. Raises PolicyError.
    """
    policy = _read(text, verbs)
    short: set[str] = set()
    others: set[str] = set()
    for statement in policy.statements:
        grants = _grants(statement, place, verbs)
        short |= {f"{grant.verb}: {grant.words}" for grant in grants}
        others |= set() if grants else {_sentence(statement, place)}
    if "${" in text and policy.version != WITH_VARIABLES:
        others.add(f"version {policy.version}, in which ${{…}} is not a variable")
    return (*sorted(short), *sorted(others))


def grants_of(
    text: str, place: Place, verbs: Sequence[str] = REPOSITORY_VERBS
) -> Mapping[str, tuple[Grant, ...]] | None:
    """What a file says to get this policy, by its key; None for one that has no short form.

    Raises PolicyError for what is not a policy.
    """
    found: dict[str, dict[Grant, None]] = {verb: {} for verb in verbs}
    for statement in _read(text, verbs).statements:
        grants = _grants(statement, place, verbs)
        if not grants:
            return None
        for grant in grants:
            found[grant.verb][grant] = None
    return {verb: tuple(grants) for verb, grants in found.items() if grants}


def short_form(
    text: str, place: Place, verbs: Sequence[str] = REPOSITORY_VERBS
) -> Mapping[str, tuple[str, ...]] | None:
    """The same in words: `{"pull": ("111122223333", "lambda:111122223333")}`."""
    found = grants_of(text, place, verbs)
    if found is None:
        return None
    return {verb: tuple(grant.words for grant in grants) for verb, grants in found.items()}


def _read(text: str, verbs: Sequence[str]) -> Policy:
    return read_policy_text(text, REGISTRY if verbs == REGISTRY_VERBS else REPOSITORY, "the policy")


def _grants(statement: Statement, place: Place, verbs: Sequence[str]) -> tuple[Grant, ...]:
    """What a statement grants; empty where a part of it has no short form."""
    patterns = _patterns(statement, place)
    if not statement.allows or statement.actions.negated or not patterns:
        return ()
    people = _who(statement, place)
    actions = tuple(sorted({plain_action(one) for one in statement.actions.patterns}))
    found = tuple(
        grant
        for verb in verbs
        for who, pattern in product(people, patterns)
        if (grant := Grant(verb, who, pattern)).actions == actions
    )
    return found if len(found) == len(people) * len(patterns) else ()


def _patterns(statement: Statement, place: Place) -> tuple[str, ...]:
    """The names of repositories that a statement is about; empty where one is in another registry."""
    if statement.resources is None:
        return ("*",)
    here, found = repository_arn("", place), statement.resources.patterns
    names = tuple(one.removeprefix(here) for one in found)
    is_here = all(one.startswith(here) for one in found) and all(map(PATTERN.fullmatch, names))
    return names if is_here and not statement.resources.negated else ()


def _who(statement: Statement, place: Place) -> tuple[Who, ...]:
    """A statement for several principals, or with several values, is one for each of them."""
    names = tuple(_named(statement.principals or Principals()))
    number = len(names)
    for one in statement.conditions:
        number *= len(one.values)
    if not 0 < number <= _MOST_GRANTS:
        return ()
    alternatives = [[_with_value(one, value) for value in one.values] for one in statement.conditions]
    found = [
        _recognised(kind, name, chosen, place) for kind, name in names for chosen in product(*alternatives)
    ]
    return () if None in found else tuple(who for who in found if who)


def _with_value(condition: Condition, value: str) -> Condition:
    return Condition(condition.operator, condition.key, (value,), condition.quantifier, condition.if_exists)


def _named(principals: Principals) -> Iterator[tuple[str, str]]:
    """The principals by type; nothing where one has no short form."""
    if principals.negated or principals.federated or principals.canonical:
        return
    yield from (("*", "*") if one == "*" else ("AWS", one) for one in principals.aws)
    yield from (("Service", one) for one in principals.service)


def _recognised(kind: str, name: str, conditions: Sequence[Condition], place: Place) -> Who | None:
    """The words that mean this, if there are any: guessed, and then read back."""
    values = {one.key.lower(): one.values[0] for one in conditions}
    words = _guessed(kind, name, values)
    try:
        who = parse_principal(words, lambda: place)
    except ValueError:
        return None
    root = _ROOT.fullmatch(name)
    plain = account(root["account"], place.partition).name if root and kind == "AWS" else name
    same = (who.kind, who.name, _plain(who.conditions)) == (kind, plain, _plain(conditions))
    return who if same and len(values) == len(conditions) else None


def _guessed(kind: str, name: str, values: Mapping[str, str]) -> str:
    if kind == "*":
        organisation = values.get("aws:principalorgid") or values.get("aws:principalorgpaths")
        return f"org:{organisation}" if organisation else EVERYONE
    if kind == "AWS":
        root = _ROOT.fullmatch(name)
        return values.get("aws:principalarn") or (root["account"] if root else name)
    source = _SOURCE.fullmatch(values.get("aws:sourcearn", ""))
    return f"{source['service']}:{source['account']}/{source['name']}" if source else ""


def _plain(conditions: Sequence[Condition]) -> frozenset[tuple[object, ...]]:
    """What conditions say, in any order; keys are of any case."""
    return frozenset(
        (one.quantifier, one.operator, one.if_exists, one.key.lower(), frozenset(one.values))
        for one in conditions
    )


def _sentence(statement: Statement, place: Place) -> str:
    """`allow 111122223333: DescribeImages, ListImages; if StringEquals aws:SourceVpce is vpce-1`."""
    principals = statement.principals or Principals()
    by_type = {
        "": [_account_or(one) for one in principals.aws],
        "service ": principals.service,
        "federated ": principals.federated,
        "canonical user ": principals.canonical,
    }
    who = ", ".join(f"{word}{one}" for word, names in by_type.items() for one in sorted(names))
    who = {"*": EVERYONE}.get(who, who)
    who = f"everyone but {who}" if principals.negated else who
    names = {plain_action(one).removeprefix("ecr:") for one in statement.actions.patterns}
    actions = ", ".join(sorted(names))
    actions = f"everything but {actions}" if statement.actions.negated else actions
    parts = [f"{'allow' if statement.allows else 'deny'} {who}: {actions}"]
    if statement.resources:
        here = repository_arn("", place)
        on = ", ".join(sorted(one.removeprefix(here) for one in statement.resources.patterns))
        parts.append(f"on {'everything but ' if statement.resources.negated else ''}{on}")
    parts += sorted(f"if {_condition(one)}" for one in statement.conditions)
    return "; ".join(parts)


def _account_or(name: str) -> str:
    root = _ROOT.fullmatch(name)
    return root["account"] if root else name


def _condition(condition: Condition) -> str:
    operator = f"{condition.quantifier}:" if condition.quantifier else ""
    operator += f"{condition.operator}{'IfExists' if condition.if_exists else ''}"
    return f"{operator} {condition.key} is {' or '.join(sorted(set(condition.values)))}"
