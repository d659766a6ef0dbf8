"""Secrets of a build, which the log does not show: BuildKit's own, and arguments, which should hold none."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ecr_push.base.checkout_files import read_bytes
from ecr_push.base.fences import Fences
from ecr_push.base.regex import lazy_regex
from ecr_push.builder.buildkit_checks import SECRET_BYTES
from ecr_push.builder.buildkit_values import secret_of
from ecr_push.builder.options import BuildOptions
from ecr_push.builder.plan import BuildPlan
from ecr_push.builder.user_docker import URL_PASSWORD

_SHORTEST = 8  # characters of a secret
_WORDS = lazy_regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET = frozenset(
    (
        "TOKEN",
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "SECRET",
        "CREDENTIAL",
        "CREDENTIALS",
        "KEY",
        "APIKEY",
        "AUTH",
    )
)


def secret_args(plan: BuildPlan) -> tuple[str, ...]:
    """Returns the build arguments whose names suggest a secret. Anyone who pulls the image can read them."""
    return tuple(name for name, _ in plan.args if sounds_secret(name))


def shown_secrets(plan: BuildPlan) -> tuple[str, ...]:
    """Returns the build arguments that must not be shown, by their names or by a password in an address."""
    return tuple(name for name, value in plan.args if sounds_secret(name) or URL_PASSWORD.search(value))


def secret_values(options: BuildOptions, context: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Returns what the log must not show of arguments and secrets, the longest first.

    BuildKit repeats values, of `COPY $NAME` for one. Ordinary words cannot be secrets: they stay readable.
    """
    found: set[str] = set()
    for name, _, value in (arg.partition("=") for arg in options.build_args):
        found |= set(URL_PASSWORD.findall(value))
        if sounds_secret(name):
            found |= _lines(value)
    for value in _of_buildkit(options.secrets, context, environ):
        found |= _lines(value)
    return tuple(sorted(found, key=lambda one: (-len(one), one)))


def _of_buildkit(secrets: Iterable[str], context: str, environ: Mapping[str, str]) -> Iterator[str]:
    """The secrets that are there; `missing_inputs` reports the others."""
    for _, file, variable in map(secret_of, secrets):
        if variable:
            yield environ.get(variable, "")
        else:
            with contextlib.suppress(OSError):
                yield read_bytes(Path(file), SECRET_BYTES, Fences.of(context)).decode("utf-8", "replace")


def _lines(value: str) -> set[str]:
    return {line for line in map(str.strip, value.splitlines()) if len(line) >= _SHORTEST}


def sounds_secret(name: str) -> bool:
    """Whether a build argument of this name may hold a secret."""
    words = {word.upper() for word in _WORDS.findall(name)}
    return bool(words & _SECRET) and "PUBLIC" not in words
