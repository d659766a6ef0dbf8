"""Which CI a run is reported to: one line a CI. Nothing is loaded before it is needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

from ecr_push.ci.facts import CiProvider, Environ

if TYPE_CHECKING:
    from ecr_push.report.ci.interface import CiOutput
    from ecr_push.report.ci.log import CiLog


def _github(environ: Environ) -> CiOutput:
    from ecr_push.report.ci.github import GithubOutput

    return GithubOutput(environ.get("GITHUB_OUTPUT", ""), environ.get("GITHUB_STEP_SUMMARY", ""))


def _github_log() -> CiLog:
    from ecr_push.report.ci.github_log import GithubLog

    return GithubLog()


# By the name of the CI. One that is not here takes nothing but plain lines.
OUTPUTS: Mapping[str, Callable[[Environ], CiOutput]] = {
    "github": _github,
}
LOGS: Mapping[str, Callable[[], CiLog]] = {
    "github": _github_log,
}


def has_output(wanted: Literal["auto", "none"], provider: CiProvider) -> bool:
    """Whether a CI takes more than the log. wanted: --ci-output."""
    return wanted == "auto" and provider.name in OUTPUTS


def choose_output(wanted: Literal["auto", "none"], provider: CiProvider, environ: Environ) -> CiOutput:
    """The output of a CI; `NoCi` where it takes nothing but the log. wanted: --ci-output."""
    if has_output(wanted, provider):
        return OUTPUTS[provider.name](environ)
    from ecr_push.report.ci.interface import NoCi

    return NoCi()


def choose_log(wanted: Literal["auto", "none"], provider: CiProvider) -> CiLog:
    """The log of a CI. It is opened before a run begins, and needs nothing of what a report needs."""
    if has_output(wanted, provider) and provider.name in LOGS:
        return LOGS[provider.name]()
    from ecr_push.report.ci.log import PlainLog

    return PlainLog()
