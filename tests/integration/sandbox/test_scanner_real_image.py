"""The scanner on what real tools write: dpkg's database, pip's metadata, BuildKit's layers and whiteouts."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from ecr_push.sandbox.server import Sandbox, SandboxOptions

SITE = "usr/local/lib/python3.11/dist-packages"


def run(*command: str | Path, **options: Any) -> str:
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module", autouse=True)
def _engine() -> None:
    if not shutil.which("docker") or subprocess.run(["docker", "info"], capture_output=True).returncode:
        pytest.fail("no Docker engine answers: `make engine` starts one, `make test` does so by itself")


@pytest.fixture(params=["BASIC", "ENHANCED"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(SandboxOptions(scan_type=request.param, scan_delay=0)) as sandbox:
        sandbox.state.repositories.create("private", "app", scan_on_push=True)
        yield sandbox


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """A build context: this machine's own Debian, and a distribution that pip installs into it."""
    release = Path("/etc/os-release").read_text()
    if "ID=debian" not in release.splitlines():
        pytest.skip("reads this machine's own Debian, and this is none")
    if not shutil.which("busybox"):
        pytest.fail("busybox is missing: apt-get install busybox-static, as `make test` does")
    root = tmp_path / "context"
    for file in ("etc/os-release", "var/lib/dpkg/status"):
        (root / "root" / file).parent.mkdir(parents=True)
        shutil.copy(Path("/", file), root / "root" / file)
    (root / "root/bin").mkdir()
    shutil.copy(shutil.which("busybox") or "", root / "root/bin/busybox")
    wheel = _wheel(tmp_path, "PyYAML", "5.3.1")
    pip = [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--quiet"]
    run(*pip, "--disable-pip-version-check", "--target", str(root / "site"), str(wheel))
    (root / "Dockerfile").write_text(
        "FROM scratch AS base\n"
        "COPY root /\n"
        "FROM base AS vulnerable\n"
        f"COPY site /{SITE}\n"
        "FROM vulnerable AS fixed\n"
        f'RUN ["/bin/busybox", "rm", "-r", "/{SITE}/PyYAML-5.3.1.dist-info"]\n'
        "FROM vulnerable AS replaced\n"
        f'RUN ["/bin/busybox", "sh", "-c", "busybox rm -r /{SITE} && busybox mkdir -p /{SITE}/new"]\n'
        "FROM scratch AS bare\n"
        f"COPY site /{SITE}\n"
    )
    return root


def _wheel(folder: Path, name: str, version: str) -> Path:
    """An empty wheel; the metadata in the image is what pip makes of it."""
    info = f"{name}-{version}.dist-info"
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def push(sandbox: Sandbox, context: Path, target: str, *, output: str = "") -> str:
    """Build a stage and push it; its digest."""
    config = context.parent / "docker-config"
    config.mkdir(exist_ok=True)
    token = sandbox.tokens.issue(sandbox.options.account, "private").authorization
    (config / "config.json").write_text(json.dumps({"auths": {sandbox.host: {"auth": token}}}))
    metadata = context.parent / "metadata.json"
    name = f"type=image,name={sandbox.host}/app:{target},push=true,store=false{output}"
    run(
        *("docker", "--config", config, "buildx", "build", "--provenance=false", "--quiet"),
        *("--target", target, "--output", name, "--metadata-file", metadata, context),
    )
    digest: str = json.loads(metadata.read_text())["containerimage.digest"]
    return digest


def describe(sandbox: Sandbox, digest: str) -> dict[str, Any]:
    client = boto3.client(
        "ecr",
        endpoint_url=sandbox.url,
        region_name=sandbox.options.region,
        aws_access_key_id=sandbox.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=sandbox.environment["AWS_SECRET_ACCESS_KEY"],
    )
    answer: dict[str, Any] = client.describe_image_scan_findings(
        repositoryName="app", imageId={"imageDigest": digest}
    )
    return answer


def found(answer: dict[str, Any]) -> list[str]:
    findings = answer["imageScanFindings"]
    return [it["name"] for it in findings.get("findings", [])] + [
        it["packageVulnerabilityDetails"]["vulnerabilityId"] for it in findings.get("enhancedFindings", [])
    ]


def test_findings_depend_on_the_built_image(sandbox: Sandbox, context: Path) -> None:
    base, vulnerable = push(sandbox, context, "base"), push(sandbox, context, "vulnerable")
    assert describe(sandbox, base)["imageScanStatus"]["status"] in ("COMPLETE", "ACTIVE")
    assert found(describe(sandbox, base)) == []
    answer = describe(sandbox, vulnerable)
    assert found(answer) == ["CVE-2020-14343"]
    assert answer["imageScanFindings"]["findingSeverityCounts"] == {"CRITICAL": 1}


def test_every_installed_package_is_read(sandbox: Sandbox, context: Path) -> None:
    scan = sandbox.scans.result("app", push(sandbox, context, "base"))
    assert scan is not None
    command = ["dpkg-query", "--show", "--showformat", "${db:Status-Abbrev}\t${Package}\t${Version}\n"]
    installed = {tuple(line.split("\t")[1:]) for line in run(*command).splitlines() if line[1] not in "nc"}
    assert {(it.name, it.version) for it in scan.packages} == installed


@pytest.mark.parametrize("target", ["fixed", "replaced"])
def test_packages_removed_by_a_later_layer_are_not_found(
    sandbox: Sandbox, context: Path, target: str
) -> None:
    assert found(describe(sandbox, push(sandbox, context, target))) == []


def test_an_image_without_a_system_fails_its_scan(sandbox: Sandbox, context: Path) -> None:
    status = describe(sandbox, push(sandbox, context, "bare"))["imageScanStatus"]["status"]
    assert status == {"BASIC": "FAILED", "ENHANCED": "UNSUPPORTED_IMAGE"}[sandbox.options.scan_type]


def test_a_zstd_layer_is_read_or_fails(sandbox: Sandbox, context: Path) -> None:
    options = ",compression=zstd,force-compression=true,oci-mediatypes=true"
    answer = describe(sandbox, push(sandbox, context, "vulnerable", output=options))
    if answer["imageScanStatus"]["status"] == "FAILED":
        assert "zstd" in answer["imageScanStatus"]["description"]
    else:
        assert found(answer) == ["CVE-2020-14343"]
