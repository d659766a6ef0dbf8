"""What a client may read of a scan, and when. The control plane holds every answer to the service model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ecr_push.sandbox.advisories import AdvisoryDatabase
from ecr_push.sandbox.control import Control
from ecr_push.sandbox.manifest import OCI_MANIFEST
from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.scan_result import ScanResult
from ecr_push.sandbox.scan_service import ScanService
from ecr_push.sandbox.scenario import parse_scenario
from ecr_push.sandbox.state import State
from tests.support.sandbox.api import ACCOUNT, NOW, REGION, Api
from tests.support.sandbox.rootfs import DEBIAN, deb, layer, metadata

LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"
YAML = "usr/local/lib/python3.11/site-packages/PyYAML-5.3.1.dist-info/METADATA"
STATUS = "var/lib/dpkg/status"
CLEAN = {**DEBIAN, STATUS: deb("base-files", "12.4+deb12u5")}
VULNERABLE = {
    **DEBIAN,
    STATUS: deb("openssh-client", "1:9.2p1-2+deb12u2", source="openssh"),
    YAML: metadata("PyYAML", "5.3.1"),
}
SCRATCH = {"app": "x"}
ENHANCED = {"scanType": "ENHANCED"}


def rule(frequency: str, pattern: str = "*") -> dict[str, Any]:
    return {
        "scanFrequency": frequency,
        "repositoryFilters": [{"filter": pattern, "filterType": "WILDCARD"}],
    }


def push(api: Api, files: dict[str, str] | bytes, name: str = "team/app", **more: Any) -> str:
    """An image of one layer; its digest."""
    content = files if isinstance(files, bytes) else layer(files)
    config = json.dumps({"architecture": "amd64", "os": "linux"}).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            **api.push_layer(name, config),
        },
        "layers": [{"mediaType": LAYER_TYPE, **api.push_layer(name, content)}],
        **more,
    }
    return api.state.images.put("private", name, json.dumps(manifest).encode(), tag="1.0").digest


def result(api: Api, digest: str, name: str = "team/app") -> ScanResult:
    found = api.scans.result(name, digest)
    assert found is not None
    return found


def statuses(api: Api, digest: str, *waits: float) -> list[str]:
    """What is answered now, and after each of these seconds."""
    seen = []
    for wait in (0.0, *waits):
        api.now += wait
        found = api.scans.result("team/app", digest)
        seen.append(found.status if found else "ScanNotFound")
    return seen


@pytest.fixture
def on_push(app: Api) -> Api:
    app.call(
        "PutImageScanningConfiguration",
        repositoryName="team/app",
        imageScanningConfiguration={"scanOnPush": True},
    )
    return app


@pytest.fixture
def enhanced(app: Api) -> Api:
    app.call("PutRegistryScanningConfiguration", **ENHANCED, rules=[rule("CONTINUOUS_SCAN")])
    return app


def describe(api: Api, digest: str) -> dict[str, Any]:
    return api.call("DescribeImageScanFindings", repositoryName="team/app", imageId={"imageDigest": digest})


def with_advisory(folder: Path, content: str) -> Api:
    """A control plane whose scanner knows one advisory more."""
    (folder / "advisories").mkdir()
    (folder / "advisories" / "a.json").write_text(content)
    api = Api(folder / "state")
    api.scans = ScanService(api.state, AdvisoryDatabase((folder / "advisories",)))
    api.control = Control(api.state, api.scans, api.tokens, api.faults, api.identities)
    return api


def test_an_image_without_a_scan(app: Api) -> None:
    digest = push(app, VULNERABLE)
    assert app.scans.result("team/app", digest) is None
    app.scans.request("team/app", digest, manual=True)
    assert result(app, digest).status == "COMPLETE"


def test_basic_findings_come_from_the_pushed_image(on_push: Api) -> None:
    answer = describe(on_push, push(on_push, VULNERABLE))
    assert answer["imageScanStatus"] == {
        "status": "COMPLETE",
        "description": "The scan was completed successfully.",
    }
    found = answer["imageScanFindings"]
    assert found["findingSeverityCounts"] == {"CRITICAL": 1, "HIGH": 1}
    assert found["imageScanCompletedAt"] == NOW
    openssh = found["findings"][1]
    assert (openssh["name"], openssh["severity"]) == ("CVE-2024-6387", "HIGH")
    assert openssh["uri"] == "https://security-tracker.debian.org/tracker/CVE-2024-6387"
    assert {it["key"]: it["value"] for it in openssh["attributes"]} == {
        "package_name": "openssh",
        "package_version": "1:9.2p1-2+deb12u2",
        "CVSS3_SCORE": "8.1",
        "CVSS3_VECTOR": "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H",
    }


def test_enhanced_findings_have_fix_place_and_image(enhanced: Api) -> None:
    digest = push(enhanced, VULNERABLE)
    answer = describe(enhanced, digest)
    assert answer["imageScanStatus"] == {
        "status": "ACTIVE",
        "description": "Continuous scan is selected for image.",
    }
    yaml, openssh = answer["imageScanFindings"]["enhancedFindings"]
    assert (yaml["title"], yaml["severity"], yaml["score"]) == ("CVE-2020-14343 - PyYAML", "CRITICAL", 9.8)
    assert (yaml["fixAvailable"], yaml["status"]) == ("YES", "ACTIVE")
    [package] = yaml["packageVulnerabilityDetails"]["vulnerablePackages"]
    layer_digest = package.pop("sourceLayerHash")
    assert layer_digest.startswith("sha256:")
    assert package == {
        "name": "PyYAML",
        "version": "5.3.1",
        "epoch": 0,
        "packageManager": "PYTHON",
        "filePath": YAML,
        "fixedInVersion": "5.4",
    }
    assert openssh["packageVulnerabilityDetails"]["source"] == "DEBIAN_CVE"
    assert openssh["packageVulnerabilityDetails"]["vulnerablePackages"] == [
        {
            "name": "openssh",
            "version": "9.2p1",
            "release": "2+deb12u2",
            "epoch": 1,
            "arch": "AMD64",
            "packageManager": "OS",
            "fixedInVersion": "1:9.2p1-2+deb12u3",
            "sourceLayerHash": layer_digest,
        }
    ]
    [resource] = openssh["resources"]
    assert resource["id"] == f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/team/app/{digest}"
    assert resource["details"]["awsEcrContainerImage"] == {
        "architecture": "amd64",
        "imageHash": digest,
        "imageTags": ["1.0"],
        "platform": "DEBIAN_12",
        "pushedAt": NOW,
        "registry": ACCOUNT,
        "repositoryName": "team/app",
    }
    arns = {it["findingArn"] for it in describe(enhanced, digest)["imageScanFindings"]["enhancedFindings"]}
    assert arns == {yaml["findingArn"], openssh["findingArn"]} and len(arns) == 2


def test_an_advisory_without_a_score_is_undefined_or_untriaged(tmp_path: Path) -> None:
    document = {
        "id": "CVE-2024-0001",
        "modified": "2024-01-01T00:00:00Z",
        "affected": [
            {
                "package": {"ecosystem": "Debian:12", "name": "base-files"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
            }
        ],
    }
    api = with_advisory(tmp_path, json.dumps(document))
    api.call("CreateRepository", repositoryName="team/app", imageScanningConfiguration={"scanOnPush": True})
    [finding] = describe(api, push(api, CLEAN))["imageScanFindings"]["findings"]
    assert (finding["severity"], finding["description"]) == ("UNDEFINED", "None Provided")
    api.call("PutRegistryScanningConfiguration", **ENHANCED, rules=[rule("SCAN_ON_PUSH")])
    answer = describe(api, push(api, CLEAN | {"more": "x"}))
    [finding] = answer["imageScanFindings"]["enhancedFindings"]
    assert (finding["severity"], finding["score"], "scoreDetails" in finding) == ("UNTRIAGED", 0.0, False)
    assert finding["packageVulnerabilityDetails"]["vulnerablePackages"][0]["fixedInVersion"] == "NotAvailable"
    assert answer["imageScanFindings"]["findingSeverityCounts"] == {"UNTRIAGED": 1}
    api.close()


def test_no_findings_is_complete_with_empty_counts(on_push: Api) -> None:
    found = describe(on_push, push(on_push, CLEAN))["imageScanFindings"]
    assert (found["findings"], found["findingSeverityCounts"]) == ([], {})
    assert "imageScanCompletedAt" in found


@pytest.mark.parametrize(("scan_type", "status"), [("BASIC", "FAILED"), ("ENHANCED", "UNSUPPORTED_IMAGE")])
def test_an_image_without_a_system_is_unsupported(app: Api, scan_type: str, status: str) -> None:
    app.call("PutRegistryScanningConfiguration", scanType=scan_type, rules=[rule("SCAN_ON_PUSH")])
    answer = describe(app, push(app, SCRATCH))
    assert answer["imageScanStatus"] == {
        "status": status,
        "description": "UnsupportedImageError: The operating system and/or package manager "
        "are not supported.",
    }
    assert "imageScanFindings" not in answer


@pytest.mark.parametrize("scan_type", ["BASIC", "ENHANCED"])
def test_an_image_that_cannot_be_read_fails(app: Api, scan_type: str) -> None:
    app.call("PutRegistryScanningConfiguration", scanType=scan_type, rules=[rule("SCAN_ON_PUSH")])
    answer = describe(app, push(app, layer(CLEAN)[:-10]))
    assert answer["imageScanStatus"]["status"] == "FAILED"
    assert ": not a readable tar archive" in answer["imageScanStatus"]["description"]


def test_advisories_that_cannot_be_read_fail_the_scan(tmp_path: Path) -> None:
    api = with_advisory(tmp_path, "{")
    api.call("CreateRepository", repositoryName="team/app", imageScanningConfiguration={"scanOnPush": True})
    found = result(api, push(api, CLEAN))
    assert found.status == "FAILED" and "a.json: Invalid JSON" in found.description
    api.close()


def test_basic_scanning_can_be_held_to_the_system_as_ecrs_is(on_push: Api) -> None:
    scans = ScanService(on_push.state, AdvisoryDatabase(), basic_sees_languages=False)
    found = scans.result("team/app", push(on_push, VULNERABLE))
    assert found and [it.advisory.name for it in found.findings] == ["CVE-2024-6387"]
    scans.close()


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        ({"scanType": "BASIC", "rules": []}, None),
        ({"scanType": "BASIC", "rules": [rule("SCAN_ON_PUSH")]}, "COMPLETE"),
        ({"scanType": "BASIC", "rules": [rule("SCAN_ON_PUSH", "other*")]}, None),
        ({"scanType": "BASIC", "rules": [rule("MANUAL")]}, None),
        (ENHANCED | {"rules": []}, None),
        (ENHANCED | {"rules": [rule("SCAN_ON_PUSH", "team/*")]}, "COMPLETE"),
        (ENHANCED | {"rules": [rule("SCAN_ON_PUSH"), rule("CONTINUOUS_SCAN", "team/*")]}, "ACTIVE"),
    ],
)
def test_the_registrys_rules_decide_over_scan_on_push(
    app: Api, configuration: dict[str, Any], expected: str | None
) -> None:
    app.call("PutRegistryScanningConfiguration", **configuration)
    found = app.scans.result("team/app", push(app, CLEAN))
    assert (found.status if found else None) == expected


def test_an_index_and_artifacts_are_never_scanned(on_push: Api) -> None:
    child = push(on_push, CLEAN)
    attestation = push(
        on_push,
        CLEAN,
        layers=[{"mediaType": "application/vnd.in-toto+json", **on_push.push_layer("team/app", b"{}")}],
    )
    index = on_push.push_index("team/app", "multi", child, attestation)
    assert result(on_push, child).status == "COMPLETE"
    for digest in (index, attestation):
        assert on_push.scans.result("team/app", digest) is None
        with pytest.raises(EcrError) as caught:
            on_push.scans.request("team/app", digest, manual=True)
        assert caught.value.code == "UnsupportedImageTypeException"
    assert (
        "application/vnd.oci.image.index.v1+json"
        in on_push.refused("StartImageScan", repositoryName="team/app", imageId={"imageTag": "multi"})[1]
    )


def test_a_day_between_two_scans_of_an_image(on_push: Api) -> None:
    digest = push(on_push, CLEAN)
    asked = {"repositoryName": "team/app", "imageId": {"imageDigest": digest}}
    assert on_push.refused("StartImageScan", **asked)[0] == "LimitExceededException"
    on_push.now += 86_400
    on_push.call("StartImageScan", **asked)
    assert result(on_push, digest).completed_at == NOW + 86_400


def test_enhanced_scanning_cannot_be_started(enhanced: Api) -> None:
    digest = push(enhanced, CLEAN)
    assert enhanced.refused("StartImageScan", repositoryName="team/app", imageId={"imageDigest": digest}) == (
        "ValidationException",
        "This feature is disabled",
    )


def test_a_new_push_starts_a_scan_and_another_tag_does_not(on_push: Api) -> None:
    digest = push(on_push, CLEAN)
    first = result(on_push, digest)
    on_push.now += 10
    image = on_push.state.images.find("private", "team/app", digest=digest)
    on_push.state.images.put("private", "team/app", on_push.state.images.manifest(image), tag="latest")
    assert result(on_push, digest) == first
    on_push.state.images.delete("private", "team/app", digest=digest)
    with pytest.raises(EcrError, match="ImageNotFoundException"):
        on_push.scans.result("team/app", digest)
    on_push.now += 10
    push(on_push, CLEAN)
    assert result(on_push, digest).completed_at == NOW + 20


def test_the_course_with_a_delay(on_push: Api) -> None:
    on_push.faults.play(parse_scenario("scan: {delay: 10}"))
    digest = push(on_push, CLEAN)
    assert statuses(on_push, digest, 4, 1, 4, 1) == [
        "PENDING",
        "PENDING",
        "IN_PROGRESS",
        "IN_PROGRESS",
        "COMPLETE",
    ]


@pytest.mark.parametrize(
    ("scenario", "waits", "expected"),
    [
        (
            "[ScanNotFound, PENDING: 1.5, COMPLETE]",
            (0, 1, 0.5, 9),
            ["ScanNotFound", "PENDING", "PENDING", "COMPLETE", "COMPLETE"],
        ),
        (
            "[PENDING: 2, IN_PROGRESS: 3, COMPLETE]",
            (2, 2, 1),
            ["PENDING", "IN_PROGRESS", "IN_PROGRESS", "COMPLETE"],
        ),
        ("[PENDING: 2, IN_PROGRESS: 3, COMPLETE]", (5,), ["PENDING", "COMPLETE"]),
        ("[IN_PROGRESS, IN_PROGRESS, FAILED]", (9, 9, 9), ["IN_PROGRESS", "IN_PROGRESS", "FAILED", "FAILED"]),
        ("[PENDING]", (9, 9), ["PENDING", "PENDING", "PENDING"]),
        ("[ScanNotFound]", (9,), ["ScanNotFound", "ScanNotFound"]),
        ("[SCAN_ELIGIBILITY_EXPIRED]", (), ["SCAN_ELIGIBILITY_EXPIRED"]),
    ],
)
def test_the_course_that_a_scenario_orders(
    on_push: Api, scenario: str, waits: tuple[float, ...], expected: list[str]
) -> None:
    on_push.faults.play(parse_scenario(f"scan: {{statuses: {scenario}}}"))
    assert statuses(on_push, push(on_push, CLEAN), *waits) == expected


def test_each_image_has_its_own_course(on_push: Api) -> None:
    on_push.faults.play(parse_scenario("scan: {statuses: [PENDING, COMPLETE]}"))
    one, other = push(on_push, CLEAN), push(on_push, VULNERABLE)
    assert statuses(on_push, one, 0) == ["PENDING", "COMPLETE"]
    assert statuses(on_push, other, 0) == ["PENDING", "COMPLETE"]
    assert (len(result(on_push, one).findings), len(result(on_push, other).findings)) == (0, 2)


def test_a_new_scenario_starts_from_its_beginning(on_push: Api) -> None:
    digest = push(on_push, CLEAN)
    on_push.faults.play(parse_scenario("scan: {statuses: [PENDING: 5, COMPLETE]}"))
    assert statuses(on_push, digest, 5) == ["PENDING", "COMPLETE"]
    on_push.faults.play(parse_scenario("scan: {statuses: [PENDING: 5, COMPLETE]}"))
    assert statuses(on_push, digest, 5) == ["PENDING", "COMPLETE"]


def test_a_scenario_sets_the_description(on_push: Api) -> None:
    on_push.faults.play(parse_scenario("scan: {statuses: [FAILED], description: out of luck}"))
    answer = describe(on_push, push(on_push, CLEAN))
    assert answer["imageScanStatus"] == {"status": "FAILED", "description": "out of luck"}


@pytest.mark.parametrize("ordered", ["", "statuses: [PENDING, COMPLETE], "])
def test_late_findings(on_push: Api, ordered: str) -> None:
    """aws/aws-sdk#289: COMPLETE with neither counts nor a time, and only then the findings."""
    on_push.faults.play(parse_scenario(f"scan: {{{ordered}findings: late}}"))
    digest = push(on_push, VULNERABLE)
    if ordered:
        assert result(on_push, digest).status == "PENDING"
    early, late = describe(on_push, digest), describe(on_push, digest)
    assert early["imageScanStatus"]["status"] == late["imageScanStatus"]["status"] == "COMPLETE"
    assert "imageScanCompletedAt" not in early["imageScanFindings"]
    assert "findingSeverityCounts" not in early["imageScanFindings"]
    assert late["imageScanFindings"]["findingSeverityCounts"] == {"CRITICAL": 1, "HIGH": 1}


