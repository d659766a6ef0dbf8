"""A repository in memory whose images have scans, for the commands that judge by a policy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ecr_push.base.log import Redactor
from ecr_push.pipeline.context import Tools
from tests.support.builders import no_builders
from tests.support.fakes import START, FakeClock, FakeNarrator, FakeRepository, manifest

IMAGES = {name: manifest(name) for name in ("clean", "low", "high", "unscanned")}


def answer(*severities: str) -> dict[str, Any]:
    found = [
        {"name": f"CVE-{number}", "severity": severity, "attributes": []}
        for number, severity in enumerate(severities)
    ]
    body = {"findings": found, "imageScanCompletedAt": START.isoformat()}
    return {"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": body}


def repository(**more: Any) -> FakeRepository:
    """clean is the newest image; unscanned has no scan."""
    ages = {one.digest: START - timedelta(days=number) for number, one in enumerate(IMAGES.values())}
    answers = {
        IMAGES["clean"].digest: answer(), IMAGES["low"].digest: answer("LOW"),
        IMAGES["high"].digest: answer("HIGH", "LOW"),
    }  # fmt: skip
    return FakeRepository(
        tags={name: one.digest for name, one in IMAGES.items()}, manifests=tuple(IMAGES.values()),
        answers=answers.get, pushed_at=ages, **more,
    )  # fmt: skip


def tools(**more: Any) -> Tools:
    client, narrator = repository(**more), FakeNarrator()
    return Tools(lambda target: client, no_builders, {}, FakeClock(), narrator, Redactor(), "run")
