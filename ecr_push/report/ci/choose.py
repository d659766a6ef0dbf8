"""Which CI is told of a run: the only place that asks for its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ecr_push.ci.facts import Provider
from ecr_push.report.ci.interface import CiOutput, NoCi


def choose_output(
    wanted: Literal["auto", "none"], provider: Provider, environ: Mapping[str, str]
) -> CiOutput:
    """What provider wants to be told; nothing where wanted is none."""
    if wanted == "auto" and provider == "github":
        from ecr_push.report.ci.github import GithubOutput

        return GithubOutput(environ.get("GITHUB_OUTPUT", ""), environ.get("GITHUB_STEP_SUMMARY", ""))
    return NoCi()
