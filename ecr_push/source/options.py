"""The options that say where the source is, and which of its git tags and commits count."""

from __future__ import annotations

import re
from typing import Annotated

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import NAMING, WHAT_TO_BUILD, WHICH_VERSION, Parsed, option

_GIT_CONTEXT = r"\{\{\s*defaultContext\s*\}\}(?::(.*))?"


def _context(text: str) -> str:
    """docker/build-push-action's name for the event's commit in git is that of the checkout here."""
    found = re.fullmatch(_GIT_CONTEXT, text.strip())
    return (found[1] or ".") if found else text


Context = Annotated[str, Parsed(_context)]


@dataclass(frozen=True, eq=False, repr=False)
class SourceOptions:
    """What is read of the checkout."""

    context: Context = option(
        ".", WHAT_TO_BUILD, NAMING, "Directory that is sent to the build.", metavar="DIR", by_caller=True
    )
    tag_prefix: str = option(
        "",
        WHICH_VERSION,
        NAMING,
        "Count only git tags with this prefix, such as api/ for api/v1.2.3: a repository of several images.",
        metavar="PREFIX",
        after="channels",
    )
    paths: tuple[str, ...] = option(
        (),
        WHICH_VERSION,
        NAMING,
        "Count only commits that touch this path; may be repeated.",
        metavar="PATH",
        key="path",
        separator="\n",
        default_text="with --tag-prefix, DIR; else the whole repository",
    )
    deepen: bool = option(
        True,
        WHICH_VERSION,
        NAMING,
        "Fetch the history and the tags that a CI's clone lacks. Without it, a shallow clone is an error.",
        after="actor",
    )
