"""The permissions of steps that several commands have. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ecr_push.base.iam.allow_statement import ALL, AllowStatement
from ecr_push.base.iam.arn import arn_of, partition_in
from ecr_push.base.option import COPYING, DEPLOYING
from ecr_push.base.place import Place
from ecr_push.base.reference import has_registry
from ecr_push.builder.cache import default_repository
from ecr_push.pipeline.permissions.wish import Wish
from ecr_push.registry import permissions as uses
from ecr_push.registry.options import target_of
from ecr_push.registry.permissions import RepositoryArn
from ecr_push.registry.target import find_target
from ecr_push.upkeep.model import Wanted


def look(repository: RepositoryArn) -> Iterator[AllowStatement]:
    yield repository.may("Look", *uses.LOOK)
    yield from scan_settings(repository)


def scan_settings(repository: RepositoryArn) -> Iterator[AllowStatement]:
    if not repository.public:
        yield AllowStatement("ScanSettings", ("ecr:GetRegistryScanningConfiguration",), ALL)
        yield repository.may("Look", "BatchGetRepositoryScanningConfiguration")


def create(wish: Wish, repository: RepositoryArn) -> Iterator[AllowStatement]:
    options = wish.settings.registry
    if options.create_repository:
        yield repository.may("CreateRepository", "CreateRepository")
        yield from _as_a_file_says(wish, repository)
        yield from encrypt(repository.place, "" if repository.public else options.kms_key)


def _as_a_file_says(wish: Wish, repository: RepositoryArn) -> Iterator[AllowStatement]:
    """What --repositories says of a repository that is created."""
    wanted = (wish.wanted and wish.wanted.of(repository.name)) or Wanted()
    given = {
        "TagResource": wanted.tags,
        "PutLifecyclePolicy": wanted.lifecycle,
        "SetRepositoryPolicy": wanted.policy,
    }
    for action, value in given.items():
        if value:
            yield repository.may("CreateRepository", action)
    yield from encrypt(repository.place, wanted.kms_key or "")


def encrypt(place: Place, key: str) -> Iterator[AllowStatement]:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html"""
    if key:
        yield _on_key("Encrypt", ("kms:CreateGrant", "kms:DescribeKey"), key, place, "kms:ResourceAliases")


def _on_key(sid: str, actions: tuple[str, ...], key: str, place: Place, alias_key: str) -> AllowStatement:
    """A key by its ARN, its id or an alias, which a policy can name in a condition alone.

    https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    if key.startswith("arn:") and ":alias/" not in key:
        return AllowStatement(sid, actions, (key,))
    if "alias/" in key:
        operator = "ForAnyValue:StringEquals" if alias_key == "kms:ResourceAliases" else "StringEquals"
        alias = key[key.index("alias/") :]
        return AllowStatement(
            sid, actions, (arn_of(place, "kms", "key/*"),), conditions={operator: {alias_key: alias}}
        )
    return AllowStatement(sid, actions, (arn_of(place, "kms", f"key/{key}"),))


def has_cache(wish: Wish) -> bool:
    settings = wish.settings
    return settings.cache.cache == "ecr" and not (settings.builder.image or settings.builder.parts)


def cache_name(wish: Wish) -> str:
    return wish.settings.cache.cache_repository or default_repository(wish.repository.name)


def cache(wish: Wish) -> Iterator[AllowStatement]:
    if not has_cache(wish):
        return
    cache = wish.repository.named(cache_name(wish))
    yield cache.may("BuildCache", "DescribeRepositories", *uses.READ, *uses.PUSH)
    if wish.settings.registry.create_repository:
        yield cache.may("BuildCache", "CreateRepository", "PutLifecyclePolicy")
        yield from encrypt(cache.place, wish.settings.registry.kms_key)


def scan(wish: Wish, repository: RepositoryArn) -> Iterator[AllowStatement]:
    yield from findings(wish, repository)
    yield from judge(wish)


def judge(wish: Wish) -> Iterator[AllowStatement]:
    """What findings are judged by."""
    base = wish.settings.policy.base_image
    if base and wish.compares_base:
        yield from _base_image(wish, base)
    yield from policy_files(wish)


def findings(wish: Wish, repository: RepositoryArn) -> Iterator[AllowStatement]:
    waits = wish.command != "policy test"  # which takes what is there
    if waits:
        yield from _queue(wish, repository)
    if repository.public:
        return
    yield repository.may("Scan", "DescribeImageScanFindings")
    if waits and wish.scans != "enhanced":
        yield repository.may("Scan", "StartImageScan")
    if wish.scans != "basic":
        # When an image was pushed: without it the wait for an empty result is longer.
        yield repository.may("Scan", "DescribeImages")
        yield AllowStatement("ScanByInspector", uses.INSPECTOR, ALL)


def _base_image(wish: Wish, reference: str) -> Iterator[AllowStatement]:
    name = reference.partition("@")[0]
    own = target_of(wish.settings.registry)
    target = find_target(name) if has_registry(name) else replace(own, name=name, host="")
    base = RepositoryArn.of(target, wish.region)
    yield base.may("BaseImage", "BatchGetImage", "DescribeImageScanFindings")


def _queue(wish: Wish, repository: RepositoryArn) -> Iterator[AllowStatement]:
    """An SQS queue by its URL, https://sqs.REGION.amazonaws.com/ACCOUNT/NAME, or by its name."""
    queue = wish.settings.scan.scan_events_queue
    if not queue:
        return
    if queue.startswith(("http://", "https://")):
        host, account, name = queue.partition("://")[2].split("/", 2)
        parts = host.split(".")
        region = parts[1] if parts[0] == "sqs" and len(parts) > 2 else ""
        place = Place(region or repository.place.region, account if account.isdigit() else "")
        yield AllowStatement("ScanEvents", ("sqs:ReceiveMessage",), (arn_of(place, "sqs", name),))
    else:
        arn = arn_of(Place(repository.place.region), "sqs", queue)  # of the caller's account
        yield AllowStatement("ScanEvents", ("sqs:GetQueueUrl", "sqs:ReceiveMessage"), (arn,))


