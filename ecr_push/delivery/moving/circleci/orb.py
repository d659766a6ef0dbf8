"""The orb aws-ecr: the parameters of build_and_push_image -> the same with docker, for a shell.

Its parameters: https://circleci.com/developer/orbs/orb/circleci/aws-ecr, versions 8 (with dashes) and 9.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from ecr_push.base.regex import lazy_regex
from ecr_push.base.yaml_spans import Items, Members, Text
from ecr_push.delivery.moving.model import Line

COMMAND = "build_and_push_image"
_USED = frozenset({
    "repo", "tag", "dockerfile", "path", "build_path", "extra_build_args", "platform", "account_id",
    "account_url", "region", "create_repo", "public_registry", "push_image", "registry_id",
})  # fmt: skip
# Of the job around it, and of its steps.
OF_THE_JOB = frozenset({"context", "requires", "filters", "matrix", "name"})
OF_THE_STEPS = frozenset({
    "auth", "checkout", "setup_remote_docker", "executor", "attach_workspace", "workspace_root", "type",
     "remote_docker_version", "remote_docker_layer_caching", "pre-steps", "post-steps",
})  # fmt: skip
_WHY: Mapping[str, str] = {
    "repo_scan_on_push": "create-repository turns scan on push on",
    "skip_when_tags_exist": "an image that is there is not built again anyway",
    "lifecycle_policy_path": "`ecr-push repository apply` sets it",
    "repo_policy_path": "`ecr-push repository apply` sets it",
    "set_repo_policy": "`ecr-push repository apply` sets it",
    "no_output_timeout": "put it on the step",
    "use_credentials_helper": "ecr-push logs in by itself",
    "repo_image_tag_mutability": "create-repository chooses it",
    "repo_encryption_type": "--kms-key",
    "profile_name": "--profile",
    "<<": "what it merges is not looked at",
    "aws_access_key_id": "ecr-push reads AWS_ACCESS_KEY_ID",
    "aws_secret_access_key": "ecr-push reads AWS_SECRET_ACCESS_KEY",
}
_NOT_NEEDED = frozenset({"use_credentials_helper", "skip_when_tags_exist", "repo_scan_on_push"})
_DEFAULTS = {
    "tag": "latest", "dockerfile": "Dockerfile", "path": ".", "build_path": ".", "region": "${AWS_REGION}",
    "account_id": "${AWS_ACCOUNT_ID}", "extra_build_args": "",
}  # fmt: skip
_VARIABLE = lazy_regex(r"[A-Z][A-Z0-9_]*")  # before version 8 some parameters name one


def is_orb(name: str) -> bool:
    orb, _, command = name.partition("/")
    return bool(orb) and command.replace("-", "_") == COMMAND


def version_of(orbs: object, name: str) -> str:
    """The version of the orb that a step names, `aws-ecr/…`; "" where the file does not say it."""
    text = orbs.text(name.partition("/")[0]) if isinstance(orbs, Members) else ""
    return text.partition("@")[2]


def parameters(node: object) -> Mapping[str, Text | Members | Items]:
    """By their names in version 9."""
    pairs = node.pairs if isinstance(node, Members) else ()
    return {name.value.replace("-", "_"): value for name, value in pairs}


def script(given: Mapping[str, object], version: str) -> str:
    """What the orb does with docker. version: of the orb; before 8 a variable has the registry's host."""
    values = _DEFAULTS | {name: one.value for name, one in given.items() if isinstance(one, Text)}
    values["account_id"] = values.get("registry_id", values["account_id"])
    major = version.partition(".")[0]
    if major.isdigit() and int(major) < 8:
        values.setdefault("account_url", "AWS_ECR_ACCOUNT_URL")
    for name in ("account_url", "account_id", "region"):
        if _VARIABLE.fullmatch(values.get(name, "")):
            values[name] = f"${{{values[name]}}}"
    host = values.get("account_url") or f"{values['account_id']}.dkr.ecr.{values['region']}.amazonaws.com"
    names = [f'"{host}/{values.get("repo", "")}:{tag.strip()}"' for tag in values["tag"].split(",")]
    options = [f"-t {name}" for name in names]
    if values.get("platform"):
        options.append(f"--platform {values['platform']}")
    file = posixpath.normpath(f"{values['path']}/{values['dockerfile']}")
    if file != posixpath.normpath(f"{values['build_path']}/Dockerfile"):
        options.append(f"-f {file}")
    found = [f"docker build {' '.join(options)} {values['extra_build_args']} {values['build_path']}"]
    if values.get("create_repo") == "true":
        found.append(f'aws ecr create-repository --repository-name "{values.get("repo", "")}"')
    if values.get("push_image") != "false":
        found += [f"docker push {name}" for name in names]
    return "\n".join(found)


def lines(given: Mapping[str, Text | Members | Items]) -> list[Line]:
    """What becomes of the parameters that are not read above."""
    found = []
    for name, node in given.items():
        if name in _USED or name in OF_THE_JOB or name in OF_THE_STEPS:
            continue
        why = _WHY.get(name, "it has no equal")
        found.append(Line(node.line, name, "not needed" if name in _NOT_NEEDED else "no equal", "", why))
    return found
