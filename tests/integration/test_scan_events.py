"""The wait with all that it can ask over HTTP: a sandbox for ECR and Inspector, moto for SQS."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import boto3
import pytest

from ecr_push.base.clock import SystemClock
from ecr_push.base.errors import AuthenticationError, ScanError
from ecr_push.base.reference import Digest
from ecr_push.registry.aws.session import Access, Aws, Endpoint
from ecr_push.registry.image import PlatformImage
from ecr_push.registry.private import PrivateRepository
from ecr_push.sandbox.scenario import parse_scenario
from ecr_push.sandbox.server import Sandbox, SandboxOptions
from ecr_push.scan.findings import ScanReport
from ecr_push.scan.plan import ScanPlan
from ecr_push.scan.wait import await_scan
from tests.support.command_line import CommandLine, until
from tests.support.fakes import FakeNarrator
from tests.support.moto_server import moto_server
from tests.support.sandbox.rootfs import DEBIAN, deb, layer, metadata

REPOSITORY = "team/app"
SITE = "usr/local/lib/python3.11/site-packages"
CLEAN = {**DEBIAN, "var/lib/dpkg/status": deb("base-files", "12.4+deb12u5")}
VULNERABLE = {**CLEAN, f"{SITE}/PyYAML-5.3.1.dist-info/METADATA": metadata("PyYAML", "5.3.1")}
CVE = "CVE-2020-14343"


class SteeredClock:
    """The sandbox's clock as the product's: who sleeps sets it forward, so that nothing takes time."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._clock = sandbox.clock
        self.slept = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), timezone.utc)

    def monotonic(self) -> float:
        return self._clock()

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self._clock.advance(seconds)


class World:
    """One sandbox with one image, one SQS, and the repository as the product sees it.

    A run that listens to the queue waits in real time, as SQS does; one that only asks ECR takes none.
    """

    def __init__(self, sandbox: Sandbox, sqs_url: str) -> None:
        keys = sandbox.environment
        self.sandbox = sandbox
        self.narrator = FakeNarrator()
        self.sqs = boto3.client(
            "sqs",
            endpoint_url=sqs_url,
            region_name=keys["AWS_REGION"],
            aws_access_key_id="dummy",
            aws_secret_access_key="dummy",
        )
        endpoint = Endpoint(
            sandbox.url, keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], {"sqs": sqs_url}
        )
        self._aws = Aws(Access(region=keys["AWS_REGION"], endpoint=endpoint))
        self.clock = SteeredClock(sandbox)
        sandbox.state.repositories.create("private", REPOSITORY, scan_on_push=True)

    def play(self, scenario: str) -> None:
        self.sandbox.faults.play(parse_scenario(scenario))

    def queue(self, name: str = "scans") -> str:
        return str(
            self.sqs.create_queue(QueueName=name, Attributes={"MessageRetentionPeriod": "60"})["QueueUrl"]
        )

    def push(self, files: Mapping[str, str] = VULNERABLE) -> PlatformImage:
        """An image of one layer, past docker."""
        config = json.dumps({"architecture": "amd64", "os": "linux"}).encode()
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": self._blob("config.v1+json", config),
            "layers": [self._blob("layer.v1.tar+gzip", layer(files))],
        }
        image = self.sandbox.state.images.put("private", REPOSITORY, json.dumps(manifest).encode(), tag="1.0")
        return PlatformImage(Digest(image.digest))

    def _blob(self, kind: str, content: bytes) -> dict[str, Any]:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        upload = self.sandbox.state.layers.begin("private", REPOSITORY)
        upload.append([content])
        self.sandbox.state.layers.complete("private", REPOSITORY, upload.id, digest)
        return {
            "mediaType": f"application/vnd.oci.image.{kind}",
            "digest": digest,
            "size": len(content),
        }

    def client(self) -> PrivateRepository:
        return PrivateRepository(self._aws, REPOSITORY, "", self.clock)

    def wait(self, image: PlatformImage, **plan: Any) -> ScanReport:
        client = self.client()
        wanted = ScanPlan(**{"timeout": 30, **plan})
        clock = SystemClock() if wanted.events_queue else self.clock
        return await_scan([image], client, client.scanning(), wanted, clock, self.narrator)

    def asked(self, operation: str) -> int:
        return self.sandbox.faults.requests()["api"].get(operation, 0)

    def event(self, image: PlatformImage, repository: str = REPOSITORY) -> str:
        account, region = self.sandbox.options.account, self.sandbox.options.region
        return json.dumps(
            {
                "version": "0",
                "detail-type": "Inspector2 Scan",
                "source": "aws.inspector2",
                "account": account,
                "time": datetime.now(timezone.utc).isoformat(),
                "region": region,
                "detail": {
                    "scan-status": "INITIAL_SCAN_COMPLETE",
                    "repository-name": f"arn:aws:ecr:{region}:{account}:repository/{repository}",
                    "finding-severity-counts": {"TOTAL": 1},
                    "image-digest": image.digest.value,
                },
            }
        )