def policy_files(wish: Wish) -> Iterator[AllowStatement]:
    partition = partition_in(wish.registry.place)
    for url in wish.objects:
        arn = f"arn:{partition}:s3:::{url.removeprefix('s3://')}"
        yield AllowStatement("Policy", ("s3:GetObject",), (arn,))


def sign(wish: Wish, repository: RepositoryArn) -> Iterator[AllowStatement]:
    signing = wish.settings.signing
    if signing.sign:
        yield repository.may("Sign", *uses.READ, *uses.PUSH)
        yield from key(wish, "kms:DescribeKey", "kms:GetPublicKey", "kms:Sign")
    if signing.require_signature:
        yield repository.may("RequireSignature", "DescribeImageSigningStatus")
        # ECR signs as the one who pushes.
        # https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html
        profiles = arn_of(repository.place, "signer", "/signing-profiles/*")
        yield AllowStatement("SignedByEcr", ("signer:SignPayload",), (profiles,))


def key(wish: Wish, *actions: str) -> Iterator[AllowStatement]:
    """cosign's key in AWS KMS: awskms:///alias/NAME, awskms:///KEY-ID or awskms:///ARN."""
    key = wish.settings.signing.sign_key
    if key.startswith("awskms://"):
        name = key.removeprefix("awskms://").partition("/")[2]
        yield _on_key("SignWithKms", actions, name, Place(wish.repository.place.region), "kms:RequestAlias")


def replication(wish: Wish) -> Iterator[AllowStatement]:
    """For --wait-replication: the repository's copies in other regions and, where they allow it, accounts."""
    if wish.settings.release.wait_replication:
        repository = wish.repository
        yield repository.may("Replication", "DescribeImageReplicationStatus")
        copies = f"arn:{partition_in(repository.place)}:ecr:*:*:repository/{repository.name}"
        yield AllowStatement("Replicas", ("ecr:BatchGetImage", "ecr:DescribeRepositories"), (copies,))


def lock(wish: Wish, *actions: str) -> Iterator[AllowStatement]:
    table = wish.settings.release.lock.partition(":")[2]
    if table:
        place = wish.repository.place
        arn = table if table.startswith("arn:") else arn_of(Place(place.region), "dynamodb", f"table/{table}")
        yield AllowStatement("Lock", actions or uses.LOCK, (arn,))


def publish(wish: Wish) -> Iterator[AllowStatement]:
    """For --event-bus, --metrics and --audit.

    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    """
    options = wish.settings.publish
    where = wish.registry if wish.command in DEPLOYING | COPYING else wish.repository
    place = Place(where.place.region)
    if options.event_bus:
        bus = options.event_bus
        arn = bus if bus.startswith("arn:") else arn_of(place, "events", f"event-bus/{bus}")
        yield AllowStatement("Events", ("events:PutEvents",), (arn,))
    namespaces = sorted(one.name for one in options.metrics if one.kind == "cloudwatch")
    if namespaces:  # the action knows no resource
        allowed = {"StringEquals": {"cloudwatch:namespace": namespaces if namespaces[1:] else namespaces[0]}}
        yield AllowStatement("Metrics", ("cloudwatch:PutMetricData",), ALL, conditions=allowed)
    groups = [one.name for one in options.metrics if one.kind == "emf-logs"]
    audit = () if wish.command == "scan" else options.audit  # a scan moves no tag
    groups += [one.name for one in audit if one.kind == "logs"]
    for group in dict.fromkeys(groups):
        streams = arn_of(place, "logs", f"log-group:{group}:log-stream:ecr-push/*")
        yield AllowStatement("Logs", ("logs:CreateLogStream", "logs:PutLogEvents"), (streams,))
    for one in audit:
        if one.kind == "s3":
            arn = f"arn:{partition_in(wish.registry.place)}:s3:::{one.name.removeprefix('s3://')}/*"
            yield AllowStatement("Audit", ("s3:PutObject",), (arn,))
