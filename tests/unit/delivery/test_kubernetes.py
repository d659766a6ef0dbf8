"""Manifests of Kubernetes as people have them: the image changes, and the file is valid before and after."""

from __future__ import annotations

from typing import Any

import kubernetes_validate
import pytest
import yaml

from ecr_push.delivery.render import Choice, render
from tests.support.deploying import IMAGE, to_deploy

DEPLOYED = to_deploy().deployed
# The oldest and the newest that EKS has at the end of 2026, and what the schemas of both say of every member.
VERSIONS = ("1.31", "1.35")
MANIFESTS = """\
# The shop, {{ as it runs }}.
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: "shop"
  labels: &labels   # everywhere
    app: 'shop'
spec:
  selector: {matchLabels: *labels}
  template:
    metadata:
      labels: *labels
    spec:
      initContainers:
      - {name: migrate, image: 'team/shop:1.2' }  # the same
      containers:
        -   name: web
            image:    "444455556666.dkr.ecr.eu-west-1.amazonaws.com/team/shop:1.2"   # ours
            args: ["--image", "team/shop:1.2"]
            env: [{name: IMAGE, value: team/shop:1.2}]
        - name: log
          image: fluent/fluent-bit:2
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: shop}
spec:
  schedule: '0 2 * * *'
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: web, image: team/shop}]}}}}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {ports: [{port: 80}]}
"""
CHANGED = (16, 19, 30)


def valid(text: str) -> None:
    for document in yaml.safe_load_all(text):
        for version in VERSIONS if document else ():
            kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_of_a_manifest_the_lines_of_the_image_change(ends: str) -> None:
    before = MANIFESTS.replace("\n", ends)
    valid(before)
    after = render(before, "shop.yaml", DEPLOYED, Choice()).text
    valid(after)
    pairs = list(enumerate(zip(before.split(ends), after.split(ends), strict=True), 1))
    assert tuple(number for number, (one, other) in pairs if one != other) == CHANGED
    containers: list[Any] = [
        one
        for document in yaml.safe_load_all(after)
        for one in _pod(document).get("containers", ()) + _pod(document).get("initContainers", [])
    ]
    assert [one["image"] for one in containers] == [IMAGE, "fluent/fluent-bit:2", IMAGE, IMAGE]


def _pod(document: Any) -> Any:
    spec = (document or {}).get("spec", {})
    return spec.get("jobTemplate", {}).get("spec", spec).get("template", {}).get("spec", {"containers": []})


def test_the_schema_finds_what_is_not_valid() -> None:
    """So that the test above can fail."""
    with pytest.raises(kubernetes_validate.ValidationError):
        valid(MANIFESTS.replace("image: fluent/fluent-bit:2", "image: [fluent/fluent-bit]"))
