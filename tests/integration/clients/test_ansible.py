"""Ansible's community.aws.ecs_ecr: a repository as it is to be, twice, and gone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import yaml

from ecr_push.sandbox.server import Sandbox
from tests.support.independent_clients import Program, folder_of
from tests.support.registry import Client

RULE = {
    "rulePriority": 1,
    "selection": {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 30,
    },
    "action": {"type": "expire"},
}
STATEMENT = {
    "Sid": "pull",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::999999999999:root"},
    "Action": ["ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
}
WANTED = {
    "name": "ansible/app",
    "image_tag_mutability": "immutable",
    "scan_on_push": True,
    "lifecycle_policy": {"rules": [RULE]},
    "policy": {"Version": "2008-10-17", "Statement": [STATEMENT]},
}
PURGED = {"name": "ansible/app", "purge_lifecycle_policy": True, "purge_policy": True}


def test_a_repository_is_made_kept_and_removed(
    program: Callable[..., Program], sandbox: Sandbox, client: Client
) -> None:
    python = folder_of("ansible") / "bin" / "python"
    ansible = program("ansible", ANSIBLE_LOCALHOST_WARNING="false", ANSIBLE_STDOUT_CALLBACK="json")

    def play(**wanted: Any) -> bool:
        """Whether the module changed anything."""
        plays = [
            {
                "hosts": "localhost",
                "connection": "local",
                "gather_facts": False,
                "tasks": [{"community.aws.ecs_ecr": wanted}],
            }
        ]
        (ansible.folder / "play.yml").write_text(yaml.safe_dump(plays))
        said = ansible.ask(
            "ansible-playbook", "-i", "localhost,", "-e", f"ansible_python_interpreter={python}", "play.yml"
        )
        [task] = json.loads(said[said.index("{") :])["plays"][0]["tasks"]
        changed: bool = task["hosts"]["localhost"]["changed"]
        return changed

    named = ("--repository-name", "ansible/app", "--output", "json")
    assert [play(**WANTED), play(**WANTED)] == [True, False]
    text = json.loads(client.ask("aws", "ecr", "get-lifecycle-policy", *named))["lifecyclePolicyText"]
    assert json.loads(text) == {"rules": [RULE]}
    text = json.loads(client.ask("aws", "ecr", "get-repository-policy", *named))["policyText"]
    assert json.loads(text)["Statement"] == [STATEMENT]
    [shown] = json.loads(client.ask("aws", "ecr", "describe-repositories", "--output", "json"))[
        "repositories"
    ]
    assert shown["imageTagMutability"] == "IMMUTABLE"
    assert [play(**PURGED), play(**PURGED)] == [True, False]
    assert [play(name="ansible/app", state="absent"), play(name="ansible/app", state="absent")] == [
        True,
        False,
    ]
    assert sandbox.state.repositories.all("private") == ()
