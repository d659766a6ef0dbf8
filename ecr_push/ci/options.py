"""The options that say what a run is for, in place of what the CI says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import COPYING, OF_CHECKOUT, REPORTING, WHICH_VERSION, Parsed, matching, option

_GROUP = "What the run is for"
_FROM_CI_OR_GIT = "from the CI or git"
_FROM_CI = "from the CI"
_SAID_OF = REPORTING | COPYING


def _ref_name(lead: str, what: str) -> Callable[[str], str]:
    """A ref's name, or the whole ref. https://git-scm.com/docs/git-check-ref-format"""

    def parse(text: str) -> str:
        name = text.removeprefix(lead)
        if not name or not name.isprintable() or re.search(r"[\s~^:?*\[\\]|\.\.|//|@\{|^[-/]|[/.]$", name):
            raise ValueError(f"{text!r} is not a valid {what} name")
        return name

    return parse


BranchText = Annotated[str, Parsed(_ref_name("refs/heads/", "branch"))]
GitTagText = Annotated[str, Parsed(_ref_name("refs/tags/", "git tag"))]
PullRequestText = Annotated[str, matching(r"[0-9]{1,18}", "pull request number", "digits")]
CommitText = Annotated[
    str,
    matching(
        r"[0-9a-f]{40}(?:[0-9a-f]{24})?",
        "commit",
        "all its 40 or 64 hexadecimal digits; git rev-parse shows them",
    ),
]
UrlText = Annotated[str, matching(r"https?://[^\s\x00-\x1f]+", "URL", "https://…")]


@dataclass(frozen=True, eq=False, repr=False)
class CiOptions:
    """What the user says of the run."""

    default_branch: str = option(
        "",
        WHICH_VERSION,
        OF_CHECKOUT,
        "Name of the default branch.",
        metavar="BRANCH",
        default_text=_FROM_CI_OR_GIT,
        by_caller=True,
    )
    branch: BranchText = option(
        "",
        _GROUP,
        OF_CHECKOUT,
        "The branch; with --pull-request the one that it comes from. This and the options below replace what "
        "the CI says.",
        metavar="BRANCH",
        default_text=_FROM_CI_OR_GIT,
        by_caller=True,
    )
    tag_ref: GitTagText = option(
        "",
        _GROUP,
        OF_CHECKOUT,
        "The git tag, which must be on the commit that is checked out.",
        metavar="TAG",
        default_text=_FROM_CI_OR_GIT,
        by_caller=True,
    )
    pull_request: PullRequestText = option(
        "",
        _GROUP,
        OF_CHECKOUT,
        "The pull request's number.",
        metavar="NUMBER",
        default_text=_FROM_CI_OR_GIT,
        by_caller=True,
    )
    commit: CommitText = option(
        "",
        _GROUP,
        OF_CHECKOUT,
        "The commit, in full; of a pull request its own, not the merge. Where there is no .git, this is what "
        "the image is named after.",
        metavar="COMMIT",
        default_text=_FROM_CI_OR_GIT,
        by_caller=True,
    )
    run_url: UrlText = option(
        "",
        _GROUP,
        _SAID_OF,
        "Web page of this run, for the reports.",
        metavar="URL",
        default_text=_FROM_CI,
        by_caller=True,
    )
    actor: str = option(
        "",
        _GROUP,
        _SAID_OF,
        "Who started this run, for the reports.",
        metavar="NAME",
        default_text=_FROM_CI,
        by_caller=True,
    )
