"""What is wrong with a policy, and what is doubtful about it. Pure.

A policy that AWS takes may still open a repository to every AWS account, or be of no effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.iam.document import WITH_VARIABLES, Policy, Principals, Statement
from ecr_push.base.iam.ecr_actions import ACTIONS, is_pattern, meant
from ecr_push.base.iam.kinds import REGISTRY, REPOSITORY
from ecr_push.base.iam.read import PolicyError, read_policy_text
from ecr_push.base.place import Place
from ecr_push.base.regex import lazy_regex
from ecr_push.base.suggest import did_you_mean
from ecr_push.upkeep.policies.limits import limits
from ecr_push.upkeep.policies.model import PULL, PUSH
from ecr_push.upkeep.policies.render import repository_arn

SECOND_WORD = "open-to-the-world"
# Shapes RepositoryPolicyText and RegistryPolicyText of ECR's service model.
_CHARACTERS = 10_240
Of = Literal["repository", "registry"]
Level = Literal["mistake", "doubt"]

_REWRITE_REPOSITORY = frozenset(("ecr:DeleteRepositoryPolicy", "ecr:SetRepositoryPolicy"))
_REWRITE = {
    "repository": _REWRITE_REPOSITORY,
    "registry": _REWRITE_REPOSITORY | {"ecr:DeleteRegistryPolicy", "ecr:PutRegistryPolicy"},
}
_DELETE = frozenset(("ecr:BatchDeleteImage", "ecr:DeleteRepository"))
# What a client that pulls calls in any case; it asks for the third action where it has a layer already.
_PULL_BOTH = frozenset(("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"))
_PUSH_ALL = frozenset(PUSH) - {"ecr:BatchGetImage"}
_PUSH_SIGNS = frozenset(("ecr:PutImage", "ecr:UploadLayerPart"))
_UNIQUE_ID = lazy_regex(r"A(?:ID|RO)A[A-Z0-9]{10,}")


@dataclass(frozen=True)
class Fault:
    """level: a mistake ends the command, a doubt is a warning. what: with its place in the policy.

    opens: whether it opens the repository or the registry to every AWS account.
    """

    level: Level
    what: str
    opens: bool = False


def check_policy(
    text: str, of: Of = "repository", *, opened: bool = False, place: Place | None = None
) -> tuple[Fault, ...]:
    """Everything that is wrong or doubtful.

    opened: whether the file says twice that everyone may pull. place: of the registry, where it is known.
    """
    if problem := too_long(text):
        return (Fault("mistake", problem),)
    try:
        policy = read_policy_text(text, REGISTRY if of == "registry" else REPOSITORY, "the policy")
    except PolicyError as error:
        return tuple(Fault("mistake", problem) for problem in error.problems)
    elsewhere = () if place is None else _elsewhere(policy, place)
    return (*_faults(policy, of, opened), *elsewhere)


def too_long(text: str) -> str:
    """What is wrong with a policy's length; "" for nothing."""
    if len(text) <= _CHARACTERS:
        return ""
    return f"the policy has {len(text):,} characters, ECR takes {_CHARACTERS:,}"


def is_open(text: str, of: Of = "repository") -> bool:
    """Whether a policy is open to every AWS account; one that cannot be read is not known to be."""
    return any(fault.opens for fault in check_policy(text, of)) if text else False


def lets_in(text: str, service: str) -> bool:
    """Whether a repository's policy allows a service anything, such as lambda.amazonaws.com.

    Lambda adds such a statement to the policy of a repository itself, where it lacks one:
    https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#configuration-images-permissions
    """
    try:
        statements = read_policy_text(text, REPOSITORY, "the policy").statements if text else ()
    except PolicyError:
        return False
    return any(one.allows and one.principals and service in one.principals.service for one in statements)


def _faults(policy: Policy, of: Of, opened: bool) -> Iterator[Fault]:
    for statement in policy.statements:
        rules = (_about_allow if statement.allows else _about_deny)(statement, of, opened)
        for fault in (*rules, *_about_any(statement)):
            yield replace(fault, what=f"{statement.title} {fault.what}")
        if _has_variable(statement) and policy.version != WITH_VARIABLES:
            yield Fault(
                "doubt",
                f"{statement.title} has a variable, which is plain text in version {policy.version}: "
                f'write "Version": "{WITH_VARIABLES}"',
            )
    yield from _incomplete(policy)


def _about_allow(statement: Statement, of: Of, opened: bool) -> Iterator[Fault]:
    principals = statement.principals or Principals()
    actions = _meant(statement)
    if principals.negated:
        yield Fault("mistake", "allows everyone but those in NotPrincipal: write a Principal", opens=True)
    elif "*" in (*principals.aws, *principals.service) and not limits(statement.conditions):
        yield from _open_to_the_world(statement, actions, of, opened)
    elif principals.service and not limits(statement.conditions):
        yield Fault(
            "doubt",
            f"lets {', '.join(principals.service)} in on behalf of any AWS account: add a Condition with "
            "aws:SourceArn or aws:SourceAccount",
        )
    if rewrites := sorted(actions & _REWRITE[of]):
        if statement.actions.negated or any(map(is_pattern, statement.actions.patterns)):
            yield Fault(
                "mistake",
                f"allows {_written(statement)}, and with it {_plain(rewrites)}: who has it can change this "
                "policy, and let others in; name the actions",
            )
        else:
            yield Fault("doubt", f"allows {_plain(rewrites)}: who has it can let others in")
    if deletes := sorted(actions & _DELETE):
        yield Fault("doubt", f"allows {_plain(deletes)}: released images can be deleted")