@pytest.fixture(scope="module")
def sqs_url() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture
def world(sqs_url: str) -> Iterator[World]:
    with Sandbox(SandboxOptions(scan_type="ENHANCED", scan_delay=0.0)) as sandbox:
        yield World(sandbox, sqs_url)


def once_asked(world: World, times: int, act: Callable[[], object]) -> threading.Thread:
    """Once ECR has answered so often that its scans go on, they end, and act follows."""
    looks, faults = "DescribeImageScanFindings", world.sandbox.faults
    scenario = faults.scenario
    held = parse_scenario(f"faults: [{{operation: {looks}, hold: after, times: {times}}}]").faults
    faults.play(replace(scenario, faults=held))

    def wait() -> None:
        until(lambda: faults.held()["api"].get(looks) == times, "the first look")
        world.sandbox.clock.advance(600)
        faults.play(scenario)
        act()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_the_command_line_listens(world: World, sqs_url: str, tmp_path: Path) -> None:
    url = world.queue("team-scans")
    world.play("scan: {statuses: [PENDING: 600, ACTIVE]}")
    image = world.push()
    sent = once_asked(world, 1, lambda: world.sqs.send_message(QueueUrl=url, MessageBody=world.event(image)))
    cli = CommandLine.at(tmp_path, {**world.sandbox.environment, "AWS_ENDPOINT_URL_SQS": sqs_url})
    ended = cli.command("scan", f"{REPOSITORY}:1.0", "--scan-events-queue", "team-scans")
    sent.join()
    assert (ended.code, CVE in ended.stderr) == (10, True), ended.stderr
    assert world.asked("DescribeImageScanFindings") == 2


@pytest.mark.parametrize("by", ["name", "url"])
def test_an_event_in_the_queue_ends_the_wait(world: World, by: str) -> None:
    url = world.queue(f"scans-by-{by}")
    world.play("scan: {statuses: [PENDING: 600, COMPLETE]}")
    image = world.push()
    sent = once_asked(world, 1, lambda: world.sqs.send_message(QueueUrl=url, MessageBody=world.event(image)))
    report = world.wait(image, timeout=600, events_queue=url if by == "url" else f"scans-by-{by}")
    sent.join()
    assert [one.id for one in report.platforms[0].findings] == [CVE]
    assert world.asked("DescribeImageScanFindings") == 2
    assert world.narrator.warned == []


