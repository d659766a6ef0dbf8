"""`ecr-push deploy batch`: the mistakes that people make, and what is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecr_push.cli import reach
from tests.support.aws import StubAws
from tests.unit.cli.commands.conftest import Console

ARN = "arn:aws:batch:eu-west-1:123456789012:job-definition/nightly:1"


def test_the_first_revision_of_a_file(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("job.yaml").write_text(
        "jobDefinitionName: nightly  # at two\ntype: container\n"
        "containerProperties: {image: team/app, vcpus: 1}\n"
    )
    aws = StubAws(
        {"DescribeJobDefinitions": {"jobDefinitions": []}, "RegisterJobDefinition": {"jobDefinitionArn": ARN}}
    )
    monkeypatch.setattr(reach, "Aws", lambda access: aws)
    assert console.run("deploy", "batch", "team/app:clean", "--job-definition", "job.yaml") == 0, console.err
    assert f"did        register a revision of job definition nightly: {ARN}" in console.err
    assert aws.log[-1][1]["containerProperties"]["vcpus"] == 1


@pytest.mark.parametrize(
    ("argv", "problem"),
    [
        ((), "--job-definition: is required: the name of a job definition, or a file"),
        (("--job-definition", "none.yaml"), "none.yaml: cannot be read"),
        (("--job-definition", "nightly", "--deploy-timeout", "1m"), "No such option '--deploy-timeout'"),
    ],
)
def test_a_mistake(
    console: Console, monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...], problem: str
) -> None:
    monkeypatch.setattr(reach, "Aws", lambda access: StubAws({}))
    assert console.run("deploy", "batch", "team/app:clean", *argv) == 2
    assert problem in console.err and not console.out
