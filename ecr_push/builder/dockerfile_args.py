"""Build arguments that a Dockerfile does not declare: BuildKit does not say that one is unused.

https://docs.docker.com/reference/dockerfile/#arg
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ecr_push.base.regex import lazy_regex
from ecr_push.base.suggest import did_you_mean
from ecr_push.builder.dockerfile import directives, instructions, words

# https://docs.docker.com/reference/dockerfile/#predefined-args, #automatic-platform-args-in-the-global-scope
_PREDEFINED = lazy_regex(
    r"(?i:(?:http|https|ftp|no|all)_proxy)|BUILDKIT_\w+|SOURCE_DATE_EPOCH"
    r"|(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)|TARGETSTAGE"
)
_FRONTEND = "BUILDKIT_SYNTAX"
_DOCKERS_OWN = lazy_regex(r"(?:docker\.io/)?docker/dockerfile(?:-upstream)?(?:[:@]\S+)?")


def unused_args(text: str, args: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for each build argument that no ARG of the Dockerfile takes; none where that is not sure.

    text: the Dockerfile's.
    """
    declared = declared_args(text)
    if declared is None or _FRONTEND in args:
        return ()
    return tuple(
        f"build argument {name} has no effect: the Dockerfile has no ARG {name}{did_you_mean(name, declared)}"
        for name in args
        if name not in declared and not _PREDEFINED.fullmatch(name) and not _may_declare(text, name)
    )


def declared_args(text: str) -> frozenset[str] | None:
    """The names in a Dockerfile's ARG instructions, those of ONBUILD too.

    None for another frontend's file, and for what has no stage.
    """
    if not _DOCKERS_OWN.fullmatch(directives(text).get("syntax", "docker/dockerfile")):
        return None
    found: set[str] = set()
    stages = 0
    for keyword, rest in instructions(text):
        stages += keyword == "FROM"
        inner, _, behind = rest.partition(" ") if keyword == "ONBUILD" else (keyword, "", rest)
        if inner.upper() == "ARG":
            found.update(word.partition("=")[0] for word in words(behind))
    return frozenset(found) if stages else None


def _may_declare(text: str, name: str) -> bool:
    """Whether a line looks like the ARG of that name, wherever BuildKit takes the line to be."""
    return bool(re.search(rf"^[ \t]*(?:ONBUILD\s+)?ARG\b.*\b{re.escape(name)}\b", text, re.MULTILINE | re.I))