def _open_to_the_world(
    statement: Statement, actions: frozenset[str], of: Of, opened: bool
) -> Iterator[Fault]:
    beyond = sorted(actions - frozenset(PULL))
    if opened and not beyond:
        return
    why = ""
    if statement.conditions:
        keys = ", ".join(sorted({one.key for one in statement.conditions}))
        why = f"; its condition ({keys}) holds for other accounts, too"
    if opened:
        what = f"lets every AWS account {_plain(beyond)}{why}: nothing but pulls may be open to the world"
        yield Fault("mistake", what, opens=True)
        return
    second = f", or, for pulls alone, say it twice: `{SECOND_WORD}: true`" if of == "repository" else ""
    yield Fault(
        "mistake",
        f"opens the {of} to every AWS account{why}: name who may, add a Condition such as "
        f"aws:PrincipalOrgID{second}",
        opens=True,
    )


def _about_deny(statement: Statement, of: Of, _: bool) -> Iterator[Fault]:
    principals = statement.principals or Principals()
    actions = _meant(statement)
    if principals.negated:
        yield Fault(
            "doubt",
            "denies everyone but those in NotPrincipal, and passes a role's session only where the session "
            "itself is named: deny everyone, with a Condition of ArnNotLike aws:PrincipalArn",
        )
    elif "*" in principals.aws and not statement.conditions:
        if actions & _REWRITE[of]:
            what = f"denies everyone {_written(statement)}: no one could change this policy back"
            yield Fault("mistake", what)
        elif actions & frozenset(PULL):
            yield Fault("doubt", "denies everyone to pull")


def _about_any(statement: Statement) -> Iterator[Fault]:
    for action in statement.actions.patterns:
        known = meant((action,))
        if known == {"ecr:GetAuthorizationToken"} and not is_pattern(action):
            what = f"names {action}, which has no effect here: it belongs in an identity's policy"
            yield Fault("doubt", what)
        elif not known:
            name = action.partition(":")[2]
            yield Fault("doubt", f"names {action}, which is not a known action{did_you_mean(name, ACTIONS)}")
    for name in (statement.principals or Principals()).aws:
        if _UNIQUE_ID.fullmatch(name):
            yield Fault("doubt", f"names {name}, which is what AWS leaves of a deleted role or user")


def _elsewhere(policy: Policy, place: Place) -> Iterator[Fault]:
    """Resources that are not in this registry."""
    for statement in policy.statements:
        for one in statement.resources.patterns if statement.resources else ():
            if one != "*" and not _may_be_in(one, place):
                here = repository_arn("*", place)
                yield Fault("doubt", f"{statement.title} is about {one}, and this registry has {here}")


def _may_be_in(arn: str, place: Place) -> bool:
    *parts, resource = arn.split(":", 5)
    own = ("arn", place.partition, "ecr", place.region, place.account)
    is_same = all(part == of_place or is_pattern(part) for part, of_place in zip(parts, own, strict=False))
    return is_same and (resource.startswith("repository/") or is_pattern(resource))


def _incomplete(policy: Policy) -> Iterator[Fault]:
    """Who may do a part of a pull or a push, and not the rest of it. A statement may complete another one."""
    found: dict[tuple[object, ...], list[Statement]] = {}
    for statement in policy.statements:
        if statement.allows:
            key = (statement.principals, statement.conditions, statement.resources)
            found.setdefault(key, []).append(statement)
    for group in found.values():
        actions = frozenset[str]().union(*map(_meant, group))
        title = group[0].title
        if actions & _PULL_BOTH and (missing := sorted(_PULL_BOTH - actions)) and not actions & _PUSH_SIGNS:
            yield Fault("doubt", f"{title} lets no one pull: a pull needs {_plain(missing)}, too")
        if actions & _PUSH_SIGNS and (missing := sorted(_PUSH_ALL - actions)):
            yield Fault("doubt", f"{title} lets no one push: a push needs {_plain(missing)}, too")


def _meant(statement: Statement) -> frozenset[str]:
    named = meant(statement.actions.patterns)
    return frozenset(f"ecr:{one}" for one in ACTIONS) - named if statement.actions.negated else named


def _written(statement: Statement) -> str:
    names = ", ".join(statement.actions.patterns)
    return f"everything but {names}" if statement.actions.negated else names


def _plain(actions: Iterable[str]) -> str:
    found = [one.removeprefix("ecr:") for one in actions]
    return ", ".join(found[:4]) + (f" and {len(found) - 4} more" if len(found) > 4 else "")


def _has_variable(statement: Statement) -> bool:
    texts = [value for one in statement.conditions for value in one.values]
    texts += statement.resources.patterns if statement.resources else ()
    return any("${" in one for one in texts)