def test_each_of_three_waiting_runs_gets_the_event_of_its_image(world: World) -> None:
    url = world.queue("shared")
    world.play("scan: {statuses: [PENDING: 600, COMPLETE]}")
    ours, third = world.push(), world.push({**VULNERABLE, "other": "content"})
    ended: list[PlatformImage] = []

    def wait(image: PlatformImage) -> None:
        world.wait(image, timeout=600, events_queue="shared")
        ended.append(image)

    def tell() -> None:
        for image in (ours, third):
            world.sqs.send_message(QueueUrl=url, MessageBody=world.event(image))

    world.sqs.send_message(QueueUrl=url, MessageBody="no event at all")
    sent = once_asked(world, 3, tell)
    threads = [threading.Thread(target=wait, args=(image,)) for image in (ours, ours, third)]
    for thread in threads:
        thread.start()
    for thread in (*threads, sent):
        thread.join()
    assert len(ended) == 3
    assert world.asked("DescribeImageScanFindings") == 6
    # Nothing was taken out of the queue.
    left = world.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert left["ApproximateNumberOfMessages"] == "3"


def test_without_the_queue_ecr_is_asked(world: World) -> None:
    world.play("scan: {statuses: [PENDING: 600, COMPLETE]}")
    image = world.push()
    # Not before there was a pause, however slow this machine is.
    later = once_asked(world, 1, lambda: None)
    report = world.wait(image, events_queue="nowhere")
    later.join()
    assert report.platforms[0].findings
    [warning] = world.narrator.warned
    assert "NonExistentQueue" in warning or "QueueDoesNotExist" in warning


def test_inspector_confirms_an_empty_answer(world: World) -> None:
    world.play("scan: {findings: never}")
    image = world.push(CLEAN)
    began = world.clock.monotonic()
    report = world.wait(image, timeout=60)
    assert report.platforms[0].findings == ()
    assert world.clock.monotonic() - began >= 5
    assert world.clock.slept < 9  # a slow machine only sleeps less
    assert world.asked("ListCoverage") >= 1
    assert any("Inspector scanned it" in line for line in world.narrator.said)


def test_who_may_not_ask_inspector_waits_the_whole_window(world: World) -> None:
    world.play(
        "{scan: {findings: late}, "
        "faults: [{operation: ListCoverage, error: AccessDeniedException, status: 403, times: always}]}"
    )
    assert world.wait(world.push()).platforms[0].findings  # they came while it was waited
    assert world.asked("ListCoverage") == 1


def test_epss_comes_from_inspector(world: World) -> None:
    world.play(f"scan: {{epss: {{{CVE}: 0.93}}}}")
    image = world.push()
    [finding] = world.wait(image, epss=True).platforms[0].findings
    assert (finding.id, finding.epss) == (CVE, 0.93)
    assert [package.manager for package in finding.packages] == ["PYTHON"]
    world.play("faults: [{operation: ListFindings, error: AccessDeniedException, status: 403}]")
    with pytest.raises(AuthenticationError) as denied:
        world.wait(image, epss=True)
    assert "inspector2:ListFindings" in denied.value.remedy


@pytest.mark.parametrize("error", ["ThrottlingException", "ServerException"])
def test_what_is_refused_on_the_way_is_asked_again(world: World, error: str) -> None:
    world.play(f"faults: [{{operation: DescribeImageScanFindings, error: {error}, times: 2}}]")
    assert world.wait(world.push()).platforms[0].findings
    assert world.asked("DescribeImageScanFindings") == 3


def test_an_old_basic_scan_is_started_again_at_most_once_a_day(world: World) -> None:
    world.sandbox.state.change_settings(extra={"scanning": {"scanType": "BASIC", "rules": []}})
    image = world.push()
    assert world.wait(image).platforms[0].status == "COMPLETE"
    world.play("scan: {restart: 0}")
    world.sandbox.clock.advance(2)
    before = world.asked("StartImageScan")
    assert world.wait(image, max_age=1.0).platforms[0].status == "COMPLETE"
    assert world.asked("StartImageScan") == before + 1
    world.play("scan: {restart: 86400}")
    world.sandbox.clock.advance(2)
    with pytest.raises(ScanError, match="is 0 min old") as caught:
        world.wait(image, max_age=1.0)
    assert "--scan-max-age" in caught.value.remedy
    assert world.asked("StartImageScan") == before + 2
