"""The options that say where the source is, and which of its git tags and commits count."""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import NAMING, OF_CHECKOUT, WHAT_TO_BUILD, WHICH_VERSION, option
from ecr_push.source.git_context import Context


@dataclass(frozen=True, eq=False, repr=False)
class SourceOptions:
    """What is read of the checkout."""

    context: Context = option(
        ".",
        WHAT_TO_BUILD,
        OF_CHECKOUT,
        "Directory that is sent to the build; or a git repository's address, which docker fetches, "
        "while version and tags come from the checkout here.",
        metavar="DIR",
        by_caller=True,
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
        OF_CHECKOUT,
        "Fetch the history and the tags that a CI's clone lacks. Without it, a shallow clone is an error.",
        after="actor",
    )
