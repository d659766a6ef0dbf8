"""Commands that deploy: what is said of those that stay."""

from __future__ import annotations

import pytest

from ecr_push.delivery.moving.deploy_commands import BY_TAG, deploy_advice
from ecr_push.delivery.moving.shell.operations import Does
from ecr_push.delivery.moving.shell.read import read_script

ADVICE = {
    "aws ecs update-service --cluster c --service s --force-new-deployment":
        "`ecr-push deploy ecs IMAGE --cluster c --service s --redeploy` compares that tag with the image",
    "aws ecs update-service --cluster c --service s --desired-count 2":
        "--desired-count sets how many tasks run",
    "aws ecs update-service --cluster c --service s": "it changes the service, and not its image",
    "aws ecs update-service --service $S --task-definition $T":
        "`ecr-push deploy ecs IMAGE --service ${S} --task-definition FILE` does both",
    "aws ecs register-task-definition --cli-input-json file://t.json":
        "`ecr-push deploy ecs IMAGE --task-definition FILE` does both",
    "aws ecs wait services-stable --cluster c --services s":
        "`ecr-push deploy ecs IMAGE --cluster c --service s` waits for the rollout itself",
    "aws ecs run-task --cluster c --task-definition t:3":
        "`ecr-push deploy ecs IMAGE --task-definition t` registers a revision with the digest, which t alone",
    "aws deploy create-deployment --cli-input-json x":
        "`ecr-push deploy ecs IMAGE --task-definition FILE` without --service registers the revision",
    "aws ecs deploy --service s --task-definition task.json --codedeploy-appspec a.yml":
        "`ecr-push render IMAGE task.json --write` puts the digest into its definition",
    "aws lambda update-alias --function-name f --name live": "what the function runs by then",
    "kubectl set image deployment/a a=b:1": "with the digest that the run prints",
    "kubectl apply -f k8s/": "`ecr-push render IMAGE FILE --write`",
    "kustomize edit set image a=b:1": "`ecr-push render IMAGE kustomization.yaml --write`",
    "helm upgrade a ./chart --set image.tag=1": "--key image.digest=digest",
    "terraform apply -var tag=1": BY_TAG,
    "cdk deploy": BY_TAG,
}  # fmt: skip


@pytest.mark.parametrize(("command", "expected"), ADVICE.items())
def test_each_says_what_gives_it_the_digest(command: str, expected: str) -> None:
    (one,) = read_script(command).operations
    assert one.does is Does.DEPLOY
    assert expected in deploy_advice(one)
