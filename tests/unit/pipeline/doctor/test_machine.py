"""A clone's depth, an engine's certificates and its proxy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ecr_push.builder.engine_facts import EngineFacts
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.doctor.machine import bypassed, caller_and_clock, depth, proxies, without_tls
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.repositories import CallerIdentity
from tests.support.ci import ci_facts
from tests.support.fakes import START
from tests.support.judged_images import tools
from tests.support.settings import settings
from tests.support.sources import source

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
LOOPBACK = ("127.0.0.0/8", "::1/128")


@pytest.mark.parametrize(
    ("lacked", "said", "remedy"),
    [
        ((), "", ""),
        (("history", "tags"), "the clone was shallow", "give actions/checkout `fetch-depth: 0`"),
        (("tags",), "the clone had no tags", "run `git -C "),
        (("trees",), "the clone was treeless", "clone with the filter blob:none"),
    ],
)
def test_what_each_run_fetches_again_has_the_remedy_of_this_ci(lacked: Any, said: str, remedy: str) -> None:
    facts: CiFacts = ci_facts("github")
    found = list(depth(replace(source(), lacked=frozenset(lacked)), facts))
    assert [(one.level, one.what[: len(said)], one.remedy[: len(remedy)]) for one in found] == (
        [("warning", said, remedy)] if lacked else []
    )


@pytest.mark.parametrize(
    ("host", "trusted", "levels"),
    [
        (HOST, LOOPBACK, []),
        (HOST, (*LOOPBACK, HOST), ["error"]),
        (HOST, (*LOOPBACK, "10.0.0.0/8", "other:5000"), ["warning"]),
        (HOST, None, []),
        ("127.0.0.1:5000", LOOPBACK, []),
        ("127.0.0.1:5000", (), ["error"]),  # Docker Engine 29.10 with insecure-registries: []
        ("127.0.0.1:5000", ("127.0.0.1:5000",), []),
    ],
)
def test_plain_http_is_for_this_machine_alone(host: str, trusted: Any, levels: list[str]) -> None:
    facts = EngineFacts("", "", without_tls=trusted)
    found = list(without_tls(facts, host, is_local=host.startswith("127.")))
    assert [one.level for one in found] == levels
    assert all(one.remedy and (one.exit_code == 3) == (one.level == "error") for one in found)


@pytest.mark.parametrize(
    ("engines", "no_proxy", "own", "differ"),
    [
        ("", "", "", False),
        ("http://proxy:3128", "", "http://user:secret@proxy:3128/", False),
        ("proxy:3128", "", "http://proxy:3128", False),
        ("", "", "http://proxy:3128", True),
        ("http://proxy:3128", "", "", True),
        ("http://proxy:3128", "localhost,.amazonaws.com", "", False),
        ("http://proxy:3128", "localhost,.amazonaws.com", "http://proxy:3128", True),
    ],
)
def test_an_engine_with_another_proxy(engines: str, no_proxy: str, own: str, differ: bool) -> None:
    facts = EngineFacts("", "", without_tls=LOOPBACK, proxy=engines, no_proxy=no_proxy)
    found = list(proxies(facts, own, HOST))
    assert [one.level for one in found] == (["warning"] if differ else [])
    assert not any("secret" in one.what for one in found)


@pytest.mark.parametrize(
    ("no_proxy", "does"),
    [
        ("", False),
        ("*", True),
        (HOST, True),
        ("amazonaws.com", True),
        (".amazonaws.com", True),
        ("*.amazonaws.com", True),
        ("naws.com", False),
        ("10.0.0.0/8, .Amazonaws.com", True),
    ],
)
def test_no_proxy(no_proxy: str, does: bool) -> None:
    assert bypassed(HOST, no_proxy) is does


class Registry:
    """Tells who asks, or refuses, so many seconds ago."""

    def __init__(self, seconds: float, *, refuses: bool = False) -> None:
        self._at, self._refuses = START - timedelta(seconds=seconds), refuses

    def caller(self) -> CallerIdentity:
        if self._refuses:
            refused = AwsRefusedError("SignatureDoesNotMatch", "", "sts:GetCallerIdentity", 403)
            refused.answered_at = self._at
            raise refused
        return CallerIdentity("arn:aws:iam::123456789012:user/ci", "eu-west-1", self._at)


@pytest.mark.parametrize(
    ("seconds", "refuses", "found"),
    [
        (60, False, []),
        (-600, False, ["warning: this machine's clock is 600 s behind AWS's"]),
        (1200, True, ["error: this machine's clock is 1200 s ahead of AWS's"]),
    ],
)
def test_a_clock_that_is_off(seconds: float, refuses: bool, found: list[str]) -> None:
    registry: Any = Registry(seconds, refuses=refuses)
    world = replace(tools(), open_repositories=lambda options: registry)
    said = [one for one in caller_and_clock(settings(), world) if one.level != "ok"]
    assert [f"{one.level}: {one.what}" for one in said] == found


def test_a_refusal_for_another_reason_stays_one() -> None:
    registry: Any = Registry(0, refuses=True)
    with pytest.raises(AwsRefusedError):
        list(caller_and_clock(settings(), replace(tools(), open_repositories=lambda options: registry)))
