"""Whatever AWS answers that its models allow, and some of what they do not: an error of ours with its code.

Never an internal error, and never a pass. `make test-odd-answers` tries 10,000 examples of each property.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base import background
from ecr_push.base.errors import EcrPushError
from ecr_push.base.place import Place
from ecr_push.base.reference import Digest, Registry, Tag
from ecr_push.delivery.services.batch import Batch, plan_batch
from ecr_push.delivery.services.ecs import plan_ecs
from ecr_push.delivery.services.ecs_api import Ecs
from ecr_push.delivery.services.image import ImageToDeploy
from ecr_push.delivery.services.lambda_api import Lambda
from ecr_push.delivery.services.lambda_function import plan_lambda
from ecr_push.delivery.services.plan import Waiting
from ecr_push.delivery.services.sagemaker import plan_sagemaker
from ecr_push.delivery.services.sagemaker_api import SageMaker
from ecr_push.policy.judge import judge, utc_date
from ecr_push.policy.model import Policy
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.artifact import artifact_about
from ecr_push.registry.attach import upload
from ecr_push.registry.aws.cloudwatch import put_log_line, put_metrics
from ecr_push.registry.aws.dynamodb import DynamoTable
from ecr_push.registry.aws.eventbridge import Event, put_event
from ecr_push.registry.aws.s3 import put_new_object, read_object
from ecr_push.registry.backfills import Backfills
from ecr_push.registry.image import PlatformImage, PushedImage
from ecr_push.registry.interface import Scanning, WantedRepository
from ecr_push.registry.key_access import read_key
from ecr_push.registry.lock_table import LockItem
from ecr_push.registry.oci import MANIFEST_TYPES
from ecr_push.registry.private import PrivateRepository
from ecr_push.registry.private_registry import PrivateRegistry
from ecr_push.registry.public import PublicRepository
from ecr_push.registry.registry_settings import (
    CacheRule,
    CreationTemplate,
    RegistryScanning,
    ReplicationRule,
    SigningRule,
)
from ecr_push.registry.repositories import Repositories
from ecr_push.registry.scan_events import QueueEvents
from ecr_push.registry.trail import Trail
from ecr_push.scan.plan import ScanPlan
from ecr_push.scan.wait import await_scan
from ecr_push.settings.deploy_options import DeployOptions
from ecr_push.upkeep.found import read_settings
from tests.support.fakes import HOST, REPOSITORY, START, FakeClock, FakeNarrator, FakeRepository
from tests.support.odd_answers import IMAGE, OddAws, bodies, xml_of
from tests.support.paths import PACKAGE
from tests.support.source_code import tree

SERVICES = (
    *("ecr", "ecr-public", "sts", "inspector2", "sqs", "s3", "dynamodb", "iam"),
    *("events", "logs", "cloudwatch", "cloudtrail"),
    *("ecs", "lambda", "batch", "sagemaker"),
)
ONE, TAGS = IMAGE.digest, [Tag("1.0"), Tag("latest")]
WANTED = WantedRepository("IMMUTABLE_WITH_EXCLUSION", ("latest",))
ARTIFACT = artifact_about(IMAGE, "text/plain", b"x", {}, "note")
TEMPLATE = CreationTemplate(("REPLICATION",))
BACKFILL = "00000000-0000-0000-0000-000000000000"
ROLE = "arn:aws:iam::123456789012:role/ci"
LOCK = LockItem("me", "run", "image", 0, 60)


TO_DEPLOY = ImageToDeploy(
    PushedImage(REPOSITORY, ONE, (PlatformImage(ONE),)), ("linux/amd64",), IMAGE, FakeRepository()
)


def waiting() -> Waiting:
    return Waiting(FakeClock(), FakeNarrator(), 60)


def private(aws: OddAws, registry_id: str = "") -> PrivateRepository:
    return PrivateRepository(aws, "team/app", registry_id, FakeClock())


def public(aws: OddAws) -> PublicRepository:
    return PublicRepository(aws, "acme/app", FakeClock())


def events(aws: OddAws, queue: str) -> QueueEvents:
    return QueueEvents(aws, queue, "", "team/app", FakeClock())


def read_policy(aws: OddAws) -> bytes:
    try:
        return read_object(aws, "s3://bucket/policy.yml", 1024)
    except ValueError as error:  # the caller's to report
        assert "larger" in str(error) or "exist" in str(error)
        return b""


def change_repository(aws: OddAws) -> None:
    registry = Repositories(aws)
    changes: tuple[Callable[[], None], ...] = (
        lambda: registry.put_mutability("team/app", imageTagMutability="MUTABLE"),
        lambda: registry.put_scan_on_push("team/app", on=True),
        lambda: registry.put_lifecycle("team/app", " " * 100),
        lambda: registry.put_lifecycle("team/app", ""),
        lambda: registry.put_policy("team/app", "{}"),
        lambda: registry.put_policy("team/app", ""),
        lambda: registry.put_tags("arn", {"a": "b"}),
    )
    refused: EcrPushError | None = None
    for change in changes:
        try:
            change()
        except EcrPushError as error:
            refused = refused or error
    if refused:
        raise refused


def change_registry(aws: OddAws) -> None:
    registry, exclusion = PrivateRegistry(aws), "arn:aws:iam::1:role/a"
    rules = [ReplicationRule((Place("us-east-1", "123456789012"),), deletes=True)]
    changes: tuple[Callable[[], None], ...] = (
        lambda: registry.put_scanning(RegistryScanning("BASIC", {"MANUAL": ("*",)})),
        lambda: registry.put_replication(rules),
        lambda: registry.put_template("a", TEMPLATE, None),
        lambda: registry.put_template("a", TEMPLATE, TEMPLATE),
        lambda: registry.remove_template("a"),
        lambda: registry.create_cache("ab", CacheRule("quay.io", "quay")),
        lambda: registry.update_cache("ab", CacheRule("quay.io", "quay")),
        lambda: registry.remove_cache("ab"),
        lambda: registry.put_signing([SigningRule("arn")]),
        lambda: registry.put_signing([]),
        lambda: registry.add_exclusion(exclusion),
        lambda: registry.remove_exclusion(exclusion),
        lambda: registry.put_account_setting("BLOB_MOUNTING", "ENABLED"),
        lambda: registry.put_policy("{}"),
        lambda: registry.put_policy(""),
    )
    refused: EcrPushError | None = None
    for change in changes:
        try:
            change()
        except EcrPushError as error:
            refused = refused or error
    if refused:
        raise refused


# What a run asks of AWS, all of it.
ASKED: dict[str, Callable[[OddAws], Any]] = {
    "login": lambda aws: private(aws, "123456789012").login(),
    "locate": lambda aws: private(aws).locate(),
    "describe": lambda aws: private(aws).describe(),
    "create": lambda aws: private(aws).create(WANTED),
    "create with a lifecycle": lambda aws: private(aws).create(replace(WANTED, lifecycle=" " * 100)),
    "digests": lambda aws: private(aws).digests(TAGS),
    "tag_names": lambda aws: private(aws).tag_names(),
    "images": lambda aws: private(aws).images(),
    "manifest": lambda aws: private(aws).manifest(ONE),
    "manifests": lambda aws: private(aws).manifests([ONE]),
    "put_untagged": lambda aws: private(aws).put_untagged(IMAGE),
    "all_referrers": lambda aws: private(aws).all_referrers(
        [Digest(f"sha256:{one:064x}") for one in range(3)]
    ),
    "missing layers": lambda aws: private(aws).layers.missing([ONE]),
    "all referrers": lambda aws: private(aws).referrers(ONE, "", {}),
    "public missing layers": lambda aws: public(aws).layers.missing([ONE]),
    "put_tag": lambda aws: private(aws).put_tag(IMAGE, TAGS[0]),
    "attach": lambda aws: private(aws).attach(ARTIFACT),
    "upload": lambda aws: upload(RepositoryApi(aws, "ecr", "team/app"), b"x"),
    "referrers": lambda aws: private(aws).referrers(ONE, "application/x", {"a": "b"}),
    "signing_statuses": lambda aws: private(aws).signing_statuses(ONE),
    "replication_statuses": lambda aws: private(aws).replication_statuses(ONE, TAGS[0]),
    "tags_of": lambda aws: private(aws).tags_of(ONE),
    "remove_tags": lambda aws: private(aws).remove_tags(TAGS),
    "delete_untagged": lambda aws: private(aws).delete_untagged([ONE]),
    "public delete_untagged": lambda aws: public(aws).delete_untagged([ONE]),
    "scanning": lambda aws: private(aws).scanning(),
    "scanning of another account": lambda aws: private(aws, "123456789012").scanning(),
    "start": lambda aws: private(aws).scans.start(ONE),
    "page": lambda aws: private(aws).scans.page(ONE),
    "answer": lambda aws: private(aws).scans.answer(ONE),
    "caller": lambda aws: Repositories(aws).caller(),
    "simulate": lambda aws: Repositories(aws).refused(
        "arn:aws:iam::123456789012:role/ci", ["ecr:PutImage"], "*"
    ),
    "key": lambda aws: read_key(aws, "arn:aws:kms:eu-west-1:123456789012:key/k", "arn"),
    "quotas": lambda aws: Repositories(aws).quotas(),
    "repositories": lambda aws: Repositories(aws).all(),
    "repository tags": lambda aws: Repositories(aws).tags("arn"),
    "repository settings": lambda aws: read_settings(
        Repositories(aws).describe(["team/app"]), Repositories(aws), FakeClock()
    ),
    "access to a repository": lambda aws: Repositories(aws).access("team/app"),
    "access to one of another account": lambda aws: Repositories(aws, "123456789012").access("team/app"),
    "catalogue data": lambda aws: Repositories(aws).catalogs().find("app"),
    "create a public repository": lambda aws: Repositories(aws).catalogs().create("app", {}),
    "put catalogue data": lambda aws: Repositories(aws).catalogs().put("app", {}),
    "create repository": lambda aws: Repositories(aws).create("team/app", WANTED),
    "change repository": change_repository,
    "account": lambda aws: PrivateRegistry(aws).account(),
    "registry scanning": lambda aws: PrivateRegistry(aws).scanning(),
    "replication": lambda aws: PrivateRegistry(aws).replication(),
    "templates": lambda aws: PrivateRegistry(aws).templates(),
    "caches": lambda aws: PrivateRegistry(aws).caches(),
    "signing": lambda aws: PrivateRegistry(aws).signing(),
    "exclusions": lambda aws: PrivateRegistry(aws).exclusions(),
    "account setting": lambda aws: PrivateRegistry(aws).account_setting("BLOB_MOUNTING"),
    "registry policy": lambda aws: PrivateRegistry(aws).policy(),
    "change registry": change_registry,
    "backfills": lambda aws: Backfills(aws).all(),
    "start backfill": lambda aws: Backfills(aws).start(Place("us-east-1", "123456789012")),
    "backfill": lambda aws: Backfills(aws).find(BACKFILL),
    "failed images": lambda aws: Backfills(aws).failed(BACKFILL),
    "lifecycle policy": lambda aws: private(aws).lifecycle.policy(),
    "lifecycle images": lambda aws: private(aws).lifecycle.images(),
    "lifecycle preview": lambda aws: private(aws).lifecycle.preview(" " * 100),
    "coverage": lambda aws: private(aws).inspector.coverage(ONE),
    "epss": lambda aws: private(aws).inspector.epss_page(ONE),
    "public login": lambda aws: public(aws).login(),
    "public locate": lambda aws: public(aws).locate(),
    "public describe": lambda aws: public(aws).describe(),
    "public create": lambda aws: public(aws).create(WANTED),
    "public digests": lambda aws: public(aws).digests(TAGS),
    "public images": lambda aws: public(aws).images(),
    "public put_tag": lambda aws: public(aws).put_tag(IMAGE, TAGS[0]),
    "public tags_of": lambda aws: public(aws).tags_of(ONE),
    "public remove_tags": lambda aws: public(aws).remove_tags(TAGS),
    "listen": lambda aws: events(aws, "https://sqs.eu-west-1.amazonaws.com/1/q").listen([ONE], 0),
    "listen by name": lambda aws: events(aws, "queue").listen([ONE], 0),
    "policy in S3": read_policy,
    "lock: find": lambda aws: DynamoTable(aws, "locks").find("team/app"),
    "lock: put": lambda aws: DynamoTable(aws, "locks").put("team/app", LOCK),
    "trail": lambda aws: Trail(aws, FakeClock()).events("team/app", START, 2),
    "event": lambda aws: put_event(aws, "default", Event("ecr-push", "outcome", {}, START)),
    "metrics": lambda aws: put_metrics(aws, "Acme", [("Runs", 1.0, "Count")], {"A": "b"}, START),
    "log line": lambda aws: put_log_line(aws, "/audit", "stream", "line", START),
    "new object": lambda aws: put_new_object(aws, "s3://bucket/key", b"content"),
    "ecs: service": lambda aws: Ecs(aws).service("default", "shop"),
    "ecs: task definition": lambda aws: Ecs(aws).definition("shop"),
    "ecs: register": lambda aws: Ecs(aws).register({"family": "shop", "containerDefinitions": []}),
    "ecs: update": lambda aws: Ecs(aws).update("default", "shop", "arn", again=False),
    "ecs: stopped tasks": lambda aws: Ecs(aws).why_tasks_stopped("default", "shop", "ecs-svc/1"),
    "ecs: express": lambda aws: Ecs(aws).express("arn"),
    "ecs: update express": lambda aws: Ecs(aws).update_express("arn", {"image": "a"}),
    "ecs: deploy": lambda aws: plan_ecs(TO_DEPLOY, DeployOptions(service="shop"), Ecs(aws), waiting()),
    "lambda: function": lambda aws: Lambda(aws).find("shop", "7"),
    "lambda: alias": lambda aws: Lambda(aws).alias("shop", "live"),
    "lambda: update": lambda aws: Lambda(aws).update_code("shop", "image", "1"),
    "lambda: publish": lambda aws: Lambda(aws).publish("shop", "sha"),
    "lambda: point": lambda aws: Lambda(aws).point("shop", "live", "7", "1"),
    "lambda: deploy": lambda aws: plan_lambda(
        TO_DEPLOY, DeployOptions(function="shop", alias="live"), Lambda(aws), waiting()
    ),
    "batch: deploy": lambda aws: plan_batch(TO_DEPLOY, DeployOptions(job_definition="job"), Batch(aws)),
    "batch: register": lambda aws: Batch(aws).register({"jobDefinitionName": "job", "type": "container"}),
    "sagemaker: deploy": lambda aws: plan_sagemaker(
        TO_DEPLOY, DeployOptions(endpoint="shop"), SageMaker(aws), waiting()
    ),
    "sagemaker: update": lambda aws: SageMaker(aws).change_endpoint("shop", "config", keeps=True),
    "lock: remove": lambda aws: DynamoTable(aws, "locks").remove("team/app", "me"),
}


def check_given(asked: str, found: Any) -> None:
    """What an answer was made into is what was asked for."""
    if asked == "manifest":
        assert f"sha256:{hashlib.sha256(found.body.encode()).hexdigest()}" == ONE.value
        assert found.media_type in MANIFEST_TYPES
        assert (found.children(), found.is_image, found.layers) is not None
    elif asked in ("login", "public login"):
        assert Registry.parse(found.host) and found.password
    elif asked in ("locate", "describe", "create") and found is not None:
        assert (found if asked == "locate" else found.repository).name == "team/app"
    elif asked in ("digests", "public digests"):
        assert set(found) <= set(TAGS)
        assert all(isinstance(one, Digest) for one in found.values())
    elif asked == "tag_names":
        assert all(Tag(one) for one in found)
    elif asked == "manifests":
        assert set(found) <= {ONE}
    elif asked in ("missing layers", "public missing layers"):
        assert found <= {ONE}
    elif asked in ("images", "public images"):
        assert all(one.tags and one.pushed_at.tzinfo for one in found)


@given(st.data())
def test_every_answer_is_read_or_is_an_error_with_its_code(data: st.DataObject) -> None:
    def draw(operation: Any, parameters: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        if operation.has_streaming_output:
            length = data.draw(st.sampled_from(["3", "-1", "9" * 30, "x", ""]))
            headers = {"Content-Length": length, "Last-Modified": data.draw(st.sampled_from(["x", "0", ""]))}
            return 200, headers, data.draw(st.binary(max_size=9) | st.just(b"a" * 2000))
        if operation.service_model.metadata["protocol"] == "query":
            return 200, {}, data.draw(xml_of(operation.name, operation.output_shape))
        refused = data.draw(st.integers(0, 9)) == 0
        body = data.draw(ERRORS) if refused else data.draw(bodies(operation.output_shape))
        date = data.draw(st.sampled_from(["", "soon", "Fri, 02 Jan 2026 00:00:00 GMT", "x" * 50]))
        return 400 if refused else 200, {"date": date}, body

    asked = data.draw(st.sampled_from(sorted(ASKED)))
    try:
        with calls_at_once():
            found = ASKED[asked](OddAws(draw))
    except EcrPushError as error:
        assert error.exit_code in (2, 4, 5), asked
        assert error.what and "\n" not in error.what
    else:
        check_given(asked, found)


@contextmanager
def calls_at_once() -> Iterator[None]:
    """Background calls are made where they are begun: Hypothesis draws from one thread, in one order."""

    def fulfil(future: Future[Any], call: Callable[[], Any], name: str) -> Future[Any]:
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)
        return future

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(background, "fulfil", fulfil)
        yield


ERRORS = st.sampled_from(
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"__type": 7}',
        b'{"__type": null, "message": []}',
        b"<html>\xe4</html>",
    ]
    + [
        json.dumps({"__type": one, "message": {"a": 1}}).encode()
        for one in ("", "a#b", "x:y", "ScanNotFoundException")
    ]
)


class Pages:
    """One result of a scan, in pages that stay the same: by their tokens."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data
        self.by_token: dict[str, bytes] = {}

    def draw(self, operation: Any, parameters: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        if operation.name != "DescribeImageScanFindings":
            return 200, {}, self._data.draw(bodies(operation.output_shape))
        token = parameters.get("nextToken", "")
        if token not in self.by_token:
            self.by_token[token] = self._data.draw(near_clean(operation.output_shape))
        return 200, {}, self.by_token[token]

    def all(self) -> Iterator[Any]:
        """Every page from the first on; stops at one that cannot be read."""
        token, seen = "", set[str]()
        while token not in seen:
            seen.add(token)
            page = json.loads(self.by_token[token])
            yield page
            token = page.get("nextToken") or ""
            if not token:
                return
        raise AssertionError("pages in a circle")


def near_clean(shape: Any) -> st.SearchStrategy[bytes]:
    """A clean result with a few members of an odd one in their places."""
    return st.one_of(
        bodies(shape), st.builds(_mixed, bodies(shape), st.lists(st.sampled_from(PLACES), max_size=3))
    )


PLACES = [
    ("imageId",), ("imageScanStatus",), ("imageScanFindings",), ("nextToken",), ("moreFindings",),
    ("imageScanFindings", "findings"), ("imageScanFindings", "enhancedFindings"),
    ("imageScanFindings", "findingSeverityCounts"), ("imageScanFindings", "imageScanCompletedAt"),
]  # fmt: skip


def clean() -> dict[str, Any]:
    return {
        "imageId": {"imageDigest": ONE.value},
        "imageScanStatus": {"status": "COMPLETE"},
        "imageScanFindings": {
            "imageScanCompletedAt": START.timestamp(),
            "findings": [],
            "findingSeverityCounts": {"LOW": 1},
        },
    }


def _mixed(odd: bytes, places: list[tuple[str, ...]]) -> bytes:
    try:
        other = json.loads(odd)
    except (ValueError, RecursionError):
        return odd
    whole = clean()
    for *way, name in places:
        here, there = whole, other if isinstance(other, dict) else {}
        for one in way:
            here, there = here.get(one), there.get(one)
            if not isinstance(here, dict) or not isinstance(there, dict):
                break
        else:
            here.pop(name, None)
            here |= {name: there[name]} if name in there else {}
    return json.dumps(whole).encode()


LISTS = ("findings", "enhancedFindings")
HARMLESS = {"LOW", "MEDIUM", "INFORMATIONAL", "UNDEFINED", "UNTRIAGED"}
KNOWN = {
    "imageScanCompletedAt",
    "vulnerabilitySourceUpdatedAt",
    "findings",
    "findingSeverityCounts",
    "enhancedFindings",
}


def is_clean(pages: Pages) -> bool:
    """Whether an answer is complete and clean, by the raw bytes: written apart from the code under test."""
    for number, page in enumerate(pages.all()):
        body = page.get("imageScanFindings") or {}  # which a later page may lack
        if page["imageScanStatus"]["status"] not in ("COMPLETE", "ACTIVE"):
            return False
        if (page.get("imageId") or {}).get("imageDigest") not in (None, "", ONE.value):
            return False
        if any(value and type(value) in (list, dict) for key, value in body.items() if key not in KNOWN):
            return False
        if page.get("moreFindings"):
            return False
        lists = [body.get(name) for name in LISTS]
        if number == 0 and not any(type(one) is list for one in lists):
            return False
        counts = body.get("findingSeverityCounts") or {}
        if number == 0 and any(type(one) is not int or one < 0 for one in counts.values()):
            return False
        if number == 0 and any(one for word, one in counts.items() if word.upper() not in HARMLESS):
            return False
        found = [
            *(lists[0] or ()),
            *(one for one in lists[1] or () if one.get("status") not in ("CLOSED", "SUPPRESSED")),
        ]
        if any((one.get("severity") or "?").upper() not in HARMLESS for one in found):
            return False
    return True


SCANNINGS = [Scanning("basic", "SCAN_ON_PUSH"), Scanning("enhanced", "CONTINUOUS_SCAN"), Scanning("unknown")]


def verdict_of(pages: Pages, scanning: Scanning) -> bool:
    """Whether the image is accepted by the default thresholds. Raises as the wait does."""
    clock = FakeClock()
    client = PrivateRepository(OddAws(pages.draw), "team/app", "", clock)
    plan = ScanPlan(45)  # longer than a result without a completion time has to stay unchanged
    report = await_scan([PlatformImage(ONE)], client, scanning, plan, clock, FakeNarrator())
    return judge(report, Policy(), today=utc_date(clock.now())).accepted


@given(st.data(), st.sampled_from(SCANNINGS))
def test_only_what_is_complete_and_clean_is_accepted(data: st.DataObject, scanning: Scanning) -> None:
    pages = Pages(data)
    try:
        with calls_at_once():
            accepted = verdict_of(pages, scanning)
    except EcrPushError as error:
        assert error.exit_code in (4, 5)
    else:
        assert not accepted or is_clean(pages)


def test_a_clean_answer_is_accepted() -> None:
    """So that the property above has something to tell apart."""

    class Clean(Pages):
        def draw(self, operation: Any, parameters: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
            return 200, {}, json.dumps(clean()).encode()

    for scanning in SCANNINGS:
        assert verdict_of(Clean(None), scanning)  # type: ignore[arg-type]


@cache
def operations() -> dict[str, set[str]]:
    """The operations of the services that are used, by their names in Python."""
    session = botocore.session.get_session()
    found: dict[str, set[str]] = {}
    for service in SERVICES:
        for name in session.get_service_model(service).operation_names:
            found.setdefault(xform_name(name), set()).add(f"{service}:{name}")
    return found


def test_every_operation_that_the_source_names_is_tried() -> None:
    """A new call gets a line in ASKED."""
    named = {
        node.value
        for path in (PACKAGE / "registry").rglob("*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in operations()
    }
    asked: set[str] = set()

    def note(operation: Any, parameters: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        asked.add(xform_name(operation.name))
        body = PASSING.get(operation.name)
        return (200, {}, json.dumps(body).encode()) if body else (400, {}, b"{}")

    for ask in ASKED.values():
        try:
            ask(OddAws(note))
        except EcrPushError:
            continue
    assert named - asked == set()
    assert {"batch_get_image", "receive_message", "get_object", "get_caller_identity"} <= asked


# Answers after which a second call follows.
PASSING = {
    "InitiateLayerUpload": {"uploadId": "1"},
    "UploadLayerPart": {"uploadId": "1"},
    "CreateRepository": {"repository": {"repositoryUri": f"{HOST}/team/app"}},
    "DescribeImages": {"imageDetails": []},
    "DescribeRepositories": {"repositories": [{"repositoryArn": "arn", "repositoryName": "team/app"}]},
    "GetRegistryScanningConfiguration": {"scanningConfiguration": {}},
    "ListTagsForResource": {"tags": []},
    "GetLifecyclePolicy": {"lifecyclePolicyText": "{}"},
    "GetRepositoryPolicy": {"policyText": "{}"},
    "GetRegistryPolicy": {"policyText": "{}"},
    "StartLifecyclePolicyPreview": {"status": "IN_PROGRESS"},
    "GetLifecyclePolicyPreview": {"status": "COMPLETE"},
    "CreateLogStream": {"any": "member"},
    "DescribeKey": {"KeyMetadata": {"KeyId": "k", "KeyState": "Enabled"}},
    "ListGrants": {"Grants": []},
    "GetQueueUrl": {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/q"},
}


@pytest.fixture(scope="module", autouse=True)
def _counts() -> Iterator[None]:
    """Prints how many answers each operation gave; seen with -s, and in `make test-odd-answers`."""
    OddAws.served.clear()
    yield
    for name, number in sorted(OddAws.served.items()):
        sys.stdout.write(f"{number:7,} {name}\n")
    sys.stdout.write(f"{sum(OddAws.served.values()):7,} odd answers\n")
