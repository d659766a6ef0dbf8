"""Prowler's checks of ECR, before and after the registry is put in order."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.support.independent_clients import Program
from tests.support.registry import Registry

SCAN = "ecr_registry_scan_images_on_push_enabled"
ENHANCED = "ecr_registry_enhanced_scanning_enabled"
LIFECYCLE = "ecr_repositories_lifecycle_policy_enabled"
PUBLIC = "ecr_repositories_not_publicly_accessible"
MUTABILITY = "ecr_repositories_tag_immutability"
WORLD = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage"]}],
}
RULE = {
    "rulePriority": 1,
    "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 5},
    "action": {"type": "expire"},
}


def test_the_checks_fail_before_and_pass_after(program: Callable[..., Program], registry: Registry) -> None:
    ecr = registry.api()
    app = {"repositoryName": "team/app"}
    ecr.create_repository(**app)
    ecr.set_repository_policy(**app, policyText=json.dumps(WORLD))
    prowler = program("prowler")

    def statuses(file: str) -> dict[str, str]:
        prowler.ask(
            *("prowler", "aws", "--services", "ecr", "inspector2", "--region", "us-east-1"),
            *("-M", "json-ocsf", "-o", "out", "-F", file, "--no-banner", "--ignore-exit-code-3"),
        )
        results: list[dict[str, Any]] = json.loads((prowler.folder / "out" / f"{file}.ocsf.json").read_text())
        return {one["metadata"]["event_code"]: one["status_code"] for one in results}

    before = statuses("before")
    assert {name: before[name] for name in (SCAN, ENHANCED, LIFECYCLE, PUBLIC, MUTABILITY)} == dict.fromkeys(
        (SCAN, ENHANCED, LIFECYCLE, PUBLIC, MUTABILITY), "FAIL"
    )
    every = [{"filter": "*", "filterType": "WILDCARD"}]
    ecr.put_registry_scanning_configuration(
        scanType="ENHANCED", rules=[{"scanFrequency": "CONTINUOUS_SCAN", "repositoryFilters": every}]
    )
    ecr.put_lifecycle_policy(**app, lifecyclePolicyText=json.dumps({"rules": [RULE]}))
    ecr.delete_repository_policy(**app)
    ecr.put_image_tag_mutability(**app, imageTagMutability="IMMUTABLE")
    after = statuses("after")
    assert {name: after[name] for name in (SCAN, ENHANCED, LIFECYCLE, PUBLIC, MUTABILITY)} == dict.fromkeys(
        (SCAN, ENHANCED, LIFECYCLE, PUBLIC, MUTABILITY), "PASS"
    )
    assert (before["inspector2_is_enabled"], after["inspector2_is_enabled"]) == ("FAIL", "PASS")
    assert after["inspector2_active_findings_exist"] == "PASS"
