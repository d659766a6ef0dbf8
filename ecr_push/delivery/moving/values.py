"""What a text of a CI's file stands for: constants, and facts that a run knows, such as the commit.

Nothing is executed to find out. A fact keeps the text that gives it there, so that what has no name of ours
can stay as it is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from ecr_push.base.dataclass import dataclass


class FactKind(str, Enum):
    """What a fact is. In brackets: what its detail says."""

    SHA = "sha"  # of the commit [how many digits; "" are all]
    BRANCH = "branch"
    GIT_TAG = "tag"  # the git tag that started the run [the prefix that is cut off, as `v`]
    REF = "ref"  # the git tag or, without one, the branch [what a pull request's number follows, as `PR-`]
    PULL_REQUEST = "pull request"  # its number
    RUN_NUMBER = "run number"
    RUN_ID = "run id"
    DATE = "date"  # of the run, in UTC [its format, as `date` takes it]
    VERSION = "version"  # that a file states [the file]
    REGION = "region"
    ACCOUNT = "account"
    REGISTRY = "registry"  # HOST of the private registry, of the caller's account and region
    VARIABLE = "variable"  # of the environment, or computed before [its name]
    COMMAND = "command"  # what a command prints [the command]


# What every run has; the others may be empty.
ALWAYS = frozenset({FactKind.SHA, FactKind.RUN_NUMBER, FactKind.RUN_ID, FactKind.DATE, FactKind.REGISTRY})
_MAY_HAVE_LINES = frozenset({FactKind.COMMAND, FactKind.VERSION, FactKind.VARIABLE})


@dataclass(frozen=True)
class Fact:
    """text: what gives it where it was read, as `${GITHUB_SHA::7}` does."""

    kind: FactKind
    detail: str = ""
    text: str = ""


@dataclass(frozen=True)
class Value:
    """A text made of constants and facts, in their order; two constants never follow each other."""

    parts: tuple[str | Fact, ...] = ()

    @classmethod
    def of(cls, parts: Iterable[str | Fact]) -> Value:
        joined: list[str | Fact] = []
        for part in parts:
            if isinstance(part, str) and joined and isinstance(joined[-1], str):
                joined[-1] += part
            elif part != "":
                joined.append(part)
        return cls(tuple(joined))

    @classmethod
    def constant(cls, text: str) -> Value:
        return cls.of((text,))

    @classmethod
    def fact(cls, kind: FactKind, detail: str = "", text: str = "") -> Value:
        return cls((Fact(kind, detail, text),))

    @property
    def text(self) -> str | None:
        """The constant that it is; None where it has a fact."""
        if not self.parts:
            return ""
        return self.parts[0] if len(self.parts) == 1 and isinstance(self.parts[0], str) else None

    @property
    def only(self) -> Fact | None:
        """The one fact that it is."""
        return self.parts[0] if len(self.parts) == 1 and isinstance(self.parts[0], Fact) else None

    @property
    def facts(self) -> tuple[Fact, ...]:
        return tuple(part for part in self.parts if isinstance(part, Fact))

    @property
    def may_have_lines(self) -> bool:
        """Whether it may be more than a line: what a command prints, and what a variable holds."""
        known = (fact for fact in self.facts if not fact.text.startswith("${{"))
        return any(fact.kind in _MAY_HAVE_LINES for fact in known)

    @property
    def source(self) -> str:
        """As it could stand in the file that it was read from."""
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    def __add__(self, other: Value) -> Value:
        return Value.of((*self.parts, *other.parts))

    def partition(self, separator: str, *, last: bool = False) -> tuple[Value, Value] | None:
        """What stands before and behind a separator among the constants; None where there is none."""
        places = [n for n, part in enumerate(self.parts) if isinstance(part, str) and separator in part]
        if not places:
            return None
        at = places[-1] if last else places[0]
        part = str(self.parts[at])
        before, _, behind = part.rpartition(separator) if last else part.partition(separator)
        return Value.of((*self.parts[:at], before)), Value.of((behind, *self.parts[at + 1 :]))
