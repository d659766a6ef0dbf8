"""Which CI a run is reported to."""

from __future__ import annotations

import pytest

from ecr_push.ci.detect import PROVIDERS
from ecr_push.report.ci.choose import LOGS, OUTPUTS, choose_log, choose_output, has_output
from ecr_push.report.ci.github import GithubOutput
from ecr_push.report.ci.github_log import GithubLog
from ecr_push.report.ci.interface import NoCi
from ecr_push.report.ci.log import PlainLog
from tests.support.outcomes import REFUSED

PROVIDER = {one.name: one for one in PROVIDERS}


@pytest.mark.parametrize(
    ("wanted", "provider", "expected", "log"),
    [
        ("auto", "github", GithubOutput, GithubLog),
        ("none", "github", NoCi, PlainLog),
        ("auto", "jenkins", NoCi, PlainLog),
        ("auto", "", NoCi, PlainLog),
    ],
)
def test_what_takes_output(wanted: str, provider: str, expected: type, log: type) -> None:
    assert type(choose_output(wanted, PROVIDER[provider], {})) is expected  # type: ignore[arg-type]
    assert type(choose_log(wanted, PROVIDER[provider])) is log  # type: ignore[arg-type]
    assert has_output(wanted, PROVIDER[provider]) is (expected is not NoCi)  # type: ignore[arg-type]


def test_every_output_is_of_a_ci_that_is_detected() -> None:
    assert set(LOGS) <= set(OUTPUTS) <= set(PROVIDER)


def test_any_other_ci_takes_the_log_alone() -> None:
    messages = NoCi().messages_for(REFUSED, [])
    assert (messages.log, messages.files, PlainLog().mask("secret")) == ("", {}, "")
