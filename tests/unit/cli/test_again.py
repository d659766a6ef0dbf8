"""The options that a command in a report repeats."""

from __future__ import annotations

import io
from typing import Any

import pytest

from ecr_push.cli.again import options_again
from ecr_push.cli.call import Call

TWO = ("--verdict-from", "a.json", "--verdict-from", "b.json")


def again(flags: dict[str, Any], command: str = "promote", **environ: str) -> tuple[str, ...]:
    call = Call(environ, io.StringIO(), io.StringIO())
    call.flags.update(flags)
    return options_again(call, command)


@pytest.mark.parametrize(
    ("flags", "environ", "words"),
    [
        ({}, {}, ()),
        ({"region": "eu-west-1"}, {}, ("--region", "eu-west-1")),
        ({}, {"ECR_PUSH_REGION": "eu-west-1"}, ("--region", "eu-west-1")),
        ({"region": "a"}, {"ECR_PUSH_REGION": "b"}, ("--region", "a")),
        ({}, {"ECR_PUSH_REGION": ""}, ()),
        ({"fail_on": "low", "max_findings": "high=1"}, {}, ("--fail-on", "low", "--max-findings", "high=1")),
        ({"attest_verdict": True}, {}, ("--attest-verdict",)),
        ({"attest_verdict": False}, {}, ("--no-attest-verdict",)),
        ({}, {"ECR_PUSH_ATTEST_VERDICT": "true"}, ("--attest-verdict",)),
        ({"verdict_from": ("a.json", "b.json")}, {}, TWO),
        ({}, {"ECR_PUSH_VERDICT_FROM": "a.json\nb.json"}, TWO),
        # What is built, and what the run itself writes, is not for a command that judges.
        ({"build_args": ("A=secret",), "reports": ("r.html",), "dry_run": True}, {}, ()),
        ({"create_repository": True}, {}, ()),
        ({}, {"ECR_PUSH_ROLE_TO_ASSUME": "arn:aws:iam::1:role/x", "ECR_PUSH_SECRET": "id=a"}, ()),
    ],
)  # fmt: skip
def test_what_was_given_is_given_again(
    flags: dict[str, Any], environ: dict[str, str], words: tuple[str, ...]
) -> None:
    assert again(flags, **environ) == words


def test_a_command_gets_what_it_takes() -> None:
    given = {"region": "eu-west-1", "fail_on": "high"}
    assert again(given, "gate") == ("--fail-on", "high")
