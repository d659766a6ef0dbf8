"""Who may pull and push, as one entry of a file says it: what contradicts itself, and what is doubtful."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ecr_push.base.dataclass import dataclass
from ecr_push.base.place import Place
from ecr_push.upkeep.policies.check import SECOND_WORD, Level, check_policy, is_open
from ecr_push.upkeep.policies.model import LAMBDA, Grant, Who


@dataclass(frozen=True)
class Access:
    """What an entry says; None for what it leaves out.

    policy: JSON; "" for none. opened: whether it says a second time that everyone may pull.
    """

    policy: str | None = None
    pull: tuple[Grant, ...] | None = None
    push: tuple[Grant, ...] | None = None
    opened: bool | None = None

    @property
    def given(self) -> tuple[str, ...]:
        """The keys of the short form that are there."""
        return tuple(key for key in ("pull", "push") if getattr(self, key) is not None)


@dataclass(frozen=True)
class AccessFault:
    """level: a mistake, or a doubt. key: of the entry, such as `pull`."""

    level: Level
    key: str
    what: str


def faults_of(access: Access, place: Callable[[], Place], *, is_one: bool) -> Iterator[AccessFault]:
    """place: the registry's. is_one: whether the entry is one repository, by its whole name."""
    if access.policy is not None and access.given:
        keys = " and ".join(access.given)
        yield AccessFault("mistake", "policy", f"{keys} would be another policy: leave one of them out")
    opens = any(grant.who.is_everyone for grant in access.pull or ())
    if opens and not access.opened:
        second = f", or say it twice, with `{SECOND_WORD}: true`" if is_one else ""
        what = f"'everyone' opens the repository to every AWS account: name who may{second}"
        yield AccessFault("mistake", "pull", what)
    if access.policy:
        opens = opens or is_open(access.policy)
        for fault in check_policy(access.policy, opened=bool(access.opened)):
            yield AccessFault(fault.level, "policy", fault.what)
    for grant in access.push or ():
        if grant.who.kind == "*":
            yield AccessFault("doubt", "push", f"{grant.words}: any role in it can overwrite the tags here")
    yield from _functions_without_deployers([grant.who for grant in access.pull or ()], place)
    if access.opened and not is_one:
        yield AccessFault("mistake", SECOND_WORD, "belongs to one repository, by its whole name")
    elif access.opened and not opens:
        yield AccessFault("mistake", SECOND_WORD, "nothing here is open to everyone: leave it out")


def _functions_without_deployers(pullers: list[Who], place: Callable[[], Place]) -> Iterator[AccessFault]:
    """https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#configuration-images-xaccount-permissions"""
    for account in sorted({_account_of(who) for who in pullers if who.name == LAMBDA}):
        if account != place().account and not any(_lets_deploy(who, account) for who in pullers):
            yield AccessFault(
                "doubt",
                "pull",
                f"lambda:{account}: the role that makes a function there has to pull, too: add {account}, or "
                "the ARN of the role",
            )


def _account_of(source: Who) -> str:
    return source.words.partition(":")[2].partition("/")[0]


def _lets_deploy(who: Who, account: str) -> bool:
    """Whether a principal may be a role of the account that makes the function."""
    return who.kind == "*" or (who.kind == "AWS" and f"::{account}:" in who.name)
