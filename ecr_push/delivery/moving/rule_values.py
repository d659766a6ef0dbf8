"""The tags under which an image is pushed -> rules of --tags, as values that a CI's file can hold. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.moving.gather import PushedTag
from ecr_push.delivery.moving.shell.operations import Condition
from ecr_push.delivery.moving.tag_rules import rules_of
from ecr_push.delivery.moving.values import Fact, FactKind, Value
from ecr_push.tags.options import LONGEST, SHORTEST

# A fact that says true or false for the conditions of a tag; None where the CI's file cannot say it.
Enable = Callable[[Sequence[Condition]], "Fact | None"]
# Where a fact stands in the text of a rule: no text of a file has this.
_PLACE = lazy_regex("\ue000([0-9]+)\ue001")


@dataclass(frozen=True)
class RuledTag:
    """rules: none where the tag cannot be said, and why says what is in the way."""

    pushed: PushedTag
    rules: tuple[Value, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Ruled:
    """digits: of --short-sha-length; "" for the rules' own seven."""

    tags: tuple[RuledTag, ...]
    digits: str = ""

    @property
    def has_version(self) -> bool:
        """Whether a tag is a version that a file states: later commits state it too."""
        facts = (fact for one in self.tags for fact in one.pushed.tag.facts)
        return any(fact.kind is FactKind.VERSION for fact in facts)

    @property
    def has_git_tag(self) -> bool:
        """Whether a rule is of the git tag: with the flavor's `latest=auto` it would give `latest`, too."""
        return any(one.source.startswith(("type=ref,event=tag", "type=match")) for one in self.rules)

    @property
    def rules(self) -> tuple[Value, ...]:
        return tuple(dict.fromkeys(rule for one in self.tags for rule in one.rules))


def ruled(
    tags: Sequence[PushedTag], enable: Enable, can_say: Callable[[Fact], bool], *, has_commit: bool = False
) -> Ruled:
    """can_say: whether the CI's file can hold a fact. has_commit: see `rules_of`."""
    digits = _digits(tags)
    return Ruled(tuple(_ruled(one, digits, enable, can_say, has_commit) for one in tags), digits)


def _digits(tags: Sequence[PushedTag]) -> str:
    found = {fact.detail for one in tags for fact in one.tag.facts if fact.kind is FactKind.SHA} - {""}
    (only,) = found if len(found) == 1 else ("",)
    return only if only not in ("", "7") and SHORTEST <= int(only) <= LONGEST else ""


def _ruled(
    one: PushedTag, digits: str, enable: Enable, can_say: Callable[[Fact], bool], has_commit: bool
) -> RuledTag:
    tag = Value(tuple(_short(part, digits) for part in one.tag.parts))
    facts: list[Fact] = []

    def words(fact: Fact) -> str | None:
        if not can_say(fact):
            return None
        facts.append(fact)
        return f"\ue000{len(facts) - 1}\ue001"

    texts = rules_of(tag, words, has_commit=has_commit)
    if not texts:
        unknown = next((fact.text for fact in tag.facts if not can_say(fact)), tag.source)
        return RuledTag(one, why=f"what {unknown} is cannot be said in a rule")
    condition: tuple[str | Fact, ...] = ()
    if one.conditions:
        found = enable(one.conditions)
        if found is None:
            text = " and ".join(condition.text for condition in one.conditions)
            return RuledTag(one, why=f"it is pushed only where {text}, which a rule cannot say")
        condition = (",enable=", found)
    return RuledTag(one, tuple(Value.of((*_parts(text, facts), *condition)) for text in texts))


def _short(part: str | Fact, digits: str) -> str | Fact:
    """The rules' short commit has as many digits as --short-sha-length says."""
    if isinstance(part, Fact) and part.kind is FactKind.SHA and digits and part.detail == digits:
        return replace(part, detail="7")
    return part


def _parts(text: str, facts: Sequence[Fact]) -> Iterator[str | Fact]:
    at = 0
    for found in _PLACE.finditer(text):
        yield text[at : found.start()]
        yield facts[int(found[1])]
        at = found.end()
    yield text[at:]
