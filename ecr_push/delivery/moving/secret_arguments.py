"""Build arguments that hold secrets, which an image's history shows: what to do instead. Pure."""

from __future__ import annotations

from collections.abc import Container

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex
from ecr_push.builder.secret_args import sounds_secret
from ecr_push.builder.user_docker import URL_PASSWORD
from ecr_push.delivery.moving.model import Line
from ecr_push.delivery.moving.values import Fact, FactKind, Value

_SECRETS = lazy_regex(r"\bsecrets\s*[.\[]")  # of GitHub's expressions: secrets.NAME, secrets['NAME']


@dataclass(frozen=True)
class SecretArgument:
    """value: what it is given; None where the build takes it from the environment."""

    name: str
    value: Value | None
    is_stored: bool

    def warning(self, number: int, secret: str) -> Line:
        """secret: what hands it over as a secret, in the CI's own words. The value itself is not shown."""
        what = "it is a secret of the CI" if self.is_stored else "it looks like a secret"
        why = (
            f"{what}: the image's history shows its value. `{secret}` hands it over for one step, "
            f"RUN --mount=type=secret,id={self.name},env={self.name} …, in place of ARG {self.name}"
        )
        return Line(number, f"build argument {self.name}", "unsafe", "", why)


def secret_argument(argument: Value, stored: Container[str] = ()) -> SecretArgument | None:
    """None for a build argument, `NAME=VALUE` or `NAME`, that neither has such a name nor such a value.

    stored: the variables that the CI's store of secrets gives.
    """
    name, value = argument.partition("=") or (argument, None)
    if name.text is None:
        return None
    facts = value.facts if value else (Fact(FactKind.VARIABLE, name.text),)
    is_stored = any(_is_of_github(fact) or fact.detail in stored for fact in facts)
    has_password = value is not None and URL_PASSWORD.search(value.source)
    if is_stored or has_password or sounds_secret(name.text):
        return SecretArgument(name.text, value, is_stored)
    return None


def _is_of_github(fact: Fact) -> bool:
    """Whether it is one of GitHub's secrets, within a larger expression too."""
    return fact.text.startswith("${{") and bool(_SECRETS.search(fact.detail))
