"""`ecr-push doctor`, with a registry in memory: tests/integration/test_doctor.py has the real one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from ecr_push.cli import reach
from ecr_push.pipeline.doctor import machine
from ecr_push.registry.registry_settings import ReplicationRule
from ecr_push.registry.repositories import CallerIdentity
from tests.support.fakes import START
from tests.unit.cli.commands.conftest import Console

ARN = "arn:aws:iam::123456789012:user/ci"


class Registry:
    """All repositories of a registry, which knows who asks, ten minutes ago."""

    def caller(self) -> CallerIdentity:
        return CallerIdentity(ARN, "eu-west-1", START - timedelta(minutes=10))

    def quotas(self) -> None: ...

    def all(self) -> Mapping[str, object]:
        return {}

    def refused(self, principal: str, actions: Sequence[str], resource: str) -> Mapping[str, bool]:
        assert principal == ARN
        return {"ecr:PutImage": True} if "ecr:PutImage" in actions else {}


class FakeRegistrySettings:
    """The registry's own settings: it is replicated nowhere."""

    def account(self) -> str:
        return "123456789012"

    def replication(self) -> tuple[ReplicationRule, ...]:
        return ()

    def caches(self) -> Mapping[str, object]:
        return {}


def test_every_area_has_its_line_and_the_first_error_its_exit_code(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach.Reach, "repositories", lambda own, options: Registry())
    monkeypatch.setattr(machine, "engine_facts", lambda environ: None)
    settings = FakeRegistrySettings()
    monkeypatch.setattr(reach.Reach, "registry", lambda own: (settings, None))
    (console.folder / "Dockerfile").write_text("FROM scratch\n")
    console.registry.state = None
    code = console.run("doctor", "-r", "team/app", "--region", "eu-west-1")
    lines = [line.split()[:2] for line in console.out.splitlines() if line and not line.startswith(" ")]
    assert ["ok", "ecr-push"] in lines, console.err
    assert ["ERROR", "checkout"] in lines  # no git here
    assert ["ERROR", "repository"] in lines
    assert ["ok", "login"] in lines
    assert "-> check --repository, --region and --registry-id; --create-repository creates it" in console.out
    assert "warning  AWS          this machine's clock is 600 s ahead of AWS's" in console.out
    denied = "arn:aws:ecr:eu-west-1:123456789012:repository/team/app is not allowed"
    assert f"ERROR    permissions  Promote: ecr:PutImage on {denied}" in console.out
    assert console.out.endswith("4 errors, 1 warning\n")
    assert code == 2
