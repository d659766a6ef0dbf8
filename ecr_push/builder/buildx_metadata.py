"""Reads what buildx wrote of a build into its metadata file: the image, and what is found in the Dockerfile.

https://docs.docker.com/reference/cli/docker/buildx/build/#metadata-file
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ecr_push.base.errors import BuildError
from ecr_push.base.reference import Digest
from ecr_push.base.regex import lazy_regex
from ecr_push.base.shape import OddValueError, items, mapping, optional_text
from ecr_push.builder.bake import TARGET
from ecr_push.builder.build_checks import BuildCheck, Checked
from ecr_push.builder.plan import BuildPlan

# With it, buildx writes the warnings of a build into its metadata file.
# https://docs.docker.com/reference/cli/docker/buildx/build/#metadata-file
WARNINGS = {"BUILDX_METADATA_WARNINGS": "1"}
_MOST = 1_000  # of one build
_SHORT = lazy_regex(r"(?P<rule>[A-Za-z]+): (?P<text>.*?)(?: \(line \d+\))?", re.DOTALL)


def metadata_of(file: Path, plan: BuildPlan) -> Any:
    """What buildx says of the build's target; {} where it says nothing.

    Where there are several, bake has the warnings beside its targets.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {**found, **found[TARGET]} if plan.args and TARGET in found else found
    except (OSError, ValueError, TypeError):
        return {}


def pushed_of(metadata: Path, plan: BuildPlan) -> tuple[str, str, tuple[BuildCheck, ...]]:
    """The digest and the media type of what was pushed, and what was found in the Dockerfile.

    Raises BuildError for metadata without a digest.
    """
    try:
        found = metadata_of(metadata, plan)
        digest = Digest(found["containerimage.digest"])
        media_type = str(found.get("containerimage.descriptor", {}).get("mediaType", ""))
        return digest.value, media_type, of_build(found)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BuildError(
            "buildx did not say which image it pushed",
            why=f"its metadata file has no digest: {type(error).__name__}: {error}",
            remedy="update docker's buildx plugin, and check what `docker buildx` is on this machine",
        ) from error


def of_build(found: Any) -> tuple[BuildCheck, ...]:
    """The findings in the metadata of a build's target, the same of several platforms once.

    Of what is not as expected nothing is taken: the build does not depend on them.
    """
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
