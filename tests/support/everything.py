"""A value for each option that the permissions of a command follow from."""

from __future__ import annotations

from typing import Any

from tests.support.settings import value

ROLE = "arn:aws:iam::123456789012:role/ci"
PLACE = {"repository": "team/app", "region": "eu-west-1", "registry_id": "123456789012"}
EVERYTHING: dict[str, Any] = {
    "role": ROLE,
    "create_repository": True,
    "kms_key": "alias/ecr",
    "cache": "ecr",
    "cache_repository": "caches",
    "lock": "dynamodb:locks",
    "scan_events_queue": "scans",
    "attest_verdict": True,
    "attest_sbom": ("sbom.json",),
    "sign": "cosign",
    "sign_key": "awskms:///alias/sign",
    "require_signature": True,
    "verify_first": True,
    "wait_replication": True,
    "base_image": f"base@sha256:{'0' * 64}",
    "event_bus": "releases",
    "metrics": value("metrics", ["cloudwatch=Acme", "emf=logs:/metrics"]),
    "audit": value("audit", ["logs:/audit", "s3://acme-audit/team"]),
    "to": value("to", ["team/copy", f"repository=team/far,role={ROLE}"]),
    "service": "shop",
    "cluster": "prod",
    "task_definition": "shop",
    "redeploy": False,  # with it, a deployment needs less
    "function": "shop",
    "alias": "live",
    "job_definition": "nightly",
    "endpoint": "shop",
    "model": "shop",
}
