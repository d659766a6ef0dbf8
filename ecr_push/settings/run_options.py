"""The options that say how far a run goes, and against which world."""

from __future__ import annotations

from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import BUILDING, COPYING, DEPLOYING, HOW_TO_RUN, PLANNING, option


@dataclass(frozen=True, eq=False, repr=False)
class RunOptions:
    """How to run."""

    sandbox: bool = option(
        False,
        HOW_TO_RUN,
        PLANNING,
        "Use an ECR on this machine, for the length of the run, with the repository created in it. Needs no "
        "AWS account.",
        by_caller=True,
    )
    advisories: tuple[str, ...] = option(
        (),
        HOW_TO_RUN,
        PLANNING | {"sandbox"},
        "Directory of OSV advisories for the sandbox's scanner.",
        metavar="DIR",
        separator="\n",
    )
    dry_run: bool = option(
        False,
        HOW_TO_RUN,
        frozenset({"run", "promote", "rollback"}) | COPYING | DEPLOYING,
        "Read and report, but build and change nothing.",
    )
    on_fork: Literal["check", "fail", "push"] = option(
        "check",
        HOW_TO_RUN,
        BUILDING,
        "What to do for a pull request from a fork, whose author may not push to the repository: check "
        "builds the image and pushes nothing, fail refuses, push does as for any other commit. The fork's "
        "ecr-push.yml is never read.",
        by_caller=True,
    )
