"""`ecr-push deploy lambda`: the mistakes that people make, and what is printed."""

from __future__ import annotations

import pytest

from ecr_push.cli import reach
from tests.support.aws import StubAws
from tests.support.fakes import REPOSITORY
from tests.support.judged_images import IMAGES
from tests.unit.cli.commands.conftest import Console

IMAGE = f"{REPOSITORY.uri}@{IMAGES['clean'].digest}"


def test_what_runs_already(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    region = REPOSITORY.registry.region
    configuration = {"FunctionArn": f"arn:aws:lambda:{region}:1:function:shop", "PackageType": "Image"}
    found = {"Configuration": {**configuration, "LastUpdateStatus": "Successful"}}
    found["Code"] = {"ResolvedImageUri": IMAGE}
    monkeypatch.setattr(reach, "Aws", lambda access: StubAws({"GetFunction": found}))
    assert console.run("deploy", "lambda", "team/app:clean", "--function", "shop") == 0, console.err
    assert console.out == f"{IMAGE}\n"
    assert "DEPLOYED" in console.err and "had the image already: nothing was changed" in console.err


@pytest.mark.parametrize(
    ("argv", "problem"),
    [
        ((), "--function: is required: the function's name"),
        (("--function", "shop:live"), "expected its name or ARN, without a version; --alias names an alias"),
        (("--function", "shop", "--alias", "7"), "not a number alone"),
        (
            ("--function", "shop", "--alias", "live", "--deploy-timeout", "0"),
            "--deploy-timeout: 0 contradicts --alias",
        ),
        (("--function", "shop", "--cluster", "prod"), "No such option '--cluster'"),
    ],
)
def test_a_mistake(console: Console, argv: tuple[str, ...], problem: str) -> None:
    assert console.run("deploy", "lambda", "team/app:clean", *argv) == 2
    assert problem in console.err and not console.out
