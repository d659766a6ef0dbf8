"""EventBridge, CloudWatch, its logs, S3 and Batch on this machine: moto's server, read by the AWS CLI."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from tests.support.moto_server import moto_server

REGION = "us-east-1"
BUS, BUCKET = "releases", "acme-audit"
GROUP, METRICS_GROUP, HEARD = GROUPS = "/ecr-push/audit", "/ecr-push/metrics", "/heard"
_SERVICES = ("EVENTS", "EVENTBRIDGE", "CLOUDWATCH", "CLOUDWATCH_LOGS", "LOGS", "S3", "BATCH")


class AwsServices:
    """A bus whose events are all kept in a log group, a group for audit records, a bucket."""

    def __init__(self, url: str, home: Path) -> None:
        self.url = url
        self._home = home
        self._environ = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(home),
            "AWS_ACCESS_KEY_ID": "dummy",
            "AWS_SECRET_ACCESS_KEY": "dummy",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
        }

    @property
    def environment(self) -> dict[str, str]:
        """What leads the SDK to it."""
        return {f"AWS_ENDPOINT_URL_{one}": self.url for one in _SERVICES}

    def ask(self, *argv: str) -> Any:
        """What the AWS CLI answers, as JSON."""
        answer = self.run(*argv)
        return json.loads(answer) if answer.strip() else None

    def run(self, *argv: str) -> str:
        """What the AWS CLI prints."""
        done = subprocess.run(
            ["aws", "--endpoint-url", self.url, "--output", "json", *argv],
            env=self._environ,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, f"{' '.join(argv)}: {done.stderr}"
        return done.stdout

    def set_up(self) -> None:
        events, logs = self._api("events"), self._api("logs")
        events.create_event_bus(Name=BUS)
        for group in GROUPS:
            logs.create_log_group(logGroupName=group)
        kinds = ["ecr-push outcome", "ecr-push deployment", "ecr-push copy"]
        pattern = json.dumps({"source": ["ecr-push"], "detail-type": kinds})
        events.put_rule(Name="all", EventBusName=BUS, EventPattern=pattern)
        target = {"Id": "1", "Arn": f"arn:aws:logs:{REGION}:123456789012:log-group:{HEARD}"}
        events.put_targets(Rule="all", EventBusName=BUS, Targets=[target])
        self._api("s3").create_bucket(Bucket=BUCKET)

    def _api(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="dummy",
            aws_secret_access_key="dummy",
        )

    def lines(self, group: str) -> list[dict[str, Any]]:
        """What is in a log group, each line as JSON."""
        found = self.ask("logs", "filter-log-events", "--log-group-name", group)["events"]
        return [json.loads(one["message"]) for one in found]

    def objects(self) -> dict[str, dict[str, Any]]:
        """Each object in the bucket, by its key."""
        folder = self._home / "bucket"
        self.run("s3", "sync", f"s3://{BUCKET}", str(folder))
        files = (path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): json.loads(path.read_text()) for path in files}


@contextmanager
def aws_services(home: Path) -> Iterator[AwsServices]:
    with moto_server() as url:
        services = AwsServices(url, home)
        services.set_up()
        yield services
