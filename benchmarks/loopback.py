"""What the sandbox itself costs: a small request on a connection that stays open."""

from __future__ import annotations

import base64
import http.client
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from world import sandbox

_REQUESTS = 300


def measure(folder: Path) -> dict[str, float]:
    """Median seconds of one request, by what was asked."""
    with sandbox(folder) as registry:
        client = registry.client()
        client.create_repository(repositoryName="team/app")
        auths = json.loads((Path(registry.environ["DOCKER_CONFIG"]) / "config.json").read_text())["auths"]
        token = auths[registry.host]["auth"]
        assert base64.b64decode(token).startswith(b"AWS:")
        connection = http.client.HTTPConnection(registry.host)

        def tags() -> None:
            connection.request("GET", "/v2/team/app/tags/list", headers={"Authorization": f"Basic {token}"})
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            answer.read()

        def describe() -> None:
            client.describe_repositories(repositoryNames=["team/app"])

        return {
            "GET /v2/…/tags/list": _median(tags),
            "DescribeRepositories, through boto3": _median(describe),
        }


def _median(ask: Callable[[], None]) -> float:
    taken = []
    for _ in range(_REQUESTS):
        began = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)
