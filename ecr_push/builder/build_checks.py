"""Docker's build checks: buildx's metadata file -> what they find in a Dockerfile. Pure.

https://docs.docker.com/reference/build-checks/. Of what is not as expected nothing is taken: a build does not
depend on them.
"""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex
from ecr_push.base.shape import OddValueError, items, mapping, optional_text

# With it, buildx writes the warnings of a build into its metadata file.
# https://docs.docker.com/reference/cli/docker/buildx/build/#metadata-file
WARNINGS = {"BUILDX_METADATA_WARNINGS": "1"}
_MOST = 1_000  # of one build
_SHORT = lazy_regex(r"(?P<rule>[A-Za-z]+): (?P<text>.*?)(?: \(line \d+\))?", re.DOTALL)


@dataclass(frozen=True)
class BuildCheck:
    """A finding. rule: such as JSONArgsRecommended. line: of the Dockerfile, 0 where none is named."""

    rule: str
    text: str
    url: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"line {self.line}: {self.rule}: {self.text}" if self.line else f"{self.rule}: {self.text}"


@dataclass(frozen=True)
class Checked:
    """What `--call=check` came to. error: why the Dockerfile cannot be built, with its line."""

    checks: tuple[BuildCheck, ...]
    error: str = ""


def of_build(found: Any) -> tuple[BuildCheck, ...]:
    """The findings in the metadata of a build's target, the same of several platforms once."""
    return _sorted(_warnings(found))


def of_call(found: Any) -> Checked | None:
    """What is in the metadata of a call; None where it has no answer."""
    try:
        result = mapping(found, "result.json")
        if not result:
            return None
        error = mapping(result, "buildError")
        line = _line(items(mapping(error, "location"), "ranges"))
        text = optional_text(error, "message")
        return Checked(
            _sorted(
                BuildCheck(
                    optional_text(one, "ruleName"),
                    optional_text(one, "detail") or optional_text(one, "description"),
                    optional_text(one, "url"),
                    _line(items(mapping(one, "location"), "ranges")),
                )
                for one in items(result, "warnings")
            ),
            f"line {line}: {text}" if text and line and f"line {line}" not in text else text,
        )
    except OddValueError:
        return None


def _warnings(found: Any) -> Iterator[BuildCheck]:
    with contextlib.suppress(OddValueError):
        for one in items(found, "buildx.build.warnings"):
            short = _SHORT.fullmatch(_decoded(optional_text(one, "short")))
            if short:  # others are of BuildKit itself, and in the log
                line = _line(items(one, "range"))
                yield BuildCheck(short["rule"], short["text"], optional_text(one, "url"), line)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except ValueError:
        return ""


def _line(ranges: Iterable[Any]) -> int:
    for one in ranges:
        line = mapping(one, "start").get("line")
        if type(line) is int and line > 0:
            return line
    return 0


def _sorted(checks: Iterable[BuildCheck]) -> tuple[BuildCheck, ...]:
    return tuple(sorted(dict.fromkeys(checks), key=lambda one: (one.line, one.rule, one.text))[:_MOST])
