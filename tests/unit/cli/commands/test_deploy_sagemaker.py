"""`ecr-push deploy sagemaker`: the mistakes that people make, and what is printed."""

from __future__ import annotations

import pytest

from ecr_push.cli import reach
from tests.support.aws import StubAws, refused
from tests.unit.cli.commands.conftest import Console


def test_an_endpoint_that_is_not_there(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    aws = StubAws({"DescribeEndpoint": refused("ValidationException")})
    monkeypatch.setattr(reach, "Aws", lambda access: aws)
    assert console.run("deploy", "sagemaker", "team/app:clean", "--endpoint", "shop") == 4
    assert "FAILED  team/app in phase deploy: there is no endpoint shop" in console.err
    assert "To do: check --endpoint and --region." in console.err and not console.out


@pytest.mark.parametrize(
    ("argv", "problem"),
    [
        ((), "--endpoint: is required; or --model, to make a model and change no endpoint"),
        (("--endpoint", "a", "--model", "b"), "--model: contradicts --endpoint"),
        (("--model", "arn:aws:sagemaker:eu-west-1:1:model/a"), "is neither a name nor a file"),
    ],
)
def test_a_mistake(console: Console, argv: tuple[str, ...], problem: str) -> None:
    assert console.run("deploy", "sagemaker", "team/app:clean", *argv) == 2
    assert problem in console.err and not console.out
