"""Whether a principal may, over policies in a sandbox, and whether a client then can."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from ecr_push.sandbox.identity import ACCESS_KEY_ID
from tests.support.command_line import CommandLine
from tests.support.registry import Client, Registry
from tests.support.shelf import Shelf

ROLE = "arn:aws:iam::111122223333:role/deploy"
FILE = """\
repositories:
  team/shop: {pull: none, push: 'arn:aws:iam::111122223333:role/deploy', tags: {team: web}}
  team/new: {pull: ['lambda:111122223333/resize']}
"""


def policy(*statements: dict[str, Any]) -> str:
    whole = [{"Effect": "Allow", "Action": "ecr:*", **one} for one in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": whole})


def test_over_identity_repository_and_registry(cli: CommandLine, registry: Registry, tmp_path: Path) -> None:
    def may(*words: str | Path, code: int) -> dict[str, Any]:
        ended = cli.command("repository", "may", *words, "--output", "json")
        assert ended.code == code, ended.stderr or ended.stdout
        found: dict[str, Any] = json.loads(ended.stdout)
        return {one["action"]: one for one in found["calls"]} | {"verdict": found["verdict"]}

    registry.create("team/shop")
    api = registry.api()
    [shop] = api.describe_repositories(repositoryNames=["team/shop"])["repositories"]
    arn = shop["repositoryArn"]
    api.tag_resource(resourceArn=arn, tags=[{"Key": "team", "Value": "shop"}])
    inside = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:ResourceTag/team": "shop"}}
    opened = policy({"Sid": "Inside", "Principal": "*", "Action": "ecr:*Get*", "Condition": inside})
    api.set_repository_policy(repositoryName="team/shop", policyText=opened)
    identity = tmp_path / "identity.json"
    document = json.loads(policy({"Sid": "Mine", "Resource": [arn, "*"]}))
    identity.write_text(json.dumps({"RoleName": "deploy", "PolicyDocument": document}))

    # Another account: what its own policies and the repository's allow, if the request is from inside.
    pull = (ROLE, "pull", "team/shop", "--identity", identity)
    found = may(*pull, code=10)
    assert found["verdict"] == "depends"
    assert found["ecr:GetAuthorizationToken"]["statements"] == [f"Statement[0] (Mine) of {identity}"]
    assert found["ecr:BatchGetImage"]["dependsOn"] == ["aws:PrincipalOrgID"]
    found = may(*pull, "--context", "aws:PrincipalOrgID=o-a1b2c3d4e5", code=0)
    assert "Statement[0] (Inside) of the repository's policy" in found["ecr:BatchGetImage"]["statements"]
    assert may(*pull, "--context", "aws:PrincipalOrgID=", code=10)["verdict"] == "no"

    # The same account: its own policies are enough, unless the registry's policy denies it.
    push = (f"arn:aws:iam::{shop['registryId']}:role/ci", "push", "team/shop", "--identity", identity)
    assert may(*push, code=0)["ecr:PutImage"]["resource"] == arn
    outside = {"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage", "Resource": f"{arn[:-9]}*"}
    denied = policy({**deny, "Sid": "Outside", "Condition": outside})
    api.put_registry_policy(policyText=denied)
    found = may(*push, code=10)
    assert found["ecr:PutImage"]["dependsOn"] == ["aws:SourceVpce"]
    assert found["ecr:UploadLayerPart"]["verdict"] == "yes"
    assert may(*push, "--context", "aws:SourceVpce=vpce-1a2b3c4d", code=0)["verdict"] == "yes"
    found = may(*push, "--context", "aws:SourceVpce=", code=10)
    assert found["ecr:PutImage"]["why"] == "denied by Statement[0] (Outside) of the registry's policy"
    api.put_account_setting(name="REGISTRY_POLICY_SCOPE", value="V1")
    assert may(*push, "--context", "aws:SourceVpce=", code=0)["verdict"] == "yes"
    api.put_account_setting(name="REGISTRY_POLICY_SCOPE", value="V2")

    # As a file would make it; nothing is changed.
    file = tmp_path / "ecr-repositories.yml"
    file.write_text(FILE)
    planned = ("--planned", file, "--context", "aws:SourceVpce=vpce-1a2b3c4d")
    assert may(ROLE, "push", "team/shop", "--identity", "*", *planned, code=0)["verdict"] == "yes"
    assert may(ROLE, "pull", "team/shop", "--identity", "*", *planned, code=10)["verdict"] == "no"
    assert may("lambda:111122223333/resize", "pull", "team/new", *planned, code=0)["verdict"] == "yes"
    assert may("lambda:111122223333/other", "pull", "team/new", *planned, code=10)["verdict"] == "no"
    read = ("aws", "ecr", "get-repository-policy", "--repository-name", "team/shop", "--output", "json")
    assert json.loads(registry.client.ask(*read))["policyText"] == opened
    assert not registry.exists("team/new")


def test_what_it_says_is_what_a_client_meets(cli: CommandLine, registry: Registry, tmp_path: Path) -> None:
    """In a sandbox that enforces IAM, with a docker client in three roles of other accounts."""
    registry.create("team/shop")
    layer = tmp_path / "layer.tar"
    with tarfile.open(layer, "w") as archive:
        archive.add(__file__, "file")
    image = f"{registry.sandbox.host}/team/shop:1.4.2"
    append = ("crane", "append", "--oci-empty-base", "--new_layer", str(layer), "--new_tag")
    registry.client.ask(*append, image)
    file = tmp_path / "ecr-repositories.yml"
    file.write_text(FILE.replace("pull: none", "pull: [111122223333]"))
    assert cli.command("repository", "apply", file).code == 0

    allowed: dict[str, list[bool]] = {}
    for role in (ROLE, "arn:aws:iam::111122223333:role/other", "arn:aws:iam::999999999999:role/deploy"):
        said = [
            cli.command("repository", "may", role, action, "team/shop", "--identity", "*").code == 0
            for action in ("pull", "push")
        ]
        one = {"arn": role, "access-key": ACCESS_KEY_ID, "policies": [json.loads(policy({"Resource": "*"}))]}
        registry.play(json.dumps({"iam": {"principals": [one]}}))
        folder = tmp_path / role.replace(":", "-").replace("/", "-")
        folder.mkdir()
        query = ("--query", "authorizationData[0].authorizationToken", "--output", "text")
        token = registry.client.ask("aws", "ecr", "get-authorization-token", *query)
        auths = {registry.sandbox.host: {"auth": token}}
        (folder / "config.json").write_text(json.dumps({"auths": auths}))
        client = Client({**registry.client.environ, "DOCKER_CONFIG": str(folder)})
        pulled = _works(client, "crane", "pull", image, str(folder / "image.tar"))
        pushed = _works(client, *append, f"{image}-{len(allowed)}")
        registry.play("{}")
        assert [pulled, pushed] == said, role
        allowed[role] = said
    assert list(allowed.values()) == [[True, True], [True, False], [False, False]]


def _works(client: Client, *argv: str) -> bool:
    try:
        client.ask(*argv)
    except AssertionError as refused:
        assert "is not authorized to perform" in str(refused) or "403 Forbidden" in str(refused)
        return False
    return True


def test_a_key_that_ecr_may_not_use_ends_pulls_and_pushes(
    cli: CommandLine, registry: Registry, tmp_path: Path
) -> None:
    api, kms = registry.api(), registry.api("kms")
    encryption = {"encryptionType": "KMS", "kmsKey": "1a2b3c4d-0000-4000-8000-000000000000"}
    api.create_repository(repositoryName="team/shop", encryptionConfiguration=encryption)
    api.create_repository(repositoryName="team/web", encryptionConfiguration={"encryptionType": "KMS"})
    image = f"{registry.sandbox.host}/team/shop:1.0"
    (tmp_path / "layers").mkdir()
    Shelf(registry, tmp_path / "layers").put("1.0", to=image.rpartition(":")[0])
    account = registry.sandbox.options.account
    whole = (f"arn:aws:iam::{account}:role/ci", "--identity", "*", "-r")

    def may(action: str, name: str = "team/shop") -> str:
        return cli.command("repository", "may", whole[0], action, *whole[1:], name).stdout

    assert "? yes\n" in may("push")
    assert "? yes\n" in may("pull", "team/web")  # the key that AWS manages

    key = encryption["kmsKey"]
    deny = {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
    kms.put_key_policy(KeyId=key, Policy=policy(deny))
    assert "depends on the policy of its KMS key\n" in may("pull")
    asked = ("aws", "kms", "list-grants", "--key-id", key, "--output", "json")
    listed = json.loads(registry.client.ask(*asked))["Grants"]
    [shop] = api.describe_repositories(repositoryNames=["team/shop"])["repositories"]
    meant = {one["Constraints"]["EncryptionContextSubset"]["aws:ecr:arn"] for one in listed}
    assert (len(listed), meant) == (2, {shop["repositoryArn"]})
    for one in listed:
        kms.revoke_grant(KeyId=key, GrantId=one["GrantId"])
    assert "depends on the grants of its KMS key\n" in may("push")
    kms.disable_key(KeyId=key)
    said = may("push")
    assert "? no\n" in said and "/1a2b3c4d-0000-4000-8000-000000000000 is Disabled\n" in said
    assert "  yes      ecr:BatchCheckLayerAvailability " in said
    assert "-> `aws kms enable-key` enables a key" in said
    # And so it is, for the registry's clients and for a run that would look for its tags.
    for argv in (("pull", image, str(tmp_path / "image.tar")), ("tag", image, "1.1")):
        with pytest.raises(AssertionError, match="is disabled"):
            registry.client.ask("crane", *argv)
    found = cli.command("promote", "team/shop:1.0", "1.1")
    assert found.code == 4 and "check that the KMS key of the repository is enabled" in found.stderr
