from __future__ import annotations

import pytest

from ecr_push.registry.destination import Destination, DestinationError, parse_destination
from ecr_push.registry.target import RepositoryTarget, find_target

ROLE = "arn:aws:iam::222222222222:role/push"
URI = "222222222222.dkr.ecr.eu-central-1.amazonaws.com/team/shop"
FIPS = "111111111111.dkr.ecr-fips.us-east-1.amazonaws.com/team/app"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("team/copy", Destination("team/copy")),
        (URI, Destination(URI)),
        ("public.ecr.aws/acme/shop", Destination("public.ecr.aws/acme/shop")),
        ("region=eu-central-1", Destination(region="eu-central-1")),
        (
            f"repository=team/copy,region=eu-central-1,account=222222222222,role={ROLE},required=false",
            Destination("team/copy", "eu-central-1", "222222222222", ROLE, required=False),
        ),
        (f"repository={URI},role={ROLE}", Destination(URI, role=ROLE)),
        (f"repository={URI},region=eu-central-1,account=222222222222", Destination(
            URI, "eu-central-1", "222222222222")),
        ("profile=prod,required=true", Destination(profile="prod")),
        ("region=us-east-1,kms-key=alias/app", Destination(region="us-east-1", kms_key="alias/app")),
        # A role's name may have both signs.
        (f'account=222222222222,"role={ROLE}=a,b"', Destination(account="222222222222", role=f"{ROLE}=a,b")),
    ],
)  # fmt: skip
def test_a_destination_in_a_text(text: str, found: Destination) -> None:
    assert parse_destination(text) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"region=cn-north-1,role={ROLE}", [
            f"role {ROLE} is of the partition aws, and cn-north-1 is in aws-cn: no role of aws works there"]),
        (f"repository={URI},role=arn:aws-cn:iam::222222222222:role/push", ["no role of aws-cn works there"]),
        ("Team/Shop", ["repository: 'Team/Shop' is not a valid repository name"]),
        ("team/shop:latest", ["give the repository without a tag"]),
        ("https://public.ecr.aws/a/b", ["leave out https://"]),
        ("example.com/team/shop", ["is not an Amazon ECR registry"]),
        ("127.0.0.1:5000/team/shop", ["give the name alone"]),
        ("regoin=eu-west-1", ["expected repository=…, region=…", "did you mean 'region'?"]),
        ("region=", ["region has no value"]),
        ("kms_key=alias/app", ["did you mean 'kms-key'?"]),
        ("repository=public.ecr.aws/a/b,kms-key=alias/app", ["ECR Public has no KMS encryption"]),
        ("region=eu-west-1,region=eu-west-2", ["region is given twice"]),
        ("required=no", ["required=no: expected true or false"]),
        ("", ["repository has no value"]),
        ('"region=eu', ["is not one line of CSV"]),
        (f"repository={URI},region=eu-west-1", ["region eu-west-1 contradicts the repository"]),
        ("repository=public.ecr.aws/a/b,account=222222222222", ["account 222222222222 contradicts"]),
        ("region=eu-west1,account=12,role=admin", [
            "region: 'eu-west1' is not a valid AWS region", "account: '12' is not a valid registry id",
            "role: 'admin' is not a valid role ARN"]),
    ],
)  # fmt: skip
def test_every_mistake_in_a_text(text: str, said: list[str]) -> None:
    with pytest.raises(DestinationError) as raised:
        parse_destination(text)
    assert len(raised.value.problems) == (3 if "admin" in text else 1)
    for words in said:
        assert words in str(raised.value)


OWN = RepositoryTarget("team/app", region="eu-west-1", registry_id="111111111111")


@pytest.mark.parametrize(
    ("text", "own", "target"),
    [
        ("team/copy", OWN, RepositoryTarget("team/copy", region="eu-west-1", registry_id="111111111111")),
        ("team/copy", find_target(FIPS), find_target(FIPS.replace("app", "copy"))),
        # Another region has another host, of which only the region is known.
        ("region=us-west-2", find_target(FIPS), RepositoryTarget(
            "team/app", region="us-west-2", registry_id="111111111111")),
        ("account=222222222222", OWN, RepositoryTarget(
            "team/app", region="eu-west-1", registry_id="222222222222")),
        # Credentials of another account mean its registry, unless an account is given.
        (f"role={ROLE}", OWN, RepositoryTarget("team/app", region="eu-west-1", role=ROLE)),
        (f"role={ROLE},account=333333333333", OWN, RepositoryTarget(
            "team/app", region="eu-west-1", registry_id="333333333333", role=ROLE)),
        ("profile=prod", OWN, RepositoryTarget("team/app", region="eu-west-1", profile="prod")),
        (f"repository={URI},role={ROLE}", OWN, RepositoryTarget(
            "team/shop", region="eu-central-1", registry_id="222222222222", role=ROLE,
            host=URI.partition("/")[0])),
        ("public.ecr.aws/acme/shop", OWN, RepositoryTarget("acme/shop", public=True, region="us-east-1")),
        ("team/shop", find_target("public.ecr.aws/acme/shop"), RepositoryTarget("team/shop")),
    ],
)  # fmt: skip
def test_the_repository_that_is_meant(text: str, own: RepositoryTarget, target: RepositoryTarget) -> None:
    assert parse_destination(text).target(own) == target


def test_its_name_in_a_message() -> None:
    assert str(parse_destination("region=eu-central-1")) == "the same repository (region eu-central-1)"
    assert str(parse_destination("repository=team/copy,profile=prod")) == "team/copy (profile prod)"
