"""Where events, metrics and audit records go."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecr_push.settings.publish_options import parse_audit, parse_bus, parse_metrics
from tests.support.settings import loaded, problems

ARN = "arn:aws:events:eu-west-1:123456789012:event-bus/releases"


@pytest.mark.parametrize("text", ["default", "team.releases_1", ARN])
def test_a_bus_by_name_or_arn(text: str) -> None:
    assert parse_bus(text) == text


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("logs:/ecr-push/audit", "logs", "/ecr-push/audit"),
        ("s3://acme-audit", "s3", "s3://acme-audit"),
        ("s3://acme-audit/team/a/", "s3", "s3://acme-audit/team/a"),
        ("audit.jsonl", "file", "audit.jsonl"),
        ("/var/log/a:b", "file", "/var/log/a:b"),
    ],
)
def test_places_for_records(text: str, kind: str, name: str) -> None:
    found = parse_audit(text)
    assert (found.kind, found.name) == (kind, name)
    assert parse_audit(str(found)) == found


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("emf=metrics.jsonl", "emf", "metrics.jsonl"),
        ("emf=-", "emf", "-"),
        ("emf=logs:/ecr-push", "emf-logs", "/ecr-push"),
        ("cloudwatch=Acme/Releases", "cloudwatch", "Acme/Releases"),
        ("cloudwatch=Acme Releases", "cloudwatch", "Acme Releases"),
    ],
)
def test_places_for_metrics(text: str, kind: str, name: str) -> None:
    found = parse_metrics(text)
    assert (found.kind, found.name) == (kind, name)
    assert parse_metrics(str(found)) == found


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"event_bus": "my bus"}, "'my bus' is not an event bus"),
        ({"audit": ["cloudwatch:/x"]}, "did you mean 'logs'?"),
        ({"audit": ["file:audit.jsonl"]}, "a file is given without a word before it"),
        ({"audit": ["logs:"]}, "'' is not a log group"),
        ({"event_bus": "aws.partner/acme/1"}, "'aws.partner/acme/1' is not an event bus"),
        ({"event_bus": "b" * 257}, "of up to 256 letters"),
        ({"audit": ["logs:aws/x"]}, "and not beginning with aws/"),
        ({"audit": ["s3://b/p"]}, "--audit: 'b' is not the name of a bucket: it has 1 characters"),
        ({"audit": ["s3://"]}, "'' is not the name of a bucket"),
        ({"audit": ["s3://acme-audit/a b"]}, "'a b' is not a prefix for keys"),
        ({"metrics": ["cloudwatch=:x"]}, "not beginning with AWS/ or :"),
        ({"metrics": ["cloudwatch= "]}, "'' is not a namespace of CloudWatch"),
        ({"metrics": ["emf"]}, "emf=logs:GROUP, or cloudwatch=NAMESPACE"),
        ({"metrics": ["cloudwatch=AWS/ECR"]}, "not beginning with AWS/"),
        ({"metrics": ["cloudwach=X"]}, "did you mean 'cloudwatch'?"),
        ({"audit": ["missing/audit.jsonl"]}, "there is no directory"),
        ({"metrics": ["emf=missing/metrics.jsonl"]}, "there is no directory"),
        ({"audit_failure": "warn"}, "has no effect without --audit"),
    ],
)
def test_mistakes_say_what_is_expected(tmp_path: Path, flags: dict[str, object], said: str) -> None:
    assert said in "\n".join(problems(tmp_path, flags={"repository": "team/app", **flags}))


def test_the_file_of_a_repository_cannot_say_where_its_audit_is_kept(tmp_path: Path) -> None:
    """It comes with the change that is to be judged."""
    found = problems(tmp_path, file="audit: [a]\naudit-failure: warn\n", flags={"repository": "team/app"})
    assert len(found) == 2
    read = loaded(tmp_path, file="event-bus: default\nmetrics: [emf=-]\n", flags={"repository": "team/app"})
    assert read.publish.event_bus == "default" and str(read.publish.metrics[0]) == "emf=-"
