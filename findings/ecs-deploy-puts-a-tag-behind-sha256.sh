#!/bin/sh
# Package: ecs-deploy 1.17.0 (PyPI), `ecs deploy CLUSTER SERVICE --tag TAG`.
# Expected: the new task definition runs the repository's image with that tag. A digest is left out or refused, and a
#           port of the registry stays (the grammar of references: [HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]).
# Seen:     what follows the last colon is replaced, whatever it is. `app@sha256:9f…` becomes `app@sha256:1.5.0`,
#           `app:1.4.2@sha256:9f…` becomes `app:1.4.2@sha256:1.5.0`, and `registry.example:5000/app` becomes
#           `registry.example:1.5.0`. It registers each as a revision, and lets the service run it.
# Effect:   a service that is pinned by digest gets a revision whose tasks can never start: the old tasks run on, and
#           what ends of them is not replaced.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ecs-deploy==1.17.0
cat >deploy.py <<'PY'
from unittest.mock import Mock

import ecs_deploy.cli as cli
import ecs_deploy.ecs as ecs
from click.testing import CliRunner

DIGEST = "sha256:" + "9f" * 32
service = {"serviceName": "web", "serviceArn": "s", "taskDefinition": "web:1", "desiredCount": 1, "deployments": []}
for image in ("app:1.4.2", f"app@{DIGEST}", f"app:1.4.2@{DIGEST}", "registry.example:5000/app"):
    task = {"family": "web", "revision": 1, "taskDefinitionArn": "web:1", "status": "ACTIVE", "volumes": [],
            "containerDefinitions": [{"name": "web", "image": image, "essential": True}]}
    aws = Mock()
    aws.describe_services.return_value = {"services": [service], "failures": []}
    aws.describe_task_definition.return_value = {"taskDefinition": task, "tags": []}
    aws.register_task_definition.return_value = {"taskDefinition": {**task, "taskDefinitionArn": "web:2"}}
    aws.update_service.return_value = {"service": {**service, "taskDefinition": "web:2"}}
    client = ecs.EcsClient.__new__(ecs.EcsClient)
    client.boto = aws
    cli.get_client = lambda *_, **__: client
    CliRunner().invoke(cli.deploy, ["cluster", "web", "--tag", "1.5.0", "--timeout", "-1"])
    sent = aws.register_task_definition.call_args.kwargs["containerDefinitions"][0]["image"]
    print(image.replace(DIGEST, "sha256:9f…"), "->", sent)
PY
venv/bin/python deploy.py >seen
cat seen
[ "$(cat seen)" = "app:1.4.2 -> app:1.5.0
app@sha256:9f… -> app@sha256:1.5.0
app:1.4.2@sha256:9f… -> app:1.4.2@sha256:1.5.0
registry.example:5000/app -> registry.example:1.5.0" ] || { echo "the behaviour has changed"; exit 1; }
