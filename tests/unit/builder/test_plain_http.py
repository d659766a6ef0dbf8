from __future__ import annotations

import json
from typing import Any

import pytest

from ecr_push.base import process
from ecr_push.base.errors import BuildError
from ecr_push.base.process import Completed
from ecr_push.builder.plain_http import check_plain_http

OFFICIAL = {"docker.io": {"Mirrors": [], "Name": "docker.io", "Official": True, "Secure": True}}


def says(monkeypatch: pytest.MonkeyPatch, answer: object, code: int = 0) -> None:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    monkeypatch.setattr(process, "run", lambda argv, environ: Completed(code, (text,)))


def config(networks: list[str] | None, *hosts: str) -> dict[str, Any]:
    insecure = {host: {"Mirrors": [], "Name": host, "Official": False, "Secure": False} for host in hosts}
    return {"IndexConfigs": {**OFFICIAL, **insecure}, "InsecureRegistryCIDRs": networks, "Mirrors": None}


LOOPBACK = ["::1/128", "127.0.0.0/8"]


@pytest.mark.parametrize(
    ("host", "answer", "pushes"),
    [
        ("127.0.0.1:5000", config(LOOPBACK), True),
        ("localhost:5000", config(LOOPBACK), True),
        ("[::1]:5000", config(LOOPBACK), True),
        ("localhost", config(["::1/128"]), True),
        ("127.0.0.1:5000", config([], "127.0.0.1:5000"), True),
        # Docker Engine 29.10 with `"insecure-registries": []`, and with others' addresses.
        ("127.0.0.1:5000", config([]), False),
        ("127.0.0.1:5000", config(None), False),
        ("127.0.0.1:5000", config(["10.0.0.0/8"], "127.0.0.1:5001"), False),
        ("[::1]:5000", config(["127.0.0.0/8"]), False),
        # It does not say.
        ("127.0.0.1:5000", "null", True),
        ("127.0.0.1:5000", "{}", True),
        ("127.0.0.1:5000", "<no value>", True),
        ("127.0.0.1:5000", config(["no network/x"]), True),
        ("127.0.0.1:5000", {"IndexConfigs": {}, "InsecureRegistryCIDRs": 5}, True),
        # Not on this machine.
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com", config([]), True),
    ],
)
def test_what_the_engine_says_of_itself(
    monkeypatch: pytest.MonkeyPatch, host: str, answer: object, pushes: bool
) -> None:
    says(monkeypatch, answer)
    if pushes:
        check_plain_http(host, {})
        return
    with pytest.raises(BuildError, match="does not push to registries on this machine over HTTP") as caught:
        check_plain_http(host, {})
    assert host in caught.value.why and "daemon.json" in caught.value.remedy


def test_an_engine_that_does_not_answer_is_the_builds_error(monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, config([]), code=1)
    check_plain_http("127.0.0.1:5000", {})