def test_the_time_of_completion_stays(on_push: Api) -> None:
    digest = push(on_push, CLEAN)
    times = {result(on_push, digest).completed_at}
    on_push.now += 100
    times.add(result(on_push, digest).completed_at)
    assert times == {NOW}


def test_a_failed_scan_is_tried_again_when_asked_for(app: Api) -> None:
    digest = push(app, VULNERABLE)
    image = app.state.images.find("private", "team/app", digest=digest)
    blob = app.state.layers.path(image.layers[0].digest)
    content = blob.read_bytes()
    blob.unlink()
    app.scans.request("team/app", digest, manual=True)
    found = result(app, digest)
    assert found.status == "FAILED" and "not in the registry" in found.description
    blob.write_bytes(content)
    app.now += 86_400
    app.scans.request("team/app", digest, manual=True)
    assert len(result(app, digest).findings) == 2


@pytest.fixture
def restarted(on_push: Api, tmp_path: Path) -> Iterator[tuple[Api, str]]:
    """A second sandbox on the state of a first, which scanned an image."""
    digest = push(on_push, VULNERABLE)
    on_push.now += 60
    on_push.close()
    again = Api(tmp_path / "state")
    again.now = on_push.now
    again.scans = ScanService(again.state, AdvisoryDatabase())
    yield again, digest
    again.close()


def test_results_are_found_again_after_a_restart(restarted: tuple[Api, str]) -> None:
    api, digest = restarted
    assert len(result(api, digest).findings) == 2


def test_pushes_to_ecr_public_are_not_scanned(tmp_path: Path) -> None:
    state = State(tmp_path / "public")
    scans = ScanService(state, AdvisoryDatabase())
    state.repositories.create("public", "app")
    with pytest.raises(EcrError, match="RepositoryNotFoundException"):
        scans.result("app", "sha256:" + "0" * 64)
    scans.close()
    state.close()
